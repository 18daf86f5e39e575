import type { FaultAnswers } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { handle, parametersOf, renew } from './gateway.ts'
import { answer, errorAnswer, JosError } from './wire.ts'
import { isKnown, jdRules, type JdSettings, type JdShop } from './words.ts'

export interface JdOptions extends Partial<JdSettings> {
  readonly seed?: number
}

export interface JdSim extends MarketSim {
  readonly channel: 'jd'
}

const usual: JdSettings = {
  name: 'Sandbox JD',
  appKey: '7888CE9CSANDBOX',
  appSecret: 'sandbox-jd-secret',
  accessToken: 'sandbox-jd-access-token',
  refreshToken: 'sandbox-jd-refresh-token',
  venderId: '10001',
}

/** A simulated JOS gateway with one merchant behind it; mount it under any folder: `/routerjson`, and `/oauth2/refresh_token` beside it. */
export function createJd(options: JdOptions = {}): JdSim {
  const { seed, ...given } = options
  const settings = { ...usual, ...given }
  const sim = createMarketSim(jdSkin(settings), seed)
  const { ledger, market } = sim
  const isListed = (id: string): boolean => {
    const order = market.orders.get(id)
    return order !== undefined && isKnown(order)
  }
  return {
    ...sim,
    channel: 'jd',
    // Nobody outside ever sees an order that was not paid.
    ledger: { ...ledger, orders: () => ledger.orders().filter(({ orderId }) => isListed(orderId)) },
  }
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
  html: () => html(200, '京东商家开放平台 - 登录'),
  throttledAs200: () => errorAnswer(new JosError('2', '限制时间内调用失败次数', 'App Call Limited')),
  unauthorized: () => errorAnswer(new JosError('19', 'token已过期或者不存在，请重新授权访问', 'Invalid access_token')),
  nullData: () => answer('{"jingdong_pop_order_enSearch_responce":null}'),
}

const WRITES = /\.(?:updateSkuStock|shipment|replyRefund)$/

function jdSkin(settings: JdSettings): MarketSkin {
  const shopOf = (market: Market): JdShop => Object.assign(market, { settings })
  const { appKey, appSecret, accessToken, refreshToken } = settings
  return {
    channel: 'jd',
    timezone: 'Asia/Shanghai',
    rules: jdRules(settings),
    credentials: { appKey, appSecret, accessToken, refreshToken },
    routes(app, market) {
      app.use('*', async (c, next) => {
        await next()
        c.res.headers.set('date', new Date(market.clock.now()).toUTCString())
      })
      app.on(['GET', 'POST'], '/routerjson', (c) => handle(shopOf(market), c))
      app.on(['GET', 'POST'], '/oauth2/refresh_token', (c) => renew(shopOf(market), c))
      app.all('*', () => html(404, '404 Not Found'))
    },
    faults,
    isWrite: async (c) => WRITES.test((await parametersOf(c)).get('method') ?? ''),
    describe: async (c) => ({ path: c.req.path, query: (await parametersOf(c).catch(() => new Map<string, string>())).get('method') ?? '' }),
    settings: (url) => ({ url: `${url}/routerjson`, authUrl: `${url}/oauth2` }),
  }
}
