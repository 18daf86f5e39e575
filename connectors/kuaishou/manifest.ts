import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://openapi.kwaixiaodian.com')
    .meta(named({ en: 'Gateway address', zh: '网关地址' }, { en: 'Or that of a relay.', zh: '或转发地址。' })),
  signMethod: z
    .enum(['HMAC_SHA256', 'MD5'])
    .default('HMAC_SHA256')
    .meta(named({ en: 'Signing method', zh: '签名方法' })),
  recipients: z
    .enum(['cipher', 'mask'])
    .default('cipher')
    .meta(
      named(
        { en: 'Recipients are kept as', zh: '收件人信息' },
        {
          en: 'cipher: for printing waybills with the channel. mask: readable for people, without the hidden part. Documents as received hold both.',
          zh: 'cipher：密文，可用于电子面单；mask：脱敏信息，便于查看。原始报文两者都有。',
        },
      ),
    ),
  shippedOtherwise: z
    .enum(['refuse', 'append', 'replace'])
    .default('refuse')
    .meta(
      named(
        { en: 'Order that has left under another number', zh: '订单已用其他单号发货时' },
        {
          en: 'refuse: a person looks. append: our package is added to it. replace: ours takes the place of its only package.',
          zh: 'refuse：转人工；append：追加包裹；replace：替换唯一包裹的单号。',
        },
      ),
    ),
  refundWindowHours: z
    .number()
    .int()
    .min(1)
    .max(23)
    .default(23)
    .meta(
      named(
        { en: 'Longest window of after-sales, hours', zh: '售后查询最大跨度（小时）' },
        { en: 'The channel may shorten it during sales campaigns.', zh: '大促期间平台可能缩短。' },
      ),
    ),
  pageSize: pageSize(50, 50, { en: 'The channel allows 50.', zh: '平台最大 50。' }),
})

const secrets = z.object({
  appKey: credential({ en: 'App key', zh: 'appKey' }),
  appSecret: credential({ en: 'App secret', zh: 'appSecret' }, { en: 'Renews tokens.', zh: '用于刷新 token。' }),
  signSecret: credential(
    { en: 'Sign secret', zh: 'signSecret' },
    { en: 'Signs calls; not the app secret.', zh: '用于接口签名，与 appSecret 不同。' },
  ),
  refreshToken: credential(
    { en: 'Refresh token', zh: 'refresh_token' },
    { en: 'From the seller’s authorisation; good for 180 days in all.', zh: '商家授权后获得，有效期共 180 天。' },
  ),
  accessToken: credential(
    { en: 'Access token', zh: 'access_token' },
    { en: 'Made from the refresh token without it.', zh: '不填则用 refresh_token 获取。' },
  ).optional(),
  messageKey: credential(
    { en: 'Message key', zh: '消息解密私钥' },
    { en: 'Decrypts messages; shown in the app’s details once messages are switched on.', zh: '开通消息推送后，在应用详情中查看。' },
  ).optional(),
})

export type KuaishouConfig = z.output<typeof config>
export type KuaishouSecrets = z.output<typeof secrets>
export type KuaishouCall = Call<KuaishouConfig, KuaishouSecrets>

export const manifest = defineManifest({
  id: 'kuaishou',
  title: { en: 'Kuaishou shop', zh: '快手小店' },
  kind: 'marketplace',
  stability: 'experimental',
  api: { version: '1', docs: 'https://open.kwaixiaodian.com/zone/new/docs/dev?pageSign=8cca5d25ba0015e5045a7ebec6383b741614263875756' },
  config,
  secrets,
  // Each app has a quota a day and a rate of its own (shown in its console); the channel says so when one is reached.
  limits: [{ id: 'app', scope: 'app', calls: 20, perSeconds: 1, burst: 20 }],
  hosts: (settings) => [settings.url],
  capabilities: {
    pullOrders: {
      streams: [
        // Seven days is the longest window of orders, a day that of after-sales.
        { id: 'orders', mode: 'window', pageSize: 50, maxWindowHours: 167, overlapSeconds: 120, lagSeconds: 15, everySeconds: 60 },
        { id: 'refunds', mode: 'window', pageSize: 100, maxWindowHours: 23, overlapSeconds: 120, lagSeconds: 15, everySeconds: 120 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 167 },
    pullListings: { pageSize: 50 },
    verifyWebhook: { topics: ['kwaishop_order_*', 'kwaishop_aftersales_*'], secretScope: 'app' },
    readWebhook: {},
    pushInventory: { write: 'delta', maxBatch: 20, lagSeconds: 120, skewSeconds: 10, tMaxSeconds: 120, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 20 },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept'] },
    refreshToken: { warnDays: 0 },
    decryptRecipient: {},
  },
})
