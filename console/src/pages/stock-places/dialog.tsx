import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import type { ReactElement, ReactNode } from 'react'
import { useWords } from '../../i18n/use-words.ts'
import { tell } from '../../ui/undo.tsx'

interface DialogProps {
  readonly title: string
  readonly ready: boolean
  readonly save: () => Promise<unknown>
  /** Said when it was saved. */
  readonly saved: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A small form over the page: what the hub refuses is said in it, and stays open. */
export const Dialog = ({ title, ready, save, saved, onClose, children }: DialogProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const run = useMutation({
    mutationFn: save,
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell(saved)
      onClose()
    },
  })
  return (
    <Modal open title={title} footer={null} onCancel={onClose} destroyOnHidden>
      <form
        className="col g12"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) run.mutate()
        }}
      >
        {children}
        {run.isError && (
          <div className="note bad" role="alert">
            {run.error.message}
          </div>
        )}
        <div className="row g8" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{t('common.back')}</Button>
          <Button type="primary" htmlType="submit" loading={run.isPending} aria-disabled={!ready}>
            {t('places.save')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

interface FieldProps {
  readonly label: string
  readonly hint?: string
  readonly children: ReactNode
}

export const Field = ({ label, hint, children }: FieldProps): ReactElement => (
  <label className="col g4">
    <span className="m5">{label}</span>
    {children}
    {hint !== undefined && <span className="s12 t3">{hint}</span>}
  </label>
)
