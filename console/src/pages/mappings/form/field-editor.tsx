import { Button, Checkbox, Input, Select } from 'antd'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { isWhole, targetsOf } from './field-map.ts'
import type { FieldRow, MapKind, Part } from './field-map.ts'
import { SourceInput } from './source-input.tsx'
import { columnAt, sourcesIn } from './sources.ts'
import { StepsEditor } from './steps-editor.tsx'
import type { Picking } from './use-picking.ts'

/** The document that is looked at, and how the map writes its places. */
export interface Beside {
  readonly kind: MapKind
  readonly raw: string
  readonly lines: string
  readonly picking: Picking
}

interface FieldEditorProps {
  readonly row: FieldRow
  readonly beside: Beside
  /** Values another field fills already, as `part.path`. */
  readonly taken: ReadonlySet<string>
  readonly disabled: boolean
  readonly onChange: (row: FieldRow) => void
  readonly onDone: () => void
}

const ownName = /^[a-zA-Z0-9_.-]{1,40}$/
const extraOption = 'extra.'

/** One field: which value of the order, where it comes from, what is done with it. Half of one stays on the page. */
export const FieldEditor = ({ row: given, beside, taken, disabled, onChange, onDone }: FieldEditorProps): ReactElement => {
  const { t, label } = useWords()
  const [row, setRow] = useState(given)
  const { kind, raw, lines, picking } = beside
  const put = (change: Partial<FieldRow>): void => {
    const next = { ...row, ...change }
    setRow(next)
    const isNamed = next.part !== 'extra' || ownName.test(next.path)
    if (isWhole(next) && isNamed && !taken.has(`${next.part}.${next.path}`)) onChange(next)
  }
  const place = { kind, part: row.part, lines }
  const sources = useMemo(() => sourcesIn(raw, { kind, part: row.part, lines }), [raw, kind, row.part, lines])
  const target = row.part === 'extra' ? extraOption : row.path === '' ? null : `${row.part}.${row.path}`
  const choose = (value: string): void => {
    const at = value.indexOf('.')
    const parts: Readonly<Record<string, Part>> = { order: 'order', line: 'line', extra: 'extra' }
    put({ part: parts[value.slice(0, at)] ?? 'extra', path: value.slice(at + 1) })
  }
  const columns = row.columns.length === 0 ? [''] : row.columns
  return (
    <div className="col g8 map-editor">
      <label className="col g4">
        <span className="s12 t3">{t('fieldMap.target')}</span>
        <Select
          size="small"
          showSearch={{ filterOption: (typed, option) => String(option?.search ?? '').includes(typed.toLowerCase()) }}
          aria-label={t('fieldMap.target')}
          placeholder={t('fieldMap.chooseTarget')}
          value={target}
          disabled={disabled}
          onChange={choose}
          options={[
            ...targetsOf(kind).map(({ part, path }) => {
              const name = label('fieldTarget', `${part}.${path}`)
              const meaning = label('fieldMeaning', `${part}.${path}`)
              return {
                value: `${part}.${path}`,
                disabled: taken.has(`${part}.${path}`),
                search: `${name} ${path} ${meaning}`.toLowerCase(),
                label: (
                  <span>
                    {name} <span className="t3">{meaning}</span>
                  </span>
                ),
              }
            }),
            { value: extraOption, disabled: false, search: `extra ${t('fieldMap.extra')}`.toLowerCase(), label: <span>{t('fieldMap.extra')}</span> },
          ]}
        />
      </label>
      {row.part === 'extra' && (
        <Input
          size="small"
          aria-label={t('fieldMap.extraName')}
          placeholder={t('fieldMap.extraName')}
          value={row.path}
          maxLength={40}
          disabled={disabled}
          status={row.path !== '' && (!ownName.test(row.path) || taken.has(`extra.${row.path}`)) ? 'error' : ''}
          onChange={(event) => put({ path: event.target.value })}
        />
      )}
      <div className="seg s map-ways" role="group" aria-label={t('fieldMap.where')}>
        {(['read', 'constant'] as const).map((way) => (
          <button
            key={way}
            type="button"
            disabled={disabled}
            aria-pressed={(row.constant === undefined) === (way === 'read')}
            onClick={() => put({ constant: way === 'read' ? undefined : (row.constant ?? '') })}
          >
            {t(`fieldMap.${way}`)}
          </button>
        ))}
      </div>
      {row.constant === undefined ? (
        <>
          {columns.map((column, at) => (
            <div key={at} className="row g6 top-aligned">
              <SourceInput
                label={t(kind === 'file' ? 'fieldMap.column' : 'fieldMap.source')}
                value={column}
                sources={sources}
                picking={picking}
                disabled={disabled}
                columnAt={(pointer) => columnAt(raw, pointer, place)}
                onChange={(value) => put({ columns: columns.with(at, value) })}
              />
              {columns.length > 1 && (
                <button
                  type="button"
                  className="icb"
                  disabled={disabled}
                  aria-label={t('fieldMap.removeSource')}
                  onClick={() => put({ columns: columns.filter((_, index) => index !== at) })}
                >
                  <Icon name="close" />
                </button>
              )}
            </div>
          ))}
          {kind === 'document' && <span className="s12 t3">{t('fieldMap.sourceHint')}</span>}
          <div className="row g8 wrap">
            <Button
              size="small"
              icon={<Icon name="plus" />}
              disabled={disabled || columns.length >= 8}
              onClick={() => setRow({ ...row, columns: [...columns, ''] })}
            >
              {t('fieldMap.addSource')}
            </Button>
            {columns.length > 1 && (
              <label className="row g6 s12 t3">
                {t('fieldMap.join')}
                <Input
                  size="small"
                  style={{ width: 60 }}
                  maxLength={8}
                  value={row.join ?? ' '}
                  disabled={disabled}
                  onChange={(event) => put({ join: event.target.value })}
                />
              </label>
            )}
            {kind === 'file' && (
              <Checkbox checked={row.optional} disabled={disabled} onChange={(event) => put({ optional: event.target.checked })}>
                {t('fieldMap.optional')}
              </Checkbox>
            )}
          </div>
          <StepsEditor steps={row.steps} disabled={disabled} onChange={(steps) => put({ steps })} />
        </>
      ) : (
        <Input
          size="small"
          aria-label={t('fieldMap.constantValue')}
          value={row.constant}
          maxLength={1000}
          disabled={disabled}
          onChange={(event) => put({ constant: event.target.value })}
        />
      )}
      <div className="row g8">
        <Button size="small" onClick={onDone}>
          {t('fieldMap.done')}
        </Button>
        <span className="s12 t3" role="status">
          {isWhole(row) ? '' : t('fieldMap.incomplete')}
        </span>
      </div>
    </div>
  )
}
