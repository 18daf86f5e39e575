import { allocate } from '../../src/core/money.ts'
import type { Discount, OrderLine, Totals } from '../../src/core/order.ts'
import { amount, CNY, fen } from '../parts/cny.ts'
import { explanation } from '../parts/explanation.ts'
import { list, optionalText, requiredMoney } from '../parts/read.ts'
import { goodsOf, type Goods } from './lines.ts'
import type { State } from './state.ts'

export interface Sums {
  readonly lines: readonly OrderLine[]
  readonly discounts: readonly Discount[]
  readonly totals: Totals
}

/**
 * pay_amount = goods_amount − discount_amount + postage + services, where goods_amount is price × number less what the seller
 * changed. Reductions are stated for the order alone: each is shared out over the lines by what is left of them. Where the sum
 * is not `pay_amount`, one set of amounts the channel documents apart may explain the gap to the fen; nothing is ever filled in.
 */
export function sumsOf(doc: unknown, state: State): Sums {
  const goods = goodsOf(doc, state)
  const gross = goods.map(({ gross: one }) => one)
  const change = optionalText(doc, '/goods_amount') === undefined ? fen(doc, '/order_change_amount') : sum(gross) - fen(doc, '/goods_amount')
  // A change upwards makes the goods dearer instead of a reduction.
  const raised = change < 0 ? shares(-change, gross) : gross.map(() => 0)
  const left = gross.map((one, i) => one + (raised[i] ?? 0))
  const dearer = [...left]
  const discounts: Discount[] = []
  let beyond = 0
  for (const given of [{ ...CHANGED, minor: Math.max(0, change) }, ...NAMED.map((each) => ({ ...each, minor: fen(doc, each.pointer) }))]) {
    if (given.minor <= 0) continue
    const taken = shares(Math.min(given.minor, sum(left)), left)
    taken.forEach((share, i) => (left[i] = (left[i] ?? 0) - share))
    if (sum(taken) > 0) discounts.push(discountOf(given, goods, taken))
    const rest = given.minor - sum(taken)
    beyond += rest
    if (rest > 0) discounts.push(unshared(given, rest))
  }
  const total = requiredMoney(doc, '/pay_amount', CNY)
  const postage = fen(doc, '/postage')
  const apart = apartOf(doc, sum(NAMED.map(({ pointer }) => fen(doc, pointer))))
  const explained = [...explanation(total.minor - (sum(left) + postage - beyond), apart)].map((name) => ({
    minor: apart[name] ?? 0,
    as: APART[name],
  }))
  const off = explained.filter(({ minor }) => minor < 0)
  const lines = goods.map(({ line }, i): OrderLine => {
    const [dear, net] = [dearer[i] ?? 0, left[i] ?? 0]
    return { ...line, gross: amount(dear), discount: amount(dear - net), net: amount(net) }
  })
  return {
    lines,
    discounts: [...discounts, ...off.flatMap(({ minor, as }) => (as === undefined ? [] : [unshared(as, -minor)]))],
    totals: {
      items: amount(sum(left)),
      discount: amount(sum(dearer) - sum(left)),
      unallocatedDiscount: amount(beyond - sum(off.map(({ minor }) => minor))),
      shipping: amount(postage),
      shippingDiscount: amount(0),
      fees: amount(sum(explained.flatMap(({ minor }) => (minor > 0 ? [minor] : [])))),
      duties: amount(0),
      tax: amount(0),
      rounding: amount(0),
      total,
      paid: amount(paidOf(doc, state, total.minor)),
      refunded: amount(state.payment === 'refunded' ? total.minor : 0),
    },
  }
}

type Kind = Pick<Discount, 'funder' | 'kind' | 'title'>

const CHANGED: Kind = { funder: 'seller', kind: 'manual', title: '订单改价' }
/** What the channel says of who pays: its own reductions, the shop's, and the free order of a group's leader. */
const NAMED: readonly (Kind & { readonly pointer: string })[] = [
  { pointer: '/platform_discount', funder: 'channel', kind: 'promotion', title: '平台优惠' },
  { pointer: '/seller_discount', funder: 'seller', kind: 'promotion', title: '店铺优惠' },
  { pointer: '/capital_free_discount', funder: 'seller', kind: 'promotion', title: '团长免单' },
]

/** Amounts of which the documentation does not say whether `pay_amount` holds them; what lowers it is negative. */
function apartOf(doc: unknown, named: number): Readonly<Record<string, number>> {
  return {
    service: sum(list(doc, '/service_fee_detail').map(({ value }) => fen(value, '/service_fee'))),
    carried: fen(doc, '/delivery_home_value'),
    carriedAndInstalled: fen(doc, '/delivery_install_value'),
    installed: fen(doc, '/home_install_value'),
    unnamed: -Math.max(0, fen(doc, '/discount_amount') - named),
    payment: -fen(doc, '/duo_duo_pay_reduction'),
    subsidy: -fen(doc, '/trade_in_national_subsidy_amount'),
    deposit: -fen(doc, '/step_order_info/step_discount_amount'),
  }
}

/** Who pays for a reduction that only shows as a gap; of an unnamed one nobody says it. */
const APART: Readonly<Record<string, Kind>> = {
  payment: { funder: 'channel', kind: 'other', title: '多多支付立减' },
  subsidy: { funder: 'channel', kind: 'other', title: '国家补贴' },
  deposit: { funder: 'seller', kind: 'promotion', title: '定金膨胀' },
}

function paidOf(doc: unknown, state: State, total: number): number {
  if (state.paid) return total
  return state.step === '1' && state.payment !== 'voided' ? fen(doc, '/step_order_info/advanced_paid_fee') : 0
}

const discountOf = ({ funder, kind, title }: Kind, goods: readonly Goods[], taken: readonly number[]): Discount => ({
  scope: 'order',
  funder,
  kind,
  ...(title === undefined ? {} : { title }),
  amount: amount(sum(taken)),
  allocations: goods.flatMap(({ line }, i) => {
    const share = taken[i] ?? 0
    return share === 0 ? [] : [{ lineNo: line.lineNo, amount: amount(share) }]
  }),
})

const unshared = ({ funder, kind, title }: Kind, minor: number): Discount => ({
  scope: 'order',
  funder,
  kind,
  ...(title === undefined ? {} : { title }),
  amount: amount(minor),
  allocations: [],
})

const shares = (minor: number, weights: readonly number[]): readonly number[] =>
  minor <= 0 || sum(weights) === 0 ? weights.map(() => 0) : allocate(amount(minor), weights).map((share) => share.minor)

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
