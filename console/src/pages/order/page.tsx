import './order.css'
import { Link, useParams } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useOrder } from '../../api/orders.ts'
import type { Order } from '../../api/orders.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatMoney } from '../../format/money.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useLabelText } from '../../ui/order-label.tsx'
import { axisKind, orderKind } from '../../ui/order-status.ts'
import { ReplayDialog } from '../../ui/replay-dialog.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { StatusIcon, StatusTag } from '../../ui/status.tsx'
import { Deadline } from '../../ui/time.tsx'
import { AttemptsPane } from './attempts.tsx'
import { CancelRequest } from './cancel-request.tsx'
import { HoldList } from './holds.tsx'
import { Lineage } from './lineage.tsx'
import { Nodes } from './nodes.tsx'
import { OrderActions } from './order-actions.tsx'
import { Overridden } from './overridden.tsx'

const axes = ['payment', 'approval', 'fulfilment', 'after_sale', 'sync'] as const

const Axes = ({ order }: { readonly order: Order }): ReactElement => {
  const { t, label } = useWords()
  return (
    <div className="row g8 wrap">
      {axes.map((axis) => {
        const kind = axisKind(axis, order[axis])
        const words = `${t(`orders.filter.${axis}`)}${t('order.colon')}${label(axis, order[axis])}`
        return kind === undefined ? (
          <span key={axis} className="tag">
            <Icon name="minus" />
            {words}
          </span>
        ) : (
          <StatusTag key={axis} kind={kind}>
            {words}
          </StatusTag>
        )
      })}
    </div>
  )
}

const Summary = ({ order }: { readonly order: Order }): ReactElement => {
  const { t } = useWords()
  const text = useLabelText()(order)
  const open = order.ship_by !== null && !order.cancelled && !['shipped', 'in_transit', 'delivered'].includes(order.fulfilment)
  return (
    <section className="card pad col g8">
      <div className="row g8 wrap">
        <StatusIcon kind={orderKind(order)} />
        <span className="fig">{text.title}</span>
        {text.why !== '' && <span className="t2">{text.why}</span>}
        {open && (
          <span className="end row g6 t2">
            <Icon name="late" />
            {t('orders.shipBy')} <Deadline at={order.ship_by} />
          </span>
        )}
      </div>
      <Axes order={order} />
      <CancelRequest order={order} />
      <HoldList order={order} />
      <Overridden order={order} />
      <Nodes order={order} />
    </section>
  )
}

const Head = ({ order, onReplay }: { readonly order: Order; readonly onReplay: () => void }): ReactElement => {
  const { t } = useWords()
  const connections = useConnections(30_000)
  const name = connections.data?.items.find((one) => one.id === order.connection_id)?.name ?? order.connection_id
  return (
    <div className="order-head">
      <Link to="/orders" className="icb" aria-label={t('common.back')}>
        <Icon name="left" />
      </Link>
      <Tile title={name} small />
      <h1 className="break">{order.display_no ?? order.channel_order_no}</h1>
      <Copy text={order.channel_order_no} />
      {order.sandbox && <StatusTag kind="sandbox" />}
      <span className="t2">
        {name} · {formatMoney(order.total)} · {t('order.units', { units: formatCount(order.unit_count) })} ·{' '}
        {t('order.version', { version: order.version })}
      </span>
      <div className="row g8 end">
        <Button icon={<Icon name="replay" />} onClick={onReplay}>
          {t('orders.replay')}
        </Button>
        <OrderActions order={order} />
      </div>
    </div>
  )
}

const OrderView = ({ order }: { readonly order: Order }): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const [replaying, setReplaying] = useState(false)
  const tab = search['tab'] === 'attempts' ? 'attempts' : 'compare'
  return (
    <>
      <Head order={order} onReplay={() => setReplaying(true)} />
      <Summary order={order} />
      <div className="seg order-tabs" style={{ marginTop: 12, alignSelf: 'flex-start' }}>
        <button type="button" aria-pressed={tab === 'compare'} onClick={() => setSearch({ tab: undefined })}>
          {t('order.compare')}
        </button>
        <button type="button" aria-pressed={tab === 'attempts'} onClick={() => setSearch({ tab: 'attempts' })}>
          {t('order.attempts')}
        </button>
      </div>
      <div className={`order-columns t-${tab}`} style={{ marginTop: 12 }}>
        <Lineage order={order} />
        <AttemptsPane order={order} />
      </div>
      <ReplayDialog open={replaying} filter={{ order_ids: [order.id] }} count={1} onClose={() => setReplaying(false)} />
    </>
  )
}

const OrderPage = (): ReactElement => {
  const { t } = useWords()
  const { id = '' } = useParams({ strict: false })
  const order = useOrder(id)
  if (order.data !== undefined) return <OrderView order={order.data} />
  return order.isError ? <Failed error={order.error} what={t('order.what')} retry={() => void order.refetch()} /> : <Skeleton rows={10} />
}

export default OrderPage
