import type { OrderLine, Totals } from '../../src/core/order.ts'
import { fen } from '../parts/wechat.ts'
import { amount } from '../parts/cny.ts'
import { explanation } from '../parts/explanation.ts'
import { at, requiredText } from '../parts/read.ts'
import { shippingOf } from './lines.ts'
import { PRICE, sum } from './read.ts'
import type { State } from './state.ts'

/** Reductions of the whole order that may or may not be part of what the lines say. */
const OF_ORDER = [
  'deduction_price',
  'cash_coupon_discounted_price',
  'finder_discounted_price',
  'national_subsidy_discounted_price',
  'vip_discounted_price',
] as const

/** Postage goes back with goods that never left; of others the order says how much, or nothing did. */
const postageBack = (doc: unknown, shipping: number, state: State): number =>
  at(doc, REFUNDED_POSTAGE) === undefined ? (state.shipments.length === 0 ? shipping : 0) : Math.min(shipping, fen(doc, REFUNDED_POSTAGE))

const REFUNDED_POSTAGE = '/order_detail/refund_info/refund_freight'

/**
 * Σ lines + postage = `order_price`, what the buyer pays. A gap that documented reductions explain to the fen is theirs; nothing is ever
 * filled in, so any other holds the order. The order itself does not tell what single refunds gave back: refunds are documents of their own.
 */
export function totalsOf(doc: unknown, lines: readonly OrderLine[], state: State): Totals {
  requiredText(doc, `${PRICE}/order_price`)
  const total = fen(doc, `${PRICE}/order_price`)
  const [items, shipping] = [sum(lines.map((line) => line.net.minor)), shippingOf(doc)]
  const reductions = Object.fromEntries(OF_ORDER.map((name) => [name, fen(doc, `${PRICE}/${name}`)]))
  const gap = items + shipping - total
  const explained = explanation(gap, reductions).size > 0
  return {
    items: amount(items),
    discount: amount(sum(lines.map((line) => line.discount.minor))),
    unallocatedDiscount: amount(explained ? gap : 0),
    shipping: amount(shipping),
    shippingDiscount: amount(0),
    fees: amount(0),
    duties: amount(0),
    tax: amount(0),
    rounding: amount(0),
    total: amount(total),
    paid: amount(state.paid ? total : 0),
    refunded: amount(state.isCancelled && state.paid ? total - shipping + postageBack(doc, shipping, state) : 0),
  }
}
