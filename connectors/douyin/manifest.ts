import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://openapi-fxg.jinritemai.com')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        { en: 'A relay inside the channel’s own cloud (抖店云) can stand here.', zh: '可填写部署在抖店云内的转发地址。' },
      ),
    ),
  shopId: z
    .string()
    .trim()
    .regex(/^\d{1,19}$/)
    .meta(named({ en: 'Shop id', zh: '店铺 ID' })),
  appType: z
    .enum(['self', 'service'])
    .default('self')
    .meta(
      named(
        { en: 'Kind of app', zh: '应用类型' },
        {
          en: 'self: made for one’s own shops, makes its tokens itself. service: authorised by the seller; enter both tokens.',
          zh: 'self：自用型应用，自动获取 token；service：工具型应用，需填写商家授权后的两个 token。',
        },
      ),
    ),
  signMethod: z
    .enum(['hmac-sha256', 'md5'])
    .default('hmac-sha256')
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
  warehouse: z
    .string()
    .trim()
    .default('')
    .meta(
      named(
        { en: 'Warehouse', zh: '区域仓编码' },
        { en: 'Only for goods with regional stock: the code of the warehouse (out_warehouse_id).', zh: '仅区域库存商品需要：out_warehouse_id。' },
      ),
    ),
  pageSize: pageSize(50, 100),
})

const text = z.string().trim().min(1)
const secrets = z.object({
  appKey: text.meta(named({ en: 'App key', zh: 'AppKey' })),
  appSecret: text.meta(named({ en: 'App secret', zh: 'AppSecret' }, { en: 'Signs calls and messages.', zh: '用于接口与消息验签。' })),
  accessToken: text.optional().meta(named({ en: 'Access token', zh: 'Access token' }, { en: 'service apps only', zh: '仅工具型应用' })),
  refreshToken: text.optional().meta(named({ en: 'Refresh token', zh: 'Refresh token' }, { en: 'service apps only', zh: '仅工具型应用' })),
})

export type DouyinSecrets = z.output<typeof secrets>
export type DouyinConfig = z.output<typeof config>
export type DouyinCall = Call<DouyinConfig, DouyinSecrets>

/** Messages that say something about an order or an after-sale begin with 1 and 2. */
const TOPICS = ['order (1xx)', 'after-sale (2xx)']

export const manifest = defineManifest({
  id: 'douyin',
  title: { en: 'Douyin shop', zh: '抖店' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: '2', docs: 'https://op.jinritemai.com/docs/api-docs/15/1342' },
  config,
  secrets,
  // The channel limits each app as a whole, interface by interface (several hundred a second); it says so when it is reached.
  limits: [{ id: 'app', scope: 'app', calls: 40, perSeconds: 1, burst: 40 }],
  hosts: (settings) => [settings.url],
  shop: (settings) => settings.shopId,
  capabilities: {
    pullOrders: {
      streams: [
        { id: 'orders', mode: 'window', pageSize: 50, maxWindowHours: 24, overlapSeconds: 120, lagSeconds: 10, everySeconds: 60 },
        { id: 'refunds', mode: 'window', pageSize: 50, maxWindowHours: 24, overlapSeconds: 120, lagSeconds: 10, everySeconds: 120 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 24 },
    pullListings: { pageSize: 20 },
    verifyWebhook: { topics: TOPICS, secretScope: 'app' },
    readWebhook: {},
    // A product says itself when a unit leaves (`reduce_stock_type`); placing is the safe reading.
    pushInventory: { write: 'absolute', maxBatch: 100, lagSeconds: 60, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 100 },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept'] },
    refreshToken: { warnDays: 2 },
    decryptRecipient: {},
  },
})
