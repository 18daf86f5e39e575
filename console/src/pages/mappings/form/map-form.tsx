import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { FieldProblem } from '../../../api/http.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Basics, basicNames } from './basics.tsx'
import { FieldEditor } from './field-editor.tsx'
import type { Beside } from './field-editor.tsx'
import { rowsOf, withRow } from './field-map.ts'
import type { FieldRow, MapValue } from './field-map.ts'
import { ProblemText } from './problem-text.tsx'
import { problemsAt } from './problems.ts'

interface MapFormProps {
  readonly map: MapValue
  readonly beside: Beside
  readonly problems: readonly FieldProblem[]
  readonly disabled: boolean
  readonly onChange: (map: MapValue) => void
}

const nothing: FieldRow = { part: 'order', path: '', constant: undefined, columns: [], join: undefined, steps: [], optional: false }
const idOf = ({ part, path }: Pick<FieldRow, 'part' | 'path'>): string => `${part}.${path}`
const pointerOf = ({ part, path }: FieldRow): string => `/${part}/${path.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** What one field says, on a line. */
const useSummary = (): ((row: FieldRow) => string) => {
  const { t, label } = useWords()
  return ({ constant, columns, steps }) =>
    constant === undefined
      ? [columns.length === 0 ? t('fieldMap.noSource') : columns.join(' + '), ...steps.map(({ op }) => label('fieldStep', op))].join(' → ')
      : t('fieldMap.constantShort', { value: constant })
}

/** A field map as a form: what documents are made of, and each value of the order with where it comes from. One field is open at a time. */
export const MapForm = ({ map, beside, problems, disabled, onChange }: MapFormProps): ReactElement => {
  const { t, label } = useWords()
  const summary = useSummary()
  /** The open field as it stands in the map; a new one stands nowhere yet. */
  const [open, setOpen] = useState<{ readonly turn: number; readonly row: FieldRow | undefined }>()
  const rows = rowsOf(map)
  const shown = open !== undefined && open.row === undefined ? [...rows, nothing] : rows
  const opened = open === undefined ? undefined : (open.row ?? nothing)
  const turn = (open?.turn ?? 0) + 1
  const nameOf = (row: FieldRow): string =>
    row.part === 'extra' ? row.path : row.path === '' ? t('fieldMap.chooseTarget') : label('fieldTarget', idOf(row))
  const told = [...basicNames.map((name) => `/${name}`), ...rows.map(pointerOf)]
  const rest = problems.filter((problem) => !told.some((pointer) => problemsAt([problem], pointer).length > 0))
  return (
    <div className="col g12">
      <ProblemText problems={rest} />
      <Basics map={map} beside={beside} problems={problems} disabled={disabled} onChange={onChange} />
      <div className="row g8">
        <h4 className="grow">{t('fieldMap.fields')}</h4>
        <Button size="small" icon={<Icon name="plus" />} disabled={disabled} onClick={() => setOpen({ turn, row: undefined })}>
          {t('fieldMap.add')}
        </Button>
      </div>
      <ul className="map-fields">
        {shown.map((row) => {
          const isOpen = opened !== undefined && idOf(row) === idOf(opened)
          return (
            <li key={isOpen ? `open ${open?.turn ?? 0}` : idOf(row)} className="col g4">
              <div className="row g6">
                <button type="button" className="map-field grow" aria-expanded={isOpen} onClick={() => setOpen(isOpen ? undefined : { turn, row })}>
                  <span className="m5">{nameOf(row)}</span>
                  <span className="s12 t3 mono el">{summary(row)}</span>
                </button>
                {!disabled && (
                  <button
                    type="button"
                    className="icb"
                    aria-label={t('fieldMap.remove', { name: nameOf(row) })}
                    onClick={() => {
                      if (isOpen) setOpen(undefined)
                      if (row !== nothing) onChange(withRow(map, row, undefined))
                    }}
                  >
                    <Icon name="close" />
                  </button>
                )}
              </div>
              <ProblemText problems={row === nothing ? [] : problemsAt(problems, pointerOf(row))} />
              {isOpen && (
                <FieldEditor
                  row={row}
                  beside={beside}
                  taken={new Set(rows.filter((other) => idOf(other) !== idOf(row)).map(idOf))}
                  disabled={disabled}
                  onChange={(after) => {
                    onChange(withRow(map, open?.row, after))
                    setOpen({ turn: open?.turn ?? turn, row: after })
                  }}
                  onDone={() => setOpen(undefined)}
                />
              )}
            </li>
          )
        })}
      </ul>
      <p className="s12 t3">{t('fieldMap.rest')}</p>
    </div>
  )
}
