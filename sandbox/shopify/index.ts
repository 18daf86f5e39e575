import { readFileSync } from 'node:fs'
import { buildSchema, type GraphQLSchema } from 'graphql'
import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import type { ChannelSim } from '../stage/channel-sim.ts'
import { createClock } from '../stage/clock.ts'
import type { FaultEnv } from '../stage/faults.ts'
import { createFaultPlan } from '../stage/faults.ts'
import { asRecord, asText, parseJson } from '../stage/json-input.ts'
import { createRandom } from '../stage/random.ts'
import { mutationRoot } from './api-mutation.ts'
import { queryRoot } from './api-query.ts'
import { bulkRefusal, createBulkRunner, serveResult } from './bulk.ts'
import type { ShopifyControl } from './control.ts'
import { createControl } from './control.ts'
import { createPoints } from './cost.ts'
import { shopifyFaults } from './fault-answers.ts'
import { createGraphqlHttp } from './graphql-http.ts'
import { shopifyLevers } from './levers.ts'
import type { ShopifyBulk } from './model.ts'
import type { ShopifySettings, ShopifyShop } from './shop.ts'
import { createShop } from './shop.ts'
import { createWebhooks } from './webhooks.ts'

export interface ShopifyOptions extends Partial<ShopifySettings> {
  readonly seed?: number
}

export interface ShopifySim extends ChannelSim {
  readonly channel: 'shopify'
  readonly credentials: { readonly clientId: string; readonly clientSecret: string }
  readonly control: ShopifyControl
  /** A token of the kind people copy out of the admin. */
  readonly accessToken: string
}

const usual: ShopifySettings = {
  name: 'Sandbox Shopify',
  currency: 'USD',
  digits: 2,
  timezone: 'America/New_York',
  taxBasisPoints: 825,
  taxesIncluded: false,
  clientId: 'sandbox-client',
  clientSecret: 'shpss_sandbox_0123456789abcdef',
  accessToken: 'shpat_sandbox_0123456789abcdef',
  tokenMs: 86_400_000,
  points: { maximum: 20_000, restoreRate: 1000, perQuery: 1000 },
  locations: 1,
  allOrders: true,
  throttledStatus: 200,
  webhookDelayMs: 50,
}

const versions: ReadonlySet<string> = new Set(['2026-07', '2026-10'])

/** The schema the connector's documents were cut for, with one status more than Shopify knows (see `strangeStatus`). */
function readSchema(): GraphQLSchema {
  if (read) return read
  const text = readFileSync(new URL('./admin.graphql', import.meta.url), 'utf8')
  read = buildSchema(text.replace('enum OrderDisplayFinancialStatus {', 'enum OrderDisplayFinancialStatus {\n  SANDBOX_UNKNOWN'))
  return read
}

/** Every simulated shop answers by the same schema; reading it is the dearest part of opening one. */
let read: GraphQLSchema | undefined

/** A simulated Shopify shop that executes GraphQL against the Admin schema and remembers everything. */
export function createShopify(options: ShopifyOptions = {}): ShopifySim {
  const { seed = 1, ...settings } = options
  const clock = createClock()
  const shop = createShop({ ...usual, ...settings }, clock, createRandom(seed))
  const schema = readSchema()
  const webhooks = createWebhooks(shop)
  const faults = shopifyFaults(createFaultPlan)
  const control = createControl({ shop, webhooks, faults })
  const run: { look: (bulk: ShopifyBulk) => void } = { look: () => undefined }
  const rootValue = { ...queryRoot(shop, (bulk) => run.look(bulk)), ...mutationRoot(shop, (query) => bulkRefusal(schema, query)) }
  run.look = createBulkRunner(shop, schema, rootValue)
  const { points, throttledStatus, clientId, clientSecret, accessToken } = shop.settings
  const graphql = createGraphqlHttp({ schema, rootValue, points: createPoints(points, clock.now), perQuery: points.perQuery, throttledStatus })
  const app = new Hono<FaultEnv>({ strict: false })
  app.use('*', recordRequest(shop), faults.middleware)
  app.post('/admin/oauth/access_token', async (c) => grant(shop, await c.req.text(), c.req.header('content-type') ?? ''))
  app.post('/admin/api/:version/graphql.json', async (c) => {
    if (!versions.has(c.req.param('version'))) return c.json({ errors: 'Not Found' }, 404)
    if (!isWelcome(shop, c.req.header('x-shopify-access-token')))
      return c.json({ errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }, 401)
    return answer(c, graphql)
  })
  app.get('/bulk/:file', (c) => serveResult(shop.bulks.get(c.req.param('file').replace('.jsonl', '')), c.req.header('range')))
  app.all('*', (c) => c.json({ errors: 'Not Found' }, 404))
  return {
    channel: 'shopify',
    credentials: { clientId, clientSecret },
    accessToken,
    timezone: shop.settings.timezone,
    currency: shop.settings.currency,
    app,
    ledger: shop.ledger,
    control,
    clock,
    faults,
    levers: shopifyLevers(control),
    setSite: (url) => {
      shop.site = url
    },
    stop: () => {
      control.trickle(0)
      webhooks.stop()
    },
  }
}

function isWelcome(shop: ShopifyShop, token: string | undefined): boolean {
  if (token === undefined || shop.troubles.revoked) return false
  if (token === shop.settings.accessToken) return !shop.troubles.staticDead
  return (shop.tokens.get(token) ?? 0) > shop.clock.now()
}

/** Client credentials grant: form or JSON. */
function grant(shop: ShopifyShop, text: string, type: string): Response {
  const given = type.includes('json') ? asRecord(parseJson(text)) : Object.fromEntries(new URLSearchParams(text))
  const isOurs = asText(given['client_id']) === shop.settings.clientId && asText(given['client_secret']) === shop.settings.clientSecret
  if (!isOurs || shop.troubles.revoked)
    return Response.json({ error: 'invalid_client', error_description: 'Client authentication failed' }, { status: 400 })
  if (asText(given['grant_type']) !== 'client_credentials') return Response.json({ error: 'unsupported_grant_type' }, { status: 400 })
  shop.troubles.renewals += 1
  const token = `shpat_${shop.random.hex(32)}`
  shop.tokens.set(token, shop.clock.now() + shop.settings.tokenMs)
  return Response.json({ access_token: token, scope: 'write_orders', expires_in: Math.floor(shop.settings.tokenMs / 1000) - 1 })
}

function recordRequest(shop: ShopifyShop): MiddlewareHandler<FaultEnv> {
  return async (c, next) => {
    await next()
    c.res.headers.set('date', new Date(shop.clock.now()).toUTCString())
    const fault = c.get('fault')
    const operation = /"query":\s*"\s*((?:query|mutation)\b\s*\w*)/.exec(await c.req.text().catch(() => ''))
    shop.ledger.record({
      kind: 'request',
      method: c.req.method,
      path: `/${c.req.path.split('/').at(-1)}`,
      query: operation?.[1] ?? '',
      status: c.res.status,
      returned: c.get('returned') ?? [],
      ...(fault === undefined ? {} : { fault }),
    })
  }
}

async function answer(c: HonoContext<FaultEnv>, graphql: ReturnType<typeof createGraphqlHttp>): Promise<Response> {
  const returned: string[] = []
  const { status, body } = await graphql(await c.req.text(), { bulk: false, returned })
  c.set('returned', returned)
  const headers = { 'content-type': 'application/json; charset=utf-8', 'x-shopify-api-version': c.req.param('version') ?? '' }
  return new Response(body, { status, headers })
}
