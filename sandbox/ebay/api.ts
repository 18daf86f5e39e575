import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { asList, asNumber, asRecord, asText, parseJson } from '../stage/json-input.ts'
import { isLocked, listingId, places, stockOf, writeStock } from '../stage/market/goods.ts'
import type { MarketOrder, Place } from '../stage/market/model.ts'
import { inWindow, numberedPage, type Window } from '../stage/market/paging.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import { carrierOf, ship } from '../stage/market/shipping.ts'
import { detailView, listView, parcelView } from './views.ts'
import { errorOf, RestError, usd } from './wire.ts'
import { isCancel, isManaged, type EbayShop } from './words.ts'

type Route = (shop: EbayShop, c: Context<FaultEnv>) => Response | Promise<Response>

const YEAR_MS = 366 * 86_400_000

function orderOf(shop: EbayShop, id: string | undefined): MarketOrder {
  const order = shop.orders.get(id ?? '')
  if (!order) throw new RestError(400, 32100, `Invalid order ID: ${id ?? ''}`)
  return order
}

const DAY_MS = 86_400_000
const STATES: readonly string[] = ['NOT_STARTED', 'IN_PROGRESS', 'FULFILLED']

interface Filter {
  readonly window: Window
  readonly states: readonly string[]
}

/** Filters behind commas: ranges of time in `[…]`, words in `{…|…}`. Of two ranges the one of changes counts; without any it is the last ninety days' orders. */
function filterOf(shop: EbayShop, filter: string): Filter {
  const given = new Map<string, string>()
  for (const each of filter.split(/,(?![^[{]*[\]}])/).filter((text) => text.trim() !== '')) {
    const [, name = '', range, words] = /^\s*(\w+):(?:\[([^\]]*)\]|\{([^}]*)\})\s*$/.exec(each) ?? []
    const isKnown = ['creationdate', 'lastmodifieddate'].includes(name)
      ? range !== undefined
      : name === 'orderfulfillmentstatus' && words !== undefined
    if (!isKnown) throw new RestError(400, 30700, `Invalid filter name: ${name === '' ? each : name}`)
    given.set(name, range ?? words ?? '')
  }
  const states = (given.get('orderfulfillmentstatus') ?? '').split('|').filter((word) => word !== '')
  if (states.some((word) => !STATES.includes(word))) throw new RestError(400, 30800, 'Invalid order fulfillment status')
  const [changed, created] = [given.get('lastmodifieddate'), given.get('creationdate')]
  const window: Window =
    changed !== undefined
      ? rangeOf(shop, changed)
      : { ...(created === undefined ? { from: shop.clock.now() - 90 * DAY_MS } : rangeOf(shop, created)), by: 'createdAt' }
  return { window, states }
}

/** `from..to`, the end open or not; both belong to the range, and neither may lie ahead. */
function rangeOf(shop: EbayShop, range: string): { readonly from: number; readonly to?: number } {
  const [begin = '', end = ''] = range.split('..')
  if (begin === '') throw new RestError(400, 30820, 'Start date is missing')
  const [from, to] = [Date.parse(begin), end === '' ? undefined : Date.parse(end)]
  if ([begin, end].some((text) => text !== '' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)))
    throw new RestError(400, 30810, 'Invalid date format')
  const now = shop.clock.now()
  if (from > now || (to ?? 0) > now) throw new RestError(400, 30850, "Start and end dates can't be in the future")
  if (to !== undefined && from > to) throw new RestError(400, 30840, 'Start date should be before end date')
  if ((to ?? now) - from > 2 * YEAR_MS) throw new RestError(400, 30830, "Time range between start date and end date must be within '2' years.")
  return { from, ...(to === undefined ? {} : { to }) }
}

function wholeOf(c: Context<FaultEnv>, name: string, usual: number): number {
  const value = c.req.query(name)
  return value === undefined ? usual : /^\d+$/.test(value) ? Number(value) : -1
}

