import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

/** Where the shops of a country are answered ("Service Endpoints" on the page of every interface). */
const GATEWAYS = {
  sg: 'https://api.lazada.sg/rest',
  my: 'https://api.lazada.com.my/rest',
  th: 'https://api.lazada.co.th/rest',
  vn: 'https://api.lazada.vn/rest',
  ph: 'https://api.lazada.com.ph/rest',
  id: 'https://api.lazada.co.id/rest',
} as const

const config = z.object({
  country: z.enum(['sg', 'my', 'th', 'vn', 'ph', 'id']).meta(
    named(
      { en: 'Country', zh: '国家' },
      {
        en: 'Of the shop: its gateway and its currency. A seller of several countries makes a connection for each.',
        zh: '店铺所在国家，决定网关与币种；多国卖家请每国建立一个连接。',
      },
    ),
  ),
  url: z
    .string()
    .trim()
    .regex(/^(?:https?:\/\/\S+)?$/)
    .default('')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        {
          en: 'Of a relay whose address is on the app’s list of allowed IPs, up to and with "/rest". Empty: that of the country.',
          zh: 'IP 白名单内的中转地址，含 "/rest"；留空使用所选国家的网关。',
        },
      ),
    ),
  authUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://auth.lazada.com/rest')
    .meta(named({ en: 'Address of the token door', zh: '授权网关地址' })),
  sellerId: z
    .string()
    .trim()
    .regex(/^\d{1,20}$/)
    .meta(
      named(
        { en: 'Seller id', zh: '卖家编号' },
        {
          en: 'As pushed messages name the shop (seller_id); Seller Center and the answer of the authorisation show it.',
          zh: '推送消息中的 seller_id，可在卖家中心或授权返回中查看。',
        },
      ),
    ),
  warehouse: z
    .string()
    .trim()
    .regex(/^[\w-]{0,64}$/)
    .default('')
    .meta(
      named(
        { en: 'Warehouse code', zh: '仓库代码' },
        {
          en: 'Only of sellers with several warehouses: whose stock is read and set. Empty: the one of a single-warehouse seller.',
          zh: '仅多仓卖家填写：读取与写入库存的仓库；单仓卖家留空。',
        },
      ),
    ),
  allocation: z
    .enum(['TFS', 'NTFS'])
    .default('TFS')
    .meta(
      named(
        { en: 'Allocation of carriers', zh: '物流分配方式' },
        { en: 'TFS: local shops. NTFS: cross-border shops.', zh: 'TFS 本地店铺；NTFS 跨境店铺。' },
      ),
    ),
  transferCode: z
    .string()
    .trim()
    .regex(/^[\w-]{0,40}$/)
    .default('')
    .meta(
      named(
        { en: 'Transferring warehouse', zh: '中转仓代码' },
        { en: 'Cross-border shops only (shipment_provider_code, as FM50).', zh: '仅跨境店铺填写（shipment_provider_code，如 FM50）。' },
      ),
    ),
  pageSize: pageSize(50, 100, { en: 'The channel allows 100; items come 50 orders at a time.', zh: '平台最大 100；商品明细每次最多 50 单。' }),
})

const secrets = z.object({
  appKey: credential({ en: 'App key', zh: 'App Key' }),
  appSecret: credential(
    { en: 'App secret', zh: 'App Secret' },
    { en: 'Also signs the messages the channel pushes.', zh: '同时用于校验推送消息的签名。' },
  ),
  accessToken: credential(
    { en: 'Access token', zh: 'access_token' },
    { en: 'From the seller’s authorisation of the app.', zh: '卖家授权应用后获得。' },
  ),
  refreshToken: credential({ en: 'Refresh token', zh: 'refresh_token' }).optional(),
})

export type LazadaConfig = z.output<typeof config>
export type LazadaSecrets = z.output<typeof secrets>
export type LazadaCall = Call<LazadaConfig, LazadaSecrets>

export const gatewayOf = ({ url, country }: Pick<LazadaConfig, 'url' | 'country'>): string =>
  url === '' ? GATEWAYS[country] : url.replace(/\/+$/, '')

/** Most levels in one call are 50; the channel advises 20, beyond which its own calls begin to fail (E513). */
export const MOST_LEVELS = 20

export const manifest = defineManifest({
  id: 'lazada',
  title: { en: 'Lazada', zh: 'Lazada（来赞达）' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: '2026-04', docs: 'https://open.lazada.com/apps/doc/api' },
  config,
  secrets,
  limits: [
    // The channel names no figure for orders; whoever is too fast is shut out for the seconds it says.
    { id: 'calls', scope: 'connection', calls: 10, perSeconds: 1, burst: 10 },
    // "Each seller can only call the inventory API 50 times per second."
    { id: 'stock', scope: 'connection', calls: 20, perSeconds: 1, burst: 20 },
  ],
  hosts: (settings) => [gatewayOf(settings), settings.authUrl],
  shop: (settings) => `${settings.country} ${settings.sellerId}`,
  capabilities: {
    pullOrders: {
      streams: [
        { id: 'orders', mode: 'window', pageSize: 50, maxWindowHours: 24, overlapSeconds: 300, lagSeconds: 30, everySeconds: 120 },
        { id: 'refunds', mode: 'window', pageSize: 50, maxWindowHours: 24, overlapSeconds: 300, lagSeconds: 30, everySeconds: 300 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 24 },
    pullListings: { pageSize: 50 },
    verifyWebhook: { topics: ['0 trade order', '10 reverse order'], secretScope: 'app' },
    readWebhook: {},
    // Units leave SellableQuantity when an order is submitted and come back when it is cancelled.
    pushInventory: {
      write: 'absolute',
      maxBatch: MOST_LEVELS,
      lagSeconds: 300,
      skewSeconds: 10,
      tMaxSeconds: 120,
      restocks: true,
      decrementAt: 'placing',
    },
    readInventory: { maxBatch: MOST_LEVELS },
    pushShipment: { partial: true },
    readShipments: {},
    decideCancel: { decisions: ['accept', 'reject'] },
    refreshToken: { warnDays: 5 },
  },
})
