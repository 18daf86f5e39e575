import { useVirtualizer } from '@tanstack/react-virtual'
import { Checkbox } from 'antd'
import { useEffect, useRef } from 'react'
import type { ReactElement } from 'react'
import type { Connection } from '../../api/connections.ts'
import type { OrderSummary } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Money } from '../../ui/money.tsx'
import { OrderLabel } from '../../ui/order-label.tsx'
import { Clock, Deadline } from '../../ui/time.tsx'

interface OrderRowsProps {
  readonly orders: readonly OrderSummary[]
  readonly connections: ReadonlyMap<string, Connection>
  readonly active: number
  readonly selected: ReadonlySet<string>
  readonly openId: string | undefined
  readonly onOpen: (index: number) => void
  readonly onToggle: (index: number, range: boolean) => void
  readonly onToggleAll: () => void
  /** Called when the end comes into view. */
  readonly onEnd: () => void
}

const phone = window.matchMedia('(max-width: 760px)')
const rowHeight = (): number => (phone.matches ? 64 : 36)

const Head = ({ orders, selected, onToggleAll }: Pick<OrderRowsProps, 'orders' | 'selected' | 'onToggleAll'>): ReactElement => {
  const { t } = useWords()
  const all = orders.length > 0 && orders.every((order) => selected.has(order.id))
  return (
    <div role="row" aria-rowindex={1} className="orow head">
      <div role="columnheader">
        <Checkbox checked={all} indeterminate={!all && selected.size > 0} onChange={onToggleAll} aria-label={t('orders.selectShown')} />
      </div>
      <div role="columnheader">{t('orders.number')}</div>
      <div role="columnheader">{t('common.connection')}</div>
      <div role="columnheader">{t('orders.statusAndReason')}</div>
      <div role="columnheader" className="n">
        {t('orders.total')}
      </div>
      <div role="columnheader" className="n due">
        {t('orders.placedOrDue')}
      </div>
    </div>
  )
}

const Row = ({ order, index, ...props }: OrderRowsProps & { readonly order: OrderSummary; readonly index: number }): ReactElement => {
  const { t } = useWords()
  const name = props.connections.get(order.connection_id)?.name ?? order.connection_id
  const chosen = props.selected.has(order.id)
  return (
    <>
      <div role="cell" onClick={(event) => event.stopPropagation()}>
        <Checkbox
          checked={chosen}
          aria-label={t('orders.selectOne', { number: order.channel_order_no })}
          onClick={(event) => props.onToggle(index, event.shiftKey)}
        />
      </div>
      <div role="cell" className="m5 no">
        <button
          type="button"
          className="linkish ink m5"
          aria-expanded={props.openId === order.id}
          onClick={(event) => {
            event.stopPropagation()
            props.onOpen(index)
          }}
        >
          {order.display_no ?? order.channel_order_no}
        </button>
        {order.sandbox && (
          <span className="tag outline" style={{ marginLeft: 6 }}>
            {t('status.sandbox')}
          </span>
        )}
      </div>
      <div role="cell" className="conn">
        <span className="row g8">
          <Tile title={name} small />
          <span className="el">{name}</span>
        </span>
      </div>
      <div role="cell" className="says">
        <OrderLabel order={order} />
      </div>
      <div role="cell" className="n">
        <Money value={order.total} />
      </div>
      <div role="cell" className="n due">
        {order.ship_by !== null && !order.cancelled && !['shipped', 'in_transit', 'delivered'].includes(order.fulfilment) ? (
          <Deadline at={order.ship_by} />
        ) : (
          <Clock at={order.placed_at} className="t3" />
        )}
      </div>
    </>
  )
}

/** The list itself: only rows in view exist, the active one is kept in sight. */
export const OrderRows = (props: OrderRowsProps): ReactElement => {
  const { t } = useWords()
  const { orders, active, onEnd } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: orders.length,
    getScrollElement: () => scroller.current,
    estimateSize: rowHeight,
    overscan: 12,
    scrollPaddingStart: 32,
  })
  const last = rows.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (orders.length > 0 && last >= orders.length - 20) onEnd()
  }, [last, orders.length, onEnd])
  useEffect(() => {
    if (active >= 0) rows.scrollToIndex(active, { align: 'auto' })
  }, [active, rows])
  return (
    <div ref={scroller} className="order-rows" role="table" aria-label={t('nav.orders')} aria-rowcount={-1} tabIndex={0}>
      <div role="rowgroup" style={{ display: 'contents' }}>
        <Head {...props} />
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((row) => {
          const order = orders[row.index]
          if (order === undefined) return null
          const look = `orow${props.selected.has(order.id) || props.openId === order.id ? ' sel' : ''}${active === row.index ? ' active' : ''}`
          return (
            <div
              key={order.id}
              role="row"
              aria-rowindex={row.index + 2}
              className={look}
              style={{ position: 'absolute', insetInline: 0, transform: `translateY(${row.start}px)` }}
              onClick={() => props.onOpen(row.index)}
            >
              <Row {...props} order={order} index={row.index} />
            </div>
          )
        })}
      </div>
    </div>
  )
}
