import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { asRecord, asText, isRecord, parseJson } from '../stage/json-input.ts'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import type { MarketEvent } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import type { PushRequest } from '../stage/market/webhooks.ts'
import { APIS } from './api.ts'
import { detailView } from './views.ts'
import { GatewayError, gatewayRefusal, ServiceError, serviceRefusal, stamp, success, tokenAnswer, tokenRefusal } from './wire.ts'
import { TOPICS, youzanRules, type YouzanSettings, type YouzanShop } from './words.ts'

export interface YouzanOptions extends Partial<YouzanSettings> {
  readonly seed?: number
}

const usual: YouzanSettings = { name: '沙箱有赞店', clientId: 'sandboxclient0001', clientSecret: 'sandbox-client-secret-0001', kdtId: '187395218' }

/** A simulated Youzan cloud with one shop behind it: `/api/<interface>/<version>` and `/auth/token` under any folder. */
export function createYouzan(options: YouzanOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: YouzanSettings): MarketSkin {
  const shopOf = (market: Market): YouzanShop => Object.assign(market, { settings })
  return {
    channel: 'youzan',
    timezone: 'Asia/Shanghai',
    rules: youzanRules(settings),
    credentials: {
      clientId: settings.clientId,
      clientSecret: settings.clientSecret,
      ...(settings.refreshToken === undefined ? {} : { refreshToken: settings.refreshToken }),
    },
    routes(app, market) {
      app.post('/auth/token', (c) => token(shopOf(market), c))
      app.all('/api/*', (c) => gateway(shopOf(market), c))
      app.all('*', () => html(404, '404 Not Found'))
    },
    faults,
    isWrite: (c) => /quantity\.update|online\.confirm|refund\.(?:agree|refuse)/.test(c.req.path),
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: '' }),
    settings: (url) => ({ url, kdtId: settings.kdtId }),
    push: {
      deliver: (event, _subscription, market) => pushesOf(shopOf(market), event),
      accepted: (status, body) => status === 200 && body.includes('success'),
      attempts: 3,
      retryMs: 200,
    },
  }
}

/** The token stands in the address and nowhere else; which interface was meant is looked at before it. */
async function gateway(shop: YouzanShop, c: Context<FaultEnv>): Promise<Response> {
  const traceId = `yz7-${shop.random.hex(12)}`
  try {
    const path = c.req.path.slice(c.req.path.indexOf('/api/') + 5)
    if (!/^[\w.]+\/\d+\.\d+\.\d+$/.test(path)) throw new GatewayError(4001, '非法请求地址')
    const api = APIS[path]
    if (!api) throw new GatewayError(4005, '非法的API')
    const type = c.req.header('content-type') ?? ''
    if (c.req.method !== 'POST' || !type.includes('application/json'))
      throw new GatewayError(4007, `非法的请求姿势，httpMethod:${c.req.method}, contentType:${type}`)
    const given = c.req.query('access_token') ?? ''
    if (given === '') throw new GatewayError(4201, '非法的请求凭证')
    if (!shop.access.isLive(given)) throw new GatewayError(4203, 'Token 不存在')
    const body = parseJson(await c.req.text())
    if (!isRecord(body)) throw new GatewayError(4004, '非法的Content')
    const { data, returned } = api(shop, body)
    c.set('returned', returned ?? [])
    return success(traceId, data)
  } catch (error) {
    if (error instanceof GatewayError) return gatewayRefusal(traceId, error.code, error.message)
    if (error instanceof ServiceError) return serviceRefusal(traceId, error)
    throw error
  }
}

/**
 * Apps of one's own: `refresh` false hands out the token of now, true makes a new one; a dead one is replaced in any case.
 * Apps of the market spend their refresh token for the next pair.
 */
async function token(shop: YouzanShop, c: Context<FaultEnv>): Promise<Response> {
  const body = asRecord(parseJson(await c.req.text()))
  const { clientId, clientSecret, kdtId, refreshToken } = shop.settings
  if (body['client_id'] !== clientId) return tokenRefusal(1103, 'Client 不存在')
  if (body['client_secret'] !== clientSecret) return tokenRefusal(1000, '应用信息错误')
  const isOwn = refreshToken === undefined
  if (body['authorize_type'] !== (isOwn ? 'silent' : 'refresh_token')) return tokenRefusal(1105, '不支持的应用类型')
  if (isOwn && asText(body['grant_id']) !== kdtId) return tokenRefusal(1103, '授权关系不存在')
  const pair = isOwn
    ? ((body['refresh'] === true ? undefined : shop.access.current()) ?? shop.access.issue())
    : shop.access.renew(asText(body['refresh_token']) ?? '')
  if (!pair) return isOwn ? tokenRefusal(1103, '授权关系不存在') : tokenRefusal(1004, '授权关系已过期')
  const next = isOwn ? {} : { refresh_token: pair.refresh }
  return tokenAnswer({ expires: pair.endsAt, scope: 'trade item logistics', access_token: pair.token, authority_id: kdtId, ...next })
}

/** Older messages carry URL-encoded JSON, those of refunds that are done an object. */
function pushesOf(shop: YouzanShop, event: MarketEvent): readonly PushRequest[] {
  const { order, refund, at } = event
  return TOPICS[event.topic].map((topic) => {
    const short = { tid: order.id, update_time: stamp(at), ...(refund ? { refund_id: refund.id, version: refund.modifiedAt } : {}) }
    const msg = /Create$|Paid$|BuyerPay$/.test(topic) && !refund ? detailView(shop, order) : short
    const { clientId, clientSecret, kdtId, name } = shop.settings
    const text = topic.startsWith('youzan_') ? msg : encodeURIComponent(JSON.stringify(msg))
    const body = JSON.stringify({
      client_id: clientId,
      kdt_id: Number(kdtId),
      kdt_name: name,
      id: order.id,
      type: topic,
      status: statusOf(shop.rules, order),
      msg: text,
      msg_id: shop.random.hex(16),
      version: Math.floor(at / 1000),
      sendCount: 0,
      mode: 1,
      test: false,
    })
    const sign = createHash('md5').update(clientId).update(body).update(clientSecret).digest('hex')
    return { topic, headers: { 'content-type': 'application/json', 'event-sign': sign, 'event-type': topic, 'client-id': clientId }, body }
  })
}

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><h1>${title}</h1><hr/>Powered by Tengine</body></html>`, {
    status,
    headers: { 'content-type': 'text/html;charset=UTF-8' },
  })

/** A proxy in front of the gateway, and the gateway's own refusals under HTTP 200. */
const faults: FaultAnswers = {
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Temporarily Unavailable'),
  html: () => html(200, '登录 - 有赞云'),
  throttledAs200: () => gatewayRefusal('yz7-fault', 4101, '请求太频繁'),
  unauthorized: () => gatewayRefusal('yz7-fault', 4203, 'Token 不存在'),
  nullData: () => success('yz7-fault', null),
}
