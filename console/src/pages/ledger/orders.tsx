import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useLedgerOrders } from '../../api/ledger.ts'
import type { LedgerOrder } from '../../api/ledger.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { Money } from '../../ui/money.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { differences } from './state.ts'

const Row = ({ order }: { readonly order: LedgerOrder }): ReactElement => {
  const { label, t } = useWords()
  const number = order.channel_order_no ?? order.external_id
  return (
    <tr>
      <td className="mono">
        {order.order_id === null ? (
          number
        ) : (
          <Link to="/orders/$id" params={{ id: order.order_id }}>
            {number}
          </Link>
        )}
      </td>
      <td>
        <Status kind={differences.includes(order.state) || order.state === 'gone' ? 'attention' : 'ok'}>{label('ledgerOrder', order.state)}</Status>
      </td>
      <td className="n">
        <Money value={order.channel_total} />
      </td>
      <td className="n">
        <Money value={order.hub_total} />
      </td>
      <td className="n">
        {order.changed && order.signed_version !== null ? (
          <span>
            <Money value={order.signed_total} /> <span className="s12 t3">{t('ledger.version', { version: order.signed_version })}</span>
          </span>
        ) : order.changed ? (
          t('ledger.newSince')
        ) : (
          ''
        )}
      </td>
    </tr>
  )
}

/** Orders of a day, those that do not agree first to be asked for. */
export const Orders = ({
  connection,
  day,
  filter,
  asked,
  differences,
}: {
  readonly connection: string
  readonly day: string
  readonly filter: string
  readonly asked: boolean
  readonly differences: number
}): ReactElement => {
  const { t } = useWords()
  const { items, query } = useLedgerOrders(connection, day, filter === 'changed' ? { changed: 1 } : filter === 'all' ? {} : { state: filter })
  // The figures of the day may be ahead of the list.
  const agreement = asked ? (differences > 0 ? t('ledger.off', { count: differences }) : t('ledger.agrees')) : t('ledger.notAsked')
  const none = filter === 'different' ? agreement : t('common.noMatch')
  return (
    <div className="ledger-orders" role="region" tabIndex={0} aria-label={t('ledger.orders')}>
      <Loaded query={query} what={t('ledger.orders')} count={items.length} rows={3} empty={<State icon="check" title={none} />}>
        <table className="grid">
          <thead>
            <tr>
              <th>{t('ledger.number')}</th>
              <th>{t('ledger.how')}</th>
              <th className="n">{t('ledger.channelTotal')}</th>
              <th className="n">{t('ledger.hubTotal')}</th>
              <th className="n">{t('ledger.signedTotal')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((order) => (
              <Row key={order.external_id} order={order} />
            ))}
          </tbody>
        </table>
      </Loaded>
      <MoreButton query={query} />
    </div>
  )
}
