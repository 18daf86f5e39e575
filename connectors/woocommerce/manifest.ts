import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

/** How a status of a plugin is to be understood; the statuses of WooCommerce itself are known. */
export const STATUS_MEANINGS = ['awaiting_payment', 'to_ship', 'shipped', 'completed', 'cancelled', 'cancel_requested', 'ignore'] as const

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .meta(
      named(
        { en: 'Site address', zh: '站点地址' },
        { en: 'The address under Settings → General, e.g. https://shop.example.com', zh: '“设置 → 常规”中的站点地址，如 https://shop.example.com' },
      ),
    ),
  auth: z
    .enum(['auto', 'basic', 'oauth1'])
    .default('auto')
    .meta(
      named(
        { en: 'Signing in', zh: '认证方式' },
        {
          en: 'Automatic: Basic over https, OAuth 1.0a over http. Choose OAuth where the server drops the Authorization header.',
          zh: '自动：https 用 Basic，http 用 OAuth 1.0a。若服务器丢弃 Authorization 请求头，请选 OAuth。',
        },
      ),
    ),
  fulfilments: z
    .enum(['auto', 'core', 'shipment-tracking', 'note'])
    .default('auto')
    .meta(
      named(
        { en: 'Tracking numbers go to', zh: '运单号写入' },
        {
          en: "Automatic: WooCommerce's own fulfilments where switched on, else the Shipment Tracking plugin, else an order note.",
          zh: '自动：优先 WooCommerce 自带履约功能，其次 Shipment Tracking 插件，最后写入订单备注。',
        },
      ),
    ),
  completeWhenShipped: z
    .boolean()
    .default(true)
    .meta(named({ en: 'Set the order to completed with its last package', zh: '最后一个包裹发出后将订单设为已完成' })),
  pageSize: pageSize(100, 100, { en: 'Lower it where the shop answers slowly or runs out of memory.', zh: '店铺响应慢或内存不足时调低。' }),
  timezone: z
    .string()
    .min(1)
    .default('UTC')
    .meta(named({ en: 'Time zone of the site', zh: '站点时区' })),
  statuses: z
    .record(z.string().min(1), z.enum(STATUS_MEANINGS))
    .default({})
    .meta(
      named(
        { en: 'Statuses of plugins', zh: '插件自定义状态' },
        { en: 'Slug without "wc-" → meaning. Orders in an unknown status are held.', zh: '状态代码（不含 wc-）→ 含义。未知状态的订单会被挂起。' },
      ),
    ),
})

const secrets = z.object({
  consumerKey: credential({ en: 'Consumer key', zh: '消费者密钥（Consumer key）' }),
  consumerSecret: credential({ en: 'Consumer secret', zh: '消费者私钥（Consumer secret）' }),
  webhookSecret: credential(
    { en: 'Webhook secret', zh: 'Webhook 密钥' },
    { en: 'Without it orders are polled only. Letters and digits.', zh: '留空则只轮询订单。请使用字母和数字。' },
  ).optional(),
})

/** The site behind an address however it was pasted: scheme, www, case and trailing parts do not make another shop. */
const shopAddress = (url: string): string => {
  const { host, pathname } = new URL(url.replace(/\/wp-json(?:\/.*)?$/, ''))
  return `${host.replace(/^www\./, '')}${pathname.replace(/\/+$/, '')}`
}

export type WooConfig = z.output<typeof config>
export type WooSecrets = z.output<typeof secrets>
export type WooCall = Call<WooConfig, WooSecrets>

/** Order topics we subscribe to. `restored` comes when an order is taken back out of the bin. */
export const TOPICS = ['order.created', 'order.updated', 'order.deleted', 'order.restored'] as const

export const manifest = defineManifest({
  id: 'woocommerce',
  title: { en: 'WooCommerce', zh: 'WooCommerce' },
  kind: 'storefront',
  stability: 'beta',
  api: { version: 'wc/v3', docs: 'https://woocommerce.github.io/woocommerce-rest-api-docs/' },
  config,
  mappingSettings: ['statuses'],
  secrets,
  // Core sets no limit. Our own calls follow one another, so a shop's answering time is the real brake; this stops a runaway.
  limits: [{ id: 'api', scope: 'connection', calls: 50, perSeconds: 1, burst: 50 }],
  hosts: (settings) => [settings.url],
  shop: (settings) => shopAddress(settings.url),
  capabilities: {
    pullOrders: {
      streams: [
        // The change time is stamped before the order's transaction commits, hence the overlap.
        { id: 'orders', mode: 'window', pageSize: 100, maxWindowHours: 24 * 31, overlapSeconds: 300, lagSeconds: 2, everySeconds: 60 },
        // "any" leaves out the bin; binned orders are read apart so that they stop being shipped.
        { id: 'trash', mode: 'window', pageSize: 100, maxWindowHours: 24 * 31, overlapSeconds: 300, lagSeconds: 2, everySeconds: 900 },
      ],
    },
    fetchOrder: { maxBatch: 100 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 24 * 7 },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: TOPICS, secretScope: 'connection' },
    readWebhook: {},
    ensureWebhooks: { checkEverySeconds: 900 },
    // Woo takes the unit off the shown number when an order is placed and paid or on hold, and holds it during checkout;
    // "placing" is the safe reading. PHP may finish a request after we hung up: its usual limit is far below 120 s.
    pushInventory: { write: 'absolute', maxBatch: 100, lagSeconds: 5, skewSeconds: 5, tMaxSeconds: 120, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 100 },
    pushShipment: { partial: true, pickup: true },
    readShipments: {},
    decideCancel: { decisions: ['accept', 'reject'] },
  },
})
