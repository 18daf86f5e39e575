import { useQueryClient } from '@tanstack/react-query'
import { Button, InputNumber, Modal } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { setDeadlines, useDeadlines } from '../../api/board.ts'
import type { Deadline } from '../../api/board.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { tell } from '../../ui/undo.tsx'
import { stages } from './stages.ts'

interface Props {
  /** Of one connection; undefined = everywhere. */
  readonly connection: { readonly id: string; readonly name: string } | undefined
  readonly onClose: () => void
}

const codes = stages.flatMap((stage) => [...stage.nodes])

const Form = ({ connection, onClose, items }: Props & { readonly items: readonly Deadline[] }): ReactElement => {
  const { t, label } = useWords()
  const queries = useQueryClient()
  const of = (id: string | null, node: string): Deadline | undefined => items.find((one) => one.connection_id === id && one.node === node)
  const id = connection?.id ?? null
  const [drafts, setDrafts] = useState<Readonly<Record<string, number | null>>>(() =>
    Object.fromEntries(codes.map((node) => [node, of(id, node)?.minutes ?? null])),
  )
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      // An empty field of a connection means "as everywhere", everywhere it means "as long as it likes".
      await setDeadlines(
        id,
        codes.map((node) => ({ node, minutes: drafts[node] ?? (id === null ? null : 'unset') })),
      )
      await queries.invalidateQueries({ queryKey: ['/v1/board/deadlines'] })
      tell(t('board.deadlinesSaved'))
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="col g12"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <p className="t2">{t('board.deadlinesText')}</p>
      <div className="board-deadlines">
        {codes.map((node) => (
          <label key={node} className="row g8 between">
            <span>{label('node', node)}</span>
            <InputNumber
              min={1}
              max={525_600}
              precision={0}
              value={drafts[node] ?? null}
              placeholder={id === null ? t('board.noDeadline') : String(of(null, node)?.minutes ?? t('board.noDeadline'))}
              suffix={t('board.minutes')}
              style={{ width: 170 }}
              onChange={(minutes) => setDrafts({ ...drafts, [node]: minutes })}
            />
          </label>
        ))}
      </div>
      {problem !== undefined && (
        <div className="note bad" role="alert">
          {problem}
        </div>
      )}
      <div className="row g8" style={{ justifyContent: 'flex-end' }}>
        <Button onClick={onClose}>{t('common.back')}</Button>
        <Button type="primary" htmlType="submit" loading={busy}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  )
}

/** How long an order may wait for each station. */
export const Deadlines = ({ connection, onClose }: Props): ReactElement => {
  const { t } = useWords()
  const deadlines = useDeadlines()
  const items = deadlines.data?.items ?? []
  const title = connection === undefined ? t('board.deadlines') : t('board.deadlinesOf', { name: connection.name })
  return (
    <Modal open title={title} footer={null} onCancel={onClose} destroyOnHidden>
      <Loaded query={deadlines} what={t('board.deadlines')} count={items.length} empty={null}>
        <Form connection={connection} onClose={onClose} items={items} />
      </Loaded>
    </Modal>
  )
}
