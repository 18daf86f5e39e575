import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { markTold, useSupplyOrders } from '../../api/stock-plan.ts'
import type { SupplyOrder } from '../../api/stock-plan.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { MailNotice } from './mail-notice.tsx'

const words = ['plan.orderRef', 'plan.supplier', 'plan.lines', 'plan.placed', 'plan.arrived', 'plan.notice'] as const

/** Who it was, without what kind of account that is. */
const nameOf = (actor: string | null): string => (actor ?? '').replace(/^(user|key):/, '')

const Notice = ({ order }: { readonly order: SupplyOrder }): ReactElement => {
  const { t, language } = useWords()
  const queries = useQueryClient()
  const told = useMutation({
    mutationFn: () => markTold(order.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['/v1/supply-orders'] })
      tell(t('plan.isTold', { supplier: order.supplier }))
    },
  })
  return (
    <div className="col g4">
      <div className="row g8 nw">
        {(['text', 'csv', 'xlsx'] as const).map((format) => (
          <a
            key={format}
            href={`/v1/supply-orders/${order.id}/notice?format=${format}&language=${language}`}
            download
            aria-label={`${t(`plan.noticeAs.${format}`)} ${order.ref}`}
          >
            {t(`plan.noticeAs.${format}`)}
          </a>
        ))}
      </div>
      <MailNotice order={order} />
      {order.told_at === null ? (
        <span className="row g8">
          <Button size="small" loading={told.isPending} onClick={() => told.mutate()} aria-label={t('plan.tellOf', { ref: order.ref })}>
            {t('plan.tell')}
          </Button>
          {told.isError && (
            <span className="bad s12" role="alert">
              {told.error.message}
            </span>
          )}
        </span>
      ) : (
        <span className="row g4 s12 t3 nw">
          <Icon name="check" small />
          {t('plan.toldBy', { by: nameOf(order.told_by) })} <Clock at={order.told_at} />
        </span>
      )}
    </div>
  )
}

const Arrived = ({ order }: { readonly order: SupplyOrder }): ReactElement => {
  const { t } = useWords()
  if (order.open === 0) return <Status kind="ok">{t('plan.allHere')}</Status>
  return <Status kind="waiting">{t('plan.someHere', { here: order.lines.length - order.open, all: order.lines.length })}</Status>
}

/** What was ordered from suppliers, what they are told, and what came of it. */
export const OrdersTab = (): ReactElement => {
  const { t } = useWords()
  const { items, query } = useSupplyOrders()
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('plan.tab.orders')}>
      <Loaded
        query={query}
        what={t('plan.tab.orders')}
        count={items.length}
        empty={
          <State icon="send" title={t('plan.noOrders')}>
            {t('plan.noOrdersHint')}
          </State>
        }
      >
        <table className="grid">
          <HeadRow words={words} />
          <tbody>
            {items.map((order) => (
              <tr key={order.id}>
                <td className="m5 break">{order.ref}</td>
                <td>
                  <div className="break">{order.supplier}</div>
                  {order.email !== null && <div className="s12 t3 break">{order.email}</div>}
                </td>
                <td>
                  {order.lines.slice(0, 3).map((line) => (
                    <div key={line.sku} className="break">
                      {formatCount(line.quantity)} × {line.sku}
                    </div>
                  ))}
                  {order.lines.length > 3 && <span className="s12 t3">{t('plan.andMore', { count: order.lines.length - 3 })}</span>}
                </td>
                <td className="nw">
                  <Clock at={order.placed_at} />
                  <div className="s12 t3">{nameOf(order.placed_by)}</div>
                </td>
                <td className="nw">
                  <Arrived order={order} />
                </td>
                <td>
                  <Notice order={order} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
      <MoreButton query={query} />
    </section>
  )
}
