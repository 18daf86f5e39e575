import { createHash } from 'node:crypto'
import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, places, writeStock } from '../stage/market/goods.ts'
import type { MarketItem, MarketSku } from '../stage/market/model.ts'
import { cursorPage, inWindow, type Listed, type Window } from '../stage/market/paging.ts'
import { ship } from '../stage/market/shipping.ts'
import { countView, itemView, variationView } from './catalogue-views.ts'
import { openParts } from './fulfilment-views.ts'
import { orderView, paymentRefundView, returnView } from './views.ts'
import { fromIso, SquareError } from './wire.ts'
import type { SquareShop } from './words.ts'

/** What a call is given: its body, its query, and what stands in its path. */
export interface Given {
  readonly body: JsonRecord
  readonly query: Readonly<Record<string, string>>
  readonly id: string
}

/** One call; throws SquareError. `returned` names the records the answer carries, for the ledger. */
export type Api = (shop: SquareShop, given: Given) => { readonly doc: JsonRecord; readonly returned?: readonly string[] }

const DAY_MS = 86_400_000

interface Entry extends Listed {
  readonly id: string
  readonly doc: () => JsonRecord
}

/** Sales and returns lie in one list. */
const entriesOf = (shop: SquareShop): readonly Entry[] => [
  ...[...shop.orders.values()].map((order) => ({ ...listed(order), doc: () => orderView(shop, order) })),
  ...[...shop.refunds.values()].map((refund) => ({ ...listed(refund), doc: () => returnView(shop, refund) })),
]
const listed = ({ id, seq, createdAt, modifiedAt, visibleAt }: Omit<Entry, 'doc'>): Omit<Entry, 'doc'> => ({
  id,
  seq,
  createdAt,
  modifiedAt,
  ...(visibleAt === undefined ? {} : { visibleAt }),
})

function timeOf(value: unknown, field: string): number | undefined {
  if (value === undefined) return undefined
  const ms = fromIso(value)
  if (ms === undefined) throw new SquareError(400, 'INVALID_TIME', 'Expected a timestamp of RFC 3339.', { field })
  return ms
}

/** A cursor belongs to the query it was made for. */
function paged<T extends Listed>(
  shop: SquareShop,
  found: readonly T[],
  given: { readonly cursor: string; readonly size: number; readonly window: Window; readonly query: unknown },
) {
  const stamp = createHash('sha256').update(JSON.stringify(given.query)).digest('hex').slice(0, 12)
  const [inner = '', mark] = given.cursor === '' ? [] : given.cursor.split('.')
  const page = given.cursor !== '' && mark !== stamp ? undefined : cursorPage(shop, found, { cursor: inner, size: given.size, window: given.window })
  if (!page) throw new SquareError(400, 'INVALID_CURSOR', 'Invalid cursor.', { field: 'cursor' })
  return { records: page.records, next: page.hasMore ? { cursor: `${page.next}.${stamp}` } : {} }
}

const search: Api = (shop, { body }) => {
  const locations = asList(body['location_ids'])
  if (locations.length === 0) throw new SquareError(400, 'MISSING_REQUIRED_PARAMETER', 'Missing required parameter.', { field: 'location_ids' })
  if (locations.length > 10) throw new SquareError(400, 'ARRAY_LENGTH_TOO_LONG', 'At most 10 locations.', { field: 'location_ids' })
  if (locations.some((id) => id !== shop.settings.locationId)) throw new SquareError(403, 'FORBIDDEN', 'Not authorized for this location.')
  const query = asRecord(body['query'])
  const times = asRecord(asRecord(query['filter'])['date_time_filter'])
  const sort = asRecord(query['sort'])
  const [name, ...others] = Object.keys(times)
  if (others.length > 0)
    throw new SquareError(400, 'BAD_REQUEST', 'Only one time range can be filtered by.', { field: 'query.filter.date_time_filter' })
  if (name !== undefined && (asText(sort['sort_field']) ?? 'CREATED_AT') !== name.toUpperCase())
    throw new SquareError(400, 'BAD_REQUEST', 'The sort field must be the field of the time range.', { field: 'query.sort.sort_field' })
  const range = asRecord(times[name ?? ''])
  const [from, to] = [timeOf(range['start_at'], 'start_at'), timeOf(range['end_at'], 'end_at')]
  if (from !== undefined && to !== undefined && from > to) throw new SquareError(400, 'INVALID_TIME_RANGE', 'The range ends before it begins.')
  const size = asNumber(body['limit']) ?? 500
  if (size < 1 || size > 1000) throw new SquareError(400, 'VALUE_TOO_HIGH', 'At most 1000 orders a page.', { field: 'limit' })
  const window: Window = {
    by: sort['sort_field'] === 'UPDATED_AT' ? 'modifiedAt' : 'createdAt',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    descending: asText(sort['sort_order']) !== 'ASC',
  }
  const states = asList(asRecord(asRecord(query['filter'])['state_filter'])['states'])
  const found = inWindow(shop, entriesOf(shop), window, (one) => states.length === 0 || states.includes(one.doc()['state']))
  const { records, next } = paged(shop, found, { cursor: asText(body['cursor']) ?? '', size, window, query: { locations, query } })
  // Nothing found is an answer without a list.
  return { doc: { ...(records.length === 0 ? {} : { orders: records.map((one) => one.doc()) }), ...next }, returned: records.map(({ id }) => id) }
}

