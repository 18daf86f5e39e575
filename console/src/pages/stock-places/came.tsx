import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useCame } from '../../api/stock-plan.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'

const mostOrders = 5

/** What came in the last week, which orders went on by it, and how many wait still. */
export const Came = (): ReactElement | null => {
  const { t } = useWords()
  const came = useCame()
  const items = came.data?.items ?? []
  if (items.length === 0) return null
  return (
    <section className="card" style={{ marginTop: 16 }}>
      <div className="card-head">
        <h2 className="grow">{t('plan.came')}</h2>
      </div>
      {items.slice(0, 20).map((one) => (
        <div key={`${one.ref ?? ''} ${one.sku} ${one.location}`} className="sect row g8 wrap">
          <span className="m5 break">
            {formatCount(one.quantity)} × {one.title === '' ? one.sku : `${one.title} (${one.sku})`}
          </span>
          <span className="t3 s12">
            {one.location} · <Clock at={one.at} />
          </span>
          {one.orders.length > 0 && (
            <span className="row g6 wrap">
              <Status kind="ok">{t('plan.wentOn', { count: one.orders.length })}</Status>
              {one.orders.slice(0, mostOrders).map((order) => (
                <Link key={order.id} to="/orders/$id" params={{ id: order.id }} className="s12 break">
                  {order.number}
                </Link>
              ))}
              {one.orders.length > mostOrders && <span className="s12 t3">{t('plan.andMore', { count: one.orders.length - mostOrders })}</span>}
            </span>
          )}
          {one.waiting > 0 && <Status kind="held">{t('plan.stillWait', { count: one.waiting })}</Status>}
        </div>
      ))}
    </section>
  )
}
