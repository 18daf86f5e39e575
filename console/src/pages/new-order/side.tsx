import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { useSentOrders } from '../../api/entry.ts'
import type { Place, SentOrder } from '../../api/entry.ts'
import { HubProblem } from '../../api/http.ts'
import type { OrderSummary } from '../../api/orders.ts'
import { useScope } from '../../api/session.ts'
import { formatMoney } from '../../format/money.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Copy } from '../../ui/copy.tsx'
import { OrderLabel } from '../../ui/order-label.tsx'
import { useHoldText } from '../../ui/said.ts'
import { Status } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { decimalOf, valueOf } from './amounts.ts'
import { sumsOf } from './draft.ts'
import type { Draft } from './draft.ts'

/** What the order comes to, to be read out on the phone. */
export const Totals = ({ draft, place }: { readonly draft: Draft; readonly place: Place }): ReactElement => {
  const { t } = useWords()
  const { goods, total } = sumsOf(draft, place.currency)
  const show = (value: bigint): string => formatMoney({ amount: decimalOf(value, place.currency), currency: place.currency })
  return (
    <dl className="entry-sums">
      <dt>{t('entry.goodsTotal')}</dt>
      <dd>{show(goods)}</dd>
      <dt>{t('entry.orderDiscount')}</dt>
      <dd>{show(-valueOf(draft.discount))}</dd>
      <dt>{t('entry.shipping')}</dt>
      <dd>{show(valueOf(draft.shipping))}</dd>
      <dt className="m5">{t('entry.total')}</dt>
      <dd className="big">{show(total)}</dd>
    </dl>
  )
}

/** What the hub made of it. Saving once more changes this order and makes no other. */
export const Saved = ({ sent, onNext }: { readonly sent: SentOrder; readonly onNext: () => void }): ReactElement => {
  const { t, label } = useWords()
  const textOf = useHoldText()
  const mayRead = useScope('orders:read')
  const held = sent.holds.length > 0
  return (
    <section className="card sect col g8" role="status" aria-label={t('entry.saved')}>
      <Status kind={held ? 'held' : 'ok'}>{t(`entry.result.${sent.change}`)}</Status>
      <span className="row g8">
        <span className="b break">{sent.number}</span>
        <Copy text={sent.number} />
      </span>
      {held && (
        <div className="note warn col g4" style={{ alignItems: 'flex-start' }}>
          <b>{t('entry.waits')}</b>
          {sent.holds.map((hold, at) => (
            <span key={at}>
              {label('hold', hold.code)}
              {t('order.colon')}
              {textOf(hold)}
            </span>
          ))}
        </div>
      )}
      <span className="s12 t3">{t('entry.savedHint')}</span>
      <span className="row g8 wrap">
        <Button type="primary" onClick={onNext}>
          {t('entry.next')}
        </Button>
        {mayRead && sent.order_id !== null && (
          <Link to="/orders/$id" params={{ id: sent.order_id }}>
            {t('entry.openOrder')}
          </Link>
        )}
      </span>
    </section>
  )
}

/** Why it was not saved; what was typed stays. */
export const NotSaved = ({ error }: { readonly error: Error }): ReactElement => {
  const { t } = useWords()
  const fields = error instanceof HubProblem ? error.fields : []
  return (
    <div className="note bad col g4" role="alert" style={{ alignItems: 'flex-start' }}>
      <b>{t('entry.notSaved')}</b>
      {fields.length === 0 && <span>{error.message}</span>}
      {fields.map((field, at) => (
        <span key={at} className="break">
          {field.pointer} {field.message}
        </span>
      ))}
      <span className="s12">{t('entry.saveAgain')}</span>
    </div>
  )
}

const Row = ({ order }: { readonly order: OrderSummary }): ReactElement => {
  const mayRead = useScope('orders:read')
  return (
    <li className="col g4">
      <span className="row between g8">
        {mayRead ? (
          <Link to="/orders/$id" params={{ id: order.id }} className="m5 el">
            {order.channel_order_no}
          </Link>
        ) : (
          <span className="m5 el">{order.channel_order_no}</span>
        )}
        <span className="nw">{formatMoney(order.total)}</span>
      </span>
      <span className="row g8 s12 t3">
        <Clock at={order.placed_at} /> <OrderLabel order={order} />
      </span>
    </li>
  )
}

/** The last orders of this connection: for a dealer, all there is to see. */
export const Recent = ({ place }: { readonly place: Place }): ReactElement | null => {
  const { t } = useWords()
  const { items } = useSentOrders(place.id)
  if (items.length === 0) return null
  return (
    <section className="card sect col g8">
      <h2>{t('entry.recent', { name: place.name })}</h2>
      <ul className="entry-recent">
        {items.slice(0, 10).map((order) => (
          <Row key={order.id} order={order} />
        ))}
      </ul>
    </section>
  )
}
