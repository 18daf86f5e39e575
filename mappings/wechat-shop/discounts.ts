import type { Discount, Funder, OrderLine } from '../../src/core/order.ts'
import { fen } from '../parts/wechat.ts'
import { amount } from '../parts/cny.ts'
import { list } from '../parts/read.ts'
import { PRODUCTS, sum } from './read.ts'

interface Kind {
  readonly field: string
  readonly funder: Funder
  readonly kind: Discount['kind']
  readonly title: string
}

/** Amounts each line names, in the order they are taken from what was taken off it. What is paid by others reaches the seller all the same. */
const KINDS: readonly Kind[] = [
  { field: 'cash_coupon_discounted_price', funder: 'channel', kind: 'coupon', title: '平台券' },
  { field: 'finder_discounted_price', funder: 'channel', kind: 'promotion', title: '达人优惠' },
  { field: 'national_subsidy_discounted_price', funder: 'channel', kind: 'promotion', title: '国补' },
  { field: 'deduction_price', funder: 'points', kind: 'points', title: '积分抵扣' },
  { field: 'vip_discounted_price', funder: 'seller', kind: 'promotion', title: '会员权益' },
  { field: 'bulkbuy_discounted_price', funder: 'seller', kind: 'promotion', title: '一起买' },
  { field: 'merchant_discounted_price', funder: 'seller', kind: 'promotion', title: '商家优惠' },
]

/** Each kind of reduction with its share per line; what no field explains was typed in by the seller, or is left without a name. */
export function discountsOf(doc: unknown, lines: readonly OrderLine[]): readonly Discount[] {
  const products = list(doc, PRODUCTS).map(({ value }) => value)
  const room = lines.map((line) => line.discount.minor)
  const found = KINDS.flatMap((kind) => {
    const shares = products.map((product, i) => take(room, i, fen(product, `/${kind.field}`)))
    return discountOf(kind, lines, shares)
  })
  const byHand = products.map((product, i) => take(room, i, fen(product, '/change_price') > 0 ? (room[i] ?? 0) : 0))
  return [
    ...found,
    ...discountOf({ funder: 'seller', kind: 'manual', title: '改价' }, lines, byHand),
    ...discountOf({ funder: 'seller', kind: 'other', title: undefined }, lines, room),
  ]
}

function take(room: number[], i: number, wanted: number): number {
  const minor = Math.max(0, Math.min(wanted, room[i] ?? 0))
  room[i] = (room[i] ?? 0) - minor
  return minor
}

function discountOf(
  { funder, kind, title }: Pick<Kind, 'funder' | 'kind'> & { readonly title: string | undefined },
  lines: readonly OrderLine[],
  shares: readonly number[],
): readonly Discount[] {
  const allocations = lines.flatMap(({ lineNo }, i) => ((shares[i] ?? 0) === 0 ? [] : [{ lineNo, amount: amount(shares[i] ?? 0) }]))
  if (allocations.length === 0) return []
  return [{ scope: 'line', funder, kind, ...(title === undefined ? {} : { title }), amount: amount(sum(shares)), allocations }]
}
