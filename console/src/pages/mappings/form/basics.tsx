import { Checkbox, Input, Select } from 'antd'
import { useMemo } from 'react'
import type { ReactElement, ReactNode } from 'react'
import type { FieldProblem } from '../../../api/http.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { isTree, list, text } from '../../../ui/read-doc.ts'
import type { Beside } from './field-editor.tsx'
import type { MapValue } from './field-map.ts'
import { ProblemText } from './problem-text.tsx'
import { problemsAt } from './problems.ts'
import { SourceInput } from './source-input.tsx'
import { columnAt, sourcesIn } from './sources.ts'
import { TableEditor } from './table-editor.tsx'

export const basicNames = ['lines', 'status', 'statuses', 'documentKey', 'timezone', 'currency', 'taxIncluded'] as const
export const meanings = [
  'awaiting_payment',
  'to_ship',
  'shipped',
  'delivered',
  'completed',
  'cancelled',
  'refunded',
  'failed',
  'cancel_requested',
  'ignore',
] as const

interface BasicsProps {
  readonly map: MapValue
  readonly beside: Beside
  readonly problems: readonly FieldProblem[]
  readonly disabled: boolean
  readonly onChange: (map: MapValue) => void
}

/** What the documents of a map are made of: lines and statuses, or the columns that make rows one order. */
export const Basics = ({ map, beside, problems, disabled, onChange }: BasicsProps): ReactElement => {
  const { t, label } = useWords()
  const { kind, raw, picking } = beside
  const put = (name: (typeof basicNames)[number], value: unknown): void =>
    onChange(Object.fromEntries(Object.entries({ ...map, [name]: value }).filter(([, each]) => each !== undefined)))
  const field = (name: (typeof basicNames)[number], content: ReactNode): ReactElement => (
    <div className={`col g4${name === 'statuses' || name === 'documentKey' ? ' wide' : ''}`}>
      <span className="s12 t3">{t(`fieldMap.${name}`)}</span>
      {content}
      <ProblemText problems={problemsAt(problems, `/${name}`)} />
    </div>
  )
  const line = (name: 'lines' | 'timezone' | 'currency'): ReactElement =>
    field(
      name,
      <Input
        size="small"
        className={name === 'lines' ? 'mono' : ''}
        aria-label={t(`fieldMap.${name}`)}
        value={text(map[name]) ?? ''}
        maxLength={200}
        disabled={disabled}
        onChange={(event) => put(name, event.target.value === '' && name !== 'lines' ? undefined : event.target.value)}
      />,
    )
  const place = { kind, part: 'order' as const, lines: beside.lines }
  const sources = useMemo(() => sourcesIn(raw, { kind, part: 'order', lines: beside.lines }), [raw, kind, beside.lines])
  const statuses = isTree(map['statuses']) ? map['statuses'] : {}
  return (
    <div className="map-basics">
      {kind === 'document' ? (
        <>
          {line('lines')}
          {field(
            'status',
            <SourceInput
              label={t('fieldMap.status')}
              value={text(map['status']) ?? ''}
              sources={sources}
              picking={picking}
              disabled={disabled}
              columnAt={(pointer) => columnAt(raw, pointer, place)}
              onChange={(value) => put('status', value)}
            />,
          )}
          {field(
            'statuses',
            <TableEditor
              table={Object.fromEntries(
                Object.entries(statuses).flatMap(([word, meaning]) => (typeof meaning === 'string' ? [[word, meaning] as const] : [])),
              )}
              disabled={disabled}
              values={meanings.map((value) => ({ value, label: label('statusMeaning', value) }))}
              onChange={(table) => put('statuses', table)}
            />,
          )}
        </>
      ) : (
        field(
          'documentKey',
          <Select
            size="small"
            mode="tags"
            aria-label={t('fieldMap.documentKey')}
            value={list(map['documentKey']).flatMap((one) => text(one) ?? [])}
            disabled={disabled}
            options={sources.map(({ value }) => ({ value }))}
            onChange={(columns: readonly string[]) => put('documentKey', columns)}
          />,
        )
      )}
      {line('timezone')}
      {line('currency')}
      <Checkbox checked={map['taxIncluded'] !== false} disabled={disabled} onChange={(event) => put('taxIncluded', event.target.checked)}>
        {t('fieldMap.taxIncluded')}
      </Checkbox>
    </div>
  )
}
