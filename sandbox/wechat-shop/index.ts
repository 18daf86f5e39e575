import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { asFlag, asRecord, isRecord, parseJson } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { APIS, WechatError } from './api.ts'
import { pushOf } from './envelope.ts'
import { wechatRules, type WechatSettings, type WechatShop } from './words.ts'

export interface WechatOptions extends Partial<WechatSettings> {
  readonly seed?: number
}

const usual: WechatSettings = {
  name: '沙箱微信小店',
  appId: 'wxsandbox0000000001',
  appSecret: 'sandbox-wechat-secret-0001',
  pushToken: 'sandboxpushtoken',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  pushMode: 'safe-json',
}

/** A simulated api.weixin.qq.com with one shop behind it: `/channels/ec/…` and `/cgi-bin/stable_token` under any folder. */
export function createWechatShop(options: WechatOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: WechatSettings): MarketSkin {
  const shopOf = (market: Market): WechatShop => Object.assign(market, { settings })
  const { appId, appSecret, pushToken, encodingAesKey } = settings
  return {
    channel: 'wechat-shop',
    timezone: 'Asia/Shanghai',
    rules: wechatRules,
    credentials: { appId, appSecret, pushToken, encodingAesKey },
    routes(app, market) {
      app.post('/cgi-bin/stable_token', (c) => answering(() => token(shopOf(market), c)))
      app.all('/channels/ec/*', (c) => answering(() => gateway(shopOf(market), c)))
      app.all('*', () => new Response('', { status: 404 }))
    },
    faults,
    isWrite: (c) => /stock\/update|delivery\/send/.test(c.req.path),
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: '' }),
    push: {
      deliver: (event, subscription, market) => [pushOf(shopOf(market), event, subscription)],
      accepted: (status, body) => status === 200 && (body === '' || body === 'success'),
      attempts: 3,
      retryMs: 200,
    },
  }
}

async function answering(run: () => Promise<Response>): Promise<Response> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof WechatError) return refusal(error.code, error.message)
    throw error
  }
}

const refusal = (code: number, message: string): Response => Response.json({ errcode: code, errmsg: `${message} rid: 6743fa01-0c1d-sandbox` })

/** The token of now with what is left of its life; forced, or when there is none, a new one. */
async function token(shop: WechatShop, c: Context<FaultEnv>): Promise<Response> {
  const input = asRecord(parseJson(await c.req.text()))
  if (input['grant_type'] !== 'client_credential') throw new WechatError(40002, 'invalid grant_type')
  if (input['appid'] !== shop.settings.appId) throw new WechatError(40013, 'invalid appid')
  if (input['secret'] !== shop.settings.appSecret) throw new WechatError(40125, 'invalid appsecret')
  const pair = (asFlag(input['force_refresh']) === true ? undefined : shop.access.current()) ?? shop.access.issue()
  if (!pair) throw new WechatError(40001, 'invalid credential')
  return Response.json({ access_token: pair.token, expires_in: Math.floor((pair.endsAt - shop.clock.now()) / 1000) })
}

async function gateway(shop: WechatShop, c: Context<FaultEnv>): Promise<Response> {
  const given = c.req.query('access_token') ?? ''
  if (given === '') throw new WechatError(41001, 'access_token missing')
  if (!shop.access.isLive(given)) throw new WechatError(40001, 'invalid credential, access_token is invalid or not latest')
  const api = APIS[c.req.path.slice(c.req.path.indexOf('/channels/ec/') + 13)]
  if (!api) throw new WechatError(40066, 'invalid url')
  if (c.req.method !== 'POST') throw new WechatError(43002, 'require POST method')
  const text = await c.req.text()
  const input = parseJson(text)
  if (text === '') throw new WechatError(44002, 'empty post data')
  if (!isRecord(input)) throw new WechatError(47001, 'data format error')
  const { doc, returned } = api(shop, input)
  c.set('returned', returned ?? [])
  return Response.json({ errcode: 0, errmsg: 'ok', ...doc })
}

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

/** A proxy in front of the gateway, and the gateway's own refusals under HTTP 200. */
const faults: FaultAnswers = {
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Unavailable'),
  html: () => html(200, '微信小店'),
  throttledAs200: () => refusal(45011, 'api minute-quota reach limit must slower retry next minute'),
  unauthorized: () => refusal(40001, 'invalid credential, access_token is invalid or not latest'),
  nullData: () =>
    Response.json({ errcode: 0, errmsg: 'ok', order_id_list: null, order: null, data: null, product_ids: null, after_sale_order_id_list: null }),
}
