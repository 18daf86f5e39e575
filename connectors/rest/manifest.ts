import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { DocumentMap } from '../../src/core/document-map.ts'
import { credential, named } from '../../src/kit/setting.ts'
import { Auth, Errors, Listings, Orders, Refunds, Shipping, Stock, Webhook } from './description.ts'
import { placeholders } from './template.ts'

/** Addresses of one's own house: this machine, private networks, names without a dot. */
const isNear = (host: string): boolean =>
  /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[::1\]|[^.]+$|.*\.(?:local|internal)$)/.test(host)

const config = z
  .object({
    url: z
      .url({ protocol: /^https?$/ })
      .meta(named({ en: 'Base address', zh: '基础地址' }, { en: 'Every path below stands behind it.', zh: '以下所有路径都接在其后。' })),
    pageSize: z
      .int()
      .min(1)
      .max(1000)
      .default(100)
      .meta(named({ en: 'Documents per page', zh: '每页文档数' }, { en: 'Fills {limit}.', zh: '填入 {limit}。' })),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,80}$/), z.string().max(300))
      .default({})
      .meta(
        named(
          { en: 'Headers of every call', zh: '固定请求头' },
          { en: 'A version, a tenant. No secrets: they go into the credentials.', zh: '版本号、租户等；密钥请填入凭据。' },
        ),
      ),
    auth: Auth.default({ type: 'none' }).meta(
      named(
        { en: 'Signing in', zh: '认证方式' },
        {
          en: 'none, basic, bearer, header, query or oauth2 (client credentials).',
          zh: 'none、basic、bearer、header、query 或 oauth2（客户端凭据）。',
        },
      ),
    ),
    errors: Errors.prefault({}).meta(
      named({ en: 'Errors', zh: '错误码' }, { en: 'Where the code stands, and what codes mean.', zh: '错误码所在位置及含义。' }),
    ),
    orders: Orders.meta(
      named(
        { en: 'Orders', zh: '订单' },
        { en: 'How orders are listed by time of change, paged, and read one by one.', zh: '如何按修改时间列出、翻页及单独读取订单。' },
      ),
    ),
    refunds: Refunds.optional().meta(named({ en: 'Refunds', zh: '退款' }, { en: 'Refund documents below an order.', zh: '订单下的退款单据。' })),
    listings: Listings.optional().meta(named({ en: 'Listings', zh: '商品' })),
    stock: Stock.optional().meta(named({ en: 'Stock', zh: '库存' }, { en: 'The calls that set and read levels.', zh: '写入与读取库存的接口。' })),
    shipping: Shipping.optional().meta(
      named({ en: 'Shipments', zh: '发货' }, { en: 'The calls that tell and read packages.', zh: '回传与读取包裹的接口。' }),
    ),
    webhook: Webhook.optional().meta(
      named(
        { en: 'Webhook', zh: 'Webhook' },
        {
          en: 'Header and algorithm of the signature over the raw body, and where the order stands in it.',
          zh: '原始正文签名的请求头与算法，以及订单在正文中的位置。',
        },
      ),
    ),
    mapping: DocumentMap.meta(
      named(
        { en: 'Mapping', zh: '字段映射' },
        { en: 'Pointers into an order for every field, and what each status means.', zh: '各字段在订单中的位置，以及每个状态的含义。' },
      ),
    ),
  })
  .superRefine((settings, context) => {
    const { protocol, hostname } = new URL(settings.url)
    if (protocol === 'http:' && settings.auth.type !== 'none' && !isNear(hostname))
      context.addIssue({ code: 'custom', path: ['url'], message: 'Credentials would travel in clear over http. Use https.' })
    // Ids of listings fill stock calls: a name nobody gives would travel as an empty text.
    const { listings, stock } = settings
    if (!stock) return
    if (!listings) {
      context.addIssue({ code: 'custom', path: ['listings'], message: 'Stock is written to listings: say how they are read.' })
      return
    }
    const ids = [...Object.keys(listings.ids), ...Object.keys(listings.variants?.ids ?? {})]
    const known = [...ids, 'sku', 'quantity', 'ids', 'key']
    for (const [part, rules] of [
      ['write', stock.write],
      ['read', stock.read],
    ] as const)
      rules.forEach((rule, i) => {
        const at = ['stock', part, i]
        for (const one of placeholders(rule.path))
          if (!known.includes(one))
            context.addIssue({
              code: 'custom',
              path: [...at, 'path'],
              message: `{${one}} is not known here. Known: ${known.map((each) => `{${each}}`).join(', ')}.`,
            })
        if (rule.when !== undefined && !ids.includes(rule.when))
          context.addIssue({ code: 'custom', path: [...at, 'when'], message: `No listing has an id called "${rule.when}".` })
      })
  })

const secret = (title: { readonly en: string; readonly zh: string }): z.ZodOptional<z.ZodString> => credential(title).optional()

const secrets = z.object({
  username: secret({ en: 'User name (basic)', zh: '用户名（basic）' }),
  password: secret({ en: 'Password (basic)', zh: '密码（basic）' }),
  token: secret({ en: 'Key or token (bearer, header, query)', zh: '密钥或令牌（bearer、header、query）' }),
  clientId: secret({ en: 'Client id (oauth2)', zh: '客户端 ID（oauth2）' }),
  clientSecret: secret({ en: 'Client secret (oauth2)', zh: '客户端密钥（oauth2）' }),
  webhookSecret: secret({ en: 'Webhook secret', zh: 'Webhook 密钥' }),
})

export type RestConfig = z.output<typeof config>
export type RestSecrets = z.output<typeof secrets>
export type RestCall = Call<RestConfig, RestSecrets>

/** Most ids and levels a call of the hub's hands over; the settings may say fewer a request. */
export const MAX_BATCH = 100

export const manifest = defineManifest({
  id: 'rest',
  title: { en: 'Your own channel (REST, described by settings)', zh: '自有渠道（REST，按设置描述）' },
  kind: 'custom',
  stability: 'beta',
  api: { version: '1', docs: 'https://datatracker.ietf.org/doc/html/rfc9110' },
  config,
  mappingSettings: ['mapping'],
  secrets,
  limits: [{ id: 'api', scope: 'connection', calls: 20, perSeconds: 1, burst: 20 }],
  hosts: (settings) => [settings.url],
  shop: (settings) => settings.url.replace(/\/+$/, ''),
  capabilities: {
    pullOrders: {
      streams: [{ id: 'orders', mode: 'window', pageSize: 100, maxWindowHours: 24 * 31, overlapSeconds: 300, lagSeconds: 2, everySeconds: 60 }],
    },
    fetchOrder: { maxBatch: MAX_BATCH },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 24 * 7 },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: [], secretScope: 'connection' },
    readWebhook: {},
    // Careful figures: what a channel nobody knows beforehand is likely to keep.
    pushInventory: {
      write: 'absolute',
      maxBatch: MAX_BATCH,
      lagSeconds: 60,
      skewSeconds: 60,
      tMaxSeconds: 120,
      restocks: true,
      decrementAt: 'placing',
    },
    readInventory: { maxBatch: MAX_BATCH },
    pushShipment: { partial: true, pickup: true },
    readShipments: {},
    refreshToken: { warnDays: 0 },
  },
})