const orders: Route = (shop, c) => {
  const groups = c.req.query('fieldGroups')
  if (groups !== undefined && groups !== 'TAX_BREAKDOWN') throw new RestError(400, 32800, `Invalid field group: ${groups}`)
  const ids = c.req.query('orderIds')?.split(',')
  if (ids !== undefined) {
    if (ids.length > 50) throw new RestError(400, 30900, 'Exceeded maximum number of order IDs (the current limit is 50)')
    const found = ids.flatMap((id) => shop.orders.get(id) ?? [])
    c.set(
      'returned',
      found.map(({ id }) => id),
    )
    return c.json({ href: c.req.url, total: found.length, limit: 50, offset: 0, orders: found.map((order) => listView(shop, order)) })
  }
  const [limit, offset] = [wholeOf(c, 'limit', 50), wholeOf(c, 'offset', 0)]
  if (limit < 1 || limit > 200) throw new RestError(400, 31100, `Invalid limit: ${c.req.query('limit') ?? ''}`)
  if (offset < 0) throw new RestError(400, 31000, `Invalid offset: ${c.req.query('offset') ?? ''}`)
  const filter = c.req.query('filter') ?? ''
  const { window, states } = filterOf(shop, filter)
  const found = inWindow(shop, shop.orders.values(), window, (each) => states.length === 0 || states.includes(shop.rules.statusOf(each)))
  const { records, total, hasNext } = numberedPage(shop, found, { page: Math.floor(offset / limit) + 1, size: limit })
  c.set(
    'returned',
    records.map(({ id }) => id),
  )
  const page = (from: number): string =>
    `${shop.site}/sell/fulfillment/v1/order?${filter === '' ? '' : `filter=${encodeURIComponent(filter)}&`}limit=${limit}&offset=${from}`
  return c.json({
    href: page(offset),
    total,
    ...(hasNext ? { next: page(offset + limit) } : {}),
    ...(offset > 0 ? { prev: page(Math.max(0, offset - limit)) } : {}),
    limit,
    offset,
    orders: records.map((order) => listView(shop, order)),
  })
}

const order: Route = (shop, c) => {
  const found = orderOf(shop, c.req.param('id'))
  c.set('returned', [found.id])
  return c.json(detailView(shop, found))
}

const parcels: Route = (shop, c) => {
  const { shipments } = orderOf(shop, c.req.param('id'))
  return c.json({ total: shipments.length, fulfillments: shipments.map(parcelView) })
}

const send: Route = async (shop, c) => {
  const found = orderOf(shop, c.req.param('id'))
  const body = asRecord(parseJson(await c.req.text()))
  const [carrier, tracking] = [asText(body['shippingCarrierCode']) ?? '', asText(body['trackingNumber']) ?? '']
  const known = carrierOf(shop, carrier)
  if ((carrier === '') !== (tracking === '') || !known || !/^[A-Za-z0-9]*$/.test(tracking))
    throw new RestError(400, 32300, 'Invalid shipment tracking number or carrier')
  if (Date.parse(asText(body['shippedDate']) ?? '') > shop.clock.now() + 86_400_000) throw new RestError(400, 32500, 'Invalid shipped date')
  const wanted = asList(body['lineItems']).map((each) => ({
    id: asText(asRecord(each)['lineItemId']),
    quantity: asNumber(asRecord(each)['quantity']) ?? 1,
  }))
  if (new Set(wanted.map(({ id }) => id)).size < wanted.length) throw new RestError(400, 32210, 'Duplicate line item in the request')
  const lines = wanted.map(({ id, quantity }) => {
    const line = found.lines.find((each) => each.id === id)
    if (!line) throw new RestError(400, 32200, `Invalid line item id: ${id ?? ''}`)
    return { line, quantity }
  })
  const made = ship(shop, found, { ...(lines.length === 0 ? {} : { lines }), carrier: known, tracking, by: 'api' })
  if (typeof made === 'string') throw new RestError(400, 32600, 'Invalid input data')
  c.set('returned', [found.id])
  const location = `${shop.site}/sell/fulfillment/v1/order/${found.id}/shipping_fulfillment/${tracking || '999'}`
  return new Response(null, { status: 201, headers: { location } })
}

const decide =
  (decision: 'settle' | 'reject'): Route =>
  (shop, c) => {
    const refund = shop.refunds.get(c.req.param('id') ?? '')
    if (!refund || !isCancel(refund)) throw new RestError(404, 1304, 'No records found with the requested cancel id.', 'POST_ORDER')
    if (decideRefund(shop, refund, decision, 'api') !== undefined)
      throw new RestError(409, 1611, 'The cancellation is decided already.', 'POST_ORDER')
    c.set('returned', [refund.order.id])
    return c.json({})
  }

const managed = (shop: EbayShop): readonly Place[] => places(shop).filter(({ item }) => isManaged(item))
const offerId = ({ item, sku }: Place): string => (sku ? `8${sku.id}` : `7${item.id}`)

const itemView = (place: Place): Readonly<Record<string, unknown>> => ({
  sku: place.code,
  locale: 'en_US',
  product: { title: place.item.title },
  condition: 'NEW',
  availability: { shipToLocationAvailability: { quantity: stockOf(place) } },
})

const items: Route = (shop, c) => {
  const [limit, page] = [wholeOf(c, 'limit', 25), wholeOf(c, 'offset', 0)]
  if (limit < 1 || limit > 200 || page < 0) throw new RestError(400, 25706, 'You have provided invalid pagination values.', 'API_INVENTORY')
  const all = managed(shop)
  return c.json({
    total: all.length,
    size: Math.ceil(all.length / limit),
    limit,
    inventoryItems: all.slice(page * limit, (page + 1) * limit).map(itemView),
  })
}

