import type { FaultAnswers } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import type { MarketEvent } from '../stage/market/model.ts'
import type { PushRequest } from '../stage/market/webhooks.ts'
import { gateway } from './gateway.ts'
import { isCancellation, reverseLines, unitsOf } from './units.ts'
import { answer, expectedAuthorization, Refusal, refusalAnswer } from './wire.ts'
import { CANCELLATION, COUNTRIES, lazadaRules, PUSHED, REVERSE, type LazadaSettings, type LazadaShop } from './words.ts'

export interface LazadaOptions extends Partial<LazadaSettings> {
  readonly seed?: number
}

const usual: LazadaSettings = {
  name: 'Sandbox Lazada',
  appKey: '123456',
  appSecret: 'sandbox-lazada-secret-0001',
  accessToken: '50000601sandboxaccesstoken0001',
  refreshToken: '50001600sandboxrefreshtoken0001',
  sellerId: '1000143772',
  country: 'sg',
}

/** A simulated gateway of one country with one shop behind it: `/rest/<interface>` under any folder, the token door beside it. */
export function createLazada(options: LazadaOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

const WRITES = /\/(?:fulfill\/pack|package\/rts|order\/rts|order\/pack|price_quantity\/update|sellable\/update|seller\/decide)$/

function skinOf(settings: LazadaSettings): MarketSkin {
  const shopOf = (market: Market): LazadaShop => Object.assign(market, { settings })
  const { appKey, appSecret, accessToken, refreshToken, country } = settings
  return {
    channel: 'lazada',
    timezone: COUNTRIES[country].timezone,
    rules: lazadaRules(settings),
    credentials: { appKey, appSecret, accessToken, refreshToken },
    routes(app, market) {
      app.all('/rest/*', (c) => gateway(shopOf(market), c))
      app.all('*', () => html(404, '404 Not Found'))
    },
    faults,
    // Deciding is a GET.
    isWrite: (c) => WRITES.test(c.req.path),
    // Names neither tokens nor what was asked for.
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: '' }),
    settings: (url) => ({ country, sellerId: settings.sellerId, url: `${url}/rest`, authUrl: `${url}/rest` }),
    push: {
      deliver: (event, _subscription, market) => messagesOf(shopOf(market), event),
      accepted: (status) => status === 200,
      attempts: 3,
      retryMs: 200,
    },
  }
}

/** A message for each item whose status changed; it says no more than that. */
function messagesOf(shop: LazadaShop, event: MarketEvent): readonly PushRequest[] {
  const type = PUSHED[event.topic]
  const { settings } = shop
  const seconds = Math.floor(event.at / 1000)
  const message = (data: Readonly<Record<string, unknown>>): PushRequest => {
    const body = JSON.stringify({
      seller_id: settings.sellerId,
      message_type: type,
      data,
      timestamp: shop.clock.now(),
      site: `lazada_${settings.country}`,
    })
    const authorization = expectedAuthorization(settings.appKey, body, settings.appSecret)
    return { topic: String(type), headers: { 'content-type': 'application/json', authorization }, body }
  }
  if (type === 0)
    return unitsOf(event.order).map(({ id, status }) =>
      message({
        order_status: status,
        trade_order_id: event.order.id,
        trade_order_line_id: id,
        status_update_time: seconds,
        buyer_id: 100_000 + event.order.person,
      }),
    )
  const { refund } = event
  if (type === undefined || !refund) return []
  return reverseLines(refund).map(({ id, unitId }) =>
    message({
      reverse_order_id: Number(refund.id),
      reverse_order_line_id: Number(id),
      reverse_status: (isCancellation(refund) ? CANCELLATION : REVERSE)[refund.state],
      trade_order_id: Number(event.order.id),
      trade_order_line_id: Number(unitId),
      status_update_time: seconds,
      seller_id: Number(settings.sellerId),
      buyer_id: 100_000 + event.order.person,
      extraParams: {},
    }),
  )
}

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><h1>${title}</h1><hr/>Tengine</body></html>`, {
    status,
    headers: { 'content-type': 'text/html;charset=UTF-8' },
  })

/** A proxy in front of the gateway, and the gateway's own refusals under HTTP 200. */
const faults: FaultAnswers = {
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Temporarily Unavailable'),
  html: () => html(200, 'Lazada Open Platform'),
  throttledAs200: () => refusalAnswer(new Refusal('ApiCallLimit', 'Api access frequency exceeds the limit. this ban will last 1 seconds')),
  unauthorized: () => refusalAnswer(new Refusal('IllegalAccessToken', 'The specified access token is invalid or expired')),
  nullData: () => answer({ data: null }),
}
