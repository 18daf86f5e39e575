import { AutoComplete } from 'antd'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
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
  // Someone went on before the answer was there: what they meant is taken when it comes.
  const [ahead, setAhead] = useState(false)
  const said = text.trim()
  const settled = useSettled(said)
  const wanted = ahead ? said : settled
  const found = useQuery({
    queryKey: ['offers', place.id, wanted],
    queryFn: ({ signal }) => findOffers(place.id, wanted, signal),
    enabled: touched && chosen === undefined,
  })
  // What an earlier text found is not offered for this one: a key would take it.
  const isAnswered = wanted === said && found.data !== undefined
  const offers = chosen === undefined && isAnswered ? found.data.items : []
  const exact = offers.find((offer) => offer.sku.toLowerCase() === said.toLowerCase() || (offer.barcode !== null && offer.barcode === said))
  const meant = exact ?? (offers.length === 1 && said !== '' ? offers[0] : undefined)
  useEffect(() => {
    if (!ahead || (!isAnswered && !found.isError)) return
    setAhead(false)
    if (chosen === undefined && meant !== undefined) onChoose(meant)
  }, [ahead, isAnswered, found.isError, chosen, meant, onChoose])
  // Tab would take what is marked and stay: where only one thing can be meant, it is taken on the way to the next field.
  const onKey = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.shiftKey || chosen !== undefined) return
    if (event.key === 'Tab' && meant !== undefined) {
      event.stopPropagation()
      onChoose(meant)
    } else if (event.key === 'Tab' || event.key === 'Enter') setAhead(said !== '' && !isAnswered)
  }
  return (
    <div onKeyDownCapture={onKey}>
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
        onSearch={(next) => {
          setAhead(false)
          onType(next)
        }}
        onSelect={(sku: string) => {
          const offer = offers.find((one) => one.sku === sku)
          if (offer !== undefined) onChoose(offer)
        }}
        onBlur={() => {
          if (chosen === undefined && exact !== undefined) onChoose(exact)
          onLeave()
        }}
      />
    </div>
  )
}
