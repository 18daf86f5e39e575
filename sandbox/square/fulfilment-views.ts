import type { MarketLine, MarketOrder } from '../stage/market/model.ts'
import { unsent } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { iso } from './wire.ts'
import { fulfilmentUid, idLike, uidOf, type Doc, type SquareShop } from './words.ts'

/** What has left, and what has not: one of all for an order nobody has split or sent in parts. */
export function openParts(
  shop: SquareShop,
  order: MarketOrder,
): readonly { readonly uid: string; readonly lines: readonly { readonly line: MarketLine; readonly quantity: number }[] }[] {
  const split = shop.parts.get(order.id)
  const byId = new Map(order.lines.map((line) => [line.id, line]))
  if (split)
    return split.map(({ uid, lines }) => ({
      uid,
      lines: lines.flatMap(({ lineId, quantity }) => {
        const line = byId.get(lineId)
        return line ? [{ line, quantity: Math.min(quantity, unsent(line)) }] : []
      }),
    }))
  const left = order.lines.filter((line) => unsent(line) > 0).map((line) => ({ line, quantity: unsent(line) }))
  const isWhole = order.shipments.length === 0
  const lines = left.length === 0 && isWhole ? order.lines.map((line) => ({ line, quantity: line.quantity })) : left
  return lines.length === 0 ? [] : [{ uid: fulfilmentUid(order, order.shipments.length), lines }]
}

export function fulfilmentsOf(shop: SquareShop, order: MarketOrder): readonly Doc[] {
  const all = order.lines.map((line) => ({ line, quantity: line.quantity }))
  const sent = order.shipments.map((shipment, n) => ({
    uid: uidOf(shop, shipment, n),
    state: 'COMPLETED',
    lines: shipment.lines,
    details: { carrier: shipment.carrier.name, tracking_number: shipment.tracking, shipped_at: iso(shipment.createdAt) },
  }))
  const state = order.state === 'closed' || order.state === 'cancelled' ? 'CANCELED' : order.state === 'finished' ? 'COMPLETED' : 'PROPOSED'
  const open = openParts(shop, order).map((part) => ({ ...part, state, details: {} }))
  const found = [...sent, ...open]
  const isAll =
    found.length === 1 && (found[0]?.lines.length ?? 0) === all.length && found[0]?.lines.every((one) => one.quantity === one.line.quantity)
  const kind = order.kind === 'pickup' ? 'PICKUP' : 'SHIPMENT'
  return found.map((each) => ({
    uid: each.uid,
    type: kind,
    state: each.state,
    line_item_application: isAll ? 'ALL' : 'ENTRY_LIST',
    ...(isAll
      ? {}
      : {
          entries: each.lines.map(({ line, quantity }) => ({
            uid: idLike('entry', `${each.uid}/${line.id}`, 22),
            line_item_uid: line.id,
            quantity: String(quantity),
          })),
        }),
    ...(kind === 'PICKUP'
      ? { pickup_details: pickupOf(order) }
      : { shipment_details: { recipient: recipientOf(order), ...noteOf(order), ...each.details } }),
  }))
}

const noteOf = (order: MarketOrder): Doc => (order.buyerNote === '' ? {} : { shipping_note: order.buyerNote })

const pickupOf = (order: MarketOrder): Doc => ({
  recipient: recipientOf(order),
  schedule_type: 'SCHEDULED',
  pickup_at: iso(order.createdAt + 7_200_000),
  ...(order.buyerNote === '' ? {} : { note: order.buyerNote }),
})

function recipientOf(order: MarketOrder): Doc {
  const person = personAt(order.person)
  return {
    display_name: `${person.firstName} ${person.lastName}`,
    email_address: person.email,
    phone_number: person.phone.slice(0, 17),
    address: {
      address_line_1: person.line1,
      ...(person.line2 === '' ? {} : { address_line_2: person.line2 }),
      locality: person.city,
      ...(person.region === '' ? {} : { administrative_district_level_1: person.region }),
      postal_code: person.postcode,
      country: person.country,
    },
  }
}
