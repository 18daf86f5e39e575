import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FaultAnswers } from '../stage/faults.ts'
import { places } from '../stage/market/goods.ts'
import { createMarketSim, type MarketSim } from '../stage/market/index.ts'
import type { MarketEvent, MarketOrder, Place } from '../stage/market/model.ts'
import type { PushRequest } from '../stage/market/webhooks.ts'
import { filtersOf, selected, type Filters } from './query.ts'
import {
  fulfilmentStatus,
  inventoryIdOf,
  inventoryView,
  LOCATION,
  orderView,
  stateOf,
  touch,
  touchedAt,
  variantIdOf,
  variantView,
  type Doc,
} from './views.ts'
import { json, refusal, type Call, type Shop } from './wire.ts'
import { cancel, fulfil, send, setLevel, setLevels } from './writes.ts'

const KEY = 'sk_sandbox0123456789abcdef0123456789abcdef'

/** A simulated Medusa 2 shop: the stage behind it is that of all marketplaces, this file is its Admin API. */
export function createMedusa(options: { readonly seed?: number } = {}): MarketSim {
  return createMarketSim(
    {
      channel: 'medusa',
      timezone: 'UTC',
      credentials: { apiKey: KEY },
      faults,
      rules: {
        currency: 'USD',
        statusOf: (order) => `${stateOf(order)}/${fulfilmentStatus(order)}`,
        ids: { order: id('order'), line: id('ordli'), item: id('prod'), sku: id('variant'), shipment: id('ful') },
        numberOf: (order) => String(Number(order.slice(-8))),
        carriers: [{ code: 'manual', name: 'Manual' }],
        parts: 'quantity',
        strangeStatus: 'awaiting_moon',
        resolutionMs: 1,
        // What was only asked for is a return, and no money that went back.
        truth: (truth, order) => ({
          ...truth,
          refunds: order.refunds.flatMap((one) => (one.state === 'done' ? [{ refundId: `ref_${one.id}`, minor: one.minor }] : [])),
        }),
      },
      routes(app, market) {
        const shop: Shop = Object.assign(market, { desk: { touched: new WeakMap(), metadata: new WeakMap() }, asked: 0 })
        shop.listeners.unshift((event) => touch(shop.desk, event))
        app.use('*', async (c, next) => {
          // A key has no life of its own, but the seller may revoke it: then nothing is issued any more.
          if (!isSigned(c) || market.access.issue() === undefined) return json({ message: 'Unauthorized' }, 401)
          await next()
          return undefined
        })
        app.get('/admin/orders', (c) => orders(shop, c))
        app.get('/admin/orders/:id', (c) =>
          withOrder(shop, c, (order) => json({ order: selected(orderView(shop, shop.desk, order), c.req.query('fields'), 'retrieve') })),
        )
        app.post('/admin/orders/:id/fulfillments', (c) => withOrder(shop, c, (order) => fulfil(shop, c, order)))
        app.post('/admin/orders/:id/fulfillments/:fulfillment/shipments', (c) => withOrder(shop, c, (order) => send(shop, c, order)))
        app.post('/admin/orders/:id/cancel', (c) => withOrder(shop, c, (order) => cancel(shop, order)))
        app.get('/admin/product-variants', (c) => variants(shop, c))
        app.get('/admin/inventory-items', (c) => inventory(shop, c))
        app.get('/admin/stock-locations', () => json({ stock_locations: [{ id: LOCATION, name: 'Main' }], count: 1, offset: 0, limit: 20 }))
        app.post('/admin/inventory-items/location-levels/batch', (c) => setLevels(shop, c))
        app.post('/admin/inventory-items/:id/location-levels/:location', (c) => setLevel(shop, c))
        app.all('*', (c) => page(`Cannot ${c.req.method} ${c.req.path}`, 404))
      },
      push: { deliver: (event, hook) => deliveryOf(event, hook.secret), attempts: 1 },
    },
    options.seed,
  )
}

const id =
  (kind: string) =>
  (n: number): string =>
    `${kind}_01SANDBOX${String(n + 1).padStart(8, '0')}`

