import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Modal } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { HubProblem } from '../../api/http.ts'
import { mappingsPath } from '../../api/mappings.ts'
import type { PublishBody } from '../../api/mappings.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'

interface PublishDialogProps {
  readonly title: string
  readonly action: string
  readonly text: string
  readonly publish: (body: PublishBody) => Promise<{ readonly version: number }>
  readonly onDone: (version: number) => void
  readonly onClose: () => void
}

const newlyFails = (error: Error | null): HubProblem | undefined =>
  error instanceof HubProblem && error.code === 'mapping-newly-fails' ? error : undefined

/** Asks why; where recent documents would newly fail it names them, and asks why all the same. */
export const PublishDialog = ({ title, action, text, publish, onDone, onClose }: PublishDialogProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const [anyway, setAnyway] = useState('')
  const run = useMutation({
    mutationFn: () => publish({ reason: reason.trim(), ...(anyway.trim() === '' ? {} : { override_reason: anyway.trim() }) }),
    onSuccess: async ({ version }) => {
      await queries.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[0]).startsWith(mappingsPath) || queryKey[0] === 'mapping-preview',
      })
      onDone(version)
    },
  })
  const failing = newlyFails(run.error)
  const ready = reason.trim() !== '' && (failing === undefined || anyway.trim() !== '')
  return (
    <Modal open onCancel={onClose} title={title} width={560} footer={null} destroyOnHidden>
      <div className="col g12">
        <p className="t2">{text}</p>
        <Input
          autoFocus
          value={reason}
          aria-label={t('common.reason')}
          placeholder={t('common.reasonPlaceholder')}
          maxLength={300}
          onChange={(event) => setReason(event.target.value)}
        />
        {failing !== undefined && (
          <>
            <div className="note bad map-failing" role="alert">
              <Icon name="failed" />
              <span className="col g4">
                <b>{failing.message}</b>
                {failing.fields.slice(0, 6).map((field) => (
                  <span key={field.code} className="s12 break">
                    {field.message}
                  </span>
                ))}
              </span>
            </div>
            <Input
              value={anyway}
              aria-label={t('mappings.anyway')}
              placeholder={t('mappings.anyway')}
              maxLength={300}
              onChange={(event) => setAnyway(event.target.value)}
            />
          </>
        )}
        {run.isError && failing === undefined && (
          <div className="note bad" role="alert">
            {run.error.message}
          </div>
        )}
        <div className="row g8" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{t('common.back')}</Button>
          <Button
            type="primary"
            danger={failing !== undefined}
            loading={run.isPending}
            aria-disabled={!ready}
            title={ready ? undefined : t('common.reasonNeeded')}
            onClick={() => {
              if (ready) run.mutate()
            }}
          >
            {failing === undefined ? action : t('mappings.publishAnyway')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
