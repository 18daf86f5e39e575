import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.weixin.qq.com')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        { en: 'Or that of a relay whose address is on the shop’s list of allowed IPs.', zh: '或部署在小店 IP 白名单内的转发地址。' },
      ),
    ),
  pageSize: pageSize(50, 100, { en: 'The channel allows 100.', zh: '平台最大 100。' }),
})

const secrets = z.object({
  appId: credential({ en: 'AppID of the shop', zh: '小店 AppID' }),
  appSecret: credential({ en: 'AppSecret of the shop', zh: '小店 AppSecret' }),
  pushToken: z
    .string()
    .trim()
    .min(3)
    .optional()
    .meta(
      named(
        { en: 'Token of the message push', zh: '消息推送 Token' },
        { en: 'As entered beside the address in the shop’s backend.', zh: '与小店后台「消息推送」中填写的一致。' },
      ),
    ),
  encodingAesKey: credential(
    { en: 'EncodingAESKey of the message push', zh: '消息推送 EncodingAESKey' },
    {
      en: 'With it only encrypted messages are let in (safe mode). Without it the signature says nothing about a message’s content.',
      zh: '填写后仅接受安全模式（加密）消息；不填则签名不覆盖消息内容。',
    },
  ).optional(),
})

export type WechatConfig = z.output<typeof config>
export type WechatSecrets = z.output<typeof secrets>
export type WechatCall = Call<WechatConfig, WechatSecrets>

/** Events about orders and refunds; any other that is subscribed to is answered and left. */
const TOPICS = [
  'channels_ec_order_new',
  'channels_ec_order_cancel',
  'channels_ec_order_pay',
  'channels_ec_order_wait_shipping',
  'channels_ec_order_deliver',
  'channels_ec_order_confirm',
  'channels_ec_order_ext_info_update',
  'channels_ec_aftersale_update',
] as const

/** The signature covers a time: messages older than this are replayed ones. The channel repeats what was not answered within seconds. */
export const MAX_AGE_SECONDS = 900

export const manifest = defineManifest({
  id: 'wechat-shop',
  title: { en: 'WeChat shop', zh: '微信小店' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: '2025', docs: 'https://developers.weixin.qq.com/doc/store/shop/' },
  config,
  secrets,
  // The channel grants each interface 10,000 calls a minute and 500,000 a day; bursts of one second are ours to avoid.
  limits: [{ id: 'calls', scope: 'connection', calls: 50, perSeconds: 1, burst: 50 }],
  hosts: (settings) => [settings.url],
  capabilities: {
    pullOrders: {
      streams: [
        // Seven days is the longest window of orders, a day that of refunds; whole seconds around a window take one more.
        { id: 'orders', mode: 'window', pageSize: 50, maxWindowHours: 167, overlapSeconds: 120, lagSeconds: 15, everySeconds: 60 },
        { id: 'refunds', mode: 'window', pageSize: 50, maxWindowHours: 23, overlapSeconds: 120, lagSeconds: 15, everySeconds: 120 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 167 },
    pullListings: { pageSize: 30 },
    verifyWebhook: { topics: TOPICS, secretScope: 'app', maxAgeSeconds: MAX_AGE_SECONDS },
    readWebhook: {},
    // Units of an order cancelled before it was paid come back by themselves, those of a refunded one do not.
    pushInventory: { write: 'absolute', maxBatch: 20, lagSeconds: 120, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 20 },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept', 'reject'] },
    refreshToken: { warnDays: 0 },
    decryptRecipient: {},
  },
})
