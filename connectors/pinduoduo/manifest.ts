import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://gw-api.pinduoduo.com/api/router')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        {
          en: 'Apps for orders have to run inside the channel’s own cloud: enter the address of a relay there.',
          zh: '订单类应用须部署在多多云内：此处可填写多多云内的转发地址。',
        },
      ),
    ),
  pageSize: pageSize(100, 100),
  decryptPerDay: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .default(100)
    .meta(
      named(
        { en: 'Recipients opened a day', zh: '每日解密收件人数' },
        {
          en: 'From outside its cloud the channel opens 100 a day and app, one in ten seconds. 0 with a relay inside: the channel’s own quota is all that counts.',
          zh: '多多云外每个应用每日 100 次、每 10 秒 1 次；若通过多多云内转发，填 0 表示不在此处计数，以平台额度为准。',
        },
      ),
    ),
})

const text = (en: string, zh: string) => credential({ en, zh })

const secrets = z.object({
  clientId: text('Client id', 'client_id'),
  clientSecret: text('Client secret', 'client_secret'),
  accessToken: text('Access token', 'access_token（授权）'),
  refreshToken: text('Refresh token', 'refresh_token').optional(),
})

export type PddConfig = z.output<typeof config>
type PddSecrets = z.output<typeof secrets>
export type PddCall = Call<PddConfig, PddSecrets>

/** Half an hour is the channel's limit; a minute is kept back for the second that is asked for on either side. */
const WINDOW_HOURS = 29 / 60
/** Younger changes may still be missing from lists (FAQ of the order interfaces: end at least three minutes ago, begin some minutes earlier). */
const LAG_SECONDS = 180

const window = { mode: 'window', pageSize: 100, maxWindowHours: WINDOW_HOURS, overlapSeconds: 180, lagSeconds: LAG_SECONDS } as const

export const manifest = defineManifest({
  id: 'pinduoduo',
  title: { en: 'Pinduoduo', zh: '拼多多' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: 'V1', docs: 'https://open.pinduoduo.com/application/document/api' },
  config,
  secrets,
  // Published per shop: orders 3000 a minute, refunds 100 in ten seconds, goods 600 a minute.
  limits: [
    { id: 'shop', scope: 'connection', calls: 3000, perSeconds: 60, burst: 50 },
    { id: 'refunds', scope: 'connection', calls: 100, perSeconds: 10, burst: 50 },
    { id: 'goods', scope: 'connection', calls: 600, perSeconds: 60, burst: 20 },
    // From outside the channel's cloud, since May 2026.
    { id: 'decrypt', scope: 'app', calls: 1, perSeconds: 10, burst: 1 },
  ],
  hosts: (settings) => [settings.url],
  capabilities: {
    pullOrders: {
      streams: [
        { ...window, id: 'orders', everySeconds: 60 },
        { ...window, id: 'refunds', everySeconds: 120 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: WINDOW_HOURS },
    pullListings: { pageSize: 100 },
    // Units are set aside when an order is placed; whether a cancelled one gives them back is not documented.
    pushInventory: { write: 'absolute', maxBatch: 50, lagSeconds: 300, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 50 },
    // One shipment an order: numbers of further packages are only added to it, and no package names lines.
    pushShipment: { partial: false },
    readShipments: {},
    decideCancel: { decisions: ['accept'] },
    refreshToken: { warnDays: 3 },
    decryptRecipient: { perDaySetting: 'decryptPerDay' },
  },
})
