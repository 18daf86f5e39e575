import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Connection } from '../../api/connections.ts'
import { useOrder } from '../../api/orders.ts'
import type { Order } from '../../api/orders.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Money } from '../../ui/money.tsx'
import { useLabelText } from '../../ui/order-label.tsx'
import { orderKind } from '../../ui/order-status.ts'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import { Clock, Deadline } from '../../ui/time.tsx'
import { HoldList } from '../order/holds.tsx'
import { CancelRequest } from '../order/cancel-request.tsx'
import { OrderActions } from '../order/order-actions.tsx'
import { ParcelTitle } from '../order/parcel.tsx'
import { LineGoods } from './line-goods.tsx'
import { Recipient } from '../order/recipient.tsx'
import { nodeKinds } from '../order/nodes.tsx'

/** Nothing of ours is left to do. */
const over = ['cancelled', 'completed', 'delivered', 'refunded', 'in-transit', 'shipped']

const Cause = ({ order }: { readonly order: Order }): ReactElement => {
  const text = useLabelText()(order)
  return (
    <section className="sect col g8">
      <div className="row g8" style={{ fontSize: 16, lineHeight: '24px', fontWeight: 600 }}>
        <StatusIcon kind={orderKind(order)} />
        {text.title}
      </div>
      {text.why !== '' && <p className="t2">{text.why}</p>}
      <CancelRequest order={order} />
      <HoldList order={order} />
      {!over.includes(order.label.code) && (
        <div className="row g8">
          <OrderActions order={order} />
        </div>
      )}
    </section>
  )
}

const Progress = ({ order }: { readonly order: Order }): ReactElement => {
  const { t, label } = useWords()
  const done = order.nodes.filter((node) => node.state === 'done').length
  const recent = order.nodes
    .filter((node) => node.state !== 'waiting' && node.state !== 'skipped')
    .toReversed()
    .slice(0, 4)
  return (
    <section className="sect col g8">
      <div className="row between">
        <h2>{t('order.progress')}</h2>
        <span className="s12 t3">{t('order.nodesDone', { done, total: order.nodes.length })}</span>
      </div>
      <div className="nodes-bar" aria-hidden="true">
        {order.nodes.map((node) => (
          <i key={node.code} className={node.state} />
        ))}
      </div>
      <ol className="col g6">
        {recent.map((node) => (
          <li key={node.code} className="row g8">
            <StatusIcon kind={nodeKinds[node.state]} />
            <span className="grow">{label('node', node.code)}</span>
            <Clock at={node.at} className="t3" />
          </li>
        ))}
      </ol>
    </section>
  )
}

const Facts = ({ order }: { readonly order: Order }): ReactElement => {
  const { t } = useWords()
  const reference = order.acks.find((ack) => ack.reference !== null && ack.reference !== undefined)?.reference
  return (
    <section className="sect">
      <dl className="kv">
        <dt>{t('orders.total')}</dt>
        <dd>
          <Money value={order.total} />{' '}
          <span className="t3">· {t('order.linesAndUnits', { lines: order.line_count, units: formatCount(order.unit_count) })}</span>
        </dd>
        <dt>{t('orders.placed')}</dt>
        <dd>
          <Clock at={order.placed_at} />
        </dd>
        <dt>{t('orders.shipBy')}</dt>
        <dd>
          <Deadline at={order.ship_by} />
        </dd>
        <dt>{t('order.recipient')}</dt>
        <dd>
          <Recipient order={order} />
        </dd>
        <dt>{t('order.erpNumber')}</dt>
        <dd>{reference ?? '—'}</dd>
        {order.shipments.map((shipment) => (
          <div key={shipment.id} style={{ display: 'contents' }}>
            <dt>{t('order.tracking')}</dt>
            <dd className="row g4">
              <ParcelTitle shipment={shipment} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

const Lines = ({ order }: { readonly order: Order }): ReactElement => {
  const { t } = useWords()
  return (
    <section className="sect col g8">
      <h2>{t('order.lines')}</h2>
      {order.lines.map((line) => (
        <div key={line.line_no} className="row g8 top-aligned">
          <div className="grow">
            <div>{line.title}</div>
            <div className="s12 t3">
              {line.sku ?? <span className="warn">{t('order.unbound', { sku: line.channel_sku ?? '—' })}</span>} × {formatCount(line.quantity)}
            </div>
            <LineGoods line={line} />
          </div>
          <Money value={line.net} />
        </div>
      ))}
    </section>
  )
}

/** One order beside the list: cause and what to do first, data after. */
export const OrderPanel = ({
  id,
  connections,
  onClose,
}: {
  readonly id: string
  readonly connections: ReadonlyMap<string, Connection>
  readonly onClose: () => void
}): ReactElement => {
  const { t } = useWords()
  const order = useOrder(id)
  const name = order.data === undefined ? '' : (connections.get(order.data.connection_id)?.name ?? order.data.connection_id)
  return (
    <aside className="panel" aria-label={t('orders.panel')}>
      <div className="card-head">
        {order.data !== undefined && (
          <>
            <Tile title={name} small />
            <span className="b el grow" title={order.data.channel_order_no}>
              {order.data.display_no ?? order.data.channel_order_no}
            </span>
            <Copy text={order.data.channel_order_no} />
            <Link to="/orders/$id" params={{ id }} className="icb" aria-label={t('orders.openPage')}>
              <Icon name="open" />
            </Link>
          </>
        )}
        <button type="button" className="icb end" aria-label={t('common.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className="panel-body" tabIndex={0} role="region" aria-label={t('orders.panel')}>
        {order.data === undefined ? (
          order.isError ? (
            <Failed error={order.error} what={t('order.what')} retry={() => void order.refetch()} />
          ) : (
            <Skeleton rows={8} />
          )
        ) : (
          <>
            <Cause order={order.data} />
            <Progress order={order.data} />
            <Facts order={order.data} />
            <Lines order={order.data} />
          </>
        )}
      </div>
    </aside>
  )
}
