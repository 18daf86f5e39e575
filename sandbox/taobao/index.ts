import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import type { ChannelSim } from '../stage/channel-sim.ts'
import { createClock } from '../stage/clock.ts'
import type { FaultEnv } from '../stage/faults.ts'
import { createFaultPlan } from '../stage/faults.ts'
import { createRandom } from '../stage/random.ts'
import type { TaobaoControl } from './control.ts'
import { createControl } from './control.ts'
import { taobaoFaults } from './fault-answers.ts'
import { handle, parametersOf } from './gateway.ts'
import { taobaoLevers } from './levers.ts'
import type { TaobaoSettings, TaobaoShop } from './shop.ts'
import { createShop } from './shop.ts'

export interface TaobaoOptions extends Partial<TaobaoSettings> {
  readonly seed?: number
}

export interface TaobaoSim extends ChannelSim {
  readonly channel: 'taobao'
  readonly control: TaobaoControl
}

const usual: TaobaoSettings = {
  name: 'Sandbox Taobao',
  appKey: '21998877',
  appSecret: 'sandbox-app-secret',
  sessionKey: '6100sandboxsession',
  refreshToken: '6101sandboxrefresh',
  nick: 'sandbox旗舰店',
  sellerType: 'B',
  listLagMs: 0,
}

/** A simulated TOP gateway with one seller behind it; mount it under any folder, the gateway is `/router/rest`. */
export function createTaobao(options: TaobaoOptions = {}): TaobaoSim {
  const { seed = 1, ...settings } = options
  const clock = createClock()
  const shop = createShop({ ...usual, ...settings }, clock, createRandom(seed))
  const faults = taobaoFaults(createFaultPlan)
  const control = createControl(shop, faults)
  const app = new Hono<FaultEnv>({ strict: false })
  app.use('*', recordRequest(shop), faults.middleware)
  app.on(['GET', 'POST'], '/router/rest', (c) => handle(shop, c))
  app.all('*', () => new Response('<html><body>404 Not Found</body></html>', { status: 404, headers: { 'content-type': 'text/html' } }))
  const { appKey, appSecret, sessionKey, refreshToken } = shop.settings
  return {
    channel: 'taobao',
    credentials: { appKey, appSecret, sessionKey, refreshToken },
    currency: 'CNY',
    timezone: 'Asia/Shanghai',
    app,
    ledger: shop.ledger,
    control,
    clock,
    faults,
    levers: taobaoLevers(control),
    settings: (url) => ({ url: `${url}/router/rest` }),
    // The gateway's answers carry no address of their own.
    setSite: () => undefined,
    stop: () => control.trickle(0),
  }
}

function recordRequest(shop: TaobaoShop): MiddlewareHandler<FaultEnv> {
  return async (c, next) => {
    await next()
    c.res.headers.set('date', new Date(shop.clock.now()).toUTCString())
    const fault = c.get('fault')
    const params = await parametersOf(c).catch(() => new Map<string, string>())
    shop.ledger.record({
      kind: 'request',
      method: c.req.method,
      path: '/router/rest',
      query: params.get('method') ?? '',
      status: c.res.status,
      returned: c.get('returned') ?? [],
      ...(fault === undefined ? {} : { fault }),
    })
  }
}
