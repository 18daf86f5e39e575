import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.ebay.com')
    .meta(
      named(
        { en: 'API address', zh: '接口地址' },
        { en: 'Of eBay’s sandbox: https://api.sandbox.ebay.com', zh: '沙箱环境：https://api.sandbox.ebay.com' },
      ),
    ),
  siteId: z
    .string()
    .trim()
    .regex(/^\d{1,3}$/)
    .default('0')
    .meta(
      named(
        { en: 'Site', zh: '站点 ID' },
        {
          en: 'eBay’s number of the site listings are read by: 0 United States, 3 United Kingdom, 77 Germany.',
          zh: '读取刊登所用站点：0 美国、3 英国、77 德国。',
        },
      ),
    ),
  pageSize: pageSize(100, 200, { en: 'eBay allows 200.', zh: '平台最大 200。' }),
})

/** Public keys as `<kid>=<key>`, several with commas between them. */
export const KEY_LIST = /^[0-9A-Za-z-]{8,64}=[A-Za-z0-9+/]{80,}={0,2}(?:,[0-9A-Za-z-]{8,64}=[A-Za-z0-9+/]{80,}={0,2})*$/

const secrets = z.object({
  clientId: credential({ en: 'App ID (client id)', zh: 'App ID（client_id）' }),
  clientSecret: credential({ en: 'Cert ID (client secret)', zh: 'Cert ID（client_secret）' }),
  refreshToken: credential(
    { en: 'Refresh token of the seller', zh: '卖家的 refresh_token' },
    { en: 'Given when the seller agrees; it lasts eighteen months.', zh: '卖家授权时获得，有效期 18 个月。' },
  ),
  notificationKeys: credential(
    { en: 'Public keys of notifications', zh: '通知公钥' },
    {
      en: '<key id>=<key>, several with commas between. `hub channels verify` and the page of this channel tell where to get them. Without: orders are polled only.',
      zh: '格式 <kid>=<公钥>，多个用逗号分隔；获取方式见渠道文档。留空则只轮询订单。',
    },
  ).optional(),
  webhookSecret: credential(
    { en: 'Verification token', zh: '验证令牌（verification token）' },
    { en: '32 to 80 letters, digits, _ and -; made by the hub when left empty.', zh: '32–80 位字母、数字、下划线或连字符；留空由系统生成。' },
  ).optional(),
})

export type EbayConfig = z.output<typeof config>
export type EbaySecrets = z.output<typeof secrets>
export type EbayCall = Call<EbayConfig, EbaySecrets>

/** Topics of the notification API that say something about an order of the seller. */
export const TOPICS = ['ORDER_CONFIRMATION', 'ITEM_MARKED_SHIPPED'] as const

/** What the seller has to agree to. */
export const SCOPES = [
  'https://api.ebay.com/oauth/api_scope',
  'https://api.ebay.com/oauth/api_scope/sell.fulfillment',
  'https://api.ebay.com/oauth/api_scope/sell.inventory',
  'https://api.ebay.com/oauth/api_scope/commerce.notification.subscription',
] as const

const DAY = 86_400
const WINDOW_HOURS = 24

export const manifest = defineManifest({
  id: 'ebay',
  title: { en: 'eBay', zh: 'eBay' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: 'fulfillment v1.20.7, inventory v1.18.0, trading 1451', docs: 'https://developer.ebay.com/develop/apis' },
  config,
  secrets,
  limits: [
    // Calls are counted by app and day; these are what an app begins with.
    { id: 'fulfillment', scope: 'app', calls: 100_000, perSeconds: DAY, burst: 150 },
    { id: 'inventory', scope: 'app', calls: 2_000_000, perSeconds: DAY, burst: 150 },
    { id: 'trading', scope: 'app', calls: 5000, perSeconds: DAY, burst: 500 },
    { id: 'notification', scope: 'app', calls: 10_000, perSeconds: DAY, burst: 100 },
  ],
  hosts: (settings) => [settings.url],
  capabilities: {
    pullOrders: {
      // eBay's own advice: ask up to two minutes ago, and go two minutes back each time.
      streams: [
        { id: 'orders', mode: 'window', pageSize: 100, maxWindowHours: WINDOW_HOURS, overlapSeconds: 120, lagSeconds: 120, everySeconds: 120 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: WINDOW_HOURS },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: TOPICS, secretScope: 'app' },
    readWebhook: {},
    ensureWebhooks: { checkEverySeconds: 3600 },
    pushInventory: { write: 'absolute', maxBatch: 25, lagSeconds: 300, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 25 },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept', 'reject'] },
    refreshToken: { warnDays: 0 },
  },
})
