import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { isRecord, parseJson } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { APIS } from './api.ts'
import { answering, token, wechatFaults, WechatError } from './door.ts'
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
  decodesPerDay: 30,
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
      app.post('/cgi-bin/stable_token', (c) => answering(() => token(market, settings, c)))
      app.all('/channels/ec/*', (c) => answering(() => gateway(shopOf(market), c)))
      app.all('*', () => new Response('', { status: 404 }))
    },
    faults: wechatFaults('微信小店'),
    isWrite: (c) => /stock\/update|delivery\/send|acceptapply|rejectapply/.test(c.req.path),
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: '' }),
    push: {
      deliver: (event, subscription, market) => [pushOf(shopOf(market), event, subscription)],
      accepted: (status, body) => status === 200 && (body === '' || body === 'success'),
      attempts: 3,
      retryMs: 200,
    },
  }
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
