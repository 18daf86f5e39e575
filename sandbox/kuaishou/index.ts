import type { Context } from 'hono'
import { isRecord, parseJson } from '../stage/json-input.ts'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import type { MarketEvent } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import type { PushRequest } from '../stage/market/webhooks.ts'
import { APIS } from './api.ts'
import { answer, encrypted, Refusal, refusal, signatureOf, success } from './wire.ts'
import { handlingWay, kuaishouRules, refundStatus, TOPICS, type KuaishouSettings, type KuaishouShop } from './words.ts'

export interface KuaishouOptions extends Partial<KuaishouSettings> {
  readonly seed?: number
}

const usual: KuaishouSettings = {
  name: '沙箱快手小店',
  appKey: 'ks600000000000000001',
  appSecret: 'sandbox-app-secret-0001',
  signSecret: 'sandbox-sign-secret-0001',
  messageKey: 'c2FuZGJveC1tZXNzYWdlLQ==',
  accessToken: 'ChFvYXV0aC5hY2Nlc3NUb2tlbhsandbox0001',
  refreshToken: 'ChJvYXV0aC5yZWZyZXNoVG9rZW4sandbox0001',
  sellerId: 2_161_524_184,
}

/** A simulated Kuaishou platform with one shop behind it: `/open/…` and `/oauth2/refresh_token` under any folder. */
export function createKuaishou(options: KuaishouOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: KuaishouSettings): MarketSkin {
  const shopOf = (market: Market): KuaishouShop => Object.assign(market, { settings })
  const { appKey, appSecret, signSecret, messageKey, accessToken, refreshToken } = settings
  return {
    channel: 'kuaishou',
    timezone: 'Asia/Shanghai',
    rules: kuaishouRules(settings),
    credentials: { appKey, appSecret, signSecret, messageKey, accessToken, refreshToken },
    routes(app, market) {
      app.post('/oauth2/refresh_token', (c) => token(shopOf(market), c))
      app.all('/open/*', (c) => gateway(shopOf(market), c))
      app.all('*', () => html(404, '404 Not Found'))
    },
    faults,
    isWrite: (c) => APIS[methodOf(c)]?.verb === 'POST' && methodOf(c) !== 'open.order.decrypt.batch',
    describe: async (c) => ({
      path: c.req.path.replace(/^\/[^/]+/, ''),
      query: c.req.query('param') ?? new URLSearchParams(await c.req.text()).get('param') ?? '',
    }),
    push: {
      deliver: (event, _subscription, market) => pushesOf(shopOf(market), event),
      accepted: (status, body) => status === 200 && /"result"\s*:\s*1\b/.test(body),
      attempts: 3,
      retryMs: 200,
    },
  }
}

const methodOf = (c: Context<FaultEnv>): string => c.req.path.slice(c.req.path.indexOf('/open/') + 1).replaceAll('/', '.')

async function gateway(shop: KuaishouShop, c: Context<FaultEnv>): Promise<Response> {
  const requestId = shop.random.hex(16)
  try {
    const params = new URLSearchParams(new URL(c.req.url).search)
    const api = APIS[methodOf(c)]
    if (!api || params.get('method') !== methodOf(c)) throw new Refusal(10, 'Invalid url')
    if (c.req.method !== api.verb) throw new Refusal(12, '请求方式错误')
    if (api.verb === 'POST') {
      if (!(c.req.header('content-type') ?? '').includes('application/x-www-form-urlencoded')) throw new Refusal(12, 'Content-Type错误')
      params.set('param', new URLSearchParams(await c.req.text()).get('param') ?? '')
    }
    const param = checked(shop, params)
    const { data, beside, returned } = api.run(shop, param)
    c.set('returned', returned ?? [])
    return success(requestId, data, beside)
  } catch (error) {
    if (error instanceof Refusal) return refusal(requestId, error)
    throw error
  }
}

