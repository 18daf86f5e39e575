import type { OrderTruth } from '../stage/ledger.ts'
import type { MarketLine, MarketOrder } from '../stage/market/model.ts'
import { grossOf, payable, total } from '../stage/market/sums.ts'

/**
 * What can be known of an order from the channel's documents: lines are named by their SKU, no shares of reductions are
 * told, and money that went back shows only when the whole order was cancelled for it.
 */
export function truthOf(truth: OrderTruth, order: MarketOrder): OrderTruth {
  const off = shares(order)
  return {
    ...truth,
    lines: truth.lines.map((line, i) => ({
      ...line,
      lineId: order.lines[i]?.sku?.id ?? line.lineId,
      totalMinor: (order.lines[i] ? grossOf(order.lines[i]) : 0) - (off[i] ?? 0),
    })),
    refundedMinor: order.state === 'closed' ? payable(order) : 0,
  }
}

/**
 * The usual division: what concerns one SKU first, then the seller's part, then what the seller changed, then the channel's
 * part, each over what is left of the lines; whole fen go to the largest remainders, the first line first.
 */
function shares(order: MarketOrder): readonly number[] {
  const left = order.lines.map(grossOf)
  const take = (minor: number, among: (line: MarketLine) => boolean): void => {
    const room = order.lines.map((line, i) => (among(line) ? (left[i] ?? 0) : 0))
    const whole = total(room)
    const parts = room.map((weight, i) => {
      const over = whole === 0 ? 0 : (minor * weight) % whole
      return { i, over, full: whole === 0 ? 0 : Math.round((minor * weight - over) / whole) }
    })
    let rest = minor - total(parts.map(({ full }) => full))
    for (const { i, full } of [...parts].sort((a, b) => b.over - a.over || a.i - b.i)) {
      left[i] = (left[i] ?? 0) - full - (rest > 0 ? 1 : 0)
      rest -= 1
    }
  }
  for (const line of order.lines) if (line.discountMinor > 0) take(line.discountMinor, (each) => each === line)
  const sums = { seller: total(order.lines.map((line) => line.sellerShareMinor)), channel: total(order.lines.map((line) => line.channelShareMinor)) }
  const adjusted = -total(order.lines.map((line) => line.adjustMinor))
  for (const minor of [sums.seller, adjusted, sums.channel]) if (minor > 0) take(minor, () => true)
  return order.lines.map((line, i) => grossOf(line) - (left[i] ?? 0))
}
