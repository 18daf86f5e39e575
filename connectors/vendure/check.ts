import { z } from 'zod'
import type { CheckStep } from '../../src/core/connector.ts'
import { query, read, type VendureCall } from './client.ts'
import { CHECK, ORDER_IDS } from './documents.ts'

const answer = z.object({
  me: z.object({ channels: z.array(z.object({ token: z.string(), permissions: z.array(z.string()) })) }),
  activeChannel: z.object({ token: z.string(), code: z.string(), defaultCurrencyCode: z.string() }),
  globalSettings: z.object({ serverConfig: z.object({ moneyStrategyPrecision: z.number().int() }) }),
  stockLocations: z.object({ totalItems: z.number().int(), items: z.array(z.object({ id: z.string(), name: z.string() })) }),
})

/** Permissions each use needs; a role may grant the wide name (Catalog) or the narrow one (Product). */
const NEEDS: readonly { readonly anyOf: readonly string[]; readonly en: string; readonly zh: string }[] = [
  { anyOf: ['ReadOrder'], en: 'May read orders', zh: '可读取订单' },
  { anyOf: ['UpdateOrder'], en: 'May ship and cancel', zh: '可发货与取消' },
  { anyOf: ['ReadCatalog', 'ReadProduct'], en: 'May read products', zh: '可读取商品' },
  { anyOf: ['UpdateCatalog', 'UpdateProduct'], en: 'May set stock', zh: '可设置库存' },
]

/** Signs in, then looks at the channel, the role's permissions, the counting of money, the stock location and one order. */
export async function check(call: VendureCall): Promise<readonly CheckStep[]> {
  const found = read(answer, (await query(call, CHECK, {})).data, 'settings')
  const permissions = new Set(found.me.channels.find((c) => c.token === found.activeChannel.token)?.permissions ?? [])
  const isAll = permissions.has('SuperAdmin')
  const precision = found.globalSettings.serverConfig.moneyStrategyPrecision
  const { items } = await orderSample(call)
  return [
    { step: { en: 'Sign in', zh: '登录' }, ok: true },
    { step: { en: 'Channel', zh: '渠道' }, ok: true, detail: `${found.activeChannel.code}, ${found.activeChannel.defaultCurrencyCode}` },
    ...NEEDS.map((need) => ({ step: { en: need.en, zh: need.zh }, ok: isAll || need.anyOf.some((p) => permissions.has(p)) })),
    { step: { en: 'Digits of amounts', zh: '金额小数位数' }, ok: precision === call.config.moneyPrecision, detail: String(precision) },
    stockStep(call, found.stockLocations),
    { step: { en: 'Read orders', zh: '读取订单' }, ok: true, detail: String(items.length) },
  ]
}

function stockStep(call: VendureCall, locations: z.output<typeof answer>['stockLocations']): CheckStep {
  const wanted = call.config.stockLocationId
  const isKnown = wanted === undefined ? locations.totalItems === 1 : locations.items.some((location) => location.id === wanted)
  return {
    step: { en: 'Stock location', zh: '库存地点' },
    ok: isKnown,
    detail: locations.items.map((l) => `${l.id} ${l.name}`).join(', '),
    offers: { setting: 'stockLocationId', values: locations.items.map(({ id, name }) => ({ value: id, name })) },
  }
}

async function orderSample(call: VendureCall): Promise<{ readonly items: readonly unknown[] }> {
  const options = { take: 1, filter: { orderPlacedAt: { isNull: false } } }
  return read(z.object({ orders: z.object({ items: z.array(z.unknown()) }) }), (await query(call, ORDER_IDS, { options })).data, 'order list').orders
}
