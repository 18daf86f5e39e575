import { createHmac } from 'node:crypto'
import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { asRecord, asText, isRecord, parseJson } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import type { Tokens } from '../stage/market/access.ts'
import type { MarketEvent } from '../stage/market/model.ts'
import { depart } from '../stage/market/shipping.ts'
import { statusOf } from '../stage/market/shop.ts'
import type { PushRequest, Subscription } from '../stage/market/webhooks.ts'
import { APIS } from './api.ts'
import { plain, refusal, ShopeeError, success } from './wire.ts'
import { RETURN_STATUS, isCancellation, shopeeRules, type ShopeeSettings, type ShopeeShop } from './words.ts'

export interface ShopeeOptions extends Partial<ShopeeSettings> {
  readonly seed?: number
}

const usual: ShopeeSettings = {
  name: 'Sandbox Shopee',
  partnerId: '2001887',
  partnerKey: 'sandbox-shopee-partner-key-0001',
  pushKey: 'sandbox-shopee-push-key-0001',
  shopId: '226242306',
  refreshToken: '73616e64626f782d726566726573682d',
  code: '73616e64626f782d636f64652d303031',
  splitPieces: true,
}

/** A simulated open platform with one shop behind it, `/api/v2/…` under any folder. */
export function createShopee(options: ShopeeOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: ShopeeSettings): MarketSkin {
  const [splits, numbers, spent] = [new Map(), new Map<string, string>(), new Set<string>()]
  const shopOf = (market: Market): ShopeeShop => Object.assign(market, { settings, splits, numbers })
  const { partnerKey, pushKey, refreshToken } = settings
  return {
    channel: 'shopee',
    timezone: 'Asia/Singapore',
    rules: shopeeRules(settings),
    credentials: { partnerKey, pushKey, refreshToken },
    routes(app, market) {
      app.all('*', (c) => gateway(shopOf(market), c, spent))
    },
    faults,
    isWrite: (c) => /\/(?:update_stock|ship_order|split_order|handle_buyer_cancellation)$/.test(c.req.path),
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: '' }),
    settings: (url) => ({ url, partnerId: settings.partnerId, shopId: settings.shopId, splitPieces: settings.splitPieces }),
    push: {
      deliver: (event, to, market) => pushesOf(shopOf(market), event, to),
      accepted: (status, body) => status < 300 && body === '',
      attempts: 3,
      retryMs: 200,
    },
    levers: (market) => ({
      // The carrier of the channel fetches what was arranged.
      'fetch-parcels': (input) => {
        const order = market.orders.get(asText(input['orderId']) ?? '')
        for (const shipment of order?.shipments ?? []) if (shipment.state === 'pending') depart(market, shipment, 'seller')
        return { ok: order !== undefined }
      },
    }),
  }
}

const LIVES_MS = 300_000

/** A stamp ends five minutes after it was made; what it covers is looked at before the token. */
async function gateway(shop: ShopeeShop, c: Context<FaultEnv>, spent: Set<string>): Promise<Response> {
  const requestId = shop.random.hex(32)
  try {
    const at = c.req.path.indexOf('/api/v2/')
    if (at < 0) return new Response('<html><body>404 page not found</body></html>', { status: 404, headers: { 'content-type': 'text/html' } })
    const path = c.req.path.slice(at + '/api/v2/'.length)
    const query = new URL(c.req.url).searchParams
    const isDoor = path === 'auth/access_token/get' || path === 'auth/token/get'
    signed(shop, { paths: [c.req.path.slice(at), c.req.path], query, isShop: !isDoor })
    const text = await c.req.text()
    const body = text === '' ? {} : parseJson(text)
    if (!isRecord(body)) throw new ShopeeError('error_param', 'Request body is not a valid json.')
    if (isDoor) return plain(requestId, tokens(shop, path, asRecord(body), spent))
    const api = APIS[`${c.req.method} ${path}`]
    if (!api) throw new ShopeeError('error_not_found', 'API not found.', 404)
    const { response, returned, plain: isPlain } = api(shop, { query, body: asRecord(body) })
    c.set('returned', returned ?? [])
    return isPlain === true ? plain(requestId, Object(response)) : success(requestId, response)
  } catch (error) {
    if (error instanceof ShopeeError) return refusal(requestId, error)
    throw error
  }
}

interface Call {
  /** As the vendor names it, and as it was called through a relay. */
  readonly paths: readonly string[]
  readonly query: URLSearchParams
  readonly isShop: boolean
}

