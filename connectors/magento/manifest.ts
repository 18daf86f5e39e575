import { z } from 'zod'
import { defineManifest, type Call } from '../../src/core/connector.ts'
import { credential, named } from '../../src/kit/setting.ts'

const config = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .meta(named({ en: 'Address', zh: '地址' }, { en: 'Of the shop, e.g. https://shop.example.com', zh: '商店地址，如 https://shop.example.com' })),
  source: z
    .string()
    .regex(/^[\w-]{1,60}$/)
    .default('default')
    .meta(named({ en: 'Stock source', zh: '库存来源' }, { en: 'Code under Stores → Sources.', zh: '“Stores → Sources”中的代码。' })),
  pageSize: z
    .int()
    .min(1)
    .max(100)
    .default(100)
    .meta(named({ en: 'Orders per page', zh: '每页订单数' })),
})

const secrets = z.object({
  accessToken: credential({ en: 'Access token', zh: '访问令牌' }),
})

export type MagentoConfig = z.output<typeof config>
export type MagentoCall = Call<MagentoConfig, z.output<typeof secrets>>

export const manifest = defineManifest({
  id: 'magento',
  title: { en: 'Magento', zh: 'Magento' },
  kind: 'storefront',
  stability: 'experimental',
  api: { version: 'V1', docs: 'https://developer.adobe.com/commerce/webapi/rest/' },
  config,
  secrets,
  // The shop's own server is the limit; this stops a runaway.
  limits: [{ id: 'api', scope: 'connection', calls: 10, perSeconds: 1, burst: 20 }],
  hosts: (settings) => [settings.url],
  shop: (settings) => settings.url.replace(/\/+$/, ''),
  capabilities: {
    pullOrders: {
      streams: [{ id: 'orders', mode: 'window', pageSize: 100, maxWindowHours: 24 * 31, overlapSeconds: 300, lagSeconds: 2, everySeconds: 60 }],
    },
    fetchOrder: { maxBatch: 20 },
    pullListings: { pageSize: 100 },
    // Source quantities fall when goods are shipped, salable ones when an order is placed: "placing" is the safe reading.
    pushInventory: { write: 'absolute', maxBatch: 50, lagSeconds: 60, skewSeconds: 60, tMaxSeconds: 120, restocks: true, decrementAt: 'placing' },
    readInventory: { maxBatch: 50 },
    pushShipment: { partial: true, pickup: true },
    readShipments: {},
  },
})
