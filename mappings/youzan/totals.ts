import type { Totals } from '../../src/core/order.ts'
import { amount, CNY, fen } from '../parts/cny.ts'
import { list, requiredMoney } from '../parts/read.ts'
import type { Line } from './lines.ts'
import { ORDER } from './read.ts'
import type { State } from './state.ts'

/**
 * Σ lines + postage = `payment`. Of goods from abroad the taxes of the lines may be part of it as well: they are taken where they
 * explain the gap to the fen. Nothing is ever filled in, so any other gap holds the order.
 */
export function totalsOf(doc: unknown, { goods, state }: { readonly goods: readonly Line[]; readonly state: State }): Totals {
  const total = requiredMoney(doc, `${ORDER}/pay_info/payment`, CNY)
  const [items, post] = [sum(goods.map(({ line }) => line.net.minor)), fen(doc, `${ORDER}/pay_info/post_fee`)]
  const taxes = sum(list(doc, `${ORDER}/orders`).map(({ value }) => fen(value, '/tax_total')))
  return {
    items: amount(items),
    discount: amount(sum(goods.map(({ line }) => line.discount.minor))),
    unallocatedDiscount: amount(0),
    shipping: amount(post),
    shippingDiscount: amount(0),
    fees: amount(0),
    duties: amount(taxes !== 0 && total.minor - items - post === taxes ? taxes : 0),
    tax: amount(0),
    rounding: amount(0),
    total,
    paid: amount(state.paid ? total.minor : state.depositMinor),
    refunded: amount(state.refundedMinor),
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
