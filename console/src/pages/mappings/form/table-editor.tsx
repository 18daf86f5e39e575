import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'

interface TableEditorProps {
  readonly table: Readonly<Record<string, string>>
  readonly disabled: boolean
  /** What an entry can become, where it is a closed list. */
  readonly values?: readonly { readonly value: string; readonly label: string }[]
  readonly onChange: (table: Readonly<Record<string, string>>) => void
}

/** Text → text. An entry without its text stays on the page. */
export const TableEditor = ({ table, disabled, values, onChange }: TableEditorProps): ReactElement => {
  const { t } = useWords()
  const [rows, setRows] = useState<readonly (readonly [string, string])[]>(() => Object.entries(table))
  const put = (next: readonly (readonly [string, string])[]): void => {
    setRows(next)
    onChange(Object.fromEntries(next.filter(([key, value]) => key !== '' && (values === undefined || value !== ''))))
  }
  const set = (at: number, row: readonly [string, string]): void => put(rows.with(at, row))
  return (
    <div className="col g4">
      {rows.map(([key, value], at) => (
        <div key={at} className="row g6 map-pair">
          <Input
            size="small"
            value={key}
            maxLength={80}
            disabled={disabled}
            aria-label={t('fieldMap.key')}
            placeholder={t('fieldMap.key')}
            status={key !== '' && rows.some(([other], index) => index !== at && other === key) ? 'error' : ''}
            onChange={(event) => set(at, [event.target.value, value])}
          />
          <Icon name="arrow" tone="mute" small />
          {values === undefined ? (
            <Input
              size="small"
              value={value}
              maxLength={200}
              disabled={disabled}
              aria-label={t('fieldMap.value')}
              placeholder={t('fieldMap.value')}
              onChange={(event) => set(at, [key, event.target.value])}
            />
          ) : (
            <Select
              size="small"
              className="grow"
              showSearch={{ optionFilterProp: 'label' }}
              aria-label={t('fieldMap.value')}
              placeholder={t('fieldMap.value')}
              value={value === '' ? null : value}
              disabled={disabled}
              options={[...values]}
              onChange={(next: string) => set(at, [key, next])}
            />
          )}
          <button
            type="button"
            className="icb"
            disabled={disabled}
            aria-label={t('fieldMap.removeEntry', { key })}
            onClick={() => put(rows.filter((_, index) => index !== at))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <div>
        <Button size="small" icon={<Icon name="plus" />} disabled={disabled} onClick={() => setRows([...rows, ['', '']])}>
          {t('fieldMap.addEntry')}
        </Button>
      </div>
    </div>
  )
}
