import { prorate } from '../decimal.ts'
import type { MarketLine, MarketOrder, OrderState } from './model.ts'

/** What follows from an order and is kept nowhere. */

export const total = (amounts: readonly number[]): number => amounts.reduce((sum, one) => sum + one, 0)

export const grossOf = (line: MarketLine): number => line.priceMinor * line.quantity

/** price × quantity + adjustment − own reduction, before what was taken off the whole order. */
export const ownNet = (line: MarketLine): number => grossOf(line) + line.adjustMinor - line.discountMinor

/** What the buyer owes for this line. */
export const lineNet = (line: MarketLine): number => ownNet(line) - line.sellerShareMinor - line.channelShareMinor

export const goodsGross = (order: MarketOrder): number => total(order.lines.map(grossOf))

/** What the buyer owes. */
export const payable = (order: MarketOrder): number => total(order.lines.map(lineNet)) + order.shippingMinor + order.otherFeeMinor

/** Everything that was taken off, by whomever; an adjustment upwards makes it less. */
export const discountOf = (order: MarketOrder): number => total(order.lines.map((line) => grossOf(line) - lineNet(line)))

export const channelDiscountOf = (order: MarketOrder): number => total(order.lines.map((line) => line.channelShareMinor))
export const sellerShareOf = (order: MarketOrder): number => total(order.lines.map((line) => line.sellerShareMinor))

/** What the buyer has paid so far, refunds left aside. */
export function paidOf(order: MarketOrder): number {
  if (order.paidAt !== undefined) return payable(order)
  return order.presale ? order.presale.depositMinor : 0
}

/** What went back. */
export const refundedOf = (order: MarketOrder): number => total(order.refunds.map((refund) => (refund.state === 'done' ? refund.minor : 0)))

/** What of a line has not gone back yet. */
export function leftOf(order: MarketOrder, line: MarketLine): number {
  const done = order.refunds.filter((refund) => refund.state === 'done').flatMap((refund) => refund.lines)
  return lineNet(line) - total(done.map((part) => (part.line === line ? part.minor : 0)))
}

/** Units of a line that can still be sent. */
export const unsent = (line: MarketLine): number => (line.closed ? 0 : Math.max(0, line.quantity - line.shipped))

export const skuCode = (line: MarketLine): string => line.sku?.code ?? line.item.code

/** Where one line stands, in the words of an order. */
export function lineState(order: MarketOrder, line: MarketLine): OrderState {
  if (order.state === 'cancelled' || order.state === 'unpaid') return order.state
  if (line.closed) return 'closed'
  if (order.state === 'finished') return 'finished'
  if (line.shipped === 0) return 'to-ship'
  return unsent(line) > 0 ? 'part-shipped' : 'shipped'
}

/** An amount over weights without losing a unit: each its share, the last the rest, none more than its weight. */
export function spread(amount: number, weights: readonly number[]): readonly number[] {
  const whole = total(weights)
  let left = Math.min(amount, whole)
  const all = left
  return weights.map((weight, i) => {
    const part = Math.min(weight, i === weights.length - 1 ? left : Math.min(left, prorate(all, weight, whole)))
    left -= part
    return part
  })
}
