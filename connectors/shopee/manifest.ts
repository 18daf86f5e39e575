import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const id = z
  .string()
  .trim()
  .regex(/^\d{1,20}$/)

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://partner.shopeemobile.com')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        {
          en: 'Mainland China: https://openplatform.shopee.cn, Brazil: https://openplatform.shopee.com.br; or a relay whose address the app allows.',
          zh: '中国大陆：https://openplatform.shopee.cn；巴西：https://openplatform.shopee.com.br；或应用白名单内的转发地址。',
        },
      ),
    ),
  partnerId: id.meta(named({ en: 'Partner id (partner_id)', zh: '合作伙伴 ID（partner_id）' })),
  shopId: id.meta(
    named(
      { en: 'Shop id (shop_id)', zh: '店铺 ID（shop_id）' },
      { en: 'Comes back in the address when the seller authorises the app.', zh: '卖家授权应用后在回调地址中返回。' },
    ),
  ),
  locationId: z
    .string()
    .trim()
    .default('')
    .meta(
      named(
        { en: 'Warehouse (location_id)', zh: '仓库（location_id）' },
        {
          en: 'Only for shops with several warehouses: the one whose stock is read and written.',
          zh: '仅多仓店铺需要：读取与写入该仓库存。',
        },
      ),
    ),
  arrange: z
    .enum(['none', 'pickup', 'dropoff'])
    .default('none')
    .meta(
      named(
        { en: 'Parcels of Shopee’s own logistics', zh: 'Shopee 物流的包裹' },
        {
          en: 'none: such a shipment is refused, a person arranges it; pickup: by the default address and the recommended time; dropoff: where no branch has to be chosen.',
          zh: 'none：拒绝，由人工安排；pickup：使用默认地址与推荐时段安排取件；dropoff：无需选择网点时安排投递。',
        },
      ),
    ),
  splitPieces: z
    .boolean()
    .default(false)
    .meta(
      named(
        { en: 'Pieces of one line may be split', zh: '允许同一商品拆分数量' },
        { en: 'Only for shops Shopee lists for it (SG, TH, TW, MY).', zh: '仅限 Shopee 白名单店铺（新、泰、台、马）。' },
      ),
    ),
  pageSize: pageSize(40, 100, {
    en: 'Orders are read in full, 50 in one call and their money 20 in one call.',
    zh: '订单详情每次最多 50 条，收款明细每次 20 条。',
  }),
})

const secrets = z.object({
  partnerKey: credential({ en: 'Partner key (Live API Partner Key)', zh: '合作伙伴密钥（Live API Partner Key）' }),
  pushKey: credential(
    { en: 'Push key (Live Push Partner Key)', zh: '推送密钥（Live Push Partner Key）' },
    { en: 'Signs the messages Shopee pushes. Empty: the partner key does.', zh: '用于校验推送签名；留空则使用合作伙伴密钥。' },
  ).optional(),
  refreshToken: credential(
    { en: 'Refresh token', zh: '刷新令牌（refresh_token）' },
    {
      en: 'Good once: from here on the hub keeps each next one. Not needed with a code.',
      zh: '仅可使用一次，之后由系统保存新令牌；填写授权码时无需填写。',
    },
  ).optional(),
  code: credential(
    { en: 'Authorisation code', zh: '授权码（code）' },
    {
      en: 'Instead of a refresh token: from the address the seller came back to, good for ten minutes.',
      zh: '可代替刷新令牌：卖家授权回调中的 code，有效期十分钟。',
    },
  ).optional(),
})

export type ShopeeConfig = z.output<typeof config>
export type ShopeeSecrets = z.output<typeof secrets>
export type ShopeeCall = Call<ShopeeConfig, ShopeeSecrets>

/** The channel takes fifteen days; of a day the numbers of a busy shop still fit into memory. */
const WINDOW_HOURS = 24

/** Codes of messages that say something about an order, a parcel or a return; any other is answered and left. */
const TOPICS = ['3', '4', '15', '23', '24', '29', '30'] as const

export const manifest = defineManifest({
  id: 'shopee',
  title: { en: 'Shopee', zh: 'Shopee（虾皮）' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: 'v2', docs: 'https://open.shopee.com/documents' },
  config,
  secrets,
  limits: [
    // No figures are published; these are careful ones.
    { id: 'calls', scope: 'connection', calls: 10, perSeconds: 1, burst: 10 },
    { id: 'items', scope: 'connection', calls: 10, perSeconds: 1, burst: 10 },
    { id: 'stock', scope: 'connection', calls: 10, perSeconds: 1, burst: 10 },
  ],
  hosts: (settings) => [settings.url],
  shop: (settings) => settings.shopId,
  capabilities: {
    pullOrders: {
      streams: [
        { id: 'orders', mode: 'window', pageSize: 40, maxWindowHours: WINDOW_HOURS, overlapSeconds: 300, lagSeconds: 30, everySeconds: 60 },
        { id: 'refunds', mode: 'window', pageSize: 40, maxWindowHours: WINDOW_HOURS, overlapSeconds: 300, lagSeconds: 30, everySeconds: 300 },
      ],
    },
    fetchOrder: { maxBatch: 50 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: WINDOW_HOURS },
    pullListings: { pageSize: 50 },
    verifyWebhook: { topics: TOPICS, secretScope: 'app' },
    readWebhook: {},
    // When the unit comes off is not written anywhere: placing, and giving back at a cancel, are the safe readings.
    pushInventory: { write: 'absolute', maxBatch: 50, lagSeconds: 120, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 50 },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept', 'reject'] },
    refreshToken: { warnDays: 7 },
  },
})
