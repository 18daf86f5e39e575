import { requiredMoney, money, text } from '../parts/read.ts'
import { explanation } from '../parts/explanation.ts'
import type { Discount, Totals } from '../../src/core/order.ts'
import type { Line } from './lines.ts'
import type { State } from './state.ts'

/** What buyers pay in some markets beside goods and postage. */
const FEES = [
  'retail_delivery_fee',
  'small_order_fee',
  'buyer_service_fee',
  'handling_fee',
  'shipping_insurance_fee',
  'item_insurance_fee',
  'item_insurance_tax',
  'distance_shipping_fee',
  'distance_fee',
  'payment_discount_service_fee',
] as const

/**
 * Σ pieces + postage + taxes on top + fees = `total_amount`. Whether prices hold their taxes differs from market to market: taxes are
 * on top where they explain the gap to the minor unit, and inside otherwise.
 */
export function totalsOf(doc: unknown, state: State, { lines, currency }: { readonly lines: readonly Line[]; readonly currency: string }) {
  const of = (name: string): number => money(doc, `/payment/${name}`, currency).minor
  const amount = (minor: number) => ({ minor, currency })
  const items = sum(lines.map(({ line }) => line.net.minor))
  const total = requiredMoney(doc, '/payment/total_amount', currency).minor
  const paidPostage = of('shipping_fee')
  const off = of('shipping_fee_seller_discount') + of('shipping_fee_platform_discount') + of('shipping_fee_cofunded_discount')
  const isShown = of('original_shipping_fee') - off === paidPostage
  const parts: Record<string, number> = { tax: of('tax'), discount: -of('payment_platform_discount') }
  for (const name of FEES) parts[name] = of(name)
  const taken = explanation(total - items - paidPostage, parts)
  const totals: Totals = {
    items: amount(items),
    discount: amount(sum(lines.map(({ line }) => line.discount.minor))),
    unallocatedDiscount: amount(taken.has('discount') ? of('payment_platform_discount') : 0),
    shipping: amount(isShown ? of('original_shipping_fee') : paidPostage),
    shippingDiscount: amount(isShown ? off : 0),
    fees: amount(sum(FEES.map((name) => (taken.has(name) ? of(name) : 0)))),
    duties: amount(0),
    tax: amount(of('tax')),
    rounding: amount(0),
    total: amount(total),
    paid: amount(state.paid ? total : 0),
    refunded: amount(state.refunded ? total : 0),
  }
  return { totals, taxIncluded: !taken.has('tax') }
}

/** One reduction for each who pays for it, with its shares; postage apart. */
export function discountsOf(doc: unknown, lines: readonly Line[], totals: Totals): readonly Discount[] {
  const { currency } = totals.total
  const ofGoods = (['seller', 'channel'] as const).flatMap((funder): readonly Discount[] => {
    const allocations = lines.flatMap(({ line, off }) => (off[funder] > 0 ? [{ lineNo: line.lineNo, amount: { minor: off[funder], currency } }] : []))
    const minor = sum(allocations.map((each) => each.amount.minor))
    return minor === 0 ? [] : [{ scope: 'order', funder, kind: 'promotion', amount: { minor, currency }, allocations }]
  })
  if (totals.shippingDiscount.minor === 0) return ofGoods
  const channel =
    text(doc, '/payment/shipping_fee_platform_discount') === '' ? 0 : money(doc, '/payment/shipping_fee_platform_discount', currency).minor
  const ofPostage = (
    [
      ['seller', totals.shippingDiscount.minor - channel],
      ['channel', channel],
    ] as const
  ).flatMap(([funder, minor]): readonly Discount[] =>
    minor > 0 ? [{ scope: 'shipping', funder, kind: 'promotion', amount: { minor, currency }, allocations: [] }] : [],
  )
  return [...ofGoods, ...ofPostage]
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
