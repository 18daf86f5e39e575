import type { Context } from 'hono'
import { asRecord, asText, isRecord, parseJson, type JsonRecord } from '../stage/json-input.ts'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { APIS } from './api.ts'
import { Refusal, refusal, signatureOf, success } from './wire.ts'
import { xiaohongshuRules, type XiaohongshuSettings, type XiaohongshuShop } from './words.ts'

const usual: XiaohongshuSettings = {
  name: '沙箱小红书店铺',
  appId: 'sandbox-app-0001',
  appSecret: 'sandbox-app-secret-0001',
  accessToken: 'token-sandbox-0001',
  refreshToken: 'refresh-sandbox-0001',
  sellerId: '66ee00000000000000000001',
}

/** A simulated gateway of Xiaohongshu with one shop behind it, at `/ark/open_api/v3/common_controller`. */
export function createXiaohongshu(options: Partial<XiaohongshuSettings> & { readonly seed?: number } = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

const PATH = '/ark/open_api/v3/common_controller'

function skinOf(settings: XiaohongshuSettings): MarketSkin {
  const shopOf = (market: Market): XiaohongshuShop => Object.assign(market, { settings })
  const { appId, appSecret, accessToken, refreshToken } = settings
  return {
    channel: 'xiaohongshu',
    timezone: 'Asia/Shanghai',
    rules: xiaohongshuRules(settings),
    credentials: { appId, appSecret, accessToken, refreshToken },
    routes(app, market) {
      app.post(PATH, (c) => gateway(shopOf(market), c))
      app.all('*', () => html(404, '404 Not Found'))
    },
    faults,
    isWrite: async (c) => APIS[asText((await givenIn(c))['method']) ?? '']?.isWrite === true,
    describe: async (c) => describe(await givenIn(c)),
    settings: (url) => ({ url: `${url}${PATH}` }),
  }
}

const givenIn = async (c: Context<FaultEnv>): Promise<JsonRecord> => asRecord(parseJson(await c.req.text()))

/** The method, and what was said beside the system's own parameters. */
function describe(given: JsonRecord): { readonly path: string; readonly query: string } {
  const { method, appId: _app, timestamp: _at, version: _version, sign: _sign, accessToken: _token, ...rest } = given
  return { path: asText(method) ?? PATH, query: JSON.stringify(rest) }
}

async function gateway(shop: XiaohongshuShop, c: Context<FaultEnv>): Promise<Response> {
  try {
    const given = parseJson(await c.req.text())
    if (!isRecord(given)) throw new Refusal(-2_000_400, '参数错误')
    const text = (name: string): string => asText(given[name]) ?? ''
    const [method, appId, timestamp, version] = [text('method'), text('appId'), text('timestamp'), text('version')]
    if (appId !== shop.settings.appId) throw new Refusal(403, 'appId不存在')
    if (!/^\d{10}$/.test(timestamp) || version !== '2.0') throw new Refusal(-2_000_400, '参数错误:timestamp')
    if (text('sign') !== signatureOf({ method, appId, timestamp, version }, shop.settings.appSecret)) throw new Refusal(403, '签名错误')
    if (method === 'oauth.refreshToken') return token(shop, text('refreshToken'))
    const api = APIS[method]
    if (!api) throw new Refusal(404, '接口不存在或无权限')
    if (!shop.access.isLive(text('accessToken'))) throw new Refusal(401, 'accessToken已过期')
    const { data, returned } = api.run(shop, given)
    c.set('returned', returned ?? [])
    return success(data, api.isWrapped === true)
  } catch (error) {
    if (error instanceof Refusal) return refusal(error)
    throw error
  }
}

/** The pair of now while it has more than half an hour left, else a new one. */
function token(shop: XiaohongshuShop, refresh: string): Response {
  const now = shop.access.current()
  const isFresh = now !== undefined && now.refresh === refresh && now.endsAt - shop.clock.now() > 1_800_000
  const pair = isFresh ? now : shop.access.renew(refresh)
  if (!pair) throw new Refusal(401, 'refreshToken已过期')
  const endsAt = Number.isFinite(pair.endsAt) ? pair.endsAt : shop.clock.now() + 604_800_000
  const data = {
    accessToken: pair.token,
    accessTokenExpiresAt: endsAt,
    refreshToken: pair.refresh,
    refreshTokenExpiresAt: endsAt + 604_800_000,
    sellerId: shop.settings.sellerId,
    sellerName: shop.settings.name,
  }
  return success(data, false)
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
  html: () => html(200, '小红书开放平台'),
  throttledAs200: () => refusal(new Refusal(-9013, '触发Method维度的限流')),
  unauthorized: () => refusal(new Refusal(401, 'accessToken已过期')),
  nullData: () => success(null, false),
}
