import { Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { cancelArrival, expectArrival, receiveArrival, setSellsAhead, useArrivals, usePlaces } from '../../api/places.ts'
import type { Arrival } from '../../api/places.ts'
import { useStock } from '../../api/stock.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { SkuPicker } from '../../ui/sku-picker.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Dialog, Field } from './dialog.tsx'

const New = ({ onClose }: { readonly onClose: () => void }): ReactElement => {
  const { t, label } = useWords()
  const places = usePlaces()
  const [ref, setRef] = useState('')
  const [sku, setSku] = useState<string | undefined>(undefined)
  const [location, setLocation] = useState('main')
  const [quantity, setQuantity] = useState<number | null>(null)
  const [day, setDay] = useState('')
  const [supplier, setSupplier] = useState('')
  const stock = useStock({ sku: sku ?? '' })
  const row = stock.items.find((one) => one.sku === sku)
  const [chosen, setChosen] = useState<boolean | undefined>(undefined)
  const ahead = chosen ?? row?.sells_ahead ?? false
  const save = async (): Promise<void> => {
    const answer = await expectArrival({
      ref: ref.trim(),
      sku: sku ?? '',
      location,
      quantity: String(quantity ?? 0),
      promised_at: day === '' ? null : new Date(`${day}T00:00:00`).toISOString(),
      supplier: supplier.trim() === '' ? null : supplier.trim(),
    })
    const result = answer.items[0]?.result ?? 'created'
    if (!['created', 'changed', 'unchanged'].includes(result)) throw new Error(label('arrivalRefusal', result))
    if (chosen !== undefined && chosen !== row?.sells_ahead) await setSellsAhead(sku ?? '', chosen)
  }
  return (
    <Dialog
      title={t('places.expect')}
      ready={ref.trim() !== '' && sku !== undefined && quantity !== null && quantity > 0}
      save={save}
      saved={t('places.saved', { name: ref })}
      onClose={onClose}
    >
      <Field label={t('places.ref')} hint={t('places.refHint')}>
        <Input autoFocus value={ref} maxLength={200} onChange={(event) => setRef(event.target.value)} />
      </Field>
      <Field label={t('places.item')}>
        <SkuPicker value={sku} onChange={setSku} label={t('places.item')} />
      </Field>
      <div className="row g12 wrap">
        <Field label={t('places.quantity')}>
          <InputNumber min={0.000001} value={quantity} onChange={setQuantity} style={{ width: 120 }} />
        </Field>
        <Field label={t('places.promised')}>
          <Input type="date" value={day} onChange={(event) => setDay(event.target.value)} style={{ width: 160 }} />
        </Field>
      </div>
      <Field label={t('places.where')}>
        <Select
          aria-label={t('places.where')}
          value={location}
          onChange={setLocation}
          options={(places.data?.items ?? []).map((place) => ({ value: place.id, label: place.name }))}
        />
      </Field>
      <Field label={t('places.supplier')}>
        <Input value={supplier} maxLength={200} onChange={(event) => setSupplier(event.target.value)} />
      </Field>
      <Checkbox checked={ahead} disabled={row === undefined} onChange={(event) => setChosen(event.target.checked)}>
        {t('places.sellsAhead')}
      </Checkbox>
    </Dialog>
  )
}

const Receive = ({ arrival, onClose }: { readonly arrival: Arrival; readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const [quantity, setQuantity] = useState<number | null>(Number(arrival.remaining))
  const [last, setLast] = useState(false)
  // One press is one delivery, however often it is sent.
  const [ref] = useState(() => `${arrival.ref}/${Date.now().toString(36)}`)
  return (
    <Dialog
      title={t('places.receiveTitle', { ref: arrival.ref })}
      ready={quantity !== null && quantity > 0}
      save={() => receiveArrival(arrival.id, { ref, quantity: String(quantity ?? 0), last })}
      saved={t('places.received', { value: formatCount(quantity), sku: arrival.sku })}
      onClose={onClose}
    >
      <Field label={t('places.quantity')} hint={t('places.expected', { value: formatCount(arrival.remaining) })}>
        <InputNumber autoFocus min={0.000001} value={quantity} onChange={setQuantity} style={{ width: 120 }} />
      </Field>
      <Checkbox checked={last} onChange={(event) => setLast(event.target.checked)}>
        {t('places.last')}
      </Checkbox>
    </Dialog>
  )
}

const words = ['places.ref', 'places.item', 'places.expectedHead', 'places.promised', 'places.where', 'places.supplier'] as const

/** Goods on their way. */
export const ArrivalsTab = (): ReactElement => {
  const { t, language } = useWords()
  const arrivals = useArrivals({ state: 'open' })
  const [adding, setAdding] = useState(false)
  const [receiving, setReceiving] = useState<Arrival | undefined>(undefined)
  const [cancelling, setCancelling] = useState<Arrival | undefined>(undefined)
  const { query, items } = arrivals
  const dayOf = (at: string | null): string =>
    at === null ? t('places.noDate') : new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(at))
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('places.tab.arrivals')}>
      <div className="card-head">
        <h2 className="grow">{t('places.tab.arrivals')}</h2>
        <Button size="small" type="primary" icon={<Icon name="plus" />} onClick={() => setAdding(true)}>
          {t('places.expect')}
        </Button>
      </div>
      <Loaded query={query} what={t('places.tab.arrivals')} count={items.length} empty={<State icon="box" title={t('places.noArrivals')} />}>
        <table className="grid">
          <HeadRow words={words} figures={['places.expectedHead']} actions />
          <tbody>
            {items.map((arrival) => (
              <tr key={arrival.id}>
                <td className="m5 break">{arrival.ref}</td>
                <td className="break">{arrival.sku}</td>
                <td className="n nw">
                  {formatCount(arrival.remaining)}
                  {arrival.received !== '0' && <div className="s12 t3">{t('places.ofWhole', { value: formatCount(arrival.quantity) })}</div>}
                </td>
                <td className="nw">
                  {arrival.promised_at !== null && new Date(arrival.promised_at) < new Date() ? (
                    <Status kind="held">{dayOf(arrival.promised_at)}</Status>
                  ) : (
                    dayOf(arrival.promised_at)
                  )}
                </td>
                <td>{arrival.location}</td>
                <td className="break">{arrival.supplier}</td>
                <td className="n nw">
                  <Button size="small" onClick={() => setReceiving(arrival)} aria-label={t('places.receiveTitle', { ref: arrival.ref })}>
                    {t('places.receive')}
                  </Button>{' '}
                  <Button size="small" danger onClick={() => setCancelling(arrival)} aria-label={t('places.cancelTitle', { ref: arrival.ref })}>
                    {t('places.cancel')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
      <MoreButton query={query} />
      {adding && <New onClose={() => setAdding(false)} />}
      {receiving !== undefined && <Receive arrival={receiving} onClose={() => setReceiving(undefined)} />}
      {cancelling !== undefined && (
        <Dialog
          title={t('places.cancelTitle', { ref: cancelling.ref })}
          ready
          save={() => cancelArrival(cancelling.id)}
          saved={t('places.cancelled', { ref: cancelling.ref })}
          onClose={() => setCancelling(undefined)}
        >
          <p>{t('places.cancelHint')}</p>
        </Dialog>
      )}
    </section>
  )
}
