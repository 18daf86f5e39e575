import type { Actor } from '../ledger.ts'
import type { MarketLine, MarketOrder, MarketRefund } from './model.ts'
import { hasEnded, putBack } from './operations.ts'
import { changed, type MarketShop } from './shop.ts'
import { restate } from './shipping.ts'
import { leftOf, total } from './sums.ts'

/** Money that goes back. */

export interface RefundInput {
  readonly lines: readonly { readonly line: MarketLine; readonly quantity: number; readonly minor: number }[]
  /** Postage and fees beside the lines. */
  readonly feesMinor?: number
  readonly reason: string
  /** False: money alone. What was sent comes back without it. */
  readonly goodsBack?: boolean
  readonly by: Actor
}

/** The buyer asks, or somebody records what was agreed elsewhere: the request is there, nothing is decided. */
export function requestRefund(shop: MarketShop, order: MarketOrder, input: RefundInput): MarketRefund {
  const refund = addRefund(shop, order, input)
  changed(shop, order, { change: 'cancel-requested', by: input.by, topic: 'refund-requested', refund })
  return refund
}

/** Asked for and done in one step, as by a seller. */
export function refundNow(shop: MarketShop, order: MarketOrder, input: RefundInput): MarketRefund {
  const refund = addRefund(shop, order, input)
  settle(shop, refund, input.by)
  return refund
}

export type Decision = 'approve' | 'settle' | 'reject' | 'close'

/** `approve` waits for goods or money, `settle` gives the money, `close` is the buyer's own second thought. Why not, as a sentence. */
export function decideRefund(shop: MarketShop, refund: MarketRefund, decision: Decision, by: Actor): string | undefined {
  if (refund.state !== 'requested' && refund.state !== 'approved') return `The refund is ${refund.state}.`
  if (decision === 'settle') {
    if (refund.minor > payableLeft(refund.order)) return 'There is not so much left to give back.'
    settle(shop, refund, by)
    return undefined
  }
  const [state, topic] = (
    { approve: ['approved', 'refund-approved'], reject: ['rejected', 'refund-rejected'], close: ['closed', 'refund-closed'] } as const
  )[decision]
  refund.state = state
  stampRefund(shop, refund)
  changed(shop, refund.order, { change: 'status', by, topic, refund })
  return undefined
}

/** What the buyer paid and has not got back: lines and fees. */
const payableLeft = (order: MarketOrder): number =>
  total(order.lines.map((line) => leftOf(order, line))) + order.shippingMinor + order.otherFeeMinor - feesBack(order)

const feesBack = (order: MarketOrder): number => total(order.refunds.map((refund) => (refund.state === 'done' ? refund.feesMinor : 0)))

function addRefund(shop: MarketShop, order: MarketOrder, input: RefundInput): MarketRefund {
  const at = shop.stamp()
  const feesMinor = input.feesMinor ?? 0
  const refund: MarketRefund = {
    id: shop.nextId('refund'),
    seq: shop.nextSeq(),
    order,
    lines: input.lines,
    feesMinor,
    minor: total(input.lines.map((part) => part.minor)) + feesMinor,
    state: 'requested',
    goodsBack: input.goodsBack ?? input.lines.some(({ line }) => line.shipped > 0),
    reason: input.reason,
    createdAt: at,
    doneAt: undefined,
    modifiedAt: at,
    visibleAt: shop.clock.now() + shop.troubles.listLagMs,
  }
  order.refunds.push(refund)
  shop.refunds.set(refund.id, refund)
  return refund
}

function stampRefund(shop: MarketShop, refund: MarketRefund): void {
  refund.modifiedAt = shop.stamp()
  refund.visibleAt = shop.clock.now() + shop.troubles.listLagMs
}

/** A line whose money is all back is closed; with the last one the order is. */
function settle(shop: MarketShop, refund: MarketRefund, by: Actor): void {
  const { order } = refund
  refund.state = 'done'
  refund.doneAt = shop.stamp()
  stampRefund(shop, refund)
  for (const { line, quantity } of refund.lines) {
    line.refunded = Math.min(line.quantity, line.refunded + quantity)
    if (leftOf(order, line) <= 0) closeLine(shop, line, by)
  }
  if (order.lines.every((line) => line.closed || leftOf(order, line) <= 0)) {
    for (const line of order.lines) closeLine(shop, line, by)
    if (order.state !== 'finished') order.state = 'closed'
    order.closedAt = shop.stamp()
  } else if (!hasEnded(order)) restate(order)
  changed(shop, order, { change: 'refunded', by, topic: 'refund-done', refund })
}

function closeLine(shop: MarketShop, line: MarketLine, by: Actor): void {
  if (line.closed) return
  if (line.shipped === 0 && shop.rules.restocks !== 'unpaid') putBack(shop, line, by)
  line.closed = true
  line.refunded = line.quantity
}

/** Inputs for everything that is left: one, or one per line, as the channel does; fees go along while nothing was sent. */
export function wholeRefund(shop: MarketShop, order: MarketOrder, given: { readonly reason: string; readonly by: Actor }): readonly RefundInput[] {
  const open = order.lines.filter((line) => leftOf(order, line) > 0)
  const lines = open.map((line) => ({ line, quantity: line.quantity - line.refunded, minor: leftOf(order, line) }))
  const feesMinor = order.shippedAt === undefined ? order.shippingMinor + order.otherFeeMinor - feesBack(order) : 0
  if (lines.length === 0) return []
  if (shop.rules.refundsPer !== 'line') return [{ ...given, lines, feesMinor }]
  return lines.map((part, i) => ({ ...given, lines: [part], feesMinor: i === lines.length - 1 ? feesMinor : 0 }))
}

/** Everything back, or an amount off the first line that has that much left. Why not, as a sentence. */
export function refund(shop: MarketShop, order: MarketOrder, minor: number | undefined, by: Actor): string | undefined {
  if (order.paidAt === undefined) return 'The order is not paid.'
  if (minor === undefined) {
    const inputs = wholeRefund(shop, order, { reason: '不想要了', by })
    for (const input of inputs) refundNow(shop, order, input)
    return inputs.length === 0 ? 'Nothing is left to refund.' : undefined
  }
  const line = order.lines.find((each) => leftOf(order, each) >= minor)
  if (!line || minor <= 0 || minor > payableLeft(order)) return 'No line has that much left.'
  refundNow(shop, order, { lines: [{ line, quantity: 0, minor }], reason: '退运费/补差价', goodsBack: false, by })
  return undefined
}

/** The buyer wants everything back that is left, or one line; nothing is asked for twice at a time. Why not, as a sentence. */
export function request(shop: MarketShop, order: MarketOrder, line?: MarketLine): string | undefined {
  if (order.paidAt === undefined) return 'The order is not paid.'
  const given = { reason: '拍错了', by: 'shopper' } as const
  const asked = new Set(openRefunds(order).flatMap((each) => each.lines.map((part) => part.line)))
  const all = line
    ? [{ ...given, lines: [{ line, quantity: line.quantity - line.refunded, minor: leftOf(order, line) }] }]
    : wholeRefund(shop, order, given)
  const inputs = all.filter(({ lines }) => lines.every((part) => part.minor > 0 && !asked.has(part.line)))
  if (inputs.length === 0) return 'Nothing is left to refund, or it is asked for already.'
  for (const input of inputs) requestRefund(shop, order, input)
  return undefined
}

/** Requests nobody has decided yet, or whose money has not gone back. */
export const openRefunds = (order: MarketOrder): readonly MarketRefund[] =>
  order.refunds.filter((each) => each.state === 'requested' || each.state === 'approved')
