import { buildSchema } from 'graphql'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import type { ChannelSim } from '../stage/channel-sim.ts'
import type { SimClock } from '../stage/clock.ts'
import { createClock } from '../stage/clock.ts'
import type { FaultEnv, FaultPlan } from '../stage/faults.ts'
import { createFaultPlan } from '../stage/faults.ts'
import type { Ledger } from '../stage/ledger.ts'
import { createRandom } from '../stage/random.ts'
import { adminRoot } from './admin-api.ts'
import type { VendureControl } from './control.ts'
import { createControl } from './control.ts'
import { createEvents } from './events.ts'
import { vendureFaults } from './fault-answers.ts'
import type { GraphqlHttp } from './graphql-http.ts'
import { createGraphqlHttp } from './graphql-http.ts'
import { vendureLevers } from './levers.ts'
import { adminSchema, shopSchema } from './schema.ts'
import { callerOf } from './sessions.ts'
import type { VendureSettings, VendureShop } from './shop.ts'
import { createShop } from './shop.ts'
import { shopRoot } from './shop-api.ts'

export interface VendureOptions extends Partial<VendureSettings> {
  readonly seed?: number
}

export interface VendureSim extends ChannelSim {
  readonly channel: 'vendure'
  readonly credentials: { readonly username: string; readonly password: string }
  /** Serves `/admin-api` and `/shop-api`; mount it under any folder. Faults that touch the socket need @hono/node-server. */
  readonly app: Hono<FaultEnv>
  readonly ledger: Ledger
  readonly control: VendureControl
  readonly clock: SimClock
  readonly faults: FaultPlan
  setSite(url: string): void
  stop(): void
}

const usual: VendureSettings = {
  name: 'Sandbox Vendure',
  currency: 'USD',
  taxBasisPoints: 2000,
  username: 'superadmin',
  password: 'superadmin',
  sessionMs: 3_600_000,
  wholeSeconds: true,
  listLimit: 1000,
  channelToken: 'sandbox-channel',
  listLagMs: 0,
  oddPaging: 'none',
}

/** A simulated Vendure 3 that speaks both of its GraphQL APIs and remembers everything. */
export function createVendure(options: VendureOptions = {}): VendureSim {
  const { seed = 1, ...settings } = options
  const clock = createClock()
  const shop = createShop({ ...usual, ...settings }, clock, createRandom(seed))
  const faults = vendureFaults(createFaultPlan)
  const events = createEvents(shop)
  const control = createControl(shop, faults, events)
  const app = new Hono<FaultEnv>({ strict: false })
  app.use('*', recordRequest(shop), faults.middleware)
  const [admin, storefront] = [
    createGraphqlHttp(buildSchema(adminSchema), adminRoot(shop)),
    createGraphqlHttp(buildSchema(shopSchema), shopRoot(shop)),
  ]
  app.post('/admin-api', (c) => answer(shop, c, admin))
  app.post('/shop-api', (c) => answer(shop, c, storefront))
  app.all('*', (c) => c.json({ statusCode: 404, message: `Cannot ${c.req.method} ${c.req.path}`, error: 'Not Found' }, 404))
  const { username, password } = shop.settings
  return {
    channel: 'vendure',
    credentials: { username, password },
    app,
    ledger: shop.ledger,
    control,
    clock,
    faults,
    levers: vendureLevers(control),
    // Vendure's answers carry no address of its own.
    setSite: () => undefined,
    subscribe: events.subscribe,
    stop() {
      control.trickle(0)
      events.stop()
    },
  }
}

function recordRequest(shop: VendureShop): MiddlewareHandler<FaultEnv> {
  return async (c, next) => {
    await next()
    const fault = c.get('fault')
    const operation = /\b(query|mutation)\b\s*(\w+)?/.exec(await c.req.text().catch(() => ''))
    shop.ledger.record({
      kind: 'request',
      method: c.req.method,
      path: `/${c.req.path.split('/').at(-1)}`,
      query: operation?.[0] ?? '',
      status: c.res.status,
      returned: c.get('returned') ?? [],
      ...(fault === undefined ? {} : { fault }),
    })
  }
}

async function answer(shop: VendureShop, c: HonoContext<FaultEnv>, graphql: GraphqlHttp): Promise<Response> {
  const channel = c.req.header('vendure-token')
  if (channel !== undefined && channel !== shop.settings.channelToken) {
    return c.json({ errors: [{ message: `No Channel with the token "${channel}" exists`, extensions: { code: 'CHANNEL_NOT_FOUND' } }], data: null })
  }
  const headers: Record<string, string> = {}
  const caller = callerOf(shop, c.req.header('authorization'), (token) => {
    headers['vendure-auth-token'] = token
  })
  const returned: string[] = []
  const { status, body } = await graphql(await c.req.text(), { caller, returned })
  c.set('returned', returned)
  return Response.json(body, { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } })
}
