import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { parseTable, tableHref } from '../../api/mappings.ts'
import type { MappingRule, TableName } from '../../api/mappings.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { TablePreview } from './table-preview.tsx'
import type { ReadTable } from './table-preview.tsx'

interface TableFilesProps {
  readonly id: string
  readonly rules: readonly MappingRule[]
  readonly mayWrite: boolean
  readonly onChange: (rules: readonly MappingRule[]) => void
}

const isOf = (table: TableName, rule: MappingRule): boolean => rule.kind === table.kind && (table.kind !== 'word' || rule.field === table.field)

const wordless = ['carrier', 'place'] as const

/** The tables there are: one for each member that has words, one of carriers, one of places. */
const tablesOf = (rules: readonly MappingRule[]): readonly TableName[] => [
  ...[...new Set(rules.flatMap((rule) => (rule.kind === 'word' && rule.field !== '' ? [rule.field] : [])))].map((field) => ({
    kind: 'word' as const,
    field,
  })),
  ...wordless.filter((one) => rules.some(({ kind }) => kind === one)).map((kind) => ({ kind })),
]

/** The draft's rules with a file's in them: what the file says wins; the rest of the table stays or goes. */
const withFile = (rules: readonly MappingRule[], { table, file, replace }: ReadTable): readonly MappingRule[] => {
  const listed = new Set(file.rules.map(({ from }) => from))
  return [...rules.filter((rule) => !isOf(table, rule) || (!replace && !listed.has(rule.from))), ...file.rules]
}

/** Lookup tables as files: out as CSV or XLSX, in with a look at what changes. */
export const TableFiles = ({ id, rules, mayWrite, onChange }: TableFilesProps): ReactElement => {
  const { t } = useWords()
  const input = useRef<HTMLInputElement>(null)
  const [member, setMember] = useState('')
  const [target, setTarget] = useState<TableName>({ kind: 'carrier' })
  const read = useMutation({
    mutationFn: async ({
      table,
      from,
      replace,
    }: {
      readonly table: TableName
      readonly from: File
      readonly replace: boolean
    }): Promise<ReadTable> => ({
      table,
      source: from,
      replace,
      file: await parseTable(id, table, from, replace),
    }),
  })
  const nameOf = (table: TableName): string => (table.kind === 'word' ? table.field : t(`tables.name.${table.kind}`))
  const choose = (table: TableName): void => {
    setTarget(table)
    input.current?.click()
  }
  const tables = tablesOf(rules)
  return (
    <section className="col g6" aria-label={t('tables.title')}>
      <h3>{t('tables.title')}</h3>
      <p className="s12 t3">{t('tables.hint')}</p>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.xlsx,.tsv,.txt"
        aria-label={t('tables.upload')}
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (file !== undefined) read.mutate({ table: target, from: file, replace: false })
          event.target.value = ''
        }}
      />
      {tables.map((table) => (
        <div key={nameOf(table)} className="row g8 wrap">
          <span className={table.kind === 'word' ? 'mono break' : ''}>{nameOf(table)}</span>
          <span className="s12 t3 grow">{t('tables.count', { count: rules.filter((rule) => isOf(table, rule)).length })}</span>
          {(['csv', 'xlsx'] as const).map((format) => (
            <a key={format} className="row g4 s12" href={tableHref(id, table, format)} download>
              <Icon name="download" small /> {format.toUpperCase()}
            </a>
          ))}
          {mayWrite && (
            <Button size="small" aria-label={t('tables.uploadFor', { name: nameOf(table) })} loading={read.isPending} onClick={() => choose(table)}>
              {t('tables.upload')}
            </Button>
          )}
        </div>
      ))}
      {mayWrite && (
        <form
          className="row g8 wrap"
          onSubmit={(event) => {
            event.preventDefault()
            if (member.trim() !== '') choose({ kind: 'word', field: member.trim() })
          }}
        >
          <Input
            size="small"
            className="mono"
            style={{ width: 160 }}
            aria-label={t('tables.member')}
            placeholder={t('tables.memberHint')}
            maxLength={100}
            value={member}
            onChange={(event) => setMember(event.target.value)}
          />
          <Button
            size="small"
            htmlType="submit"
            aria-disabled={member.trim() === ''}
            title={member.trim() === '' ? t('tables.nameFirst') : undefined}
          >
            {t('tables.upload')}
          </Button>
          {wordless
            .filter((one) => !tables.some(({ kind }) => kind === one))
            .map((kind) => (
              <Button key={kind} size="small" onClick={() => choose({ kind })}>
                {t('tables.uploadFor', { name: t(`tables.name.${kind}`) })}
              </Button>
            ))}
        </form>
      )}
      {read.isError && (
        <div className="note bad" role="alert">
          {read.error.message}
        </div>
      )}
      {read.data !== undefined && (
        <TablePreview
          name={nameOf(read.data.table)}
          read={read.data}
          busy={read.isPending}
          onMode={(replace) => read.mutate({ table: read.data.table, from: read.data.source, replace })}
          onTake={() => {
            onChange(withFile(rules, read.data))
            read.reset()
          }}
          onClose={() => read.reset()}
        />
      )}
    </section>
  )
}
