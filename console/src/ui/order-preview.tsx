import type { ReactElement } from 'react'
import type { OrderDoc } from '../api/orders.ts'
import { formatMoney } from '../format/money.ts'
import { formatCount } from '../format/number.ts'
import { useWords } from '../i18n/use-words.ts'
import { list, member, moneyOf, text } from './read-doc.ts'
import { Clock } from './time.tsx'

/** One canonical order in two lines, for checks and file previews. */
export const OrderPreview = ({ doc }: { readonly doc: OrderDoc }): ReactElement => {
  const { label, t } = useWords()
  const lines = list(member(doc, 'lines'))
  const currency = text(member(doc, 'currency'))
  const total = moneyOf(member(member(doc, 'totals'), 'total') ?? member(doc, 'total'), currency)
  return (
    <div className="quote">
      <div className="row g12">
        <span className="b">{text(member(doc, 'channel_order_no', 'channelOrderNo')) ?? '—'}</span>
        <span>{label('payment', text(member(doc, 'payment')) ?? '')}</span>
        <span className="end m5">{formatMoney(total)}</span>
      </div>
      <div className="s12 t2 row g12">
        <Clock at={text(member(doc, 'placed_at', 'placedAt'))} />
        <span className="el grow">
          {t('orders.linesOf', { count: lines.length })} ·{' '}
          {lines
            .slice(0, 3)
            .map((line) => `${text(member(line, 'title')) ?? '—'} × ${formatCount(text(member(line, 'quantity')))}`)
            .join(' · ')}
        </span>
      </div>
    </div>
  )
}
