import type { Context } from 'hono'
import { asNumber, asRecord, asText, isRecord, parseJson, type JsonRecord } from '../stage/json-input.ts'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { finish } from '../stage/market/operations.ts'
import { placeOrder, randomCart } from '../stage/market/placing.ts'
import { changed } from '../stage/market/shop.ts'
import { unsent } from '../stage/market/sums.ts'
import type { Done } from '../stage/shop-control.ts'
import { APIS, type Given } from './api.ts'
import { misfit, operationOf } from './contract.ts'
import { pushesOf, SUBSCRIPTION_APIS } from './subscriptions.ts'
import { iso, json, refusal, SquareError } from './wire.ts'
import { idLike, squareRules, type SquareSettings, type SquareShop } from './words.ts'

export interface SquareOptions extends Partial<SquareSettings> {
  readonly seed?: number
}

const usual: SquareSettings = {
  name: 'Sandbox Corner Shop',
  locationId: 'LSANDBOX0001AB',
  merchantId: 'MLSANDBOX0001',
  accessToken: 'EAAAsandboxApplicationToken0001',
  clientId: 'sandbox-sq0idb-client0001',
  clientSecret: 'sandbox-sq0csb-secret0001',
  refreshToken: 'EQAAsandboxRefreshToken0001',
  signatureKey: 'sandboxSignatureKey0001',
  currency: 'GBP',
}

/** A simulated seller at Square: a till, an online shop and their stock at one location. `/v2/…` and `/oauth2/token` under any folder. */
export function createSquare(options: SquareOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: SquareSettings): MarketSkin {
  const known = new WeakMap<Market, SquareShop>()
  const shopOf = (market: Market): SquareShop => {
    const found = known.get(market) ?? openShop(market, settings)
    known.set(market, found)
    return found
  }
  const { accessToken, clientId, clientSecret, refreshToken, signatureKey } = settings
  return {
    channel: 'square',
    timezone: 'Europe/London',
    rules: squareRules(settings),
    credentials: { accessToken, signatureKey, ...(refreshToken === '' ? {} : { clientId, clientSecret, refreshToken }) },
    routes(app, market) {
      const shop = shopOf(market)
      app.post('/oauth2/token', (c) => token(shop, c))
      app.all('/v2/*', (c) => gateway(shop, c))
      app.all('*', () => refusal(new SquareError(404, 'NOT_FOUND', 'API endpoint for URL path is not found.')))
    },
    faults,
    isWrite: (c) => c.req.method === 'PUT' || c.req.method === 'DELETE' || /batch-create|webhooks\/subscriptions$/.test(c.req.path),
    settings: (url) => ({ url, locationIds: settings.locationId, timezone: 'Europe/London' }),
    push: { byApi: true, deliver: (event, hook, market) => pushesOf(shopOf(market), event, hook), attempts: 3, retryMs: 200 },
    levers: (market) => ({
      // A seller splits what is left of an order: the first line on its own, everything else apart.
      'split-order': (input) => split(shopOf(market), asText(input['orderId']) ?? ''),
      // Rung up at the counter under a name: what a cashier types there.
      'till-sale': (input) => tillSale(shopOf(market), asText(input['name']) ?? '', asText(input['sku']) ?? ''),
      // A till without a line sold something so many hours ago and has only now told of it.
      'offline-sale': (input) => offlineSale(shopOf(market), asNumber(input['hours']) ?? 24),
    }),
  }
}

function openShop(market: Market, settings: SquareSettings): SquareShop {
  const versions = new Map<string, number>()
  market.listeners.unshift(({ order }) => void versions.set(order.id, (versions.get(order.id) ?? 0) + 1))
  return Object.assign(market, { settings, versions, parts: new Map(), completed: new Map(), answered: new Map(), hooks: new Map() })
}

function split(shop: SquareShop, orderId: string): { readonly ok: boolean } {
  const [first, ...rest] = (shop.orders.get(orderId)?.lines ?? []).filter((line) => unsent(line) > 0)
  if (!first || rest.length === 0) return { ok: false }
  const part = (n: number, lines: typeof rest) => ({
    uid: idLike('part', `${orderId}/${n}`, 22),
    lines: lines.map((line) => ({ lineId: line.id, quantity: unsent(line) })),
  })
  shop.parts.set(orderId, [part(0, [first]), part(1, rest)])
  return { ok: true }
}

function tillSale(shop: SquareShop, name: string, sku: string): Done {
  const cart = sku === '' ? randomCart(shop) : { lines: [{ sku, quantity: 1 }] }
  const order = placeOrder(shop, { ...cart, kind: 'pos', shippingMinor: 0 })
  if (typeof order === 'string') return { ok: false, reason: order }
  order.sellerNote = name
  finish(shop, order)
  return { ok: true, orderId: order.id }
}

function offlineSale(shop: SquareShop, hours: number): Done {
  const ago = Math.min(72, hours) * 3_600_000
  shop.clock.advance(-ago)
  const order = placeOrder(shop, { ...randomCart(shop), kind: 'pos', shippingMinor: 0 })
  if (typeof order !== 'string') finish(shop, order)
  shop.clock.advance(ago)
  if (typeof order === 'string') return { ok: false, reason: order }
  changed(shop, order, { change: 'status', by: 'seller', topic: 'status' })
  return { ok: true, orderId: order.id }
}

