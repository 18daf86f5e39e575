import { asList, asNumber, asRecord, asText, isRecord, parseJson } from '../stage/json-input.ts'
import { isLocked, writeStock } from '../stage/market/goods.ts'
import type { MarketOrder, Place } from '../stage/market/model.ts'
import { cancelUnpaid } from '../stage/market/operations.ts'
import { decideRefund, openRefunds, refund } from '../stage/market/refunds.ts'
import { depart, ship } from '../stage/market/shipping.ts'
import { changed } from '../stage/market/shop.ts'
import { unsent } from '../stage/market/sums.ts'
import { selected } from './query.ts'
import { inventoryView, levelView, LOCATION, orderView, packed, placeOfInventory, reservedOf, type Doc } from './views.ts'
import { json, refusal, type Call, type Shop } from './wire.ts'

/** What callers of the Admin API change: levels, packages, whole orders. */

const invalid = (message: string): Response => refusal(400, 'invalid_data', `Invalid request: ${message}`)

async function bodyOf(c: Call): Promise<Doc | undefined> {
  const body: unknown = parseJson(await c.req.text())
  return isRecord(body) ? body : undefined
}

interface LevelWrite {
  readonly place: Place
  readonly stocked: number
}

/** All of them or none. What is written is stocked; what sells is that less the reserved units. */
export async function setLevels(shop: Shop, c: Call): Promise<Response> {
  const body = await bodyOf(c)
  const writes: LevelWrite[] = []
  for (const [i, one] of asList(body?.['update']).entries()) {
    const { inventory_item_id: item, location_id: location, stocked_quantity: quantity } = asRecord(one)
    const found = writeOf(shop, {
      item: asText(item) ?? '',
      location: asText(location) ?? '',
      stocked: asNumber(quantity),
      at: `update, ${i}, stocked_quantity`,
    })
    if (found instanceof Response) return found
    writes.push(found)
  }
  for (const write of writes) apply(shop, write)
  return json({ created: [], updated: writes.map(({ place }) => levelView(shop, place)), deleted: [] })
}

export async function setLevel(shop: Shop, c: Call): Promise<Response> {
  const body = await bodyOf(c)
  const found = writeOf(shop, {
    item: c.req.param('id') ?? '',
    location: c.req.param('location') ?? '',
    stocked: asNumber(body?.['stocked_quantity']),
    at: 'stocked_quantity',
  })
  if (found instanceof Response) return found
  apply(shop, found)
  return json({ inventory_item: inventoryView(shop, found.place) })
}

function writeOf(
  shop: Shop,
  given: { readonly item: string; readonly location: string; readonly stocked: number | undefined; readonly at: string },
): LevelWrite | Response {
  const place = placeOfInventory(shop, given.item)
  if (given.stocked === undefined) return invalid(`Field '${given.at}' is required`)
  if (given.stocked < 0) return invalid(`Value for field '${given.at}' too small, expected at least: '0'`)
  if (!place || given.location !== LOCATION) return refusal(404, 'not_found', `Item ${given.item} is not stocked at location ${given.location}`)
  if (isLocked(shop, place)) return refusal(400, 'not_allowed', `The level of ${given.item} cannot be changed`)
  return { place, stocked: given.stocked }
}

const apply = (shop: Shop, { place, stocked }: LevelWrite): void => void writeStock(shop, place, stocked - reservedOf(shop, place))

/** First half of a package: the units are packed and leave the shelf. The answer is the order without its fulfilments. */
export async function fulfil(shop: Shop, c: Call, order: MarketOrder): Promise<Response> {
  const body = await bodyOf(c)
  if (order.state === 'cancelled' || order.state === 'closed') return refusal(400, 'invalid_data', `Order with id ${order.id} has been canceled.`)
  const wanted = asList(body?.['items']).map((one) => ({ id: asText(asRecord(one)['id']) ?? '', quantity: asNumber(asRecord(one)['quantity']) ?? 0 }))
  if (wanted.length === 0) return invalid("Value for field 'items' too small, expected at least: '1'")
  const lines = wanted.flatMap(({ id: lineId, quantity }) => order.lines.filter((line) => line.id === lineId).map((line) => ({ line, quantity })))
  if (lines.length < wanted.length)
    return refusal(400, 'invalid_data', `Items with ids ${wanted.map((one) => one.id).join(', ')} does not exist in order with id ${order.id}.`)
  const over = lines.find(({ line, quantity }) => quantity > unsent(line) - packed(order, line))
  if (over) return refusal(400, 'invalid_data', `Quantity to fulfill exceeds the reserved quantity for the item: ${over.line.id}`)
  const made = ship(shop, order, { lines, carrier: { code: 'manual', name: 'Manual' }, tracking: '', pending: true, by: 'api' })
  if (typeof made === 'string') return refusal(400, 'not_allowed', `The order cannot be fulfilled: ${made}`)
  if (isRecord(body?.['metadata'])) shop.desk.metadata.set(made, body['metadata'])
  changed(shop, order, { change: 'status', by: 'api', topic: 'status' })
  return answered(shop, order)
}

/** Second half: what was packed is on its way under its number. */
export async function send(shop: Shop, c: Call, order: MarketOrder): Promise<Response> {
  const body = await bodyOf(c)
  const one = order.shipments.find((each) => each.id === c.req.param('fulfillment'))
  if (!one) return refusal(404, 'not_found', `Fulfillment with id: ${c.req.param('fulfillment') ?? ''} was not found`)
  if (one.state === 'sent') return refusal(400, 'not_allowed', 'Shipment has already been created')
  one.tracking = asText(asRecord(asList(body?.['labels'])[0])['tracking_number']) ?? ''
  depart(shop, one, 'api')
  return answered(shop, order)
}

/** Captured money goes back by itself. */
export function cancel(shop: Shop, order: MarketOrder): Response {
  if (order.state === 'cancelled' || order.state === 'closed') return refusal(400, 'invalid_data', `Order with id ${order.id} has been canceled.`)
  if (order.shipments.length > 0) return refusal(400, 'not_allowed', 'All fulfillments must be canceled before canceling an order')
  for (const one of openRefunds(order)) decideRefund(shop, one, 'close', 'api')
  const why = order.paidAt === undefined ? cancelUnpaid(shop, order, 'api') : refund(shop, order, undefined, 'api')
  return why === undefined ? answered(shop, order) : refusal(400, 'not_allowed', why)
}

function answered(shop: Shop, order: MarketOrder): Response {
  return json({
    order: Object.fromEntries(
      Object.entries(selected(orderView(shop, shop.desk, order), undefined, 'retrieve')).filter(([name]) => name !== 'fulfillments'),
    ),
  })
}
