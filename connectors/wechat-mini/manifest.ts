import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named, pageSize } from '../../src/kit/setting.ts'
import { PAY_NOTICE_SECONDS } from '../../src/kit/wechatpay.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.weixin.qq.com')
    .meta(
      named(
        { en: 'Gateway address', zh: '网关地址' },
        { en: 'Or that of a relay whose address is on the app’s list of allowed IPs.', zh: '或部署在小程序 IP 白名单内的转发地址。' },
      ),
    ),
  mchId: z
    .string()
    .trim()
    .regex(/^\d{6,20}$/)
    .meta(named({ en: 'Merchant number of WeChat Pay', zh: '微信支付商户号' })),
  senderContact: z
    .string()
    .trim()
    .default('')
    .meta(
      named(
        { en: 'Sender’s phone number, masked', zh: '寄件人联系方式（掩码）' },
        {
          en: 'The channel asks for it with parcels of SF Express; the last four digits stay readable: 189****1234.',
          zh: '顺丰发货必填，后四位不打掩码，例如 189****1234。',
        },
      ),
    ),
  lookBackDays: z
    .number()
    .int()
    .min(4)
    .max(90)
    .default(30)
    .meta(named({ en: 'Days an order is looked at again', zh: '回看订单天数' }, { en: 'Counted from its payment.', zh: '自支付时间起算。' })),
  pageSize: pageSize(100, 100, { en: 'The channel allows 100.', zh: '平台最大 100。' }),
})

const secrets = z.object({
  appId: credential({ en: 'AppID of the mini-program', zh: '小程序 AppID' }),
  appSecret: credential({ en: 'AppSecret of the mini-program', zh: '小程序 AppSecret' }),
  apiV3Key: credential(
    { en: 'APIv3 key of WeChat Pay', zh: '微信支付 APIv3 密钥' },
    { en: '32 characters; decrypts notices of payments.', zh: '32 位，用于解密支付通知。' },
  ).optional(),
  platformKey: credential(
    { en: 'Platform certificate or public key of WeChat Pay', zh: '微信支付平台证书或公钥' },
    {
      en: 'PEM text. Both the old and the new one, one behind the other, while they are changed over.',
      zh: 'PEM 文本；更换期间可同时填写新旧两份。',
    },
  ).optional(),
})

export type MiniConfig = z.output<typeof config>
export type MiniSecrets = z.output<typeof secrets>
export type MiniCall = Call<MiniConfig, MiniSecrets>

export const manifest = defineManifest({
  id: 'wechat-mini',
  title: { en: 'WeChat mini-program', zh: '微信小程序（自有后台）' },
  kind: 'mini-program',
  stability: 'beta',
  api: {
    version: '2025',
    docs: 'https://developers.weixin.qq.com/miniprogram/dev/platform-capabilities/business-capabilities/order-shipping/order-shipping.html',
  },
  config,
  secrets,
  limits: [{ id: 'calls', scope: 'connection', calls: 20, perSeconds: 1, burst: 20 }],
  hosts: (settings) => [settings.url],
  capabilities: {
    pullOrders: {
      streams: [
        // The channel lists by time of payment and knows no time of change, so what may still move is read as a whole.
        { id: 'recent', mode: 'sweep', pageSize: 100, everySeconds: 120 },
        { id: 'older', mode: 'sweep', pageSize: 100, everySeconds: 3600 },
      ],
    },
    fetchOrder: { maxBatch: 20 },
    findOrders: { by: ['id', 'number'] },
    verifyWebhook: {
      topics: ['TRANSACTION.SUCCESS', 'REFUND.SUCCESS', 'REFUND.ABNORMAL', 'REFUND.CLOSED'],
      secretScope: 'app',
      maxAgeSeconds: PAY_NOTICE_SECONDS,
    },
    readWebhook: {},
    pushShipment: { partial: true },
    readShipments: {},
    refreshToken: { warnDays: 0 },
  },
})