/** App, signature, token, in this order; then what the call says. */
function checked(shop: KuaishouShop, params: URLSearchParams): Readonly<Record<string, unknown>> {
  const missing = ['appkey', 'method', 'version', 'access_token', 'timestamp', 'signMethod', 'sign'].find((name) => !params.get(name))
  if (missing !== undefined) throw new Refusal(13, `${missing} not exist`)
  if (params.get('appkey') !== shop.settings.appKey) throw new Refusal(22, 'appkey无效')
  if (!/^\d{13}$/.test(params.get('timestamp') ?? '')) throw new Refusal(14, 'timestamp无效')
  if (params.get('sign') !== signatureOf(params, shop.settings.signSecret)) throw new Refusal(28, '签名校验失败')
  if (!shop.access.isLive(params.get('access_token') ?? '')) throw new Refusal(24, 'AUTHORIZATION_REVOKED')
  const param = parseJson(params.get('param') ?? '')
  if (!isRecord(param)) throw new Refusal(2001, 'param无效', '2001')
  return param
}

/** A refresh token is spent by its use and hands out the next one. */
async function token(shop: KuaishouShop, c: Context<FaultEnv>): Promise<Response> {
  const form = new URLSearchParams(await c.req.text())
  const refuse = (result: number, error: string, message: string): Response => answer({ result, error, error_msg: message })
  if (form.get('grant_type') !== 'refresh_token') return refuse(100_200_104, 'unsupported_grant_type', 'unsupported_grant_type')
  if (form.get('app_id') !== shop.settings.appKey || form.get('app_secret') !== shop.settings.appSecret)
    return refuse(100_200_101, 'unauthorized_client', 'unauthorized_client')
  const pair = shop.access.renew(form.get('refresh_token') ?? '')
  if (!pair) return refuse(100_200_102, 'access_denied', 'refreshToken.discarded')
  return answer({
    result: 1,
    access_token: pair.token,
    expires_in: Math.floor((pair.endsAt - shop.clock.now()) / 1000),
    refresh_token: pair.refresh,
    refresh_token_expires_in: 15_552_000,
    scopes: ['merchant_order', 'merchant_refund', 'merchant_item', 'merchant_logistics'],
  })
}

/** One message; the whole body is encrypted and nothing is signed. */
function pushesOf(shop: KuaishouShop, { topic, order, refund, at }: MarketEvent): readonly PushRequest[] {
  const event = TOPICS[topic]
  if (event === '') return []
  const { sellerId, appKey, messageKey } = shop.settings
  const info = refund
    ? { orderId: Number(order.id), refundId: Number(refund.id), handlingWay: handlingWay(refund), status: refundStatus(refund), updateTime: at }
    : { oid: Number(order.id), sellerId, status: Number(statusOf(shop.rules, order)), updateTime: at }
  const message = {
    eventId: `${shop.random.int(100, 999)}_${shop.random.int(1000, 9999)}_${at}`,
    msgId: `84_${at}`,
    bizId: Number(refund?.id ?? order.id),
    userId: sellerId,
    openId: 'f1b68e8f2a4995ed14bf57245903fd9a',
    appKey,
    event,
    info: JSON.stringify(info),
    status: 2,
    createTime: at,
    updateTime: at,
  }
  return [{ topic: event, headers: { 'content-type': 'text/plain;charset=utf-8' }, body: encrypted(JSON.stringify(message), messageKey) }]
}

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`, {
    status,
    headers: { 'content-type': 'text/html;charset=UTF-8' },
  })

/** A proxy in front of the gateway, and the gateway's own refusals under HTTP 200. */
const faults: FaultAnswers = {
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Temporarily Unavailable'),
  html: () => html(200, '快手小店开放平台'),
  throttledAs200: () =>
    refusal('fault', new Refusal(1016, 'Exceed qps limit, KEY [apiId:open.order.cursor.list;appkey:ks600000000000000001], MAX_QPS [20.0]')),
  unauthorized: () => refusal('fault', new Refusal(24, 'AUTHORIZATION_REVOKED')),
  nullData: () => success('fault', null),
}
