import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const address = z.url({ protocol: /^https?$/ })

const config = z.object({
  url: address
    .default('https://open-api.tiktokglobalshop.com')
    .meta(named({ en: 'Address of the API', zh: '接口地址' }, { en: 'A relay can stand here.', zh: '可填写转发地址。' })),
  authUrl: address.default('https://auth.tiktok-shops.com').meta(named({ en: 'Address where tokens are renewed', zh: '刷新 token 的地址' })),
  shopCipher: z
    .string()
    .trim()
    .min(1)
    .meta(
      named(
        { en: 'Shop cipher', zh: 'shop_cipher' },
        { en: 'As "Get Authorized Shops" shows it. It names the shop in every call.', zh: '见“获取授权店铺”接口，用于标识店铺。' },
      ),
    ),
  shopId: z
    .string()
    .trim()
    .regex(/^\d{0,25}$/)
    .default('')
    .meta(
      named(
        { en: 'Shop id', zh: '店铺 ID' },
        { en: 'Optional. Deliveries about other shops of the same app are then left aside.', zh: '选填。填写后忽略同一应用其他店铺的推送。' },
      ),
    ),
  warehouse: z
    .string()
    .trim()
    .regex(/^\d{0,25}$/)
    .default('')
    .meta(
      named(
        { en: 'Warehouse id', zh: '仓库 ID' },
        { en: 'Only where goods lie in another than their only warehouse.', zh: '仅当商品不在其唯一仓库时需要。' },
      ),
    ),
  handover: z
    .enum(['PICKUP', 'DROP_OFF'])
    .default('PICKUP')
    .meta(
      named(
        { en: 'Packages of TikTok’s own shipping are', zh: '平台物流交接方式' },
        { en: 'PICKUP: fetched by the carrier. DROP_OFF: brought to it.', zh: 'PICKUP：上门揽收；DROP_OFF：自行送至网点。' },
      ),
    ),
  rejectReason: z
    .string()
    .trim()
    .regex(/^[a-z0-9_]{1,120}$/)
    .default('seller_reject_apply_product_has_been_packed')
    .meta(
      named(
        { en: 'Reason a cancel request is rejected with', zh: '拒绝取消的原因代码' },
        { en: 'A reason name of the channel; words of your own go along as a comment.', zh: '渠道规定的原因名称；自定义说明作为备注提交。' },
      ),
    ),
  pageSize: pageSize(50, 100),
})

const secrets = z.object({
  appKey: credential({ en: 'App key', zh: 'App key' }),
  appSecret: credential({ en: 'App secret', zh: 'App secret' }, { en: 'Signs calls and deliveries.', zh: '用于接口签名与推送验签。' }),
  accessToken: credential(
    { en: 'Access token', zh: 'Access token' },
    { en: 'Optional beside a refresh token.', zh: '有 refresh token 时可不填。' },
  ).optional(),
  refreshToken: credential({ en: 'Refresh token', zh: 'Refresh token' }),
})

export type TikTokConfig = z.output<typeof config>
export type TikTokSecrets = z.output<typeof secrets>
export type TikTokCall = Call<TikTokConfig, TikTokSecrets>

/** Number of a delivery's `type` and its name in a subscription. */
export const TOPICS: ReadonlyMap<string, string> = new Map([
  ['1', 'ORDER_STATUS_CHANGE'],
  ['3', 'RECIPIENT_ADDRESS_UPDATE'],
  ['4', 'PACKAGE_UPDATE'],
  ['11', 'CANCELLATION_STATUS_CHANGE'],
  ['12', 'RETURN_STATUS_CHANGE'],
])

const after = { mode: 'window', pageSize: 50, maxWindowHours: 24, overlapSeconds: 300, lagSeconds: 30 } as const

export const manifest = defineManifest({
  id: 'tiktok-shop',
  title: { en: 'TikTok Shop', zh: 'TikTok Shop' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: '202309', docs: 'https://partner.tiktokshop.com/docv2/page/650a9ed2f1fd3102b90c0b94' },
  config,
  secrets,
  // The channel publishes no figure; it says 36009002 when it has had enough.
  limits: [{ id: 'shop', scope: 'connection', calls: 10, perSeconds: 1, burst: 20 }],
  hosts: (settings) => [settings.url, settings.authUrl],
  shop: (settings) => settings.shopCipher,
  capabilities: {
    pullOrders: {
      streams: [
        { id: 'orders', ...after, everySeconds: 60 },
        { id: 'cancellations', ...after, everySeconds: 60 },
        { id: 'returns', ...after, everySeconds: 120 },
      ],
    },
    fetchOrder: { maxBatch: 50 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 24 },
    pullListings: { pageSize: 50 },
    verifyWebhook: { topics: [...TOPICS.values()], secretScope: 'app' },
    readWebhook: {},
    ensureWebhooks: { checkEverySeconds: 3600 },
    pushInventory: { write: 'absolute', maxBatch: 100, lagSeconds: 60, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 100 },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept', 'reject'] },
    refreshToken: { warnDays: 2 },
  },
})

/** Ids are whole numbers of up to 64 bits, always kept as text. */
export const isId = (text: string): boolean => /^[1-9]\d{0,24}$/.test(text)
