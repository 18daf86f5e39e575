import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { named, pageSize } from '../../src/kit/setting.ts'

/** Locations one search of orders takes. */
const MAX_LOCATIONS = 10
const LOCATIONS = /^[A-Za-z0-9_-]{1,32}(?:\s*,\s*[A-Za-z0-9_-]{1,32}){0,9}$/

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://connect.squareup.com')
    .meta(
      named(
        { en: 'Address of the API', zh: 'API 地址' },
        { en: 'https://connect.squareupsandbox.com for Square’s own sandbox.', zh: 'Square 官方沙箱为 https://connect.squareupsandbox.com。' },
      ),
    ),
  locationIds: z
    .string()
    .trim()
    .regex(LOCATIONS)
    .meta(
      named(
        { en: 'Location ids', zh: '门店编号（Location ID）' },
        {
          en: `One to ${MAX_LOCATIONS}, separated by commas. Orders of all of them are read; stock is kept at the first.`,
          zh: `1 至 ${MAX_LOCATIONS} 个，用逗号分隔。读取所有门店的订单；库存写入第一个门店。`,
        },
      ),
    ),
  apiVersion: z
    .string()
    .regex(/^20\d\d-\d\d-\d\d$/)
    .default('2025-08-20')
    .meta(named({ en: 'API version', zh: 'API 版本' }, { en: 'Sent as Square-Version with every call.', zh: '随每次调用以 Square-Version 发送。' })),
  shippingCharges: z
    .string()
    .default('Shipping, Delivery')
    .meta(
      named(
        { en: 'Service charges that are postage', zh: '属于运费的服务费' },
        {
          en: 'Names, separated by commas. Square does not tell postage from other charges; any other name counts as a fee.',
          zh: '名称以逗号分隔。Square 不区分运费与其他服务费；其他名称均计为附加费。',
        },
      ),
    ),
  pickupMark: z
    .string()
    .trim()
    .max(30)
    .default('')
    .meta(
      named(
        { en: 'Mark of sales that hand over an online order', zh: '门店自提交付标记' },
        {
          en: 'A ticket whose name or reference begins with this word, followed by the order number, hands over that order and is none of its own ("pickup 1001"). Empty: every sale is an order.',
          zh: '票据名称或参考号以此词开头并后接订单号时（如“pickup 1001”），视为交付该线上订单，不另建订单。留空则每笔销售都是订单。',
        },
      ),
    ),
  timezone: z
    .string()
    .min(1)
    .default('UTC')
    .meta(named({ en: 'Time zone of the location', zh: '门店时区' })),
  pageSize: pageSize(100, 500),
})

const secret = z.string().trim().min(1).optional()

const secrets = z.object({
  accessToken: secret.meta(
    named(
      { en: 'Access token', zh: '访问令牌（Access token）' },
      {
        en: 'The application’s own. Enough for one’s own shop; beside a seller’s grant it only manages webhook subscriptions.',
        zh: '应用自己的访问令牌。自有门店只需此项；与 OAuth 授权并用时仅用于管理 Webhook 订阅。',
      },
    ),
  ),
  clientId: secret.meta(named({ en: 'Application id', zh: '应用编号（Application ID）' })),
  clientSecret: secret.meta(named({ en: 'Application secret', zh: '应用密钥（Application secret）' })),
  refreshToken: secret.meta(
    named(
      { en: 'Refresh token', zh: '刷新令牌（Refresh token）' },
      { en: 'Of the OAuth code flow: it does not end and buys a new access token.', zh: 'OAuth 授权码流程的刷新令牌：长期有效，用于换取访问令牌。' },
    ),
  ),
  signatureKey: secret.meta(
    named(
      { en: 'Signature key of the webhook subscription', zh: 'Webhook 订阅的签名密钥' },
      {
        en: 'Square chooses it; it stands beside the subscription in the Developer Console. Without it orders are polled only.',
        zh: '由 Square 生成，在开发者后台的订阅页面查看；留空则只轮询订单。',
      },
    ),
  ),
})

export type SquareConfig = z.output<typeof config>
export type SquareSecrets = z.output<typeof secrets>
export type SquareCall = Call<SquareConfig, SquareSecrets>

export const locationsOf = (settings: SquareConfig): readonly string[] => settings.locationIds.split(',').map((id) => id.trim())
/** Where stock is kept. */
export const homeOf = (settings: SquareConfig): string => locationsOf(settings)[0] ?? ''

/** Events that say something about an order or its refunds. */
export const TOPICS = ['order.created', 'order.updated', 'order.fulfillment.updated', 'refund.created', 'refund.updated'] as const

/** Changes one call of `inventory/changes/batch-create` takes. */
export const MAX_LEVELS = 100

export const manifest = defineManifest({
  id: 'square',
  title: { en: 'Square', zh: 'Square 收银' },
  kind: 'pos',
  stability: 'beta',
  api: { version: '2025-08-20', docs: 'https://developer.squareup.com/reference/square' },
  config,
  mappingSettings: ['shippingCharges', 'pickupMark'],
  secrets,
  // Square publishes no rate; it answers 429 above one. This keeps one connection far from the rates people report.
  limits: [{ id: 'calls', scope: 'connection', calls: 10, perSeconds: 1, burst: 20 }],
  hosts: (settings) => [settings.url],
  shop: (settings) => [...locationsOf(settings)].sort().join(','),
  capabilities: {
    pullOrders: {
      streams: [
        // By change time: a sale rung up offline keeps its time of creation and arrives up to three days later.
        { id: 'orders', mode: 'window', pageSize: 100, maxWindowHours: 24 * 31, overlapSeconds: 300, lagSeconds: 5, everySeconds: 60 },
        // A refund that goes from pending to done changes neither the sale nor, maybe, its return.
        { id: 'refunds', mode: 'window', pageSize: 100, maxWindowHours: 24 * 31, overlapSeconds: 300, lagSeconds: 15, everySeconds: 180 },
      ],
    },
    fetchOrder: { maxBatch: 100 },
    findOrders: { by: ['id'] },
    listOrderIds: { maxWindowHours: 24 * 31 },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: TOPICS, secretScope: 'app' },
    readWebhook: {},
    ensureWebhooks: { checkEverySeconds: 3600 },
    // A till takes the units when the sale is paid; an offline till tells of it three days later at most.
    pushInventory: {
      write: 'absolute',
      maxBatch: MAX_LEVELS,
      lagSeconds: 60,
      skewSeconds: 10,
      tMaxSeconds: 60,
      restocks: true,
      decrementAt: 'paying',
    },
    readInventory: { maxBatch: 500 },
    // An application can give an order one fulfilment and not split it: whole fulfilments as they stand.
    pushShipment: { partial: false, pickup: true },
    readShipments: {},
    refreshToken: { warnDays: 7 },
  },
})
