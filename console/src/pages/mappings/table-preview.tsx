import { Button, Modal } from 'antd'
import type { ReactElement } from 'react'
import type { TableFile, TableName } from '../../api/mappings.ts'
import { useWords } from '../../i18n/use-words.ts'
import { useRowProblem } from '../../ui/row-problem.ts'

/** A file as the hub read it, beside the draft. */
export interface ReadTable {
  readonly table: TableName
  readonly source: File
  readonly replace: boolean
  readonly file: TableFile
}

const SHOWN = 8

const Lines = ({
  title,
  lines,
  tone,
}: {
  readonly title: string
  readonly lines: readonly string[]
  readonly tone?: string
}): ReactElement | null => {
  const { t } = useWords()
  if (lines.length === 0) return null
  return (
    <div className="col g4">
      <span className={`m5 ${tone ?? ''}`}>{title}</span>
      <ul className="s12 t2" style={{ paddingInlineStart: 18 }}>
        {lines.slice(0, SHOWN).map((line) => (
          <li key={line} className="break">
            {line}
          </li>
        ))}
        {lines.length > SHOWN && <li>{t('tables.andMore', { count: lines.length - SHOWN })}</li>}
      </ul>
    </div>
  )
}

interface TablePreviewProps {
  readonly name: string
  readonly read: ReadTable
  readonly busy: boolean
  readonly onMode: (replace: boolean) => void
  readonly onTake: () => void
  readonly onClose: () => void
}

/** What a file would change in a table of the draft, and which of its rows cannot be read. */
export const TablePreview = ({ name, read: { source, file, replace }, busy, onMode, onTake, onClose }: TablePreviewProps): ReactElement => {
  const { t } = useWords()
  const problemOf = useRowProblem()
  const broken = replace && file.refused.length > 0
  const changes = file.added.length + file.changed.length + file.removed.length
  const problem = broken ? t('tables.mendFirst') : changes === 0 ? t('tables.nothing') : undefined
  return (
    <Modal
      open
      title={t('tables.preview', { file: source.name, name })}
      onCancel={onClose}
      width={520}
      footer={[
        <Button key="back" onClick={onClose}>
          {t('common.back')}
        </Button>,
        <Button
          key="take"
          type="primary"
          loading={busy}
          aria-disabled={problem !== undefined}
          title={problem}
          onClick={() => {
            if (problem === undefined) onTake()
          }}
        >
          {t('tables.take')}
        </Button>,
      ]}
    >
      <div className="col g12">
        <div className="seg" style={{ alignSelf: 'start' }}>
          {([false, true] as const).map((one) => (
            <button key={String(one)} type="button" aria-pressed={replace === one} onClick={() => onMode(one)}>
              {t(one ? 'tables.mode.replace' : 'tables.mode.merge')}
            </button>
          ))}
        </div>
        <Lines title={t('tables.added', { count: file.added.length })} lines={file.added.map(({ from, to }) => `${from} → ${to}`)} />
        <Lines
          title={t('tables.changed', { count: file.changed.length })}
          lines={file.changed.map(({ from, before, to }) => `${from}: ${before} → ${to}`)}
        />
        <Lines
          title={t('tables.removed', { count: file.removed.length })}
          lines={file.removed.map(({ from, to }) => `${from} → ${to}`)}
          tone="warn"
        />
        {file.unchanged > 0 && <span className="t3">{t('tables.unchanged', { count: file.unchanged })}</span>}
        <Lines title={t('tables.refused', { count: file.refused.length })} lines={file.refused.map(problemOf)} tone="bad" />
        {problem !== undefined && (
          <div className={`note ${broken ? 'bad' : ''}`} role="status">
            {problem}
          </div>
        )}
      </div>
    </Modal>
  )
}
