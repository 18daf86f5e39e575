import type { Context } from 'hono'
import { isRecord, parseJson } from '../stage/json-input.ts'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { APIS } from './api.ts'
import { pushesOf } from './push.ts'
import { expectedSignature, refusal, seconds, success, TikTokError } from './wire.ts'
import { tikTokRules, type TikTokSettings, type TikTokShop } from './words.ts'

export interface TikTokOptions extends Partial<TikTokSettings> {
  readonly seed?: number
}

const usual: TikTokSettings = {
  name: 'Sandbox TikTok Shop',
  appKey: '68sandbox0001',
  appSecret: 'sandbox0tiktok0app0secret0000000001',
  accessToken: 'ROW_sandboxAccessToken0001',
  refreshToken: 'ROW_sandboxRefreshToken0001',
  shopId: '7494726673780148744',
  shopCipher: 'ROW_sandboxShopCipher0001',
  warehouseId: '7068517275539719942',
  deliveryOptionId: '7091146663229654785',
}

/** A simulated gateway of TikTok Shop with one shop of the US market, and the door where tokens are renewed; both under any folder. */
export function createTikTokShop(options: TikTokOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

const WRITES = /\/(?:inventory\/update|packages|ship|approve|reject)$/

function skinOf(settings: TikTokSettings): MarketSkin {
  const known = new WeakMap<Market, TikTokShop>()
  const shopOf = (market: Market): TikTokShop => {
    const found = known.get(market) ?? Object.assign(market, { settings, packed: new Map<string, readonly string[]>(), decided: new Set<string>() })
    known.set(market, found)
    return found
  }
  const { appKey, appSecret, accessToken, refreshToken } = settings
  return {
    channel: 'tiktok-shop',
    timezone: 'America/Los_Angeles',
    rules: tikTokRules(settings),
    credentials: { appKey, appSecret, accessToken, refreshToken },
    routes(app, market) {
      app.get('*', (c) => answer(shopOf(market), c))
      app.on(['POST', 'PUT', 'DELETE'], '*', (c) => answer(shopOf(market), c))
    },
    faults,
    isWrite: (c) => c.req.method === 'PUT' || c.req.method === 'DELETE' || (c.req.method === 'POST' && WRITES.test(c.req.path)),
    describe: (c) => ({ path: pathOf(c), query: '' }),
    settings: (url) => ({ url, authUrl: url, shopCipher: settings.shopCipher, shopId: settings.shopId }),
    push: { byApi: true, deliver: (event, to, market) => pushesOf(shopOf(market), event, to), attempts: 3, retryMs: 200 },
  }
}

/** What is signed begins behind the host, or behind the folder of a relay. */
const pathOf = (c: Context): string => c.req.path.slice(Math.max(0, c.req.path.search(/\/(?:[a-z_]+\/20\d{4}\/|api\/v2\/token\/)/)))

async function answer(shop: TikTokShop, c: Context<FaultEnv>): Promise<Response> {
  try {
    const path = pathOf(c)
    const query = new URL(c.req.url).searchParams
    if (path === '/api/v2/token/refresh') return token(shop, query)
    const [found] = APIS.flatMap(([method, pattern, api]) => {
      const match = method === c.req.method ? pattern.exec(path) : null
      return match ? [{ api, id: match[1] ?? '' }] : []
    })
    if (!found) throw new TikTokError(36009009, 'Invalid path. No schema found. Please check the API path.', 404)
    const text = await c.req.text()
    mayCall(shop, { path, query, text, token: c.req.header('x-tts-access-token') ?? '' })
    const body = text === '' ? {} : parseJson(text)
    if (!isRecord(body)) throw new TikTokError(36009004, 'Invalid body. JSON was expected.', 400)
    const { data, returned } = found.api(shop, { query, body, id: found.id })
    c.set('returned', returned ?? [])
    return success(data)
  } catch (error) {
    if (error instanceof TikTokError) return refusal(error)
    throw error
  }
}

interface Called {
  readonly path: string
  readonly query: URLSearchParams
  readonly text: string
  readonly token: string
}

/** App, clock, signature, token and shop, in this order. */
function mayCall(shop: TikTokShop, { path, query, text, token: given }: Called): void {
  const { appKey, appSecret, shopCipher } = shop.settings
  const sign = query.get('sign') ?? ''
  if (sign === '') throw new TikTokError(36009004, 'Missing credentials. The request does not include a required signature in the query.', 400)
  if (query.get('app_key') !== appKey) throw new TikTokError(36009004, 'Invalid credentials. Invalid `app_key` query parameter.', 400)
  const timestamp = query.get('timestamp') ?? ''
  // Of a stamp in the future the channel's pages say nothing.
  if (!/^\d{10}$/.test(timestamp) || Number(timestamp) < seconds(shop.clock.now()) - 300)
    throw new TikTokError(
      36009004,
      'Invalid timestamp. The value of the `timestamp` query parameter must not be earlier than 5 minutes before the current time.',
      400,
    )
  if (sign !== expectedSignature(path, query, text, appSecret))
    throw new TikTokError(106001, 'Invalid credentials. The `sign` query parameter is invalid.', 401)
  if (given === '') throw new TikTokError(105001, 'Missing credentials. The `x-tts-access-token` header is missing.', 401)
  if (!shop.access.isLive(given)) throw new TikTokError(105002, 'Expired credentials. The `x-tts-access-token` header has expired.', 401)
  const cipher = query.get('shop_cipher') ?? ''
  if (path.startsWith('/authorization/')) {
    if (cipher !== '')
      throw new TikTokError(36009004, 'Unexpected identifier. The `shop_cipher` query parameter is not required for this request.', 400)
  } else if (cipher !== shopCipher) throw new TikTokError(106013, 'Invalid identifier. The `shop_cipher` query parameter is invalid.', 400)
}

/** The old refresh token is spent with its use. */
function token(shop: TikTokShop, query: URLSearchParams): Response {
  const { appKey, appSecret, name } = shop.settings
  if (query.get('app_key') !== appKey || query.get('app_secret') !== appSecret) throw new TikTokError(36004003, 'Invalid app_key or app_secret.')
  if (query.get('grant_type') !== 'refresh_token') throw new TikTokError(36004001, 'Invalid grant_type.')
  const pair = shop.access.renew(query.get('refresh_token') ?? '')
  if (!pair) throw new TikTokError(36004004, 'The refresh token is invalid or has expired.')
  return success({
    access_token: pair.token,
    access_token_expire_in: seconds(pair.endsAt),
    refresh_token: pair.refresh,
    refresh_token_expire_in: seconds(pair.endsAt) + 30 * 86_400,
    open_id: '7010736057180325637',
    seller_name: name,
    seller_base_region: 'US',
    user_type: 0,
  })
}

const busy = (status: number): Response => refusal(new TikTokError(36009002, 'Too many requests. Please slow down.', status))

const faults: FaultAnswers = {
  throttled: () => busy(429),
  broken: () => refusal(new TikTokError(36009003, 'Internal error. Please try again.', 500)),
  unavailable: () => new Response('Service Unavailable', { status: 503, headers: { 'content-type': 'text/plain' } }),
  html: () => new Response('<html><body>TikTok Shop</body></html>', { headers: { 'content-type': 'text/html' } }),
  throttledAs200: () => busy(200),
  unauthorized: () => refusal(new TikTokError(105002, 'Expired credentials. The `x-tts-access-token` header has expired.', 401)),
  nullData: () => success(null),
}
