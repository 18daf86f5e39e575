import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { named } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.loyverse.com')
    .meta(named({ en: 'Address of the API', zh: 'API 地址' })),
  storeId: z
    .string()
    .trim()
    // As the channel writes it: levels and receipts are told apart by it.
    .toLowerCase()
    .regex(/^[0-9a-fA-F-]{36}$/)
    .meta(
      named(
        { en: 'Store id', zh: '门店编号（store_id）' },
        {
          en: 'Its receipts are read, its stock is kept. Each store is a connection of its own.',
          zh: '读取该门店的小票并维护其库存；每个门店一个连接。',
        },
      ),
    ),
  pageSize: z
    .number()
    .int()
    .min(1)
    .max(250)
    .default(100)
    .meta(named({ en: 'Receipts per page', zh: '每页小票数' }, { en: 'The channel allows 250.', zh: '平台上限 250。' })),
})

const secret = z.string().trim().min(1).optional()

const secrets = z.object({
  accessToken: secret.meta(
    named(
      { en: 'Personal access token', zh: '个人访问令牌' },
      {
        en: 'From the back office. Enough to read and write; notices need the three fields below.',
        zh: '在后台创建，足以读写；如需接收通知请填写下面三项。',
      },
    ),
  ),
  clientId: secret.meta(named({ en: 'Client id of the app', zh: '应用 Client ID' })),
  clientSecret: secret.meta(named({ en: 'Client secret of the app', zh: '应用 Client Secret' }, { en: 'Signs the notices.', zh: '用于通知验签。' })),
  refreshToken: secret.meta(
    named(
      { en: 'Refresh token', zh: '刷新令牌' },
      { en: 'Of the seller’s grant; goes before a personal token.', zh: '商家授权所得；优先于个人访问令牌。' },
    ),
  ),
})

export type LoyverseConfig = z.output<typeof config>
export type LoyverseSecrets = z.output<typeof secrets>
export type LoyverseCall = Call<LoyverseConfig, LoyverseSecrets>

/** The event that says something about sales and what was given back. */
export const TOPIC = 'receipts.update'
export const MAX_LEVELS = 100

export const manifest = defineManifest({
  id: 'loyverse',
  title: { en: 'Loyverse', zh: 'Loyverse 收银' },
  kind: 'pos',
  stability: 'beta',
  api: { version: 'v1.0', docs: 'https://developer.loyverse.com/docs/' },
  config,
  secrets,
  // 300 calls in 300 seconds, counted by account.
  limits: [{ id: 'calls', scope: 'connection', calls: 60, perSeconds: 60, burst: 60 }],
  hosts: (settings) => [settings.url],
  shop: (settings) => settings.storeId.toLowerCase(),
  capabilities: {
    pullOrders: {
      streams: [
        // By change time: a till without a line keeps the time of the sale in `receipt_date` and sends the receipt later.
        { id: 'receipts', mode: 'window', pageSize: 100, maxWindowHours: 24 * 7, overlapSeconds: 300, lagSeconds: 10, everySeconds: 60 },
      ],
    },
    fetchOrder: { maxBatch: 50 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: 24 * 7 },
    pullListings: { pageSize: 100 },
    verifyWebhook: { topics: [TOPIC], secretScope: 'app' },
    readWebhook: {},
    ensureWebhooks: { checkEverySeconds: 3600 },
    pushInventory: {
      write: 'absolute',
      maxBatch: MAX_LEVELS,
      lagSeconds: 60,
      skewSeconds: 10,
      tMaxSeconds: 60,
      restocks: true,
      decrementAt: 'paying',
    },
    readInventory: { maxBatch: 200 },
    refreshToken: { warnDays: 0 },
  },
})
