import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://waimaiopen.meituan.com/api/v1')
    .meta(named({ en: 'Gateway address', zh: '网关地址' }, { en: 'The signature covers it as it is called.', zh: '签名包含实际请求的地址。' })),
  shopId: z
    .string()
    .trim()
    .min(1)
    .meta(
      named(
        { en: 'Shop code (app_poi_code)', zh: 'APP 方门店 id（app_poi_code）' },
        {
          en: 'As it is bound to the app; orders of other shops of the app are left alone.',
          zh: '与应用绑定的门店编码，应用下其他门店的订单不处理。',
        },
      ),
    ),
  city: z
    .string()
    .trim()
    .min(1)
    .meta(
      named({ en: 'City of the shop', zh: '门店所在城市' }, { en: 'Deliveries within a city do not name it.', zh: '同城配送的收货地址不含城市。' }),
    ),
  courierName: z
    .string()
    .trim()
    .default('')
    .meta(named({ en: 'Courier shown with own deliveries', zh: '自配送显示的配送员姓名' })),
  courierPhone: z
    .string()
    .trim()
    .default('')
    .meta(named({ en: 'Phone shown with own deliveries', zh: '自配送显示的配送员电话' })),
  pageSize: pageSize(50, 100, { en: 'Numbers of the day that are asked for at once.', zh: '一次查询的当日流水号个数。' }),
})

const secrets = z.object({
  appId: credential({ en: 'App id', zh: 'app_id' }),
  appSecret: credential({ en: 'App secret', zh: 'consumer_secret / app_secret' }),
  accessToken: credential(
    { en: 'Access token', zh: 'Access token' },
    { en: 'Of apps of a service provider only; an app of one’s own has none.', zh: '仅服务商应用需要，自研应用不填。' },
  ).optional(),
  refreshToken: credential({ en: 'Refresh token', zh: 'Refresh token' }, { en: 'As above.', zh: '同上。' }).optional(),
})

export type MeituanConfig = z.output<typeof config>
export type MeituanSecrets = z.output<typeof secrets>
export type MeituanCall = Call<MeituanConfig, MeituanSecrets>

export const manifest = defineManifest({
  id: 'meituan',
  title: { en: 'Meituan flash retail', zh: '美团闪购' },
  kind: 'marketplace',
  stability: 'experimental',
  api: { version: 'v1', docs: 'https://open-shangou.meituan.com/home/docDetail/135' },
  config,
  secrets,
  // The channel refuses with 711 what is too often and does not publish from when on.
  limits: [{ id: 'app', scope: 'app', calls: 20, perSeconds: 1, burst: 40 }],
  hosts: (settings) => [settings.url],
  shop: (settings) => `${settings.url} ${settings.shopId}`,
  capabilities: {
    pullOrders: {
      streams: [
        // There is no list by time of change: orders carry a number of their day, and what may still move is read as a whole.
        { id: 'days', mode: 'sweep', pageSize: 50, everySeconds: 3600 },
        { id: 'today', mode: 'sweep', pageSize: 50, everySeconds: 600 },
        { id: 'open', mode: 'sweep', pageSize: 50, everySeconds: 7200 },
        { id: 'finished', mode: 'sweep', finishedDays: 7, pageSize: 50, everySeconds: 21_600 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: ['order', 'refund', 'delivery'], secretScope: 'app', maxAgeSeconds: 86_400 },
    readWebhook: {},
    // Orders are shown once they are paid: what was placed before that is not seen here.
    pushInventory: { write: 'absolute', maxBatch: 50, lagSeconds: 60, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'paying' },
    readInventory: { maxBatch: 50 },
    pushShipment: { partial: false },
    decideCancel: { decisions: ['accept', 'reject'] },
    refreshToken: { warnDays: 1 },
  },
})