function docOf(shop: SquareShop, id: string): JsonRecord | undefined {
  const [order, refund] = [shop.orders.get(id), shop.refunds.get(id)]
  return order ? orderView(shop, order) : refund && returnView(shop, refund)
}

const batch: Api = (shop, { body }) => {
  const ids = asList(body['order_ids']).map(String)
  if (ids.length > 100) throw new SquareError(400, 'ARRAY_LENGTH_TOO_LONG', 'At most 100 orders.', { field: 'order_ids' })
  const docs = [...new Set(ids)].flatMap((id): readonly JsonRecord[] => {
    const doc = docOf(shop, id)
    return doc ? [doc] : []
  })
  return { doc: docs.length === 0 ? {} : { orders: docs }, returned: docs.map((doc) => String(doc['id'])) }
}

const one: Api = (shop, { id }) => {
  const order = docOf(shop, id)
  if (!order) throw new SquareError(404, 'NOT_FOUND', `Order not found for id ${id}.`)
  return { doc: { order }, returned: [id] }
}

/** Fulfilments are completed with their parcel; everything else of an order stays as it is here. */
const update: Api = (shop, { body, id }) => {
  const order = shop.orders.get(id)
  if (!order) throw new SquareError(404, 'NOT_FOUND', `Order not found for id ${id}.`)
  const given = asRecord(body['order'])
  if (given['version'] === undefined) throw new SquareError(400, 'BAD_REQUEST', 'Missing required parameter.', { field: 'order.version' })
  const version = shop.versions.get(id) ?? 1
  if (given['version'] !== version)
    throw new SquareError(
      400,
      'VERSION_MISMATCH',
      `Supplied version ${asText(given['version']) ?? ''} does not match the current version ${version} of order ${id}.`,
      {
        field: 'order.version',
      },
    )
  const state = orderView(shop, order)['state']
  if (state === 'COMPLETED' || state === 'CANCELED')
    throw new SquareError(400, 'BAD_REQUEST', `Orders in state ${state} cannot be updated.`, { field: 'order.state' })
  for (const fulfilment of asList(given['fulfillments']).map(asRecord)) {
    const uid = asText(fulfilment['uid']) ?? ''
    const part = openParts(shop, order).find((each) => each.uid === uid)
    if (!part)
      throw new SquareError(400, 'BAD_REQUEST', 'An order has one fulfillment, and this is not an open one of it.', { field: 'order.fulfillments' })
    if (fulfilment['state'] !== 'COMPLETED') continue
    const details = asRecord(fulfilment['shipment_details'])
    const name = asText(details['carrier']) ?? ''
    const made = ship(shop, order, {
      lines: part.lines,
      carrier: { code: name, name },
      tracking: asText(details['tracking_number']) ?? '',
      by: 'api',
    })
    if (typeof made === 'string') throw new SquareError(400, 'BAD_REQUEST', 'The fulfillment cannot be completed.', { field: 'order.fulfillments' })
    shop.completed.set(made.id, uid)
    const split = shop.parts.get(id)
    if (split)
      shop.parts.set(
        id,
        split.filter((each) => each.uid !== uid),
      )
  }
  return { doc: { order: orderView(shop, order) }, returned: [id] }
}

const refunds: Api = (shop, { query }) => {
  const [from, to] = [timeOf(query['updated_at_begin_time'], 'updated_at_begin_time'), timeOf(query['updated_at_end_time'], 'updated_at_end_time')]
  const window: Window = {
    by: query['sort_field'] === 'UPDATED_AT' ? 'modifiedAt' : 'createdAt',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    descending: query['sort_order'] !== 'ASC',
  }
  const found = inWindow(shop, shop.refunds.values(), window)
  const { cursor = '', ...rest } = query
  const size = Math.min(100, asNumber(query['limit']) ?? 100)
  const { records, next } = paged(shop, found, { cursor, size, window, query: rest })
  return {
    doc: { ...(records.length === 0 ? {} : { refunds: records.map((refund) => paymentRefundView(shop, refund)) }), ...next },
    returned: records.map(({ id }) => id),
  }
}

const PAGE = 100

