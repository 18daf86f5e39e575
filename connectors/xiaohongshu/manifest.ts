import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://ark.xiaohongshu.com/ark/open_api/v3/common_controller')
    .meta(named({ en: 'Gateway address', zh: '网关地址' }, { en: 'Or that of a relay.', zh: '或转发地址。' })),
  shippedOtherwise: z
    .enum(['refuse', 'replace'])
    .default('refuse')
    .meta(
      named(
        { en: 'Goods that have left under another number', zh: '商品已用其他单号发货时' },
        {
          en: 'refuse: a person looks. replace: our number takes the place of that package’s.',
          zh: 'refuse：转人工；replace：替换该包裹的单号。',
        },
      ),
    ),
  pageSize: pageSize(100, 100, { en: 'The channel allows 100.', zh: '平台最大 100。' }),
  decryptPerDay: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(10)
    .meta(
      named(
        { en: 'Recipients opened a day', zh: '每日解密收件人数' },
        { en: 'The channel opens ten orders a day and shop. 0: the channel alone counts.', zh: '平台每店每日限 10 单；0 表示仅由平台计数。' },
      ),
    ),
})

const secrets = z.object({
  appId: credential({ en: 'App id', zh: 'appId' }),
  appSecret: credential({ en: 'App secret', zh: 'appSecret' }),
  refreshToken: credential(
    { en: 'Refresh token', zh: 'refreshToken' },
    { en: 'From the seller’s authorisation; good for 14 days and renewed with every use.', zh: '商家授权后获得，有效期 14 天，刷新时更换。' },
  ),
  accessToken: credential(
    { en: 'Access token', zh: 'accessToken' },
    { en: 'Made from the refresh token without it.', zh: '不填则用 refreshToken 获取。' },
  ).optional(),
})

export type XhsConfig = z.output<typeof config>
export type XhsSecrets = z.output<typeof secrets>
export type XhsCall = Call<XhsConfig, XhsSecrets>

/** Half an hour is the longest window by change time; a second of it is kept for asking wider. */
const HOURS = 0.49

export const manifest = defineManifest({
  id: 'xiaohongshu',
  title: { en: 'Xiaohongshu (RED) shop', zh: '小红书' },
  kind: 'marketplace',
  stability: 'experimental',
  api: { version: '2.0', docs: 'https://open.xiaohongshu.com/document/developer/file/40' },
  config,
  secrets,
  // An app has 100 calls a second for all its shops, an interface 200.
  limits: [{ id: 'app', scope: 'app', calls: 50, perSeconds: 1, burst: 50 }],
  hosts: (settings) => [settings.url],
  capabilities: {
    pullOrders: {
      streams: [
        // The vendor asks for five minutes between two looks at one shop.
        { id: 'orders', mode: 'window', pageSize: 100, maxWindowHours: HOURS, overlapSeconds: 120, lagSeconds: 15, everySeconds: 300 },
        { id: 'refunds', mode: 'window', pageSize: 100, maxWindowHours: HOURS, overlapSeconds: 120, lagSeconds: 15, everySeconds: 300 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: HOURS },
    pullListings: { pageSize: 100 },
    // The level that is set holds the pieces of unpaid orders.
    pushInventory: { write: 'absolute', maxBatch: 20, lagSeconds: 400, skewSeconds: 10, tMaxSeconds: 120, restocks: true, decrementAt: 'paying' },
    readInventory: { maxBatch: 20 },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept'] },
    refreshToken: { warnDays: 0 },
    decryptRecipient: { perDaySetting: 'decryptPerDay' },
  },
})
