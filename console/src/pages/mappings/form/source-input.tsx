import { AutoComplete, Button } from 'antd'
import { useEffect, useId } from 'react'
import type { ReactElement } from 'react'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import type { Source } from './sources.ts'
import type { Picking } from './use-picking.ts'

interface SourceInputProps {
  readonly label: string
  readonly value: string
  readonly sources: readonly Source[]
  readonly picking: Picking
  readonly disabled: boolean
  /** How a place that is pointed at is written here; undefined where it cannot be. */
  readonly columnAt: (pointer: string) => string | undefined
  readonly onChange: (value: string) => void
}

/** A place in the document: typed with completion, or pointed at in the document beside it. */
export const SourceInput = ({ label, value, sources, picking, disabled, columnAt, onChange }: SourceInputProps): ReactElement => {
  const { t } = useWords()
  const button = useId()
  const asked = picking.active === button
  const { listen } = picking
  useEffect(() => {
    if (asked)
      listen(button, (pointer) => {
        const column = columnAt(pointer)
        if (column !== undefined) onChange(column)
      })
  })
  const sample = sources.find((source) => source.value === value)?.sample
  return (
    <div className="col g4 grow">
      <div className="row g6">
        <AutoComplete
          size="small"
          className="mono grow"
          aria-label={label}
          value={value}
          disabled={disabled}
          showSearch={{
            filterOption: (typed, option) => `${option?.value ?? ''} ${option?.title ?? ''}`.toLowerCase().includes(typed.toLowerCase()),
          }}
          onChange={onChange}
          options={sources.map((source) => ({
            value: source.value,
            title: source.sample,
            label: (
              <span>
                {source.value} <span className="t3">{source.sample.slice(0, 40)}</span>
              </span>
            ),
          }))}
        />
        <Button
          size="small"
          id={button}
          icon={<Icon name="search" />}
          disabled={disabled}
          type={asked ? 'primary' : 'default'}
          aria-pressed={asked}
          onClick={() => (asked ? picking.stop() : picking.start(button))}
        >
          {t(asked ? 'fieldMap.stopPicking' : 'fieldMap.pick')}
        </Button>
      </div>
      {sample !== undefined && <span className="s12 t3 el">{sample}</span>}
    </div>
  )
}
