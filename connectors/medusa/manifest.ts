import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .meta(
      named(
        { en: 'Address', zh: '地址' },
        { en: 'Of the Medusa server, for example https://api.shop.example.com', zh: 'Medusa 服务器的地址，例如 https://api.shop.example.com' },
      ),
    ),
  locationId: z
    .string()
    .regex(/^[\w-]{1,100}$/)
    .optional()
    .meta(
      named(
        { en: 'Stock location id', zh: '库存地点编号' },
        { en: 'sloc_…; needed only when the shop has more than one location.', zh: 'sloc_…；仅当店铺有多个库存地点时需要填写。' },
      ),
    ),
  salesChannelId: z
    .string()
    .regex(/^[\w-]{1,100}$/)
    .optional()
    .meta(
      named(
        { en: 'Sales channel id', zh: '销售渠道编号' },
        { en: 'sc_…; reads the orders of this sales channel only.', zh: 'sc_…；仅读取该销售渠道的订单。' },
      ),
    ),
  pageSize: z
    .int()
    .min(1)
    .max(100)
    .default(50)
    .meta(named({ en: 'Orders per page', zh: '每页订单数' }, { en: 'Lower it where the shop answers slowly.', zh: '店铺响应较慢时可调低。' })),
})

const secrets = z.object({
  apiKey: credential(
    { en: 'Secret API key', zh: '密钥（Secret API key）' },
    { en: 'sk_…, under Settings → Secret API Keys.', zh: 'sk_…，位于 Settings → Secret API Keys。' },
  ),
  webhookSecret: z
    .string()
    .trim()
    .min(1)
    .optional()
    .meta(
      named({ en: 'Event secret', zh: '事件签名密钥' }, { en: 'Only with the subscriber in the shop.', zh: '仅在店铺安装了事件订阅程序时填写。' }),
    ),
})

export type Config = z.output<typeof config>
export type Secrets = z.output<typeof secrets>
export type MedusaCall = Call<Config, Secrets>

/** Names of ids one address can carry: Node reads 16 KB of headers. */
export const MAX_IDS = 100

export const manifest = defineManifest({
  id: 'medusa',
  title: { en: 'Medusa', zh: 'Medusa' },
  kind: 'storefront',
  stability: 'beta',
  api: { version: '2.21', docs: 'https://docs.medusajs.com/api/admin' },
  config,
  secrets,
  // Medusa itself knows no limit; this one keeps a small server answering its own customers.
  limits: [{ id: 'admin-api', scope: 'connection', calls: 10, perSeconds: 1, burst: 10 }],
  hosts: (settings) => [settings.url],
  shop: (settings) => `${new URL(settings.url).host} ${settings.salesChannelId ?? ''}`.trim(),
  capabilities: {
    pullOrders: {
      streams: [
        // An order becomes visible when its transaction commits, later than the time it carries: hence the overlap.
        { id: 'orders', mode: 'window', pageSize: 50, overlapSeconds: 60, lagSeconds: 0, everySeconds: 15 },
        // updated_at stands still when a payment is captured: open orders are read again.
        { id: 'open', mode: 'sweep', pageSize: 50, everySeconds: 60 },
        // Captures and refunds also come after an order is completed.
        { id: 'finished', mode: 'sweep', finishedDays: 60, pageSize: 50, everySeconds: 3600 },
      ],
    },
    fetchOrder: { maxBatch: 50 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 744 },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: ['order', 'order-edit', 'payment', 'shipment', 'delivery'], secretScope: 'connection' },
    readWebhook: {},
    pushInventory: {
      write: 'absolute',
      maxBatch: 50,
      lagSeconds: 60,
      skewSeconds: 5,
      tMaxSeconds: 60,
      restocks: true,
      decrementAt: 'placing',
    },
    readInventory: { maxBatch: 100 },
    pushShipment: { partial: true, pickup: true },
    readShipments: {},
    decideCancel: { decisions: ['accept'] },
  },
})
