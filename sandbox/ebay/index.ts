import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { ROUTES } from './api.ts'
import { createNotices, noticeRoutes, pushesOf } from './notices.ts'
import { trading } from './trading.ts'
import { invalidToken, refusal, RestError } from './wire.ts'
import { ebayRules, type EbaySettings, type EbayShop } from './words.ts'

export interface EbayOptions extends Partial<EbaySettings> {
  readonly seed?: number
}

const usual: EbaySettings = {
  name: 'sandbox_seller',
  clientId: 'Sandbox-ChannelH-PRD-0123456789ab-0001',
  clientSecret: 'PRD-sandbox-cert-0001-0123',
  refreshToken: 'v^1.1#i^1#sandbox-refresh-token-0001',
}

/** A simulated eBay with one seller: REST and Trading API, the token door and signed notifications. */
export function createEbay(options: EbayOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: EbaySettings): MarketSkin {
  const notices = createNotices()
  const shopOf = (market: Market): EbayShop => Object.assign(market, { settings, notices })
  return {
    channel: 'ebay',
    timezone: 'UTC',
    rules: ebayRules(settings),
    credentials: {
      clientId: settings.clientId,
      clientSecret: settings.clientSecret,
      refreshToken: settings.refreshToken,
      notificationKeys: `${notices.kid}=${notices.publicKey}`,
    },
    routes(app, market) {
      const shop = shopOf(market)
      app.post('/identity/v1/oauth2/token', (c) => token(shop, c))
      app.post('/ws/api.dll', (c) => trading(shop, c))
      noticeRoutes(app, () => shop)
      for (const [method, path, route] of ROUTES)
        app.on(method, path, async (c) => {
          const given = c.req.header('authorization') ?? ''
          const scheme = path.startsWith('/post-order/') ? 'IAF ' : 'Bearer '
          if (!given.startsWith(scheme) || !shop.access.isLive(given.slice(scheme.length))) return refusal(invalidToken())
          try {
            return await route(shop, c)
          } catch (error) {
            if (error instanceof RestError) return refusal(error)
            throw error
          }
        })
      app.all('*', () => refusal(new RestError(404, 2002, 'Resource not found', 'ACCESS')))
    },
    faults,
    isWrite: (c) =>
      /bulk_update|\/approve$|\/reject$/.test(c.req.path) ||
      (c.req.method !== 'GET' && /shipping_fulfillment$|\/notification\/v1\//.test(c.req.path)) ||
      c.req.header('x-ebay-api-call-name') === 'ReviseInventoryStatus',
    describe: (c) => ({
      path: `${c.req.path.replace(/^\/[^/]+/, '')}${c.req.header('x-ebay-api-call-name') === undefined ? '' : `#${c.req.header('x-ebay-api-call-name') ?? ''}`}`,
      query: new URL(c.req.url).search,
    }),
    push: { byApi: true, deliver: (event, subscription, market) => pushesOf(shopOf(market), event, subscription), attempts: 3, retryMs: 200 },
  }
}

/** A refresh token buys access tokens for its whole life; the app's own credentials buy one for the app. */
async function token(shop: EbayShop, c: Context<FaultEnv>): Promise<Response> {
  const { clientId, clientSecret, refreshToken } = shop.settings
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const refuse = (status: 400 | 401, error: string, said: string): Response => c.json({ error, error_description: said }, status)
  if (c.req.header('authorization') !== basic) return refuse(401, 'invalid_client', 'client authentication failed')
  const form = new URLSearchParams(await c.req.text())
  if (form.get('grant_type') === 'client_credentials')
    return c.json({ access_token: shop.notices.appToken, expires_in: 7200, token_type: 'Application Access Token' })
  if (form.get('grant_type') !== 'refresh_token')
    return refuse(400, 'unsupported_grant_type', 'grant type in request is not supported by the authorization server')
  if (!(form.get('scope') ?? '').includes('sell.fulfillment'))
    return refuse(400, 'invalid_scope', 'The requested scope is invalid, unknown, malformed, or exceeds the scope granted to the client')
  const pair = form.get('refresh_token') === refreshToken ? shop.access.issue() : undefined
  if (!pair) return refuse(400, 'invalid_grant', 'the provided authorization refresh token is invalid or was issued to another client')
  return c.json({ access_token: pair.token, expires_in: 7200, token_type: 'User Access Token' })
}

const page = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

const tooMany = (): RestError => new RestError(429, 2001, 'Too many requests.', 'ACCESS')

const faults: FaultAnswers = {
  throttled: () => refusal(tooMany()),
  broken: () => refusal(new RestError(500, 30500, 'System error')),
  unavailable: () => page(503, 'Service Unavailable'),
  html: () => page(200, 'eBay: Error page'),
  throttledAs200: () =>
    new Response(
      '<?xml version="1.0" encoding="UTF-8"?><GetItemResponse xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>Failure</Ack><Errors><ShortMessage>Call usage limit has been reached.</ShortMessage><ErrorCode>518</ErrorCode><SeverityCode>Error</SeverityCode></Errors></GetItemResponse>',
      { headers: { 'content-type': 'text/xml;charset=utf-8' } },
    ),
  unauthorized: () => refusal(invalidToken()),
  nullData: () => Response.json({ total: null, orders: null, responses: null }),
}
