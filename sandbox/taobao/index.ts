import type { ChannelSim } from '../stage/channel-sim.ts'
import { asText } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSkin } from '../stage/market/index.ts'
import type { MarketControl } from '../stage/market/control.ts'
import { ship } from '../stage/market/shipping.ts'
import type { Done } from '../stage/shop-control.ts'
import { COMPANIES } from './companies.ts'
import { isWrite, taobaoFaults } from './fault-answers.ts'
import { handle, parametersOf } from './gateway.ts'
import { messagesOf, taobaoRules, type TaobaoSettings, type TaobaoShop } from './words.ts'

export interface TaobaoOptions extends Partial<TaobaoSettings> {
  readonly seed?: number
}

export interface TaobaoSim extends ChannelSim {
  readonly channel: 'taobao'
  readonly control: TaobaoControl
}

interface TaobaoControl extends MarketControl {
  /** An online logistics order without a number, as made by hand in the seller's backend. */
  beginOnline(orderId: string): Done
}

const usual: TaobaoSettings = {
  name: 'Sandbox Taobao',
  appKey: '21998877',
  appSecret: 'sandbox-app-secret',
  sessionKey: '6100sandboxsession',
  refreshToken: '6101sandboxrefresh',
  nick: 'sandbox旗舰店',
  sellerType: 'B',
}

/** A simulated TOP gateway with one seller behind it; mount it under any folder, the gateway is `/router/rest`. */
export function createTaobao(options: TaobaoOptions = {}): TaobaoSim {
  const { seed, ...given } = options
  const sim = createMarketSim(taobaoSkin({ ...usual, ...given }), seed)
  const control = { ...sim.control, beginOnline: (orderId: string) => beginOnline(sim.market, orderId) }
  return { ...sim, channel: 'taobao', control }
}

function taobaoSkin(settings: TaobaoSettings): MarketSkin {
  const shopOf = (market: Market): TaobaoShop => Object.assign(market, { settings })
  const { appKey, appSecret, sessionKey, refreshToken } = settings
  return {
    channel: 'taobao',
    timezone: 'Asia/Shanghai',
    rules: taobaoRules(settings),
    credentials: { appKey, appSecret, sessionKey, refreshToken },
    routes(app, market) {
      app.on(['GET', 'POST'], '/router/rest', (c) => handle(shopOf(market), c))
      app.all('*', () => new Response('<html><body>404 Not Found</body></html>', { status: 404, headers: { 'content-type': 'text/html' } }))
    },
    faults: taobaoFaults,
    isWrite,
    describe: async (c) => {
      const params = await parametersOf(c).catch(() => new Map<string, string>())
      return { path: '/router/rest', query: params.get('method') ?? '' }
    },
    settings: (url) => ({ url: `${url}/router/rest` }),
    messages: (event, market) => messagesOf(shopOf(market), event),
    levers: (market) => ({ 'begin-online': (input) => beginOnline(market, asText(input['orderId']) ?? '') }),
  }
}

function beginOnline(market: Market, orderId: string): Done {
  const trade = market.orders.get(orderId)
  const [carrier] = COMPANIES
  if (!trade || !carrier) return { ok: false, reason: `No trade ${orderId}.` }
  const made = ship(market, trade, { carrier, tracking: '', pending: true, by: 'seller' })
  return typeof made === 'string' ? { ok: false, reason: made } : { ok: true, orderId }
}
