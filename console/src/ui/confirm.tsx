import { Button, Input, Modal } from 'antd'
import type { InputRef } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useWords } from '../i18n/use-words.ts'

interface ConfirmProps {
  readonly open: boolean
  readonly title: string
  readonly children: ReactNode
  /** Verb and object, with the count where there is one. */
  readonly action: ReactNode
  readonly danger?: boolean
  /** Ask for a reason, which goes into the audit trail. */
  readonly reason?: boolean
  readonly busy?: boolean
  readonly error?: Error | null
  readonly onConfirm: (reason: string) => void
  readonly onClose: () => void
}

/** Asks before something that cannot be taken back, with the consequence spelled out. */
export const Confirm = ({
  open,
  title,
  children,
  action,
  danger = false,
  reason = false,
  busy = false,
  error,
  onConfirm,
  onClose,
}: ConfirmProps): ReactElement => {
  const { t } = useWords()
  const [why, setWhy] = useState('')
  const field = useRef<InputRef>(null)
  useEffect(() => {
    if (open) setWhy('')
  }, [open])
  const ready = !reason || why.trim() !== ''
  return (
    <Modal
      open={open}
      title={title}
      onCancel={onClose}
      width={460}
      destroyOnHidden
      // The dialog itself puts the cursor on its first button, which closes it.
      afterOpenChange={(shown) => {
        if (shown) field.current?.focus()
      }}
      footer={[
        <Button key="back" onClick={onClose}>
          {t('common.back')}
        </Button>,
        <Button
          key="go"
          type="primary"
          danger={danger}
          loading={busy}
          aria-disabled={!ready}
          title={ready ? undefined : t('common.reasonNeeded')}
          onClick={() => {
            if (ready) onConfirm(why.trim())
          }}
        >
          {action}
        </Button>,
      ]}
    >
      <div className="col g12">
        <div className="t2">{children}</div>
        {reason && (
          <Input
            ref={field}
            value={why}
            aria-label={t('common.reason')}
            placeholder={t('common.reasonPlaceholder')}
            maxLength={300}
            onChange={(event) => setWhy(event.target.value)}
            onPressEnter={() => {
              if (ready && !busy) onConfirm(why.trim())
            }}
          />
        )}
        {error !== null && error !== undefined && (
          <div className="note bad" role="alert">
            {error.message}
          </div>
        )}
      </div>
    </Modal>
  )
}
