import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { isRecord, parseJson } from '../stage/json-input.ts'
import { createMarketSim, type Market, type MarketSim, type MarketSkin } from '../stage/market/index.ts'
import { answering, token, WechatError, wechatFaults } from '../wechat-shop/door.ts'
import { APIS } from './api.ts'
import { noticesOf, platformKeys } from './notice.ts'
import { miniRules, type MiniSettings, type MiniShop } from './words.ts'

export interface MiniOptions extends Partial<MiniSettings> {
  readonly seed?: number
}

const usual: MiniSettings = {
  name: '沙箱小程序',
  appId: 'wxsandboxmini000001',
  appSecret: 'sandbox-mini-secret-0001',
  mchId: '1900000109',
  apiV3Key: 'sandbox-apiv3-key-0123456789abcd',
}

/** A simulated mini-program: WeChat Pay tells of payments, api.weixin.qq.com takes their parcels. */
export function createWechatMini(options: MiniOptions = {}): MarketSim {
  const { seed, ...given } = options
  return createMarketSim(skinOf({ ...usual, ...given }), seed)
}

function skinOf(settings: MiniSettings): MarketSkin {
  const more = {
    settings,
    parcels: new Map(),
    retold: new Set<string>(),
    openidOf: (person: number): string => `oMini${String(person).padStart(23, '0')}`,
  }
  const shopOf = (market: Market): MiniShop => Object.assign(market, more)
  const { appId, appSecret, apiV3Key, mchId } = settings
  return {
    channel: 'wechat-mini',
    timezone: 'Asia/Shanghai',
    rules: miniRules,
    credentials: { appId, appSecret, apiV3Key, platformKey: platformKeys().publicKey.trim() },
    routes(app, market) {
      app.post('/cgi-bin/stable_token', (c) => answering(() => token(market, settings, c)))
      app.all('*', (c) => answering(() => gateway(shopOf(market), c)))
    },
    faults: wechatFaults('微信小程序'),
    isWrite: (c) => c.req.path.includes('upload_shipping_info'),
    describe: (c) => ({ path: c.req.path.replace(/^\/[^/]+/, ''), query: '' }),
    settings: (url) => ({ url, mchId, senderContact: '189****1234' }),
    push: {
      deliver: (event, _subscription, market) => noticesOf(shopOf(market), event),
      accepted: (status) => status === 200 || status === 204,
      attempts: 3,
      retryMs: 200,
    },
  }
}

async function gateway(shop: MiniShop, c: Context<FaultEnv>): Promise<Response> {
  const given = c.req.query('access_token') ?? ''
  if (given === '') throw new WechatError(41001, 'access_token missing')
  if (!shop.access.isLive(given)) throw new WechatError(40001, 'invalid credential, access_token is invalid or not latest')
  const api = APIS[c.req.path.split('/').slice(2).join('/')]
  if (!api) throw new WechatError(40066, 'invalid url')
  const input = parseJson(await c.req.text())
  if (!isRecord(input)) throw new WechatError(47001, 'data format error')
  const { doc, returned } = api(shop, input)
  c.set('returned', returned ?? [])
  return Response.json({ errcode: 0, errmsg: 'ok', ...doc })
}
