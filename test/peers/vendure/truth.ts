import type { Truth } from '../beside.ts'
import type { ShopOrder } from './shop.ts'

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

/** Units of a line that left; the shop's staff may cancel these too (a return, in its words), and the hub keeps them as what was sent. */
const gone = (shop: ShopOrder, line: string): number =>
  sum(shop.fulfillments.filter((f) => f.state === 'Shipped' || f.state === 'Delivered').flatMap((f) => f.lines.filter((l) => l.orderLineId === line).map((l) => l.quantity)))

/** What the hub must say of an order: amounts are minor units at the shop already. */
export const truthOf = (shop: ShopOrder): Truth => ({
  code: shop.code, state: shop.state, total: shop.totalWithTax, paid: sum(shop.payments.filter((p) => p.state === 'Settled').map((p) => p.amount)),
  refunded: sum(shop.payments.flatMap((p) => p.refunds).filter((r) => r.state === 'Settled').map((r) => r.total)),
  cancelled: shop.state === 'Cancelled', lines: shop.lines.map((l) => [l.id, l.productVariant.sku, Math.max(l.quantity, gone(shop, l.id)), l.proratedLinePriceWithTax]),
  packages: shop.fulfillments.map((f) => [f.trackingCode, f.state.toLowerCase()]),
})
