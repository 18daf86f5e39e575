import type { Actor } from '../ledger.ts'
import type { Carrier, MarketLine, MarketOrder, MarketShipment } from './model.ts'
import { hasEnded } from './operations.ts'
import { changed, type MarketShop } from './shop.ts'
import { unsent } from './sums.ts'

/** Goods that leave. */

export interface Parcel {
  /** Everything that can still be sent without it. */
  readonly lines?: readonly { readonly line: MarketLine; readonly quantity: number }[]
  readonly carrier: Carrier
  readonly tracking: string
  /** Made without a number: nothing has left yet, `depart` follows. */
  readonly pending?: boolean
  readonly by: Actor
}

/** Why the shop does not send it: `in-parts` is a smaller piece than the channel takes. */
export type ShipRefusal = 'unpaid' | 'ended' | 'nothing-left' | 'too-much' | 'in-parts'

export function ship(shop: MarketShop, order: MarketOrder, parcel: Parcel): MarketShipment | ShipRefusal {
  if (order.state === 'unpaid') return 'unpaid'
  if (hasEnded(order)) return 'ended'
  const open = order.lines.filter((line) => unsent(line) > 0)
  const lines = parcel.lines ?? open.map((line) => ({ line, quantity: unsent(line) }))
  if (open.length === 0 || lines.length === 0) return 'nothing-left'
  if (lines.some(({ line, quantity }) => quantity < 1 || quantity > unsent(line))) return unsentOf(lines) === 0 ? 'nothing-left' : 'too-much'
  const { parts = 'quantity' } = shop.rules
  if (parts !== 'quantity' && lines.some(({ line, quantity }) => quantity < unsent(line))) return 'in-parts'
  if (parts === 'order' && lines.length < open.length) return 'in-parts'
  const shipment: MarketShipment = {
    id: shop.nextId('shipment'),
    order,
    carrier: parcel.carrier,
    tracking: parcel.tracking,
    state: 'pending',
    lines,
    createdAt: shop.stamp(),
    modifiedAt: shop.stamp(),
  }
  order.shipments.push(shipment)
  shop.shipments.set(shipment.id, shipment)
  if (parcel.pending !== true) depart(shop, shipment, parcel.by)
  return shipment
}

const unsentOf = (lines: readonly { readonly line: MarketLine }[]): number => lines.reduce((sum, { line }) => sum + unsent(line), 0)

/** The goods of a pending shipment are on their way. */
export function depart(shop: MarketShop, shipment: MarketShipment, by: Actor): void {
  const { order } = shipment
  for (const { line, quantity } of shipment.lines) line.shipped = Math.min(line.quantity, line.shipped + quantity)
  shipment.state = 'sent'
  shipment.modifiedAt = shop.stamp()
  order.shippedAt ??= shipment.modifiedAt
  restate(order)
  noteShipment(shop, shipment, 'created', by)
  changed(shop, order, { change: 'status', by, topic: order.state === 'shipped' ? 'shipped' : 'part-shipped', shipment })
}

/** Another carrier or number for what has left already. */
export function correct(
  shop: MarketShop,
  shipment: MarketShipment,
  input: { readonly carrier?: Carrier; readonly tracking?: string; readonly by: Actor },
): void {
  shipment.carrier = input.carrier ?? shipment.carrier
  shipment.tracking = input.tracking ?? shipment.tracking
  shipment.modifiedAt = shop.stamp()
  noteShipment(shop, shipment, 'updated', input.by)
  changed(shop, shipment.order, { change: 'edited', by: input.by, topic: 'edited', shipment })
}

/** Sets where an order that has not ended stands by what of it has left. */
export function restate(order: MarketOrder): void {
  if (order.shippedAt === undefined) return
  order.state = order.lines.some((line) => unsent(line) > 0) ? 'part-shipped' : 'shipped'
}

/** By code or name; the channel's first where nothing is said, undefined where it does not know the one that is. */
export const carrierOf = (shop: MarketShop, said: string | undefined): Carrier | undefined =>
  said === undefined ? shop.rules.carriers[0] : shop.rules.carriers.find((each) => each.code === said || each.name === said)

function noteShipment(shop: MarketShop, shipment: MarketShipment, action: 'created' | 'updated', by: Actor): void {
  shop.ledger.record({
    kind: 'shipment',
    orderId: shipment.order.id,
    shipmentId: shipment.id,
    action,
    status: shipment.state,
    carrier: shipment.carrier.name,
    trackingNumber: shipment.tracking,
    lines: shipment.lines.map(({ line, quantity }) => ({ lineId: line.id, quantity })),
    by,
  })
}