function signed(shop: ShopeeShop, { paths, query, isShop }: Call): void {
  const { partnerId, partnerKey, shopId } = shop.settings
  const need = (name: string): string => {
    const value = query.get(name) ?? ''
    if (value === '') throw new ShopeeError('error_param', name === 'timestamp' ? 'no timestamp' : `There is no ${name} in query.`)
    return value
  }
  if (need('partner_id') !== partnerId) throw new ShopeeError('error_param', 'Invalid partner_id.')
  const stamp = need('timestamp')
  if (!/^\d{10}$/.test(stamp) || shop.clock.now() - Number(stamp) * 1000 > LIVES_MS) throw new ShopeeError('error_param', 'Invalid timestamp')
  const [sign, own] = [need('sign'), isShop ? `${need('access_token')}${need('shop_id')}` : '']
  const made = paths.map((path) => createHmac('sha256', partnerKey).update(`${partnerId}${path}${stamp}${own}`).digest('hex'))
  if (!made.includes(sign)) throw new ShopeeError('error_sign', 'Wrong sign.', 403)
  if (!isShop) return
  if (query.get('shop_id') !== shopId) throw new ShopeeError('error_auth', 'Invalid shop_id.', 403)
  if (!shop.access.isLive(query.get('access_token') ?? ''))
    throw new ShopeeError('invalid_acceess_token', 'Invalid access_token, please have a check.', 403)
}

/** A refresh token and a code are good once. */
function tokens(shop: ShopeeShop, path: string, body: Readonly<Record<string, unknown>>, spent: Set<string>): object {
  const { partnerId, shopId, code } = shop.settings
  if (String(body['partner_id']) !== partnerId) throw new ShopeeError('error_param', 'Invalid partner_id.')
  if (String(body['shop_id']) !== shopId) throw new ShopeeError('error_auth', 'Invalid shop_id.', 403)
  const made =
    path === 'auth/token/get' ? byCode(shop, asText(body['code']) ?? '', code, spent) : shop.access.renew(asText(body['refresh_token']) ?? '')
  if (!made)
    throw new ShopeeError(
      path === 'auth/token/get' ? 'invalid_code' : 'error_auth',
      path === 'auth/token/get' ? 'Invalid code' : 'Invalid refresh_token.',
      403,
    )
  const expire_in = Math.floor((made.endsAt - shop.clock.now()) / 1000)
  return { access_token: made.token, refresh_token: made.refresh, expire_in, partner_id: Number(partnerId), shop_id: Number(shopId) }
}

function byCode(shop: ShopeeShop, given: string, code: string, spent: Set<string>): Tokens | undefined {
  if (given !== code || spent.has(given)) return undefined
  spent.add(given)
  return shop.access.issue()
}

/** 3: an order's status, 4: a number of a parcel, 29: a return. */
function pushesOf(shop: ShopeeShop, event: MarketEvent, to: Subscription): readonly PushRequest[] {
  const { order, refund, shipment, at } = event
  const time = Math.floor(at / 1000)
  const status = { items: [], ordersn: order.id, status: statusOf(shop.rules, order), completed_scenario: '', update_time: time }
  const all: (readonly [number, object])[] = [[3, status]]
  if (shipment)
    all.push([4, { ordersn: order.id, forder_id: order.id, package_number: shop.numbers.get(shipment.id) ?? '', tracking_no: shipment.tracking }])
  if (refund && !isCancellation(refund))
    all.push([29, { return_sn: refund.id, order_sn: order.id, return_status: RETURN_STATUS[refund.state], update_time: time }])
  return all.map(([code, data]) => {
    const body = JSON.stringify({ msg_id: shop.random.hex(32), data, shop_id: Number(shop.settings.shopId), code, timestamp: time })
    const authorization = createHmac('sha256', shop.settings.pushKey).update(`${to.url}|${body}`).digest('hex')
    return { topic: String(code), headers: { 'content-type': 'application/json', authorization }, body }
  })
}

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>SGW</center></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

/** A proxy in front of the gateway, and the gateway's own refusals. */
const faults: FaultAnswers = {
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Temporarily Unavailable'),
  html: () => html(200, 'Shopee Open Platform'),
  throttledAs200: () => refusal('fault', new ShopeeError('error_rate_limit', 'Too many requests, please try again later.')),
  unauthorized: () => refusal('fault', new ShopeeError('invalid_acceess_token', 'Invalid access_token, please have a check.', 403)),
  nullData: () => success('fault', null),
}
