import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { APIS, WRITES } from './api.ts'
import { pushesOf } from './push.ts'
import { answer, MeituanError, refusal, signatureOf } from './wire.ts'
import { meituanRules, type MeituanSettings, type MeituanShop } from './words.ts'

export interface MeituanOptions extends Partial<MeituanSettings> {
  readonly seed?: number
}

const usual: MeituanSettings = {
  name: '沙箱便利店(望京店)',
  appId: '100001',
  appSecret: 'sandbox-meituan-secret-0001',
  accessToken: 'token_sandbox_meituan_access_1',
  refreshToken: 'token_sandbox_meituan_refresh_1',
  poi: 'poi-1',
}

/** A simulated open gateway with one shop behind it, bound to an app of a service provider. */
export function createMeituan(options: MeituanOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given, ...(given.name === undefined ? {} : { name: usual.name }) }), seed)
}

function skinOf(settings: MeituanSettings): MarketSkin {
  const more = { settings, accepted: new Set<string>(), ready: new Set<string>() }
  const shopOf = (market: Market): MeituanShop => Object.assign(market, more)
  const { appId, appSecret, accessToken, refreshToken, poi } = settings
  return {
    channel: 'meituan',
    timezone: 'Asia/Shanghai',
    rules: meituanRules(settings, more.accepted),
    credentials: { appId, appSecret, accessToken, refreshToken },
    routes(app, market) {
      app.all('/api/v1/*', (c) => gateway(shopOf(market), c))
      app.all('*', () => html(404, '404 Not Found'))
    },
    faults,
    isWrite: (c) => WRITES.test(c.req.path),
    describe: (c) => ({ path: pathOf(c), query: '' }),
    settings: (url) => ({ url: `${url}/api/v1`, shopId: poi, city: '北京市', courierName: '张师傅', courierPhone: '13800000000' }),
    push: {
      deliver: (event, to, market) => pushesOf(shopOf(market), event, to.url),
      accepted: (status, body) => status === 200 && /"data"\s*:\s*"ok"/.test(body),
      attempts: 3,
      retryMs: 200,
    },
  }
}

const pathOf = (c: Context<FaultEnv>): string => c.req.path.slice(c.req.path.indexOf('/api/v1/') + 8)

async function gateway(shop: MeituanShop, c: Context<FaultEnv>): Promise<Response> {
  try {
    const given = new Map<string, string>(new URL(c.req.url).searchParams)
    if (c.req.method === 'POST') for (const [name, value] of new URLSearchParams(await c.req.text())) given.set(name, value)
    assertSigned(shop, given, `${shop.site}/api/v1/${pathOf(c)}`)
    if (pathOf(c) === 'oauth/token') return renew(shop, given)
    if (!shop.access.isLive(given.get('access_token') ?? '')) throw new MeituanError(4001, '用户token已过期，需重新获取')
    const api = APIS[pathOf(c)]
    if (!api || api.method !== c.req.method) throw new MeituanError(708, '没有权限访问该接口')
    const { doc, returned } = api.run(shop, given)
    c.set('returned', returned ?? [])
    return answer(doc)
  } catch (error) {
    if (error instanceof MeituanError) return refusal(error.code, error.message)
    throw error
  }
}

/** Ten minutes to either side. */
const SKEW_S = 600

function assertSigned(shop: MeituanShop, given: ReadonlyMap<string, string>, url: string): void {
  for (const name of ['app_id', 'timestamp', 'sig']) if ((given.get(name) ?? '') === '') throw new MeituanError(701, `缺少参数，数据不完整:${name}`)
  if (given.get('app_id') !== shop.settings.appId) throw new MeituanError(702, 'app_id不存在')
  if (given.get('sig') !== signatureOf(url, given, shop.settings.appSecret)) throw new MeituanError(703, '签名验证错误')
  if (!(Math.abs(Number(given.get('timestamp')) - shop.clock.now() / 1000) <= SKEW_S)) throw new MeituanError(705, '参数格式错误:timestamp')
}

function renew(shop: MeituanShop, given: ReadonlyMap<string, string>): Response {
  const pair = given.get('grant_type') === 'refresh_token' ? shop.access.renew(given.get('refresh_token') ?? '') : undefined
  if (!pair) return answer({ status: 4001, message: 'refresh_token已过期' })
  const seconds = Math.floor((pair.endsAt - shop.clock.now()) / 1000)
  return answer({ status: 0, access_token: pair.token, expires_in: seconds, refresh_token: pair.refresh, re_expires_in: seconds, message: '' })
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
  html: () => html(200, '登录 - 美团'),
  throttledAs200: () => refusal(711, '接口调用过于频繁，触发流控，请降低调用频率'),
  unauthorized: () => refusal(703, '签名验证错误'),
  nullData: () => answer({ data: null }),
}
