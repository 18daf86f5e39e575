import type { Discount, Totals } from '../../src/core/order.ts'
import { explanation } from '../parts/explanation.ts'
import { flag, list } from '../parts/read.ts'
import { GIVERS, type Giver, type Line } from './lines.ts'
import { amount, fen, requiredFen } from './read.ts'
import type { State } from './state.ts'

/**
 * Σ lines + postage = `pay_amount`. Where it does not add up, amounts the channel documents apart may be part of what was paid: tax,
 * insurance of the postage, packing, discounts of postage or of the payment service. Only what explains the gap to the fen is taken.
 */
export function totalsOf(doc: unknown, state: State, lines: readonly Line[]): Totals {
  const items = sum(lines.map(({ line }) => line.net.minor))
  const [post, total] = [fen(doc, '/post_amount'), requiredFen(doc, '/pay_amount')]
  const parts = {
    duties: fen(doc, '/tax_amount'),
    insurance: fen(doc, '/post_insurance_amount'),
    packing: fen(doc, '/packing_amount'),
    shippingDiscount: -fen(doc, '/post_promotion_amount'),
    payment: -fen(doc, '/promotion_pay_amount'),
  }
  const taken = explanation(total - items - post, parts)
  const part = (name: keyof typeof parts): number => (taken.has(name) ? Math.abs(parts[name]) : 0)
  return {
    items: amount(items),
    discount: amount(sum(lines.map(({ line }) => line.discount.minor))),
    unallocatedDiscount: amount(part('payment')),
    shipping: amount(post),
    shippingDiscount: amount(part('shippingDiscount')),
    fees: amount(part('insurance') + part('packing')),
    duties: amount(part('duties')),
    tax: amount(0),
    rounding: amount(0),
    total: amount(total),
    paid: amount(state.paid ? total : depositOf(doc)),
    // After it has left, the postage is spent.
    refunded: amount(state.refunded ? (state.fulfilment === 'unallocated' ? total : items) : 0),
  }
}

/** What came in of a presale so far. */
const depositOf = (doc: unknown): number =>
  sum(list(doc, '/order_phase_list').map(({ value }) => (flag(value, '/pay_success') ? fen(value, '/phase_pay_amount') : 0)))

const NAMES: Readonly<Record<Giver, Pick<Discount, 'funder' | 'kind' | 'title'>>> = {
  seller: { funder: 'seller', kind: 'promotion', title: '店铺优惠' },
  platform: { funder: 'channel', kind: 'promotion', title: '平台优惠' },
  talent: { funder: 'channel', kind: 'promotion', title: '达人优惠' },
  payment: { funder: 'channel', kind: 'other', title: '支付优惠' },
  typed: { funder: 'seller', kind: 'manual' },
  unnamed: { funder: 'seller', kind: 'other' },
}

/** One reduction for each who pays, with its share per line. Names of single coupons stand in the call for one order only and are left out. */
export const discountsOf = (lines: readonly Line[]): readonly Discount[] =>
  GIVERS.flatMap((giver) => {
    const allocations = lines.flatMap(({ line, off }) => (off[giver] > 0 ? [{ lineNo: line.lineNo, amount: amount(off[giver]) }] : []))
    if (allocations.length === 0) return []
    return [{ scope: 'order', ...NAMES[giver], amount: amount(sum(allocations.map((each) => each.amount.minor))), allocations }]
  })

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
