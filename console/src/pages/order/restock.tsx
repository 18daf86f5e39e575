import { Checkbox, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { Order, OrderLine } from '../../api/orders.ts'
import { usePlaces } from '../../api/places.ts'
import { restock } from '../../api/stock-takes.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Dialog, Field } from '../stock-places/dialog.tsx'

/** What left of a line, as far as this page knows; the hub has the last word. */
export const gone = (order: Order, line: OrderLine): number => {
  const isShipped = ['shipped', 'in_transit', 'delivered'].includes(order.fulfilment)
  const shipped = Number(line.shipped_total ?? 0)
  return line.sku === null ? 0 : isShipped ? Math.max(shipped, Number(line.quantity) - Number(line.cancelled ?? 0)) : shipped
}

/** Takes goods of an order that came back into a place, for sale or put aside. */
export const RestockDialog = ({ order, onClose }: { readonly order: Order; readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const places = usePlaces()
  const [ref, setRef] = useState(() => `R-${Date.now().toString(36).toUpperCase()}`)
  const [location, setLocation] = useState('main')
  const [held, setHeld] = useState(false)
  const [quantities, setQuantities] = useState<Readonly<Record<number, number | null>>>({})
  const lines = order.lines.filter((line) => gone(order, line) > 0)
  const back = lines.flatMap((line) => {
    const quantity = quantities[line.line_no] ?? 0
    return quantity > 0 ? [{ line_no: line.line_no, quantity: String(quantity) }] : []
  })
  const save = async (): Promise<void> => {
    const answer = await restock(order.id, { ref: ref.trim(), location, held, lines: back })
    if (answer.repeated) throw new Error(t('restock.refTaken', { ref: ref.trim() }))
  }
  return (
    <Dialog
      title={t('restock.title')}
      ready={back.length > 0 && ref.trim() !== ''}
      save={save}
      saved={t(held ? 'restock.savedHeld' : 'restock.saved')}
      onClose={onClose}
    >
      {lines.map((line) => (
        <div key={line.line_no} className="row g8">
          <span className="grow break">
            {line.title} <span className="t3">{line.sku}</span>
          </span>
          <span className="s12 t3 nw">{t('restock.left', { value: formatCount(gone(order, line)) })}</span>
          <InputNumber
            min={0}
            max={gone(order, line)}
            aria-label={t('restock.quantityOf', { title: line.title })}
            value={quantities[line.line_no] ?? null}
            onChange={(value) => setQuantities({ ...quantities, [line.line_no]: value })}
            style={{ width: 96 }}
          />
        </div>
      ))}
      <div className="row g12 wrap">
        <Field label={t('places.where')}>
          <Select
            aria-label={t('places.where')}
            value={location}
            onChange={setLocation}
            style={{ minWidth: 140 }}
            options={(places.data?.items ?? []).map((place) => ({ value: place.id, label: place.name }))}
          />
        </Field>
        <Field label={t('restock.ref')} hint={t('restock.refHint')}>
          <Input value={ref} maxLength={200} onChange={(event) => setRef(event.target.value)} />
        </Field>
      </div>
      <Checkbox checked={held} onChange={(event) => setHeld(event.target.checked)}>
        {t('restock.held')}
      </Checkbox>
    </Dialog>
  )
}
