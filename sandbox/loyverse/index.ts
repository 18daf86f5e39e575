import { createHmac } from 'node:crypto'
import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { asNumber, asRecord, parseJson } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import type { MarketEvent } from '../stage/market/model.ts'
import { placeOrder, randomCart } from '../stage/market/placing.ts'
import { changed } from '../stage/market/shop.ts'
import type { PushRequest, Subscription } from '../stage/market/webhooks.ts'
import type { Done } from '../stage/shop-control.ts'
import { APIS, LoyverseError } from './api.ts'
import { iso, refundView, saleView } from './views.ts'
import { loyverseRules, uuid, type LoyverseSettings, type LoyverseShop } from './words.ts'

export interface LoyverseOptions extends Partial<LoyverseSettings> {
  readonly seed?: number
}

const usual: LoyverseSettings = {
  name: 'Sandbox Corner Shop',
  storeId: uuid('store', 1),
  merchantId: uuid('merchant', 1),
  clientId: 'sandbox-loyverse-client',
  clientSecret: 'sandbox-loyverse-secret-0001',
  refreshToken: 'sandbox-loyverse-refresh-0001',
  accessToken: '',
  currency: 'EUR',
}

/** A simulated account with one store and its tills. */
export function createLoyverse(options: LoyverseOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: LoyverseSettings): MarketSkin {
  const disabled = new Set<string>()
  const shopOf = (market: Market): LoyverseShop => Object.assign(market, { settings, disabled })
  const { clientId, clientSecret, refreshToken, accessToken, storeId } = settings
  return {
    channel: 'loyverse',
    timezone: 'Europe/Berlin',
    rules: loyverseRules(settings),
    credentials: accessToken === '' ? { clientId, clientSecret, refreshToken } : { accessToken },
    routes(app, market) {
      app.post('/oauth/token', (c) => token(shopOf(market), c))
      app.all('/v1.0/*', (c) => gateway(shopOf(market), c))
      app.all('*', () => refusal(new LoyverseError(404, 'NOT_FOUND', 'Not found.')))
    },
    faults,
    isWrite: (c) => c.req.path.includes('/v1.0/') && c.req.method !== 'GET',
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: '' }),
    settings: (url) => ({ url, storeId }),
    push: { byApi: true, deliver: (event, hook, market) => pushesOf(shopOf(market), event, hook), attempts: 3, retryMs: 200 },
    levers: (market) => ({
      // A till without a line sold something so many hours ago and has only now told of it.
      'offline-sale': (input) => offlineSale(shopOf(market), asNumber(input['hours']) ?? 24),
    }),
  }
}

async function gateway(shop: LoyverseShop, c: Context<FaultEnv>): Promise<Response> {
  try {
    const [name = '', id] = c.req.path.slice(c.req.path.indexOf('/v1.0/') + 6).split('/')
    const api = APIS[`${c.req.method} ${name}${id === undefined ? '' : '/{id}'}`]
    if (!api) throw new LoyverseError(404, 'NOT_FOUND', 'Not found.')
    if (!shop.access.isLive(/^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? ''))
      throw new LoyverseError(401, 'UNAUTHORIZED', 'The access token is not valid.')
    if (c.req.method === 'POST' && !(c.req.header('content-type') ?? '').includes('application/json'))
      throw new LoyverseError(415, 'UNSUPPORTED_MEDIA_TYPE', 'application/json is expected.')
    const body = c.req.method === 'POST' ? asRecord(parseJson(await c.req.text())) : {}
    const { doc, returned } = api(shop, { query: Object.fromEntries(new URL(c.req.url).searchParams), body, id: decodeURIComponent(id ?? '') })
    c.set('returned', returned ?? [])
    return Response.json(doc)
  } catch (error) {
    if (error instanceof LoyverseError) return refusal(error)
    throw error
  }
}

const refusal = ({ status, code, message, field }: LoyverseError): Response =>
  Response.json({ errors: [{ code, details: message, ...(field === undefined ? {} : { field }) }] }, { status })

async function token(shop: LoyverseShop, c: Context<FaultEnv>): Promise<Response> {
  const form = new URLSearchParams(await c.req.text())
  const { clientId, clientSecret } = shop.settings
  const isKnown = form.get('client_id') === clientId && form.get('client_secret') === clientSecret && form.get('grant_type') === 'refresh_token'
  const pair = isKnown ? shop.access.renew(form.get('refresh_token') ?? '') : undefined
  if (!pair) return refusal(new LoyverseError(401, 'UNAUTHORIZED', 'The grant is not valid.'))
  const seconds = Math.floor((pair.endsAt - shop.clock.now()) / 1000)
  return Response.json({ access_token: pair.token, refresh_token: pair.refresh, token_type: 'Bearer', expires_in: seconds, scope: 'RECEIPTS_READ' })
}

/** Receipts as they are then, signed over the body; a refund and the sale it is for come together. */
function pushesOf(shop: LoyverseShop, { topic, order, refund, at }: MarketEvent, hook: Subscription): readonly PushRequest[] {
  if (topic === 'placed' || !hook.topics.includes('receipts.update') || order.paidAt === undefined) return []
  const receipts = [saleView(shop, order), ...(refund?.state === 'done' ? [refundView(shop, refund)] : [])]
  const body = JSON.stringify({ merchant_id: shop.settings.merchantId, type: 'receipts.update', created_at: iso(at), receipts })
  const signature = createHmac('sha1', hook.secret).update(body).digest('base64')
  return [{ topic: 'receipts.update', headers: { 'content-type': 'application/json', 'x-loyverse-signature': signature }, body }]
}

function offlineSale(shop: LoyverseShop, hours: number): Done {
  const ago = Math.min(72, hours) * 3_600_000
  shop.clock.advance(-ago)
  const order = placeOrder(shop, { ...randomCart(shop), shippingMinor: 0 })
  shop.clock.advance(ago)
  if (typeof order === 'string') return { ok: false, reason: order }
  changed(shop, order, { change: 'status', by: 'seller', topic: 'status' })
  return { ok: true, orderId: order.id }
}

const faults: FaultAnswers = {
  throttled: () => refusal(new LoyverseError(429, 'RATE_LIMITED', 'Too many requests.')),
  broken: () => refusal(new LoyverseError(500, 'INTERNAL_SERVER_ERROR', 'An internal error has occurred.')),
  unavailable: () => refusal(new LoyverseError(503, 'INTERNAL_SERVER_ERROR', 'The service is unavailable.')),
  html: () => new Response('<html><body>Loyverse</body></html>', { headers: { 'content-type': 'text/html' } }),
  // Not seen at this channel; a list of errors counts whatever stands above it.
  throttledAs200: () => Response.json({ errors: [{ code: 'RATE_LIMITED', details: 'Too many requests.' }] }),
  unauthorized: () => refusal(new LoyverseError(401, 'UNAUTHORIZED', 'The access token is not valid.')),
  nullData: () => Response.json({ receipts: null, items: null, inventory_levels: null }),
}
