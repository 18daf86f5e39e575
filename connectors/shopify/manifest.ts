import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'
import { siteOf } from './ids.ts'

const config = z.object({
  url: z.url({ protocol: /^https?$/ }).meta(
    named(
      { en: 'Address', zh: '店铺地址' },
      {
        en: 'The myshopify.com address, for example https://acme.myshopify.com',
        zh: 'myshopify.com 地址，例如 https://acme.myshopify.com',
      },
    ),
  ),
  apiVersion: z
    .string()
    .regex(/^(?:2026-(?:07|10)|202[7-9]-(?:01|04|07|10))$/)
    .default('2026-10')
    .meta(
      named(
        { en: 'API version', zh: 'API 版本' },
        { en: '2026-07 or newer. Shopify keeps each for a year.', zh: '2026-07 或更新。每个版本保留一年。' },
      ),
    ),
  locationId: credential(
    { en: 'Location id', zh: '库存地点编号' },
    {
      en: 'Where stock is written. Needed only when goods are stocked at more than one location.',
      zh: '库存写入的地点。仅当商品存放在多个地点时需要填写。',
    },
  ).optional(),
  timezone: z
    .string()
    .min(1)
    .default('UTC')
    .meta(named({ en: 'Time zone of the shop', zh: '店铺时区' })),
  pageSize: pageSize(20, 250, {
    en: 'One query may cost 1,000 points; a page that costs more is halved by itself.',
    zh: '单次查询上限 1000 点；超出时自动减半。',
  }),
  bulkAfterDays: z
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(31)
    .meta(
      named(
        { en: 'Bulk operation from (days)', zh: '批量操作起点（天）' },
        {
          en: 'A longer span of time is read by a bulk operation, which costs no points. 0 switches that off.',
          zh: '超过此天数的时间范围通过批量操作读取，不消耗点数。0 表示关闭。',
        },
      ),
    ),
  refundOnCancel: z
    .boolean()
    .default(false)
    .meta(
      named(
        { en: 'Give the money back when cancelling', zh: '取消订单时退款' },
        { en: 'To the original means of payment, when a cancellation is accepted here.', zh: '在此接受取消时，退回原支付方式。' },
      ),
    ),
})

const secrets = z.object({
  accessToken: credential(
    { en: 'Access token', zh: '访问令牌' },
    {
      en: 'Of a custom app (shpat_…). Leave empty to sign in with client id and secret.',
      zh: '自定义应用的令牌（shpat_…）。使用客户端编号与密钥登录时留空。',
    },
  ).optional(),
  clientId: credential({ en: 'Client id', zh: '客户端编号（Client ID）' }).optional(),
  clientSecret: credential(
    { en: 'Client secret', zh: '客户端密钥（Client secret）' },
    {
      en: 'Of the same app. It also signs the webhooks: without it orders are polled only.',
      zh: '同一应用的密钥，也用于签名 Webhook；留空则只轮询订单。',
    },
  ).optional(),
  previousClientSecret: credential(
    { en: 'Previous client secret', zh: '旧客户端密钥' },
    {
      en: 'While a secret is being rotated, webhooks signed with the old one are accepted as well.',
      zh: '轮换密钥期间，同时接受旧密钥签名的 Webhook。',
    },
  ).optional(),
})

export type Config = z.output<typeof config>
export type Secrets = z.output<typeof secrets>
export type ShopifyCall = Call<Config, Secrets>

/** Topics we subscribe to; every one of them only says which order to read. `app/uninstalled` ends the access token. */
export const TOPICS = [
  'ORDERS_CREATE',
  'ORDERS_UPDATED',
  'ORDERS_DELETE',
  'REFUNDS_CREATE',
  'FULFILLMENTS_CREATE',
  'FULFILLMENTS_UPDATE',
  'APP_UNINSTALLED',
] as const

/** Quantities one `inventorySetQuantities` takes. */
export const MAX_LEVELS = 250

/** Results of bulk operations lie at Google's object storage behind signed addresses. */
const RESULT_HOST = 'https://storage.googleapis.com'

/** A simulated shop serves its results itself. */
const isLocal = (url: string): boolean => /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?:[:/]|$)/.test(url)

export const manifest = defineManifest({
  id: 'shopify',
  title: { en: 'Shopify', zh: 'Shopify' },
  kind: 'storefront',
  stability: 'beta',
  api: { version: '2026-10', docs: 'https://shopify.dev/docs/api/admin-graphql' },
  config,
  secrets,
  // Shopify counts points, not calls, and says after each call how many are left: the connector waits by that. This only stops a runaway.
  limits: [{ id: 'calls', scope: 'connection', calls: 40, perSeconds: 1, burst: 40 }],
  hosts: (settings) => (isLocal(settings.url) ? [settings.url] : [settings.url, RESULT_HOST]),
  shop: (settings) =>
    siteOf(settings.url)
      .replace(/^https?:\/\//, '')
      .toLowerCase(),
  capabilities: {
    pullOrders: {
      // Lists are answered from a search index that lags behind by seconds; times are whole seconds.
      streams: [{ id: 'orders', mode: 'window', pageSize: 20, overlapSeconds: 300, lagSeconds: 2, everySeconds: 60 }],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 24 * 31 },
    pullListings: { pageSize: 40 },
    verifyWebhook: { topics: TOPICS, secretScope: 'app' },
    readWebhook: {},
    ensureWebhooks: { checkEverySeconds: 900 },
    // Checkout takes the unit when the order is placed. A request is over at Shopify's side long before a minute.
    pushInventory: { write: 'cas', maxBatch: MAX_LEVELS, lagSeconds: 60, skewSeconds: 5, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 50 },
    pushShipment: { partial: true, pickup: true },
    readShipments: {},
    decideCancel: { decisions: ['accept'] },
    refreshToken: { warnDays: 0 },
  },
})