/** Who calls, in which version, what Square's own document says of the call, and only then what it does. */
async function gateway(shop: SquareShop, c: Context<FaultEnv>): Promise<Response> {
  try {
    const path = c.req.path.slice(c.req.path.indexOf('/v2/'))
    const [address, id] = namedBy(path)
    const call = `${c.req.method.toLowerCase()} ${address}`
    const api = APIS[call] ?? SUBSCRIPTION_APIS[call]
    const operation = operationOf(call)
    if (!api || !operation) throw new SquareError(404, 'NOT_FOUND', 'API endpoint for URL path is not found.')
    const bearer = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
    const isAllowed = call in SUBSCRIPTION_APIS ? bearer === shop.settings.accessToken : shop.access.isLive(bearer)
    if (!isAllowed) throw new SquareError(401, 'UNAUTHORIZED', 'This request could not be authorized.')
    if (!/^(?:20\d\d-\d\d-\d\d)?$/.test(c.req.header('square-version') ?? ''))
      throw new SquareError(400, 'INVALID_SQUARE_VERSION_FORMAT', 'The Square-Version header is not a date.')
    const given: Given = { body: await bodyOf(c, operation.request), query: queryOf(c, operation.query), id }
    const { doc, returned } = once(shop, call, given, () => api(shop, given))
    const odd = misfit(operation.response, doc, false)
    // Who makes up a state on purpose gets a document nobody described.
    if (odd && ![...shop.orders.values()].some((order) => order.strange !== undefined))
      throw new Error(`The answer to ${call} is not what Square's document says: ${odd.field} ${odd.code}`)
    c.set('returned', returned ?? [])
    return json(doc)
  } catch (error) {
    if (error instanceof SquareError) return refusal(error)
    throw error
  }
}

function namedBy(path: string): readonly [string, string] {
  const order = /^\/v2\/orders\/([^/]+)$/.exec(path)?.[1]
  if (order !== undefined && order !== 'search' && order !== 'batch-retrieve') return ['/v2/orders/{order_id}', decodeURIComponent(order)]
  const hook = /^\/v2\/webhooks\/subscriptions\/([^/]+)$/.exec(path)?.[1]
  return hook === undefined ? [path, ''] : ['/v2/webhooks/subscriptions/{subscription_id}', decodeURIComponent(hook)]
}

async function bodyOf(c: Context<FaultEnv>, schema: string): Promise<JsonRecord> {
  if (schema === '') return {}
  const body = parseJson(await c.req.text())
  if (!isRecord(body)) throw new SquareError(400, 'EXPECTED_JSON_BODY', 'Expected a JSON body.')
  const wrong = misfit(schema, body, true)
  if (wrong) throw new SquareError(400, wrong.code, wrong.detail, { field: wrong.field })
  return body
}

function queryOf(c: Context<FaultEnv>, known: readonly string[]): Readonly<Record<string, string>> {
  const query = Object.fromEntries(new URL(c.req.url).searchParams)
  const odd = Object.keys(query).find((name) => !known.includes(name))
  if (odd !== undefined) throw new SquareError(400, 'UNKNOWN_QUERY_PARAMETER', 'Unknown query parameter.', { field: odd })
  return query
}

/** A write under a key that was answered gives that answer again, and a key that comes with something else is refused. */
function once(shop: SquareShop, call: string, { body, id }: Given, run: () => ReturnType<(typeof APIS)[string]>): ReturnType<(typeof APIS)[string]> {
  const key = asText(body['idempotency_key'])
  if (key === undefined) return run()
  const [name, text] = [`${call} ${key}`, JSON.stringify([id, body])]
  const before = shop.answered.get(name)
  if (before && before.body !== text)
    throw new SquareError(400, 'IDEMPOTENCY_KEY_REUSED', 'The idempotency key was used with other parameters.', { field: 'idempotency_key' })
  if (before && isRecord(before.answer)) return { doc: before.answer }
  const done = run()
  shop.answered.set(name, { body: text, answer: done.doc })
  return done
}

/** Code flow: any number of access tokens for one refresh token. */
async function token(shop: SquareShop, c: Context<FaultEnv>): Promise<Response> {
  try {
    const body = asRecord(await bodyOf(c, 'ObtainTokenRequest'))
    const { clientId, clientSecret, merchantId, refreshToken } = shop.settings
    if (body['client_id'] !== clientId || body['client_secret'] !== clientSecret)
      throw new SquareError(401, 'UNAUTHORIZED', 'Not authorized: the application was not recognised.')
    if (body['grant_type'] !== 'refresh_token')
      throw new SquareError(400, 'BAD_REQUEST', 'This grant type is not simulated.', { field: 'grant_type' })
    const pair = body['refresh_token'] === refreshToken ? shop.access.renew(refreshToken) : undefined
    if (!pair) throw new SquareError(401, 'ACCESS_TOKEN_REVOKED', 'The authorization was revoked.')
    return json({
      access_token: pair.token,
      token_type: 'bearer',
      expires_at: iso(pair.endsAt),
      merchant_id: merchantId,
      refresh_token: pair.refresh,
      short_lived: false,
    })
  } catch (error) {
    if (error instanceof SquareError) return refusal(error)
    throw error
  }
}

const faults: FaultAnswers = {
  throttled: () => refusal(new SquareError(429, 'RATE_LIMITED', 'Rate limited.', { category: 'RATE_LIMIT_ERROR' })),
  broken: () => refusal(new SquareError(500, 'INTERNAL_SERVER_ERROR', 'An internal error has occurred.')),
  unavailable: () => refusal(new SquareError(503, 'SERVICE_UNAVAILABLE', 'The service is unavailable.')),
  html: () => new Response('<html><body>Square</body></html>', { headers: { 'content-type': 'text/html' } }),
  // Square has not been seen to do so; a list of errors counts whatever stands above it.
  throttledAs200: () => json({ errors: [{ category: 'RATE_LIMIT_ERROR', code: 'RATE_LIMITED', detail: 'Rate limited.' }] }),
  unauthorized: () => refusal(new SquareError(401, 'UNAUTHORIZED', 'This request could not be authorized.')),
  nullData: () => json({ orders: null, refunds: null }),
}
