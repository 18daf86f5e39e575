import { allocate } from '../../src/core/money.ts'
import type { Discount, Funder } from '../../src/core/order.ts'
import { list, optionalText, text } from '../parts/read.ts'
import type { Line } from './lines.ts'
import { amount, fen } from '../parts/cny.ts'

/** Tools of the channel's own, paid by it in full or in part; the seller's are named by the seller. */
const BY_CHANNEL = /红包|购物券|平台|88VIP|天猫积分|淘金币|津贴|超级立减|官方补贴/u
const BY_POINTS = /积分|淘金币/u
const COUPON = /券|coupon|bonus/iu

interface Promotion {
  readonly title: string | undefined
  readonly code: string | undefined
  readonly oid: string
  readonly minor: number
}

/**
 * Each reduction with its share per line. What a sub-order lost on its own is explained by promotions under its number,
 * what was shared out by promotions under the trade's; the shares are the channel's (`part_mjz_discount`). What no
 * promotion explains was typed in by the seller (`adjust_fee`) or is left without a name.
 */
export function discountsOf(doc: unknown, lines: readonly Line[]): readonly Discount[] {
  const promotions = list(doc, '/promotion_details/promotion_detail')
    .map(({ value }): Promotion => ({
      title: optionalText(value, '/promotion_name'),
      code: optionalText(value, '/promotion_id'),
      oid: text(value, '/id'),
      minor: fen(value, '/discount_fee'),
    }))
    // Free delivery and time-limited prices come without an amount.
    .filter(({ minor }) => minor > 0)
  const tid = text(doc, '/tid')
  // The only sub-order has the number of the trade: its own promotions cannot be told from the trade's by it.
  const single = lines.length === 1
  const left = lines.map(({ line }) => line.discount.minor)
  const shared = lines.map((each, i) => Math.min(each.shared, left[i] ?? 0))
  const found: Discount[] = []
  const take = (scope: Discount['scope'], shares: readonly number[], promotion: Promotion | undefined): void => {
    const minor = sum(shares)
    if (minor <= 0) return
    shares.forEach((share, i) => (left[i] = (left[i] ?? 0) - share))
    found.push(discountOf(scope, { lines, shares, minor, promotion }))
  }
  for (const promotion of promotions.filter(({ oid }) => oid !== tid)) {
    const at = lines.findIndex(({ line }) => line.channelLineNo === promotion.oid)
    const room = Math.max(0, (left[at] ?? 0) - (shared[at] ?? 0))
    take(
      'line',
      lines.map((_, i) => (i === at ? Math.min(promotion.minor, room) : 0)),
      promotion,
    )
  }
  for (const promotion of promotions.filter(({ oid }) => oid === tid)) {
    const room = single ? [...left] : shared.map((share, i) => Math.min(share, left[i] ?? 0))
    const shares = spread(Math.min(promotion.minor, sum(room)), room)
    take('order', shares, promotion)
    shares.forEach((share, i) => (shared[i] = Math.max(0, (shared[i] ?? 0) - share)))
  }
  const typed = lines.map(({ adjusted }, i) => Math.min(Math.max(0, -adjusted), left[i] ?? 0))
  take('order', typed, { title: undefined, code: undefined, oid: 'adjust', minor: sum(typed) })
  take('order', [...left], undefined)
  return found
}

function discountOf(
  scope: Discount['scope'],
  given: { readonly lines: readonly Line[]; readonly shares: readonly number[]; readonly minor: number; readonly promotion: Promotion | undefined },
): Discount {
  const { lines, shares, minor, promotion } = given
  const title = promotion?.title
  return {
    scope,
    funder: funderOf(title ?? ''),
    kind: promotion?.oid === 'adjust' ? 'manual' : COUPON.test(`${title ?? ''} ${promotion?.code ?? ''}`) ? 'coupon' : 'promotion',
    ...(promotion?.code === undefined ? {} : { code: promotion.code }),
    ...(title === undefined ? {} : { title }),
    amount: amount(minor),
    allocations: lines.flatMap(({ line }, i) => {
      const share = shares[i] ?? 0
      return share === 0 ? [] : [{ lineNo: line.lineNo, amount: amount(share) }]
    }),
  }
}

const funderOf = (title: string): Funder => (BY_POINTS.test(title) ? 'points' : BY_CHANNEL.test(title) ? 'channel' : 'seller')

function spread(minor: number, room: readonly number[]): readonly number[] {
  if (minor <= 0 || sum(room) === 0) return room.map(() => 0)
  return allocate(amount(minor), room).map((share) => share.minor)
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
