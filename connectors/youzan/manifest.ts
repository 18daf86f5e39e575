import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://open.youzanyun.com')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        { en: 'Or that of a relay whose address is on the app’s list of allowed IPs.', zh: '或部署在应用 IP 白名单内的转发地址。' },
      ),
    ),
  kdtId: z
    .string()
    .trim()
    .regex(/^\d{1,20}$/)
    .meta(
      named(
        { en: 'Shop id (kdt_id)', zh: '店铺 ID（kdt_id）' },
        {
          en: 'The shop that granted the app. Of a chain: the head office, or a branch with a grant of its own.',
          zh: '授权给应用的店铺；连锁可填总部，或单独授权的分店。',
        },
      ),
    ),
  nodeKdtId: z
    .string()
    .trim()
    .regex(/^\d{0,20}$/)
    .default('')
    .meta(
      named(
        { en: 'Only this branch (node_kdt_id)', zh: '仅此分店（node_kdt_id）' },
        {
          en: 'Of a chain read by its head office: orders and refunds of one branch alone. Empty: all of them.',
          zh: '使用总部授权时，只读取一个分店的订单与售后；留空为全部。',
        },
      ),
    ),
  senderMobile: z
    .string()
    .trim()
    .default('')
    .meta(
      named(
        { en: 'Sender’s mobile number', zh: '发货人手机号' },
        { en: 'The channel asks for it with parcels of SF Express, to follow their way.', zh: '顺丰发货时平台要求提供，用于订阅物流轨迹。' },
      ),
    ),
  pageSize: pageSize(50, 100, { en: 'The channel allows 100.', zh: '平台最大 100。' }),
})

const secrets = z.object({
  clientId: credential({ en: 'Client id', zh: 'client_id' }),
  clientSecret: credential(
    { en: 'Client secret', zh: 'client_secret' },
    { en: 'Also signs the messages the channel pushes.', zh: '同时用于校验消息推送签名。' },
  ),
  refreshToken: credential(
    { en: 'Refresh token', zh: 'refresh_token' },
    {
      en: 'Only of apps sold in the app market; an app of one’s own gets its tokens without.',
      zh: '仅工具型（应用市场）应用需要；自用型应用无需填写。',
    },
  ).optional(),
})

export type YouzanConfig = z.output<typeof config>
export type YouzanSecrets = z.output<typeof secrets>
export type YouzanCall = Call<YouzanConfig, YouzanSecrets>

/** The channel takes three months at once and shows a hundred pages of them; a day fits nearly every shop, and fuller ones are read in parts. */
const WINDOW_HOURS = 24

/** Messages that say something about an order or its refunds; any other that is subscribed to is answered and left. */
const TOPICS = [
  'trade_TradeCreate',
  'trade_TradePaid',
  'trade_TradeBuyerPay',
  'trade_TradePartlySellerShip',
  'trade_TradeSellerShip',
  'trade_TradeSuccess',
  'trade_TradeClose',
  'trade_TradeMemoModified',
  'trade_refund_BuyerCreated',
  'trade_refund_RefundSellerAgree',
  'trade_refund_RefundSuccess',
  'trade_refund_RefundClosed',
  'trade_refund_SysRefund',
  'youzan_trade_RefundCreated',
  'youzan_trade_RefundSuccess',
  'youzan_trade_RefundClosed',
] as const

export const manifest = defineManifest({
  id: 'youzan',
  title: { en: 'Youzan', zh: '有赞' },
  kind: 'mini-program',
  stability: 'beta',
  api: { version: '4.0.4', docs: 'https://doc.youzanyun.com' },
  config,
  secrets,
  limits: [
    // The channel's table of recommended rates names none for orders; where it does, it counts by shop.
    { id: 'calls', scope: 'connection', calls: 20, perSeconds: 1, burst: 20 },
    { id: 'items', scope: 'connection', calls: 100, perSeconds: 1, burst: 100 },
    { id: 'stock', scope: 'connection', calls: 30, perSeconds: 1, burst: 30 },
  ],
  hosts: (settings) => [settings.url],
  shop: (settings) => `${settings.kdtId}/${settings.nodeKdtId}`,
  capabilities: {
    pullOrders: {
      streams: [
        // Lists show a change up to half a minute late.
        { id: 'orders', mode: 'window', pageSize: 50, maxWindowHours: WINDOW_HOURS, overlapSeconds: 300, lagSeconds: 30, everySeconds: 60 },
        { id: 'refunds', mode: 'window', pageSize: 50, maxWindowHours: WINDOW_HOURS, overlapSeconds: 300, lagSeconds: 30, everySeconds: 120 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: WINDOW_HOURS },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: TOPICS, secretScope: 'app' },
    readWebhook: {},
    // Each item chooses whether placing or paying takes the unit off; placing is the safe reading.
    pushInventory: { write: 'absolute', maxBatch: 20, lagSeconds: 120, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 20 },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept', 'reject'] },
    refreshToken: { warnDays: 2 },
    decryptRecipient: {},
  },
})
