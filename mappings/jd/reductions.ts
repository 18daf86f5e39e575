import { MappingError } from '../../src/core/fault.ts'
import { allocate } from '../../src/core/money.ts'
import type { Discount, Funder } from '../../src/core/order.ts'
import { amount, fen } from '../parts/cny.ts'
import { list, optionalText, requiredText } from '../parts/read.ts'
import type { Item } from './lines.ts'
import { numberOfKind, sum } from './read.ts'

type Side = 'seller' | 'buyer' | 'gift-card'
interface Kind {
  readonly side: Side
  readonly funder: Funder
  readonly kind: Discount['kind']
}

const PROMOTION: Kind = { side: 'seller', funder: 'seller', kind: 'promotion' }
const RED_PACKET: Kind = { side: 'buyer', funder: 'channel', kind: 'coupon' }

/** Kinds of `couponDetailList`, which the documentation numbers. `seller`: part of `sellerDiscount`. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['20', PROMOTION],
  ['28', PROMOTION],
  ['29', PROMOTION],
  ['30', PROMOTION],
  ['35', PROMOTION],
  ['100', PROMOTION],
  ['34', RED_PACKET],
  ['39', { side: 'buyer', funder: 'points', kind: 'points' }],
  ['41', RED_PACKET],
  // Paid with, not taken off.
  ['52', { side: 'gift-card', funder: 'channel', kind: 'other' }],
])

interface Coupon extends Kind {
  readonly title: string | undefined
  readonly code: string
  readonly sku: string | undefined
  readonly minor: number
}

export interface Reductions {
  readonly discounts: readonly Discount[]
  /** Off each line, in fen. */
  readonly off: readonly number[]
  /** Paid with gift cards. */
  readonly giftCards: number
}

/**
 * The channel states two sums: `sellerDiscount`, and what the buyer was let off besides, which follows from its formula
 * orderPayment = orderSellerPrice − buyer's reductions − balance + freight + tax + service. The list names most of what is
 * in them; what it leaves out (a payment offer, a price the seller changed) stands without a name under who bears it.
 */
export function reductionsOf(doc: unknown, items: readonly Item[]): Reductions {
  const bySeller = fen(doc, '/sellerDiscount')
  const goods = goodsOf(doc, bySeller)
  const besides = fen(doc, '/freightPrice') + fen(doc, '/taxFee') + fen(doc, '/serviceFee')
  const forBuyer = goods + besides - fen(doc, '/balanceUsed') - fen(doc, '/orderPayment')
  const coupons = couponsOf(doc, bySeller, forBuyer)
  const listed = (side: Side): number => sum(coupons.map((coupon) => (coupon.side === side ? coupon.minor : 0)))
  const giftCards = Math.min(listed('gift-card'), Math.max(0, forBuyer - listed('buyer')))
  const rest = { seller: bySeller - listed('seller'), buyer: forBuyer - listed('buyer') - giftCards }
  const left = items.map(({ gross }) => gross)
  const discounts: Discount[] = []
  const take = (coupon: Coupon, most: number): void => {
    const own = coupon.sku !== undefined && items.some(({ sku }) => sku === coupon.sku)
    const room = left.map((value, i) => (own && items[i]?.sku !== coupon.sku ? 0 : value))
    const minor = Math.min(coupon.minor, most, sum(room))
    if (minor <= 0) return
    const shares = allocate(amount(minor), room).map((share) => share.minor)
    shares.forEach((share, i) => (left[i] = (left[i] ?? 0) - share))
    discounts.push({
      scope: own ? 'line' : 'order',
      funder: coupon.funder,
      kind: coupon.kind,
      ...(coupon.code === '' ? {} : { code: coupon.code }),
      ...(coupon.title === undefined ? {} : { title: coupon.title }),
      amount: amount(minor),
      allocations: shares.flatMap((share, i) => (share === 0 ? [] : [{ lineNo: i + 1, amount: amount(share) }])),
    })
  }
  for (const side of ['seller', 'buyer'] as const) {
    let most = side === 'seller' ? bySeller : Math.max(forBuyer - giftCards, listed('buyer'))
    // What concerns one SKU goes first: it decides what the others have to be shared over.
    const mine = coupons.filter((coupon) => coupon.side === side).sort((a, b) => Number(a.sku === undefined) - Number(b.sku === undefined))
    for (const coupon of mine) {
      take(coupon, most)
      most -= coupon.minor
    }
    const unnamed: Kind = side === 'seller' ? { side, funder: 'seller', kind: 'manual' } : { side, funder: 'channel', kind: 'other' }
    take({ ...unnamed, title: undefined, code: '', sku: undefined, minor: rest[side] }, rest[side])
  }
  return { discounts, off: items.map(({ gross }, i) => gross - (left[i] ?? 0)), giftCards }
}

/** What the goods cost after the seller's part. @throws MappingError `amounts-disagree` where the channel's two ways to say it differ */
function goodsOf(doc: unknown, bySeller: number): number {
  const computed = fen(doc, '/orderTotalPrice') - bySeller
  if (optionalText(doc, '/orderSellerPrice') !== undefined && fen(doc, '/orderSellerPrice') !== computed)
    throw new MappingError('amounts-disagree', 'orderTotalPrice less sellerDiscount is not orderSellerPrice.', '/orderSellerPrice')
  return computed
}

/** @throws MappingError `coupon-type-unmapped` for a kind without a meaning, unless only one of the two sums has room for it */
function couponsOf(doc: unknown, bySeller: number, forBuyer: number): readonly Coupon[] {
  const listed = list(doc, '/couponDetailList').map(({ value, pointer }) => {
    const name = requiredText(value, '/couponType')
    const code = numberOfKind(name)
    const title = name.replace(/^\d+-?/, '')
    const found = { title: title === '' ? undefined : title, code, sku: optionalText(value, '/skuId'), minor: fen(value, '/couponPrice') }
    return { pointer, found, kind: KINDS.get(code) }
  })
  const known = (side: Side): number => sum(listed.map(({ kind, found }) => (kind?.side === side ? found.minor : 0)))
  const room = { seller: bySeller - known('seller'), buyer: forBuyer - known('buyer') - known('gift-card') }
  return listed
    .filter(({ found }) => found.minor > 0)
    .map(({ kind, found, pointer }): Coupon => {
      if (kind) return { ...kind, ...found }
      const [seller, buyer] = [room.seller >= found.minor, room.buyer >= found.minor]
      if (seller === buyer) {
        throw new MappingError(
          'coupon-type-unmapped',
          `"${found.code.slice(0, 10)}" is not a reduction the channel documents.`,
          `${pointer}/couponType`,
        )
      }
      return { ...(seller ? PROMOTION : { ...RED_PACKET, kind: 'other' }), ...found }
    })
}
