import { z } from 'zod'
import { defineManifest } from '../../src/core/connector.ts'
import { named, pageSize } from '../../src/kit/setting.ts'

/** What a state of the shop's own order process means; the states of Vendure itself are known. */
export const STATE_MEANINGS = ['open', 'cancel_requested', 'cancelled', 'completed', 'ignore'] as const

const config = z.object({
  url: z.url({ protocol: /^https?$/ }).meta(
    named(
      { en: 'Address', zh: '店铺地址' },
      {
        en: 'The address of the shop or of its Admin API, for example https://shop.example.com/admin-api',
        zh: '店铺或其管理 API 的地址，例如 https://shop.example.com/admin-api',
      },
    ),
  ),
  channelToken: z
    .string()
    .min(1)
    .optional()
    .meta(named({ en: 'Vendure channel token', zh: 'Vendure 渠道令牌' }, { en: 'Leave empty for the default channel.', zh: '默认渠道可留空。' })),
  stockLocationId: z
    .string()
    .min(1)
    .optional()
    .meta(
      named(
        { en: 'Stock location id', zh: '库存地点编号' },
        {
          en: 'Where stock is written. Needed only when the shop has more than one location.',
          zh: '库存写入的地点。仅当店铺有多个库存地点时需要填写。',
        },
      ),
    ),
  timezone: z
    .string()
    .min(1)
    .default('UTC')
    .meta(named({ en: 'Time zone of the shop', zh: '店铺时区' })),
  moneyPrecision: z
    .number()
    .int()
    .min(0)
    .max(4)
    .default(2)
    .meta(
      named(
        { en: 'Digits after the point in amounts', zh: '金额的小数位数' },
        {
          en: "As in the shop's money strategy. Vendure counts every currency with the same number of digits, 2 unless configured.",
          zh: '与店铺的金额策略一致。Vendure 对所有币种使用相同的小数位数，未配置时为 2。',
        },
      ),
    ),
  states: z
    .record(z.string().min(1), z.enum(STATE_MEANINGS))
    .default({})
    .meta(
      named(
        { en: "States of the shop's own", zh: '店铺自定义状态' },
        { en: 'Order state → meaning. Orders in an unknown state are held.', zh: '订单状态 → 含义。未知状态的订单会被挂起。' },
      ),
    ),
  pageSize: pageSize(100, 100, { en: 'Lower it where the shop answers slowly.', zh: '店铺响应较慢时可调低。' }),
})

const secrets = z.object({
  username: z
    .string()
    .min(1)
    .meta(named({ en: 'Administrator', zh: '管理员账号' })),
  password: z
    .string()
    .min(1)
    .meta(named({ en: 'Password', zh: '密码' })),
  webhookSecret: z
    .string()
    .min(1)
    .optional()
    .meta(named({ en: 'Event secret', zh: '事件签名密钥' }, { en: 'Only with the event plugin in the shop.', zh: '仅在店铺安装了事件插件时填写。' })),
})

export type Config = z.output<typeof config>
export type Secrets = z.output<typeof secrets>

export const manifest = defineManifest({
  id: 'vendure',
  title: { en: 'Vendure', zh: 'Vendure' },
  kind: 'storefront',
  stability: 'beta',
  api: { version: '3.7', docs: 'https://docs.vendure.io/reference/graphql-api/admin/queries' },
  config,
  mappingSettings: ['states'],
  secrets,
  // Vendure itself knows no limit; this one keeps a small server answering its own customers.
  limits: [{ id: 'admin-api', scope: 'connection', calls: 20, perSeconds: 1, burst: 20 }],
  hosts: (settings) => [settings.url],
  // One server may carry several channels, each with orders of its own.
  shop: (settings) => `${new URL(settings.url).host} ${settings.channelToken ?? ''}`,
  capabilities: {
    pullOrders: {
      streams: [
        // An order becomes visible when its transaction commits, later than the time it carries: hence the overlap.
        { id: 'orders', mode: 'window', pageSize: 100, overlapSeconds: 60, lagSeconds: 0, everySeconds: 15 },
        // updatedAt stands still on payment, shipment and delivery: open orders are read again.
        { id: 'open', mode: 'sweep', pageSize: 50, everySeconds: 60 },
        // It also stands still on refunds, which come after an order is finished.
        { id: 'finished', mode: 'sweep', finishedDays: 60, pageSize: 50, everySeconds: 3600 },
      ],
    },
    fetchOrder: { maxBatch: 50 },
    findOrders: { by: ['id', 'number', 'tracking'] },
    listOrderIds: { maxWindowHours: 744 },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: ['order', 'fulfillment'], secretScope: 'connection' },
    readWebhook: {},
    pushInventory: {
      write: 'absolute',
      maxBatch: 50,
      lagSeconds: 60,
      skewSeconds: 5,
      tMaxSeconds: 60,
      restocks: true,
      decrementAt: 'paying',
    },
    readInventory: { maxBatch: 100 },
    pushShipment: { partial: true, pickup: true },
    readShipments: {},
    decideCancel: { decisions: ['accept'] },
    refreshToken: { warnDays: 0 },
  },
})
