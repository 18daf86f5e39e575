import type { Lever } from '../stage/control-routes.ts'
import { asText } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { changed } from '../stage/market/shop.ts'
import { handle, isWrite, parametersOf, pddFaults } from './gateway.ts'
import { pddRules, type PddSettings, type PddShop } from './words.ts'

const usual: PddSettings = {
  name: '沙盒旗舰店',
  clientId: 'sandbox-client-0001',
  clientSecret: 'sandbox-client-secret',
  accessToken: 'sandbox-access-token',
  refreshToken: 'sandbox-refresh-token',
  mallId: 171504183,
}

/** A simulated gateway of Pinduoduo with one shop behind it, at `/api/router`. Orders of kind `forming` or `review` wait until they are cleared. */
export function createPinduoduo(options: Partial<PddSettings> & { readonly seed?: number } = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skin({ ...usual, ...given }), seed)
}

function skin(settings: PddSettings): MarketSkin {
  const own: Pick<PddShop, 'settings' | 'extras' | 'cleared'> = { settings, extras: new Map(), cleared: new Set() }
  const shopOf = (market: Market): PddShop => Object.assign(market, own)
  const { clientId, clientSecret, accessToken, refreshToken } = settings
  return {
    channel: 'pinduoduo',
    timezone: 'Asia/Shanghai',
    rules: pddRules(settings),
    credentials: { clientId, clientSecret, accessToken, refreshToken },
    routes(app, market) {
      app.on(['GET', 'POST'], '/api/router', (c) => handle(shopOf(market), c))
      app.all('*', () => new Response('<html><body>404 Not Found</body></html>', { status: 404, headers: { 'content-type': 'text/html' } }))
    },
    faults: pddFaults,
    isWrite,
    describe: async (c) => ({ path: '/api/router', query: (await parametersOf(c)).get('type') ?? '' }),
    settings: (url) => ({ url: `${url}/api/router` }),
    levers: (market) => ({ clear: clearing(shopOf(market)) }),
  }
}

/** The review of an order is over, or its group has come together. */
const clearing =
  (shop: PddShop): Lever =>
  (input) => {
    const order = shop.orders.get(asText(input['orderId']) ?? '')
    if (!order) return { ok: false, reason: 'No such order.' }
    shop.cleared.add(order.id)
    changed(shop, order, { change: 'status', by: 'seller', topic: 'status' })
    return { ok: true, orderId: order.id }
  }
