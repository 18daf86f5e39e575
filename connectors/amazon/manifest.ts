import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

/** Where the shops of a region are answered. */
const REGIONS = {
  na: 'https://sellingpartnerapi-na.amazon.com',
  eu: 'https://sellingpartnerapi-eu.amazon.com',
  fe: 'https://sellingpartnerapi-fe.amazon.com',
} as const

const config = z.object({
  region: z
    .enum(['na', 'eu', 'fe'])
    .default('na')
    .meta(
      named(
        { en: 'Region', zh: '区域' },
        {
          en: 'na: the Americas · eu: Europe, Middle East, India · fe: Japan, Australia, Singapore.',
          zh: 'na 美洲 · eu 欧洲、中东、印度 · fe 日本、澳洲、新加坡。',
        },
      ),
    ),
  url: z
    .string()
    .trim()
    .regex(/^(?:https?:\/\/\S+)?$/)
    .default('')
    .meta(named({ en: 'Endpoint', zh: '接口地址' }, { en: 'Of a relay. Empty: the region’s own.', zh: '中转地址；留空使用所选区域的地址。' })),
  loginUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://api.amazon.com')
    .meta(named({ en: 'Login with Amazon', zh: 'LWA 登录地址' })),
  sellerId: z
    .string()
    .trim()
    .regex(/^[A-Z0-9]{5,30}$/)
    .meta(named({ en: 'Seller id', zh: '卖家编号' }, { en: 'Merchant token of the account, like A1B2C3D4E5F6G7.', zh: '账户的 Merchant Token。' })),
  marketplaceIds: z
    .string()
    .trim()
    .regex(/^[A-Z0-9]{10,20}(?:\s*,\s*[A-Z0-9]{10,20}){0,49}$/)
    .meta(
      named(
        { en: 'Marketplace ids', zh: '站点编号' },
        {
          en: 'With commas between them, like ATVPDKIKX0DER. Listings and stock are those of the first.',
          zh: '以逗号分隔，如 ATVPDKIKX0DER；商品与库存以第一个站点为准。',
        },
      ),
    ),
  orders: z
    .enum(['2026-01-01', 'v0'])
    .default('2026-01-01')
    .meta(
      named(
        { en: 'Version of the orders interface', zh: '订单接口版本' },
        {
          en: 'v0 only where the app has no access to the newer one; it ends on 2027-03-27.',
          zh: '仅在应用无新版权限时选 v0，该版本于 2027-03-27 停用。',
        },
      ),
    ),
  personalData: z
    .boolean()
    .default(true)
    .meta(
      named(
        { en: 'Read buyers and addresses', zh: '读取买家与地址' },
        { en: 'Needs the restricted roles. Without them orders come without a recipient.', zh: '需要受限角色；关闭后订单不含收件人。' },
      ),
    ),
  pageSize: pageSize(100, 100, { en: 'The channel allows 100, and few pages.', zh: '平台最大 100，且限制翻页频率。' }),
})

const secrets = z.object({
  clientId: credential({ en: 'LWA client id', zh: 'LWA 客户端编号' }),
  clientSecret: credential({ en: 'LWA client secret', zh: 'LWA 客户端密钥' }),
  refreshToken: credential(
    { en: 'Refresh token', zh: '刷新令牌' },
    { en: 'From the seller’s authorisation of the app (Atzr|…).', zh: '卖家授权应用时获得（Atzr|…）。' },
  ),
})

export type AmazonConfig = z.output<typeof config>
export type AmazonCall = Call<AmazonConfig, z.output<typeof secrets>>

export const endpointOf = ({ url, region }: Pick<AmazonConfig, 'url' | 'region'>): string => (url === '' ? REGIONS[region] : url.replace(/\/+$/, ''))
export const marketplacesOf = ({ marketplaceIds }: Pick<AmazonConfig, 'marketplaceIds'>): readonly string[] => marketplaceIds.split(/\s*,\s*/)

/** A usage plan of the vendor's models: so many calls a second and so many at once, counted for each seller. */
const plan = <const I extends string>(id: I, perTenThousandSeconds: number, burst: number) =>
  ({ id, scope: 'connection', calls: perTenThousandSeconds, perSeconds: 10_000, burst }) as const

export const manifest = defineManifest({
  id: 'amazon',
  title: { en: 'Amazon', zh: '亚马逊' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: '2026-01-01', docs: 'https://developer-docs.amazon.com/sp-api' },
  config,
  secrets,
  limits: [
    plan('getOrder', 5000, 30),
    // One page in three minutes.
    plan('searchOrders', 56, 20),
    plan('getOrders-v0', 167, 20),
    plan('getOrder-v0', 5000, 30),
    plan('getOrderItems-v0', 5000, 30),
    plan('confirmShipment', 20_000, 10),
    plan('searchListingsItems', 50_000, 5),
    plan('getListingsItem', 50_000, 10),
    plan('patchListingsItem', 50_000, 5),
    plan('listTransactions', 5000, 10),
    plan('restrictedDataToken', 10_000, 10),
    // Not in any model; a token lives an hour.
    plan('token', 10_000, 10),
  ],
  hosts: (settings) => [endpointOf(settings), settings.loginUrl],
  shop: (settings) => `${settings.region} ${settings.sellerId} ${settings.marketplaceIds}`,
  capabilities: {
    pullOrders: {
      streams: [
        // Upper bounds younger than two minutes are refused.
        // Lists trail by two minutes, which the lag is for; what is read twice beyond that costs pages of three minutes each.
        { id: 'orders', mode: 'window', pageSize: 100, maxWindowHours: 24 * 14, overlapSeconds: 60, lagSeconds: 130, everySeconds: 240 },
        // What is posted may show up to two days late.
        { id: 'refunds', mode: 'window', pageSize: 100, maxWindowHours: 24 * 14, overlapSeconds: 48 * 3600, lagSeconds: 130, everySeconds: 3600 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 24 * 14 },
    pullListings: { pageSize: 20 },
    // An order takes its units when it is placed; its list is read four minutes apart. What was accepted may land later.
    pushInventory: { write: 'absolute', maxBatch: 20, lagSeconds: 600, skewSeconds: 10, tMaxSeconds: 900, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 20 },
    pushShipment: { partial: true },
    readShipments: {},
    refreshToken: { warnDays: 0 },
  },
})
