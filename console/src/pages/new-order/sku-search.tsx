import { AutoComplete } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { findOffers } from '../../api/entry.ts'
import type { Offer, Place } from '../../api/entry.ts'
import { formatMoney } from '../../format/money.ts'
import { useWords } from '../../i18n/use-words.ts'
import { useSettled } from './use-settled.ts'

/** One of our SKUs by code, barcode or name, with what may be sold of it and its price. What matches exactly is taken as typed. */
export const SkuSearch = ({
  place,
  text,
  chosen,
  isWrong,
  label,
  onType,
  onChoose,
  onLeave,
}: {
  readonly place: Place
  readonly text: string
  readonly chosen: Offer | undefined
  readonly isWrong: boolean
  readonly label: string
  readonly onType: (text: string) => void
  readonly onChoose: (offer: Offer) => void
  readonly onLeave: () => void
}): ReactElement => {
  const { t } = useWords()
  const [touched, setTouched] = useState(false)
  const wanted = useSettled(text.trim())
  const found = useQuery({
    queryKey: ['offers', place.id, wanted],
    queryFn: ({ signal }) => findOffers(place.id, wanted, signal),
    enabled: touched && chosen === undefined,
    placeholderData: (before) => before,
  })
  const offers = chosen === undefined ? (found.data?.items ?? []) : []
  const exact = (said: string): Offer | undefined =>
    offers.find((offer) => offer.sku.toLowerCase() === said.trim().toLowerCase() || (offer.barcode !== null && offer.barcode === said.trim()))
  // Tab would take what is marked and stay: where only one thing can be meant, it is taken on the way to the next field.
  const onTab = (event: KeyboardEvent): void => {
    if (event.key !== 'Tab' || event.shiftKey || chosen !== undefined) return
    const offer = exact(text) ?? (offers.length === 1 && text.trim() !== '' ? offers[0] : undefined)
    if (offer === undefined) return
    event.stopPropagation()
    onChoose(offer)
  }
  return (
    <div onKeyDownCapture={onTab}>
      <AutoComplete
        value={text}
        aria-label={label}
        style={{ width: '100%' }}
        popupMatchSelectWidth={420}
        placeholder={t('entry.skuPlaceholder')}
        {...(isWrong ? { status: 'error' as const } : {})}
        defaultActiveFirstOption
        options={offers.map((offer) => ({
          value: offer.sku,
          label: (
            <span className="row g8">
              <b className="nw">{offer.sku}</b>
              <span className="grow el t2">{offer.title}</span>
              <span className={`nw ${offer.available === '0' ? 'bad' : 't2'}`}>
                {offer.available === null ? t('entry.notCounted') : t('entry.available', { count: Number(offer.available) })}
              </span>
              <span className="nw m5">{offer.price === null ? '—' : formatMoney({ amount: offer.price, currency: place.currency })}</span>
            </span>
          ),
        }))}
        notFoundContent={found.isFetching || !touched ? null : t('listings.noSku')}
        onFocus={() => setTouched(true)}
        onSearch={onType}
        onSelect={(sku: string) => {
          const offer = offers.find((one) => one.sku === sku)
          if (offer !== undefined) onChoose(offer)
        }}
        onBlur={() => {
          const offer = exact(text)
          if (chosen === undefined && offer !== undefined) onChoose(offer)
          onLeave()
        }}
      />
    </div>
  )
}
