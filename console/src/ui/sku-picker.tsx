import { Select } from 'antd'
import { useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { useSkus } from '../api/stock.ts'
import { useWords } from '../i18n/use-words.ts'

interface SkuPickerProps {
  readonly value: string | undefined
  readonly onChange: (sku: string) => void
  readonly label: string
  /** Words to look for before the person has typed any. */
  readonly hint?: string | undefined
  readonly size?: 'small' | 'middle'
}

/** One of our SKUs, found by code, barcode or title. */
export const SkuPicker = ({ value, onChange, label, size = 'middle' }: SkuPickerProps): ReactElement => {
  const { t } = useWords()
  const [text, setText] = useState('')
  const [touched, setTouched] = useState(false)
  const { items, query } = useSkus({ q: text === '' ? undefined : text, limit: 30 }, touched)
  // What an earlier text found is not offered for this one: Enter would take it. Until the answer is there, Enter waits.
  const found = query.isPlaceholderData ? [] : items
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !touched || !(query.isPending || query.isPlaceholderData)) return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div style={{ width: '100%', minWidth: 0 }} onKeyDownCapture={onKey}>
      <Select
        showSearch={{ filterOption: false, onSearch: setText }}
        size={size}
        style={{ width: '100%' }}
        value={value ?? null}
        aria-label={label}
        placeholder={t('listings.pickSku')}
        loading={query.isFetching}
        onOpenChange={(open) => {
          if (open) setTouched(true)
        }}
        onChange={onChange}
        notFoundContent={query.isFetching ? t('common.loading') : t('listings.noSku')}
        options={found.map((sku) => ({
          value: sku.sku,
          label: (
            <span>
              {sku.sku} <span className="t3">{sku.title}</span>
            </span>
          ),
        }))}
      />
    </div>
  )
}
