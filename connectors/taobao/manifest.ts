import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://eco.taobao.com/router/rest')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        {
          en: 'Order data may only be called from inside the channel’s own cloud: enter the address of a relay there.',
          zh: '订单数据通常只能在聚石塔内调用：此处可填写部署在聚石塔内的转发地址。',
        },
      ),
    ),
  signMethod: z
    .enum(['md5', 'hmac', 'hmac-sha256'])
    .default('md5')
    .meta(named({ en: 'Signing method', zh: '签名方法' })),
  stockApi: z
    .enum(['taobao', 'tmall'])
    .default('taobao')
    .meta(
      named(
        { en: 'Stock is written with', zh: '库存写入接口' },
        { en: 'tmall: tmall.item.quantity.update', zh: '天猫店铺可选 tmall.item.quantity.update' },
      ),
    ),
  shipApi: z
    .enum(['offline', 'online'])
    .default('offline')
    .meta(
      named(
        { en: 'Shipments are written with', zh: '发货接口' },
        { en: 'Cash on delivery always goes online.', zh: '货到付款订单总是使用在线下单发货。' },
      ),
    ),
  details: z
    .enum(['noted', 'all'])
    .default('noted')
    .meta(
      named(
        { en: 'Orders read in full', zh: '读取订单详情' },
        {
          en: 'noted: those with a flag, a message or a reduction. all: every one, at one call each; then notes without a flag are read too.',
          zh: 'noted：仅有旗帜、留言或优惠的订单；all：每单多一次调用，可读到无旗帜的备注。',
        },
      ),
    ),
  messages: z
    .boolean()
    .default(false)
    .meta(
      named(
        { en: 'Read the message queue', zh: '消费消息服务（TMC）' },
        { en: 'Changes arrive within half a minute. The app must subscribe to the topics.', zh: '变更约半分钟内到达；应用需先订阅消息主题。' },
      ),
    ),
  messageGroup: z
    .string()
    .trim()
    .default('')
    .meta(
      named(
        { en: 'Message group', zh: '消息分组' },
        { en: 'A group of its own for each shop where several share one app.', zh: '多个店铺共用一个应用时，每个店铺使用独立分组。' },
      ),
    ),
  pageSize: pageSize(50, 100, { en: 'The channel recommends 40 to 50.', zh: '平台建议 40–50。' }),
})

const secrets = z.object({
  appKey: credential({ en: 'App key', zh: 'AppKey' }),
  appSecret: credential({ en: 'App secret', zh: 'AppSecret' }),
  sessionKey: credential({ en: 'Session key', zh: 'SessionKey（授权）' }),
  refreshToken: credential(
    { en: 'Refresh token', zh: 'Refresh token' },
    {
      en: 'Only apps sold in the service market can renew; others are authorised again by hand.',
      zh: '仅服务市场订购类应用可刷新，其他应用需重新授权。',
    },
  ).optional(),
})

export type TopConfig = z.output<typeof config>
export type TopSecrets = z.output<typeof secrets>
export type TopCall = Call<TopConfig, TopSecrets>

/** Windows of half an hour are what the channel recommends; a day is its hard limit. */
const WINDOW_HOURS = 0.5

export const manifest = defineManifest({
  id: 'taobao',
  title: { en: 'Taobao / Tmall', zh: '淘宝 / 天猫' },
  kind: 'marketplace',
  stability: 'beta',
  api: { version: '2.0', docs: 'https://open.taobao.com/api.htm' },
  config,
  secrets,
  // The channel limits each app as a whole and does not publish the figure; it says so when it is reached.
  limits: [{ id: 'app', scope: 'app', calls: 40, perSeconds: 1, burst: 40 }],
  hosts: (settings) => [settings.url],
  capabilities: {
    pullOrders: {
      streams: [
        { id: 'orders', mode: 'window', pageSize: 50, maxWindowHours: WINDOW_HOURS, overlapSeconds: 120, lagSeconds: 15, everySeconds: 60 },
        { id: 'refunds', mode: 'window', pageSize: 50, maxWindowHours: WINDOW_HOURS, overlapSeconds: 120, lagSeconds: 15, everySeconds: 120 },
        { id: 'messages', mode: 'sweep', pageSize: 100, everySeconds: 30 },
      ],
    },
    commitPull: {},
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    listOrderIds: { maxWindowHours: WINDOW_HOURS },
    pullListings: { pageSize: 100 },
    // Taobao takes the unit off when an order is placed, Tmall usually when it is paid; placing is the safe reading.
    pushInventory: { write: 'absolute', maxBatch: 100, lagSeconds: 60, skewSeconds: 10, tMaxSeconds: 60, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 100 },
    pushShipment: { partial: true },
    readShipments: {},
    refreshToken: { warnDays: 3 },
    decryptRecipient: {},
  },
})
