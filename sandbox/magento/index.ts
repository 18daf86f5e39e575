import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { asList, asNumber, asRecord, asText, parseJson } from '../stage/json-input.ts'
import { isLocked, placeOf, places, stockOf, writeStock } from '../stage/market/goods.ts'
import { createMarketSim, type Market, type MarketSim } from '../stage/market/index.ts'
import { inWindow, numberedPage } from '../stage/market/paging.ts'
import { ship } from '../stage/market/shipping.ts'
import { orderView, packageView, productView } from './views.ts'

/** Of an integration the seller made under System → Integrations. */
const KEY = 'sandbox-access-token-0123456789'

/** A simulated shop of Magento: the stage behind it is that of all marketplaces, this file is the protocol of its REST interface V1. */
export function createMagento(options: { readonly seed?: number } = {}): MarketSim {
  return createMarketSim(
    {
      channel: 'magento',
      timezone: 'UTC',
      credentials: { accessToken: KEY },
      faults,
      rules: {
        currency: 'USD',
        statusOf: (order) => STATES[order.state],
        carriers: [{ code: 'custom', name: 'Custom Value' }],
        parts: 'quantity',
        strangeStatus: 'moon_review',
      },
      routes(app, market) {
        app.use('*', async (c, next) => {
          // A key has no life of its own, but the seller may take it back: then nothing is issued any more.
          const isKnown = c.req.header('authorization') === `Bearer ${KEY}` && market.access.issue() !== undefined
          if (!isKnown) return refusal(401, "The consumer isn't authorized to access %resources.")
          await next()
          return undefined
        })
        app.get('/rest/V1/orders', (c) => orders(market, c))
        app.get('/rest/V1/orders/:id', (c) => order(market, c))
        app.post('/rest/V1/order/:id/ship', (c) => send(market, c))
        app.get('/rest/V1/shipments', (c) => packages(market, c))
        app.get('/rest/V1/products', (c) => products(market, c))
        app.get('/rest/V1/inventory/source-items', (c) => levels(market, c))
        app.post('/rest/V1/inventory/source-items', (c) => setLevels(market, c))
        app.all('*', () => refusal(404, 'Request does not match any route.'))
      },
    },
    options.seed,
  )
}

const STATES = {
  unpaid: 'pending_payment',
  'to-ship': 'processing',
  'part-shipped': 'processing',
  shipped: 'complete',
  finished: 'complete',
  cancelled: 'canceled',
  closed: 'closed',
} as const

const json = (doc: unknown, status = 200): Response => Response.json(doc, { status })
const refusal = (status: number, message: string): Response => json({ message }, status)
const NOT_THERE = "The entity that was requested doesn't exist. Verify the entity and try again."

type Call = Context<FaultEnv>

/** The filters of a search by field and condition, and its page. A page past the end repeats the last one. */
function search(c: Call): { readonly filters: ReadonlyMap<string, string>; readonly size: number; readonly page: number } {
  const query = c.req.query()
  const filters = new Map<string, string>()
  for (const [name, value] of Object.entries(query)) {
    const at = /^(searchCriteria\[filterGroups\]\[\d+\]\[filters\]\[\d+\])\[field\]$/.exec(name)?.[1]
    if (at !== undefined) filters.set(`${value} ${query[`${at}[conditionType]`] ?? 'eq'}`, query[`${at}[value]`] ?? '')
  }
  return { filters, size: Number(query['searchCriteria[pageSize]'] ?? 20), page: Number(query['searchCriteria[currentPage]'] ?? 1) }
}

/** Filters know no zone: UTC. */
const instantOf = (text: string | undefined, usual: number): number => (text === undefined ? usual : Date.parse(`${text.replace(' ', 'T')}Z`))

function orders(market: Market, c: Call): Response {
  const { filters, size, page } = search(c)
  const window = { from: instantOf(filters.get('updated_at gteq'), -Infinity), to: instantOf(filters.get('updated_at lt'), Infinity), closed: false }
  const found = inWindow(market, market.orders.values(), window)
  const { records, total } = numberedPage(market, found, { page: Math.min(page, Math.max(1, Math.ceil(found.length / size) + 1)), size })
  c.set(
    'returned',
    records.map(({ id }) => id),
  )
  return json({ items: records.map((one) => orderView(market, one)), search_criteria: { page_size: size, current_page: page }, total_count: total })
}

function order(market: Market, c: Call): Response {
  const found = market.orders.get(c.req.param('id') ?? '')
  return found ? json(orderView(market, found)) : refusal(404, NOT_THERE)
}

function packages(market: Market, c: Call): Response {
  const found = market.orders.get(search(c).filters.get('order_id eq') ?? '')
  const items = (found?.shipments ?? []).map(packageView)
  return json({ items, total_count: items.length })
}

async function send(market: Market, c: Call): Promise<Response> {
  const found = market.orders.get(c.req.param('id') ?? '')
  if (!found) return refusal(404, NOT_THERE)
  const body = asRecord(parseJson(await c.req.text()))
  const track = asRecord(asList(body['tracks'])[0])
  const lines = asList(body['items']).flatMap((one) => {
    const line = found.lines.find(({ id }) => id === asText(asRecord(one)['order_item_id']))
    return line ? [{ line, quantity: asNumber(asRecord(one)['qty']) ?? 0 }] : []
  })
  const carrier = { code: asText(track['carrier_code']) ?? '', name: asText(track['title']) ?? '' }
  const made = ship(market, found, { lines, carrier, tracking: asText(track['track_number']) ?? '', by: 'api' })
  return typeof made === 'string' ? refusal(400, 'Shipment Document Validation Error(s)') : json(made.id)
}

function products(market: Market, c: Call): Response {
  const { size, page } = search(c)
  const all = places(market)
  return json({ items: all.slice((page - 1) * size, page * size).map(productView), total_count: all.length })
}

function levels(market: Market, c: Call): Response {
  const skus = (search(c).filters.get('sku in') ?? '').split(',')
  const items = places(market)
    .filter((place) => skus.includes(place.code))
    .map((place) => ({ sku: place.code, source_code: 'default', quantity: stockOf(place), status: 1 }))
  return json({ items, total_count: items.length })
}

/** All of them or none. */
async function setLevels(market: Market, c: Call): Promise<Response> {
  const given = asList(asRecord(parseJson(await c.req.text()))['sourceItems']).map((item) => {
    const { sku, quantity } = asRecord(item)
    return { place: placeOf(market, asText(sku) ?? ''), quantity: asNumber(quantity) ?? 0 }
  })
  if (given.some(({ place }) => !place || isLocked(market, place))) return refusal(400, 'Validation Failed')
  for (const { place, quantity } of given) if (place) writeStock(market, place, quantity)
  return json([])
}

const page = (title: string, status: number): Response =>
  new Response(`<html><head><title>${title}</title></head><body>${title}</body></html>`, { status, headers: { 'content-type': 'text/html' } })

/** A proxy before the shop, and Magento itself. */
const faults: FaultAnswers = {
  throttled: () => page('429 Too Many Requests', 429),
  broken: () => page('500 Internal Server Error', 500),
  unavailable: () => page('503 Service Unavailable', 503),
  html: () => page('Sign in', 200),
  throttledAs200: () => json({ message: 'Too many requests.' }),
  unauthorized: () => refusal(401, "The consumer isn't authorized to access %resources."),
  nullData: () => json({ items: null, total_count: 0 }),
}
