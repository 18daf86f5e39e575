import { allocate } from '../../src/core/money.ts'
import type { Discount, Funder } from '../../src/core/order.ts'
import { amount, fen } from '../parts/cny.ts'
import { list, optionalText, text } from '../parts/read.ts'
import type { Line } from './lines.ts'

interface Promotion {
  readonly type: string
  readonly title: string | undefined
  readonly code: string | undefined
  readonly minor: number
}

/** Reductions of the postage, which no line shows. */
const OF_POSTAGE: ReadonlySet<string> = new Set(['customerPostageFree', 'periodBuyPostageFree', 'supplierMeetReduce'])
const BY_HAND: Promotion = { type: 'adjust', title: undefined, code: undefined, minor: 0 }

/**
 * Each reduction with its share per line. Those of items name their line; those of the order are shared out as its lines
 * were. What no promotion explains was typed in by the seller (`adjust_fee`) or is left without a name.
 */
export function discountsOf(doc: unknown, lines: readonly Line[]): readonly Discount[] {
  const own = lines.map((each) => Math.min(each.own, each.line.discount.minor))
  const shared = lines.map((each, i) => each.line.discount.minor - (own[i] ?? 0))
  const found: Discount[] = []
  const take = (scope: Discount['scope'], room: number[], promotion: Promotion | undefined, wanted: number): void => {
    const minor = Math.min(wanted, sum(room))
    if (minor <= 0) return
    const shares = allocate(amount(minor), room).map((share) => share.minor)
    shares.forEach((share, i) => (room[i] = (room[i] ?? 0) - share))
    found.push(discountOf(scope, { lines, shares, minor, promotion }))
  }
  for (const { value } of list(doc, '/order_promotion/item')) {
    const at = lines.findIndex(({ line }) => line.channelLineNo === text(value, '/oid'))
    const here = own.map((room, i) => (i === at ? room : 0))
    const promotions = promotionsOf(value, '/promotions')
    // By the piece where that is what makes the sum.
    const pieces = Number(lines[at]?.line.quantity ?? 1)
    const factor = sum(promotions.map(({ minor }) => minor)) * pieces === sum(here) ? pieces : 1
    for (const promotion of promotions) take('line', here, promotion, promotion.minor * factor)
    if (at >= 0) own[at] = here[at] ?? 0
  }
  for (const promotion of promotionsOf(doc, '/order_promotion/order')) take('order', shared, promotion, promotion.minor)
  take('order', shared, BY_HAND, Math.max(0, -fen(doc, '/order_promotion/adjust_fee')))
  take('line', own, undefined, sum(own))
  take('order', shared, undefined, sum(shared))
  return found
}

const promotionsOf = (doc: unknown, pointer: string): readonly Promotion[] =>
  list(doc, pointer)
    .map(({ value }): Promotion => ({
      type: text(value, '/promotion_type'),
      title: optionalText(value, '/promotion_title') ?? optionalText(value, '/promotion_type_name'),
      code: optionalText(value, '/coupon_id'),
      // Answers of 2018 call it `decrease`.
      minor: optionalText(value, '/discount_fee') === undefined ? fen(value, '/decrease') : fen(value, '/discount_fee'),
    }))
    .filter(({ minor, type }) => minor > 0 && !OF_POSTAGE.has(type))

interface Given {
  readonly lines: readonly Line[]
  readonly shares: readonly number[]
  readonly minor: number
  readonly promotion: Promotion | undefined
}

function discountOf(scope: Discount['scope'], { lines, shares, minor, promotion }: Given): Discount {
  return {
    scope,
    funder: funderOf(promotion?.type ?? ''),
    kind: kindOf(promotion?.type ?? ''),
    ...(promotion?.code === undefined ? {} : { code: promotion.code }),
    ...(promotion?.title === undefined ? {} : { title: promotion.title }),
    amount: amount(minor),
    allocations: lines.flatMap(({ line }, i) => {
      const share = shares[i] ?? 0
      return share === 0 ? [] : [{ lineNo: line.lineNo, amount: amount(share) }]
    }),
  }
}

/** The shop pays for all of its promotions; points are its own too, but were given for something. */
const funderOf = (type: string): Funder => (type === 'pointsExchange' ? 'points' : 'seller')

const kindOf = (type: string): Discount['kind'] =>
  type === 'coupon'
    ? 'coupon'
    : type === 'pointsExchange'
      ? 'points'
      : type === 'adjust'
        ? 'manual'
        : type === 'ignoreOddChange'
          ? 'other'
          : 'promotion'

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