const catalogue: Api = (shop, { query }) => {
  const types = (query['types'] ?? 'ITEM').toUpperCase().split(',')
  const all = [...shop.items.values()].flatMap((item) => [
    ...(types.includes('ITEM') ? [itemView(shop, item)] : []),
    ...(types.includes('ITEM_VARIATION') ? item.skus.map((sku) => variationView(shop, item, sku)) : []),
  ])
  const at = query['cursor'] === undefined ? 0 : (asNumber(query['cursor']) ?? -1)
  if (at < 0) throw new SquareError(400, 'INVALID_CURSOR', 'Invalid cursor.', { field: 'cursor' })
  const objects = all.slice(at, at + PAGE)
  return { doc: { ...(objects.length === 0 ? {} : { objects }), ...(at + PAGE < all.length ? { cursor: String(at + PAGE) } : {}) } }
}

const objects: Api = (shop, { body }) => {
  const wanted = new Set(asList(body['object_ids']).map(String))
  if (wanted.size > 1000) throw new SquareError(400, 'ARRAY_LENGTH_TOO_LONG', 'At most 1000 objects.', { field: 'object_ids' })
  const found = [...shop.items.values()].flatMap((item) => [
    ...(wanted.has(item.id) ? [itemView(shop, item)] : []),
    ...item.skus.filter((sku) => wanted.has(sku.id)).map((sku) => variationView(shop, item, sku)),
  ])
  return { doc: found.length === 0 ? {} : { objects: found } }
}

function placeById(shop: SquareShop, id: unknown): { readonly item: MarketItem; readonly sku: MarketSku } | undefined {
  const found = places(shop).find(({ sku }) => sku?.id === id)
  return found?.sku && { item: found.item, sku: found.sku }
}

const counts: Api = (shop, { body }) => {
  const ids = asList(body['catalog_object_ids'])
  const here = asList(body['location_ids'])
  const isHere = here.length === 0 || here.includes(shop.settings.locationId)
  const all = ids.length > 0 ? ids.flatMap((id) => placeById(shop, id) ?? []) : places(shop).flatMap(({ item, sku }) => (sku ? [{ item, sku }] : []))
  const [at, size] = [asNumber(body['cursor']) ?? 0, asNumber(body['limit']) ?? PAGE]
  const shown = isHere ? all.slice(at, at + size).map(({ item, sku }) => countView(shop, item, sku)) : []
  return { doc: { ...(shown.length === 0 ? {} : { counts: shown }), ...(isHere && at + size < all.length ? { cursor: String(at + size) } : {}) } }
}

/** All or nothing. A count is dated: neither ahead of now nor older than a day. */
const change: Api = (shop, { body }) => {
  const changes = asList(body['changes']).map((each) => asRecord(asRecord(each)['physical_count']))
  if (changes.length > 100) throw new SquareError(400, 'ARRAY_LENGTH_TOO_LONG', 'At most 100 changes.', { field: 'changes' })
  const ready = changes.map((count, i) => {
    const field = `changes[${i}].physical_count`
    const place = placeById(shop, count['catalog_object_id'])
    if (!place || isLocked(shop, place))
      throw new SquareError(404, 'NOT_FOUND', 'The catalog object was not found.', { field: `${field}.catalog_object_id` })
    if (count['location_id'] !== shop.settings.locationId)
      throw new SquareError(404, 'NOT_FOUND', 'The location was not found.', { field: `${field}.location_id` })
    if (count['state'] !== 'IN_STOCK') throw new SquareError(400, 'INVALID_VALUE', 'The state cannot be counted.', { field: `${field}.state` })
    const quantity = asText(count['quantity']) ?? ''
    if (!/^-?\d+(?:\.\d{1,5})?$/.test(quantity))
      throw new SquareError(400, 'INVALID_VALUE', 'The quantity is not a decimal.', { field: `${field}.quantity` })
    const at = timeOf(count['occurred_at'], `${field}.occurred_at`) ?? Number.NaN
    const now = shop.clock.now()
    // A moment of grace for clocks that are not quite the same.
    if (!(at <= now + 60_000 && at >= now - DAY_MS))
      throw new SquareError(400, 'INVALID_TIME', 'The count is of the future or too old.', { field: `${field}.occurred_at` })
    return { place, quantity: Number(quantity) }
  })
  for (const { place, quantity } of ready) writeStock(shop, place, quantity)
  return { doc: { counts: ready.map(({ place: { item, sku } }) => countView(shop, item, sku)) } }
}

const locations: Api = (shop) => {
  const { locationId: id, name, merchantId, currency } = shop.settings
  return {
    doc: {
      locations: [{ id, name, merchant_id: merchantId, status: 'ACTIVE', currency, country: 'GB', timezone: 'Europe/London', type: 'PHYSICAL' }],
    },
  }
}

export const APIS: Readonly<Record<string, Api>> = {
  'get /v2/locations': locations,
  'post /v2/orders/search': search,
  'post /v2/orders/batch-retrieve': batch,
  'get /v2/orders/{order_id}': one,
  'put /v2/orders/{order_id}': update,
  'get /v2/refunds': refunds,
  'get /v2/catalog/list': catalogue,
  'post /v2/catalog/batch-retrieve': objects,
  'post /v2/inventory/counts/batch-retrieve': counts,
  'post /v2/inventory/changes/batch-create': change,
}
