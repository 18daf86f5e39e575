import type { Actor } from '../ledger.ts'
import { moveStock, stockOf } from './goods.ts'
import type { MarketLine, MarketOrder } from './model.ts'
import { changed, type MarketShop } from './shop.ts'

/** What happens to an order beside money going back (`refunds.ts`) and goods leaving (`shipping.ts`). Each answers a sentence when it cannot. */

/** Takes the units of an order off the shelf, once. */
export function takeUnits(shop: MarketShop, order: MarketOrder): void {
  for (const line of order.lines) {
    if (line.taken) continue
    line.taken = true
    moveStock(shop, line, { to: stockOf(line) - line.quantity, cause: 'sold', by: 'shopper' })
  }
}

/** Puts what of a line was not sent back on the shelf, once, where the channel does that. */
export function putBack(shop: MarketShop, line: MarketLine, by: Actor): void {
  if (!line.taken || shop.rules.restocks === false) return
  line.taken = false
  moveStock(shop, line, { to: stockOf(line) + line.quantity - line.shipped, cause: 'restocked', by })
}

export const hasEnded = (order: MarketOrder): boolean => order.state === 'finished' || order.state === 'cancelled' || order.state === 'closed'

/** Ends an order nobody paid for; cash on delivery counts as that until it is sent. */
export function cancelUnpaid(shop: MarketShop, order: MarketOrder, by: Actor): string | undefined {
  if (hasEnded(order)) return 'The order has ended.'
  if (order.shippedAt !== undefined) return 'The goods have left.'
  if (order.paidAt !== undefined) return 'The order is paid.'
  order.state = 'cancelled'
  order.closedAt = shop.stamp()
  for (const line of order.lines) putBack(shop, line, by)
  changed(shop, order, { change: 'status', by, topic: 'cancelled' })
  return undefined
}

/** The buyer has confirmed the receipt, or time did. */
export function finish(shop: MarketShop, order: MarketOrder, by: Actor = 'shopper'): string | undefined {
  if (hasEnded(order)) return 'The order has ended.'
  if (order.state === 'unpaid') return 'The order is not paid.'
  order.state = 'finished'
  order.finishedAt = shop.stamp()
  order.paidAt ??= order.finishedAt
  changed(shop, order, { change: 'status', by, topic: 'finished' })
  return undefined
}

/** Words and flags of the seller, or another recipient. */
export function edit(
  shop: MarketShop,
  order: MarketOrder,
  input: { readonly person?: number; readonly sellerNote?: string; readonly flag?: number; readonly by: Actor },
): void {
  order.person = input.person ?? order.person
  order.sellerNote = input.sellerNote ?? order.sellerNote
  order.flag = input.flag ?? order.flag
  changed(shop, order, { change: 'edited', by: input.by, topic: 'edited' })
}

/** Shows a status that no document of the channel names. */
export function beStrange(shop: MarketShop, order: MarketOrder, status: string): void {
  order.strange = status
  changed(shop, order, { change: 'status', by: 'seller', topic: 'status' })
}
