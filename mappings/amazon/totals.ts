import type { Totals } from '../../src/core/order.ts'
import { list, money, optionalText, requiredMoney, text } from '../parts/read.ts'
import type { Line } from './lines.ts'
import type { State } from './state.ts'

/** Marketplaces whose prices do not hold the tax, where there is no tax to tell by: the United States and Canada. */
const NET_PRICES: ReadonlySet<string> = new Set(['ATVPDKIKX0DER', 'A2EUQ1WTGCTBG2'])

interface Given {
  readonly currency: string
  readonly goods: readonly Line[]
  readonly state: State
}

/**
 * Whether prices hold their tax and whether a tip is part of the total stands nowhere: the way that makes the total is the right one.
 * Where none does the parts do not add up, and the order is held. Nothing is ever filled in.
 */
export function totalsOf(doc: unknown, { currency, goods, state }: Given): { readonly totals: Totals; readonly taxIncluded: boolean } {
  const of = (pick: (line: Line) => number): number => goods.reduce((sum, line) => sum + pick(line), 0)
  const [items, tax, shipping] = [of(({ line }) => line.net.minor), of((line) => line.tax), of((line) => line.shipping)]
  const [shippingDiscount, fees] = [of((line) => line.shippingDiscount), of((line) => line.fees)]
  const tip = tipOf(doc, currency)
  const base = items + shipping - shippingDiscount + fees
  const isNet = NET_PRICES.has(text(doc, '/salesChannel/marketplaceId'))
  const ways = [isNet, !isNet].flatMap((net) => [0, tip].map((extra) => ({ net, extra, sum: base + extra + (net ? tax : 0) })))
  // Orders that wait for their payment, and cancelled ones, may show no total.
  const isShown = optionalText(doc, '/proceeds/grandTotal/amount') !== undefined
  const usual = ways[0] ?? { net: isNet, extra: 0, sum: base }
  const mayLack = state.isHeld || state.cancelled !== undefined
  const total = isShown || !mayLack ? requiredMoney(doc, '/proceeds/grandTotal/amount', currency).minor : usual.sum
  const way = ways.find(({ sum }) => sum === total) ?? usual
  const amount = (minor: number): Totals['total'] => ({ minor, currency })
  return {
    taxIncluded: !way.net,
    totals: {
      items: amount(items),
      discount: amount(of(({ line }) => line.discount.minor)),
      unallocatedDiscount: amount(0),
      shipping: amount(shipping),
      shippingDiscount: amount(shippingDiscount),
      fees: amount(fees + way.extra),
      duties: amount(0),
      tax: amount(tax),
      rounding: amount(0),
      total: amount(total),
      paid: amount(state.isPaid || state.payment === 'authorised' ? total : 0),
      refunded: amount(0),
    },
  }
}

/** Charged apart, for the whole order. */
const tipOf = (doc: unknown, currency: string): number =>
  list(doc, '/proceeds/breakdowns').reduce(
    (sum, { value }) => (text(value, '/type') === 'DELIVERY_TIP' ? sum + money(value, '/subtotal/amount', currency).minor : sum),
    0,
  )
