import { z } from 'zod'
import type { CheckStep } from '../../src/core/connector.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { query } from './client.ts'
import { CHECK } from './documents.ts'
import { shortId } from './ids.ts'
import type { ShopifyCall } from './manifest.ts'

const answer = z.object({
  shop: z.object({ name: z.string(), currencyCode: z.string(), ianaTimezone: z.string() }),
  currentAppInstallation: z.object({ accessScopes: z.array(z.object({ handle: z.string() })) }),
  locations: z.object({ nodes: z.array(z.object({ id: z.string(), name: z.string(), isActive: z.boolean() })) }),
  orders: z.object({ nodes: z.array(z.unknown()) }),
})

/** Scopes each use needs; a write scope contains its read scope. */
const NEEDS: readonly { readonly allOf: readonly string[]; readonly en: string; readonly zh: string }[] = [
  { allOf: ['orders'], en: 'May read orders', zh: '可读取订单' },
  { allOf: ['customers'], en: 'May read the buyer', zh: '可读取买家' },
  { allOf: ['products', 'inventory', 'locations'], en: 'May read products and stock', zh: '可读取商品与库存' },
]
const WRITES: readonly { readonly allOf: readonly string[]; readonly en: string; readonly zh: string }[] = [
  { allOf: ['write_inventory'], en: 'May set stock', zh: '可设置库存' },
  { allOf: ['write_merchant_managed_fulfillment_orders'], en: 'May ship', zh: '可发货' },
  { allOf: ['write_orders'], en: 'May cancel', zh: '可取消订单' },
]

/** Signs in, then looks at the scopes of the app, how far back orders can be read, and where stock would be written. */
export async function check(call: ShopifyCall): Promise<readonly CheckStep[]> {
  const found = readAnswer(answer, (await query(call, CHECK)).data, 'shop')
  const scopes = new Set(found.currentAppInstallation.accessScopes.map((scope) => scope.handle))
  const reads = (name: string): boolean => scopes.has(`read_${name}`) || scopes.has(`write_${name}`)
  const isAll = scopes.has('read_all_orders')
  return [
    { step: { en: 'Sign in', zh: '登录' }, ok: true, detail: `${found.shop.name}, ${found.shop.currencyCode}, ${found.shop.ianaTimezone}` },
    ...NEEDS.map((need) => ({ step: { en: need.en, zh: need.zh }, ok: need.allOf.every(reads) })),
    ...WRITES.map((need) => ({ step: { en: need.en, zh: need.zh }, ok: need.allOf.every((scope) => scopes.has(scope)) })),
    {
      step: { en: 'How far back', zh: '可读取的历史' },
      ok: true,
      detail: isAll ? 'all orders' : 'the last 60 days only: the app lacks read_all_orders',
    },
    locationStep(call, found.locations.nodes),
    {
      step: { en: 'Webhooks', zh: 'Webhook' },
      ok: call.secrets.clientSecret !== undefined,
      ...(call.secrets.clientSecret ? {} : { detail: 'no client secret: orders are polled only' }),
    },
    { step: { en: 'Read orders', zh: '读取订单' }, ok: true, detail: String(found.orders.nodes.length) },
  ]
}

function locationStep(call: ShopifyCall, locations: z.output<typeof answer>['locations']['nodes']): CheckStep {
  const active = locations.filter((location) => location.isActive)
  const wanted = call.config.locationId
  const isKnown = wanted === undefined ? active.length === 1 : active.some((location) => shortId(location.id) === shortId(wanted))
  const values = active.map((each) => ({ value: shortId(each.id), name: each.name }))
  return {
    step: { en: 'Stock location', zh: '库存地点' },
    ok: isKnown,
    detail: values.map(({ value, name }) => `${value} ${name}`).join(', '),
    offers: { setting: 'locationId', values },
  }
}
