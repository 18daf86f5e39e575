import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.jd.com/routerjson')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        {
          en: 'Where order data may only be called from inside the channel’s own cloud, the address of a relay there.',
          zh: '订单数据如仅限云鼎内调用，此处填写部署在云鼎内的转发地址。',
        },
      ),
    ),
  authUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://open-oauth.jd.com/oauth2')
    .meta(named({ en: 'Authorisation address', zh: '授权服务地址' })),
  orderApi: z
    .enum(['encrypted', 'plain'])
    .default('encrypted')
    .meta(
      named(
        { en: 'Orders are read with', zh: '订单接口' },
        {
          en: 'encrypted: pop.order.enSearch/enGet (recipients as ciphertext). plain: pop.order.search/get, where the app may.',
          zh: 'encrypted：enSearch/enGet（收件人为密文）；plain：search/get（需应用有权限）。',
        },
      ),
    ),
  storeId: z
    .string()
    .trim()
    .regex(/^\d*$/)
    .default('')
    .meta(
      named(
        { en: 'Warehouse number', zh: '仓库编号' },
        { en: 'Stock is written to this warehouse; empty: the shop’s only one.', zh: '写入该仓库的库存；留空为店铺默认仓。' },
      ),
    ),
  pageSize: pageSize(50, 100, { en: 'The channel allows 100 and recommends 50.', zh: '平台上限 100，建议 50。' }),
})

const secrets = z.object({
  appKey: credential({ en: 'App key', zh: 'AppKey' }),
  appSecret: credential({ en: 'App secret', zh: 'AppSecret' }),
  accessToken: credential({ en: 'Access token', zh: 'Access token（授权）' }),
  refreshToken: credential(
    { en: 'Refresh token', zh: 'Refresh token' },
    { en: 'Can only be used before the access token ends.', zh: '须在 access token 过期前使用，过期后需重新授权。' },
  ).optional(),
})

export type JdConfig = z.output<typeof config>
export type JdSecrets = z.output<typeof secrets>
export type JdCall = Call<JdConfig, JdSecrets>

/** The channel takes a month at once; shorter windows keep each of them far from its hundred pages. */
const WINDOW_HOURS = 0.5
/** The channel shows refund applications and after-sales cases fifty at a time. */
export const REFUND_PAGE = 50

export const manifest = defineManifest({
  id: 'jd',
  title: { en: 'JD.com', zh: '京东' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: '2.0', docs: 'https://jos.jd.com/commondoc?listId=33' },
  config,
  secrets,
  // The channel counts calls by app and does not publish the figure; a service that resells this interface allows ten a second.
  limits: [{ id: 'app', scope: 'app', calls: 10, perSeconds: 1, burst: 10 }],
  hosts: (settings) => [settings.url, settings.authUrl],
  capabilities: {
    pullOrders: {
      streams: [
        { id: 'orders', mode: 'window', pageSize: 50, maxWindowHours: WINDOW_HOURS, overlapSeconds: 120, lagSeconds: 15, everySeconds: 60 },
        {
          id: 'cancellations',
          mode: 'window',
          pageSize: REFUND_PAGE,
          maxWindowHours: WINDOW_HOURS,
          overlapSeconds: 120,
          lagSeconds: 15,
          everySeconds: 120,
        },
        { id: 'returns', mode: 'sweep', pageSize: REFUND_PAGE, everySeconds: 1800 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: WINDOW_HOURS },
    pullListings: { pageSize: 50 },
    // Lists show an order once it is paid (or needs no payment first): what was placed before that is not seen here.
    pushInventory: { write: 'absolute', maxBatch: 50, lagSeconds: 60, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'paying' },
    readInventory: { maxBatch: 50 },
    pushShipment: { partial: false },
    readShipments: {},
    decideCancel: { decisions: ['accept'] },
    refreshToken: { warnDays: 3 },
  },
})
