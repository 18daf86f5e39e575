import type { OrderLine, Refund, Totals } from '../../src/core/order.ts'
import { explanation } from '../parts/explanation.ts'
import { amountOf } from './read.ts'
import type { State } from './state.ts'

interface Given {
  readonly currency: string
  readonly lines: readonly OrderLine[]
  readonly refunds: readonly Refund[]
  readonly state: State
}

/**
 * Σ lines + delivery − its reduction + what explains the rest to the cent: the taxes of the order or, where the summary leaves them out, of
 * its lines; special fees; adjustments; reductions that no line shows. Nothing is ever filled in: any other gap holds the order.
 */
export function totalsOf(doc: unknown, { currency, lines, refunds, state }: Given): Totals {
  const summary = (name: string): number => amountOf(doc, `/pricingSummary/${name}`, currency).minor
  const money = (minor: number) => ({ minor, currency })
  const [items, discount, lineTax] = [
    sum(lines.map(({ net }) => net.minor)),
    sum(lines.map((line) => line.discount.minor)),
    sum(lines.map(({ tax }) => tax.minor)),
  ]
  // Reductions are written as negative numbers; some clients have seen them positive.
  const [shipping, shippingDiscount] = [summary('deliveryCost'), Math.abs(summary('deliveryDiscount'))]
  const total = summary('total')
  const unshown = Math.max(0, Math.abs(summary('priceDiscount')) - discount)
  const amounts = { tax: summary('tax'), lineTax, fee: summary('fee'), adjustment: summary('adjustment'), unshown: -unshown }
  const because = explanation(total - items - shipping + shippingDiscount, amounts)
  const adjustment = because.has('adjustment') ? amounts.adjustment : 0
  return {
    items: money(items),
    discount: money(discount),
    unallocatedDiscount: money((because.has('unshown') ? unshown : 0) + Math.max(0, -adjustment)),
    shipping: money(shipping),
    shippingDiscount: money(shippingDiscount),
    fees: money((because.has('fee') ? amounts.fee : 0) + Math.max(0, adjustment)),
    duties: money(0),
    tax: money(because.has('tax') ? amounts.tax : because.has('lineTax') ? lineTax : 0),
    rounding: money(0),
    total: money(total),
    paid: money(state.paid ? total : 0),
    refunded: money(sum(refunds.map((refund) => (refund.state === 'done' ? refund.amount.minor : 0)))),
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