const unknownSku = (sku: string): RestError =>
  new RestError(404, 25702, `${sku} could not be found or is not available in the system.`, 'API_INVENTORY')

const bulkItems: Route = async (shop, c) => {
  const wanted = asList(asRecord(parseJson(await c.req.text()))['requests']).map((each) => asText(asRecord(each)['sku']) ?? '')
  if (wanted.length > 25) throw new RestError(400, 25727, 'The number of InventoryItems in the request cannot exceed 25.', 'API_INVENTORY')
  if (new Set(wanted).size < wanted.length) throw new RestError(400, 25734, 'SKU should be unique in the request.', 'API_INVENTORY')
  const all = managed(shop)
  const responses = wanted.map((sku) => {
    const place = all.find(({ code }) => code === sku)
    return place ? { statusCode: 200, sku, inventoryItem: itemView(place), errors: [] } : { statusCode: 404, sku, errors: [errorOf(unknownSku(sku))] }
  })
  return c.json({ responses }, responses.every(({ statusCode }) => statusCode === 200) ? 200 : 207)
}

const offers: Route = (shop, c) => {
  const sku = c.req.query('sku') ?? ''
  const found = managed(shop).filter(({ code }) => code === sku)
  if (found.length === 0) throw new RestError(404, 25713, 'This Offer is not available.', 'API_INVENTORY')
  const views = found.map((place) => ({
    offerId: offerId(place),
    sku,
    marketplaceId: 'EBAY_US',
    format: 'FIXED_PRICE',
    availableQuantity: stockOf(place),
    pricingSummary: { price: usd(place.sku?.priceMinor ?? place.item.priceMinor) },
    status: place.item.onSale ? 'PUBLISHED' : 'UNPUBLISHED',
    ...(place.item.onSale ? { listing: { listingId: place.item.id, listingStatus: 'ACTIVE', soldQuantity: 0 } } : {}),
  }))
  return c.json({ total: views.length, size: 1, limit: 100, offers: views })
}

/** Each SKU for itself; the answer tells them apart. */
const update: Route = async (shop, c) => {
  const requests = asList(asRecord(parseJson(await c.req.text()))['requests']).map(asRecord)
  if (requests.length === 0 || requests.length > 25) throw new RestError(400, 25709, 'Invalid value for requests.', 'API_INVENTORY')
  const all = managed(shop)
  const responses = requests.map((request) => {
    const sku = asText(request['sku']) ?? ''
    const [place, offer] = [all.find(({ code }) => code === sku), asText(asRecord(asList(request['offers'])[0])['offerId'])]
    const quantity = asNumber(asRecord(request['shipToLocationAvailability'])['quantity']) ?? -1
    const bad = (error: RestError) => ({
      statusCode: error.status,
      sku,
      ...(offer === undefined ? {} : { offerId: offer }),
      errors: [errorOf(error)],
    })
    if (!place) return bad(unknownSku(sku))
    if (offer !== undefined && offer !== offerId(place)) return bad(new RestError(400, 25713, 'This Offer is not available.', 'API_INVENTORY'))
    if (!Number.isInteger(quantity) || quantity < 0) return bad(new RestError(400, 25709, 'Invalid value for quantity.', 'API_INVENTORY'))
    if (isLocked(shop, place)) return bad(new RestError(400, 25002, 'A user error has occurred. This listing may not be revised.', 'API_INVENTORY'))
    writeStock(shop, place, quantity)
    return { statusCode: 200, sku, ...(offer === undefined ? {} : { offerId: offer }) }
  })
  c.set(
    'returned',
    requests.flatMap((request) => all.filter(({ code }) => code === request['sku']).map(listingId)),
  )
  return c.json({ responses }, responses.every(({ statusCode }) => statusCode === 200) ? 200 : 207)
}

/** Method and path, a colon before what varies. */
export const ROUTES: readonly (readonly ['GET' | 'POST', string, Route])[] = [
  ['GET', '/sell/fulfillment/v1/order', orders],
  ['GET', '/sell/fulfillment/v1/order/:id', order],
  ['GET', '/sell/fulfillment/v1/order/:id/shipping_fulfillment', parcels],
  ['POST', '/sell/fulfillment/v1/order/:id/shipping_fulfillment', send],
  ['POST', '/post-order/v2/cancellation/:id/approve', decide('settle')],
  ['POST', '/post-order/v2/cancellation/:id/reject', decide('reject')],
  ['GET', '/sell/inventory/v1/inventory_item', items],
  ['GET', '/sell/inventory/v1/offer', offers],
  ['POST', '/sell/inventory/v1/bulk_get_inventory_item', bulkItems],
  ['POST', '/sell/inventory/v1/bulk_update_price_quantity', update],
]
