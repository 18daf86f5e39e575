import type { Truth } from '../beside.ts'
import type { ShopOrder } from './shop.ts'

/** Two digits, half up; a hair more than a binary fraction may have lost. */
const cents = (amount: number): number => Math.floor(amount * 100 + 0.5 + 1e-6)
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

/** What the hub must say of an order in dollars: worked out from the shop's own totals, to which returns and refunds are added again. */
export function truthOf(order: ShopOrder): Truth {
  const payments = order.payment_collections.flatMap((collection) => collection.payments)
  const credited = sum(order.credit_lines.filter((line) => line.reference === 'payment_collection').map((line) => line.amount))
  const isCancelled = order.status === 'canceled'
  return {
    code: order.id,
    state: `${order.status}/${order.fulfillment_status}`,
    total: cents(order.total + credited + sum(order.items.map((item) => item.return_received_total))),
    paid: sum(payments.flatMap((payment) => payment.captures.map((one) => cents(one.amount)))),
    refunded: sum(payments.flatMap((payment) => payment.refunds.map((one) => cents(one.amount)))),
    cancelled: isCancelled,
    lines: order.items.map((item) => [item.id, item.variant_sku ?? '', isCancelled ? item.detail.shipped_quantity : item.quantity, cents(item.total + item.return_received_total)]),
    packages: order.fulfillments.map((one) => [
      one.labels[0]?.tracking_number ?? null,
      one.canceled_at !== null ? 'cancelled' : one.delivered_at !== null ? 'delivered' : one.shipped_at !== null ? 'shipped' : 'pending',
    ]),
  }
}
