import type { MarketLine, MarketOrder, MarketRefund, MarketShipment } from '../stage/market/model.ts'
import { grossOf, lineNet, spread } from '../stage/market/sums.ts'

/** Every piece of a line is an item of its own here. */
export interface Unit {
  readonly id: string
  readonly line: MarketLine
  readonly status: string
  readonly shipment: MarketShipment | undefined
  readonly sellerMinor: number
  readonly channelMinor: number
  readonly paidMinor: number
}

/** Which pieces a caller put into a package; those of packages made by hand are the first free ones. */
const packed = new WeakMap<MarketShipment, ReadonlySet<string>>()
/** Packages a caller made ready; those sent by hand are on their way at once. */
const called = new WeakSet<MarketShipment>()

export const notePacked = (shipment: MarketShipment, ids: readonly string[]): void => void packed.set(shipment, new Set(ids))
export const noteReady = (shipment: MarketShipment): void => void called.add(shipment)

const idOf = (line: MarketLine, index: number): string => String(BigInt(line.id) + BigInt(index))

export const unitsOf = (order: MarketOrder): readonly Unit[] => {
  const inside = placesOf(order)
  return order.lines.flatMap((line) => {
    const each = Array.from({ length: line.quantity }, () => line.priceMinor)
    const bySeller = spreadSigned(grossOf(line) - lineNet(line) - line.channelShareMinor, each)
    const byChannel = spread(
      line.channelShareMinor,
      each.map((price, i) => price - (bySeller[i] ?? 0)),
    )
    return each.map((price, i): Unit => {
      const id = idOf(line, i)
      const [sellerMinor, channelMinor, shipment] = [bySeller[i] ?? 0, byChannel[i] ?? 0, inside.get(id)]
      return { id, line, shipment, sellerMinor, channelMinor, paidMinor: price - sellerMinor - channelMinor, status: statusOf(order, line, shipment) }
    })
  })
}

/** What makes a line dearer is a negative reduction of its first piece. */
const spreadSigned = (amount: number, weights: readonly number[]): readonly number[] =>
  amount < 0 ? weights.map((_, i) => (i === 0 ? amount : 0)) : spread(amount, weights)

function placesOf(order: MarketOrder): ReadonlyMap<string, MarketShipment> {
  const found = new Map<string, MarketShipment>()
  for (const shipment of order.shipments) for (const id of packed.get(shipment) ?? []) found.set(id, shipment)
  for (const shipment of order.shipments) {
    if (packed.has(shipment)) continue
    for (const { line, quantity } of shipment.lines) {
      let left = quantity
      for (let i = 0; i < line.quantity && left > 0; i += 1) {
        if (found.has(idOf(line, i))) continue
        found.set(idOf(line, i), shipment)
        left -= 1
      }
    }
  }
  return found
}

function statusOf(order: MarketOrder, line: MarketLine, shipment: MarketShipment | undefined): string {
  if (order.strange !== undefined) return order.strange
  if (order.state === 'unpaid') return 'unpaid'
  if (order.state === 'cancelled') return 'canceled'
  if (line.closed) return shipment?.state === 'sent' ? 'returned' : 'canceled'
  if (order.state === 'finished') return 'delivered'
  if (!shipment) return 'pending'
  if (shipment.state === 'pending') return 'packed'
  return called.has(shipment) ? 'ready_to_ship' : 'shipped'
}

export const statusesOf = (order: MarketOrder): readonly string[] => [...new Set(unitsOf(order).map(({ status }) => status))]

export interface ReverseLine {
  readonly id: string
  readonly unitId: string
  readonly line: MarketLine
  readonly minor: number
}

/** A reverse order has a line for each piece, or one for money alone; postage goes back with the last. */
export function reverseLines(refund: MarketRefund): readonly ReverseLine[] {
  const before = refund.order.refunds.slice(0, refund.order.refunds.indexOf(refund))
  const pieces = refund.lines.flatMap(({ line, quantity, minor }) => {
    const gone = before.filter(({ state }) => state === 'done').flatMap(({ lines }) => lines.filter((part) => part.line === line))
    const first = Math.min(
      gone.reduce((sum, part) => sum + part.quantity, 0),
      Math.max(0, line.quantity - quantity),
    )
    const shares = quantity === 0 ? [minor] : even(minor, quantity)
    return shares.map((share, i) => ({ unitId: idOf(line, first + i), line, minor: share }))
  })
  return pieces.map((piece, i) => ({
    ...piece,
    id: String(BigInt(refund.id) + BigInt(i)),
    minor: piece.minor + (i === pieces.length - 1 ? refund.feesMinor : 0),
  }))
}

const even = (amount: number, parts: number): readonly number[] =>
  Array.from({ length: parts }, (_, i) => Math.floor((amount * (i + 1)) / parts) - Math.floor((amount * i) / parts))

/** Asked for before anything left. */
export const isCancellation = (refund: MarketRefund): boolean =>
  !refund.goodsBack &&
  refund.lines.some(({ quantity }) => quantity > 0) &&
  (refund.order.shippedAt === undefined || refund.createdAt < refund.order.shippedAt)
