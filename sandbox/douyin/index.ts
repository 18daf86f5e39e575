import { asText } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { douyinFaults, isWrite } from './fault-answers.ts'
import { handle } from './gateway.ts'
import { messageOf, pushed, trial } from './push.ts'
import { douyinRules, type DouyinSettings, type DouyinShop } from './words.ts'

export interface DouyinOptions extends Partial<DouyinSettings> {
  readonly seed?: number
}

export interface DouyinSim extends MarketSim {
  readonly channel: 'douyin'
}

const usual: DouyinSettings = { name: 'Sandbox 抖店', appKey: '6800000000000000001', appSecret: 'sandbox-doudian-secret', shopId: '4463798' }

/** A simulated open gateway with one shop behind it; an app of the seller's own makes its tokens itself. */
export function createDouyin(options: DouyinOptions = {}): DouyinSim {
  const { seed, ...given } = options
  return { ...createMarketSim(douyinSkin({ ...usual, ...given }), seed), channel: 'douyin' }
}

function douyinSkin(settings: DouyinSettings): MarketSkin {
  const answered = new Map<string, unknown>()
  const shopOf = (market: Market): DouyinShop => Object.assign(market, { settings, answered })
  const { appKey, appSecret, shopId } = settings
  return {
    channel: 'douyin',
    timezone: 'Asia/Shanghai',
    rules: douyinRules,
    credentials: { appKey, appSecret },
    routes(app, market) {
      app.post('*', (c) => handle(shopOf(market), c))
      app.all('*', () => new Response('<html><body>404 Not Found</body></html>', { status: 404, headers: { 'content-type': 'text/html' } }))
    },
    faults: douyinFaults,
    isWrite,
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: new URL(c.req.url).searchParams.get('method') ?? '' }),
    settings: (url) => ({ url, shopId }),
    push: {
      deliver: (event, _to, market) => [pushed(shopOf(market), [messageOf(shopOf(market), event)])],
      accepted: (status, body) => status === 200 && /"code"\s*:\s*0/.test(body),
      attempts: 3,
      retryMs: 200,
    },
    levers: (market) => ({
      // Sent by hand from the page where the address is entered.
      'try-address': (input) => market.webhooks.send(asText(input['url']) ?? '', trial(shopOf(market))),
    }),
  }
}
