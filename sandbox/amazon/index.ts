import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { parseJson } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { APIS } from './api.ts'
import { operationOf, pairOf, problemOf, queryProblem, type Matched, type Operation } from './spec.ts'
import { answer, ended, invalid, Refusal, refusal, tooMany } from './wire.ts'
import { amazonRules, type AmazonSettings, type AmazonShop } from './words.ts'

export interface AmazonOptions extends Partial<AmazonSettings> {
  readonly seed?: number
}

const usual: AmazonSettings = {
  clientId: 'amzn1.application-oa2-client.sandbox0001',
  clientSecret: 'amzn1.oa2-cs.v1.sandbox-secret-0001',
  refreshToken: 'Atzr|sandbox-refresh-token-0001',
  sellerId: 'A2SANDBOX00001',
  marketplaceId: 'ATVPDKIKX0DER',
  marketplaceName: 'Amazon.com',
  enforceRates: true,
}

/**
 * A simulated region of the Selling Partner API with one seller behind it, and Login with Amazon beside it (`/auth/o2/token`).
 * Under `/static` the vendor's own recorded pairs answer, as his static sandbox does.
 */
export function createAmazon(options: AmazonOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: AmazonSettings): MarketSkin {
  const own = { settings, restricted: new Map<string, number>(), references: new Map(), spent: new Map<string, number>() }
  const shopOf = (market: Market): AmazonShop => Object.assign(market, own)
  const { clientId, clientSecret, refreshToken, sellerId, marketplaceId } = settings
  return {
    channel: 'amazon',
    timezone: 'UTC',
    rules: amazonRules,
    credentials: { clientId, clientSecret, refreshToken },
    routes(app, market) {
      app.post('/auth/o2/token', (c) => login(shopOf(market), c))
      app.all('/static/*', (c) => recorded(c))
      app.all('*', (c) => gateway(shopOf(market), c))
    },
    faults,
    isWrite: (c) => c.req.method === 'PATCH' || c.req.path.endsWith('/shipmentConfirmation'),
    // Names neither tokens nor what was asked for.
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: '' }),
    settings: (url) => ({ url, loginUrl: url, sellerId, marketplaceIds: marketplaceId }),
  }
}

/** The form of OAuth; the refresh token stays as it is. */
async function login(shop: AmazonShop, c: Context<FaultEnv>): Promise<Response> {
  const form = new URLSearchParams(await c.req.text())
  const refuse = (status: number, error: string, why: string): Response => answer(status, { error, error_description: why })
  const { clientId, clientSecret, refreshToken } = shop.settings
  if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret)
    return refuse(401, 'invalid_client', 'Client authentication failed')
  if (form.get('grant_type') !== 'refresh_token') return refuse(400, 'unsupported_grant_type', 'The authorization grant type is not supported')
  const pair = form.get('refresh_token') === refreshToken ? shop.access.issue() : undefined
  if (!pair) return refuse(400, 'invalid_grant', 'The request has an invalid grant parameter : refresh_token')
  return answer(200, { access_token: pair.token, token_type: 'bearer', expires_in: 3600, refresh_token: refreshToken })
}

/** Token, usage plan, parameters and body as the models have them, then what is behind; its answer is held against its model as well. */
async function gateway(shop: AmazonShop, c: Context<FaultEnv>): Promise<Response> {
  const { pathname, searchParams: query } = new URL(c.req.url)
  const headers: Record<string, string> = { 'x-amzn-requestid': shop.random.hex(16) }
  try {
    const matched = operationOf(c.req.method, pathname)
    const api = matched && APIS[matched.operation.id]
    if (!matched || !api) throw new Refusal(403, 'MissingAuthenticationToken', 'Missing Authentication Token')
    const token = c.req.header('x-amz-access-token') ?? ''
    const isRestricted = (shop.restricted.get(token) ?? 0) > shop.clock.now()
    if (!isRestricted && !shop.access.isLive(token)) throw ended()
    headers['x-amzn-ratelimit-limit'] = matched.operation.rate
    if (shop.settings.enforceRates && !spend(shop, matched.operation)) throw tooMany()
    const wrong = queryProblem(matched.operation, query)
    if (wrong !== undefined) throw invalid(wrong)
    const body = await bodyOf(c, matched)
    const { doc, returned } = api(shop, { params: matched.params, query, body, isRestricted })
    c.set('returned', returned ?? [])
    const own = matched.operation.answer === undefined || hasStrange(shop) ? undefined : problemOf(matched.operation.answer, doc)
    if (own !== undefined) throw new Error(`The simulator's answer to ${matched.operation.id} does not fit its model: ${own}`)
    return answer(doc === undefined ? 204 : 200, doc, headers)
  } catch (error) {
    if (error instanceof Refusal) return refusal(error, headers)
    throw error
  }
}

/** A status nobody has heard of fits no model. */
const hasStrange = (shop: AmazonShop): boolean => [...shop.orders.values()].some(({ strange }) => strange !== undefined)

async function bodyOf(c: Context<FaultEnv>, { operation }: Matched): Promise<unknown> {
  if (operation.body === undefined) return undefined
  const body = parseJson(await c.req.text())
  const wrong = problemOf(operation.body, body)
  if (wrong !== undefined) throw invalid(wrong)
  return body
}

const BURSTS: Readonly<Record<string, number>> = {
  'orders.searchOrders': 20,
  'orders.getOrder': 30,
  'v0.getOrders': 20,
  'v0.getOrder': 30,
  'v0.getOrderItems': 30,
  'listings.searchListingsItems': 5,
  'listings.patchListingsItem': 5,
}

/** A bucket of calls that fills at the rate of the plan; one more than its burst, since nobody's clock is exact. */
function spend(shop: AmazonShop, { id, rate }: Operation): boolean {
  const [now, spacing] = [shop.clock.now(), 1000 / Number(rate)]
  const full = Math.max(shop.spent.get(id) ?? 0, now)
  if (full - now > spacing * (BURSTS[id] ?? 10)) return false
  shop.spent.set(id, full + spacing)
  return true
}

/** The recorded pairs of the models, by their parameters. */
async function recorded(c: Context<FaultEnv>): Promise<Response> {
  const { pathname, searchParams: query } = new URL(c.req.url)
  const matched = operationOf(c.req.method, pathname)
  const pair = matched && pairOf(matched, query, parseJson((await c.req.text()) || 'null'))
  return pair ? answer(pair.status, pair.answer) : refusal(invalid('No recorded pair has these parameters.'))
}

const broken = (status: number, code: string): Response => refusal(new Refusal(status, code, 'We encountered an internal error. Please try again.'))

const faults: FaultAnswers = {
  throttled: () => refusal(tooMany(), { 'x-amzn-ratelimit-limit': '0.0056' }),
  broken: () => broken(500, 'InternalFailure'),
  unavailable: () => broken(503, 'ServiceUnavailable'),
  html: () => new Response('<html><body><h1>Amazon Sign-In</h1></body></html>', { headers: { 'content-type': 'text/html' } }),
  // Never seen of Amazon, whose refusals carry their status.
  throttledAs200: () => answer(200, { errors: [{ code: 'QuotaExceeded', message: 'You exceeded your quota for the requested resource.' }] }),
  unauthorized: () => refusal(ended()),
  nullData: () => answer(200, { orders: null, payload: null }),
}