function isSigned(c: Call): boolean {
  const wanted = Buffer.from(`Basic ${Buffer.from(`${KEY}:`).toString('base64')}`)
  const given = Buffer.from(c.req.header('authorization') ?? '')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function withOrder(shop: Shop, c: Call, answer: (order: MarketOrder) => Promise<Response> | Response): Promise<Response> | Response {
  const wanted = c.req.param('id') ?? ''
  const order = shop.orders.get(wanted)
  return order ? answer(order) : refusal(404, 'not_found', `Order id not found: ${wanted}`)
}

const OPERATORS = {
  $gt: (a: number, b: number) => a > b,
  $gte: (a: number, b: number) => a >= b,
  $lt: (a: number, b: number) => a < b,
  $lte: (a: number, b: number) => a <= b,
} as const

/** Filters by time to the millisecond, by id and not by id, by status; one sort; offset and limit. */
function orders(shop: Shop, c: Call): Response {
  const filters = filtersOf(c.req.url)
  const by = (filters.one('order') ?? '').replace(/^-/, '')
  if (!['', 'created_at', 'updated_at', 'display_id'].includes(by))
    return json({ code: 'unknown_error', type: 'unknown_error', message: 'An unknown error occurred.' }, 500)
  const timeOf = (order: MarketOrder, name: string): number => (name === 'updated_at' ? touchedAt(shop.desk, order) : order.createdAt)
  const [ids, not, states, q] = [filters.all('id'), filters.all('id[$nin]'), filters.all('status'), filters.one('q')]
  const now = shop.clock.now()
  const inside = [...shop.orders.values()].filter(
    (order) =>
      order.visibleAt <= now &&
      (['created_at', 'updated_at'] as const).every((name) =>
        Object.entries(OPERATORS).every(([operator, holds]) => {
          const bound = filters.one(`${name}[${operator}]`)
          return bound === undefined || holds(timeOf(order, name), Date.parse(bound))
        }),
      ) &&
      (ids.length === 0 || ids.includes(order.id)) &&
      !not.includes(order.id) &&
      (states.length === 0 || states.includes(stateOf(order))) &&
      (q === undefined || order.number.includes(q)),
  )
  const sign = filters.one('order')?.startsWith('-') === true ? -1 : 1
  const found = inside.sort((a, b) => sign * (timeOf(a, by) - timeOf(b, by)) || a.seq - b.seq)
  const { records, cut } = pageOf(shop, filters, found)
  c.set(
    'returned',
    records.map((order) => order.id),
  )
  return json({ orders: records.map((order) => selected(orderView(shop, shop.desk, order), filters.one('fields'), 'list')), ...cut })
}

/** The odd pages a test may want: an empty one now and then, or the last of all again and again. */
function pageOf(shop: Shop, filters: Filters, found: readonly MarketOrder[]): { readonly records: readonly MarketOrder[]; readonly cut: Doc } {
  const { offset, limit } = cutOf(filters, 15)
  const { paging } = shop.troubles
  const isWalk = filters.one('order') !== undefined
  shop.asked += 1
  if (paging === 'empty-middle' && isWalk && shop.asked % 3 === 0) return { records: [], cut: { count: found.length, offset, limit } }
  const records = found.slice(offset, offset + limit)
  if (paging !== 'repeat' || !isWalk || offset + records.length < found.length) return { records, cut: { count: found.length, offset, limit } }
  const again = records.length > 0 ? records : [...shop.orders.values()].slice(-limit)
  return { records: again, cut: { count: offset + again.length + limit, offset, limit } }
}

const cutOf = (filters: Filters, usual: number): { readonly offset: number; readonly limit: number } => ({
  offset: Number(filters.one('offset') ?? 0),
  limit: Number(filters.one('limit') ?? usual),
})

function listed(c: Call, name: string, all: readonly { readonly id: string; readonly place: Place }[], view: (place: Place) => Doc): Response {
  const filters = filtersOf(c.req.url)
  const { offset, limit } = cutOf(filters, 20)
  const ids = filters.all('id')
  const sku = filters.one('sku')
  const found = all.filter((one) => (ids.length === 0 || ids.includes(one.id)) && (sku === undefined || one.place.code === sku))
  return json({ [name]: found.slice(offset, offset + limit).map(({ place }) => view(place)), count: found.length, offset, limit })
}

const variants = (shop: Shop, c: Call): Response =>
  listed(
    c,
    'variants',
    places(shop).map((place) => ({ id: variantIdOf(place), place })),
    (place) => variantView(shop, place),
  )
const inventory = (shop: Shop, c: Call): Response =>
  listed(
    c,
    'inventory_items',
    places(shop).map((place) => ({ id: inventoryIdOf(place), place })),
    (place) => inventoryView(shop, place),
  )

const TOPICS: Readonly<Record<MarketEvent['topic'], string>> = {
  placed: 'order.placed',
  paid: 'payment.captured',
  edited: 'order.updated',
  status: 'order.fulfillment_created',
  'part-shipped': 'shipment.created',
  shipped: 'shipment.created',
  finished: 'order.completed',
  cancelled: 'order.canceled',
  'refund-requested': 'order.return_requested',
  'refund-approved': 'order.return_requested',
  'refund-done': 'payment.refunded',
  'refund-rejected': 'order.updated',
  'refund-closed': 'order.updated',
}

/** What the subscriber of docs/channels/medusa.md posts: ids only, and the orders it looked up for events that name none. */
function deliveryOf({ topic, order, refund: back, shipment, at }: MarketEvent, secret: string): readonly PushRequest[] {
  const type = TOPICS[topic]
  const data: Doc = type.startsWith('order.return')
    ? { order_id: order.id, return_id: `return_${back?.id ?? ''}` }
    : type.startsWith('order.')
      ? { id: order.id }
      : { id: shipment?.id ?? `pay_${order.id}` }
  const body = JSON.stringify({ type, at: new Date(at).toISOString(), data, orderIds: [order.id] })
  return [
    { topic: type, headers: { 'content-type': 'application/json', 'x-signature': createHmac('sha256', secret).update(body).digest('hex') }, body },
  ]
}

const page = (title: string, status: number): Response =>
  new Response(`<html><head><title>${title}</title></head><body><pre>${title}</pre></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

/** A proxy before the shop, and Medusa itself. */
const faults: FaultAnswers = {
  throttled: () => page('429 Too Many Requests', 429),
  broken: () => json({ code: 'unknown_error', type: 'unknown_error', message: 'An unknown error occurred.' }, 500),
  unavailable: () => page('503 Service Unavailable', 503),
  html: () => page('Sign in', 200),
  throttledAs200: () => json({ message: 'Too many requests.' }),
  unauthorized: () => json({ message: 'Unauthorized' }, 401),
  nullData: () => json({ orders: null, variants: null, inventory_items: null, count: 0, offset: 0, limit: 15 }),
}
