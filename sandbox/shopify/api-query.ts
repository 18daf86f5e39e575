import { connection, listConnection, type PageArgs } from './connections.ts'
import type { Context } from './context.ts'
import type { ShopifyBulk, ShopifyOrder, ShopifySubscription, ShopifyVariant } from './model.ts'
import { fulfillmentOrderView, fulfillmentView, gid, iso, orderView, refundView, type View } from './order-view.ts'
import { matcher, variantMatcher } from './search.ts'
import type { ShopifyShop } from './shop.ts'
import { sum } from './shop.ts'
import { toDecimal } from '../stage/decimal.ts'

type Root = Readonly<Record<string, (args: never, context: Context) => unknown>>

const tail = (id: string): string => id.split('/').at(-1)?.split('?')[0] ?? ''
const typeOf = (id: string): string => /^gid:\/\/shopify\/(\w+)\//.exec(id)?.[1] ?? ''
const sixtyDaysMs = 60 * 86_400_000
/** What an app of this kind was granted when it was installed. */
const scopes: readonly string[] = [
  'write_orders',
  'read_customers',
  'read_products',
  'write_inventory',
  'read_locations',
  'write_merchant_managed_fulfillment_orders',
]

/** Root resolvers of queries. */
export function queryRoot(shop: ShopifyShop, look: (bulk: ShopifyBulk) => void): Root {
  const seen = (order: ShopifyOrder, context: Context): View => {
    context.returned.push(order.id)
    return orderView(shop, order)
  }
  const node = (id: string, context: Context): View | null => nodeOf(shop, id, (order) => seen(order, context))
  return {
    shop: () => ({
      id: gid('Shop', '1'),
      name: shop.settings.name,
      myshopifyDomain: 'sandbox.myshopify.com',
      currencyCode: shop.settings.currency,
      ianaTimezone: shop.settings.timezone,
      plan: { publicDisplayName: 'Basic' },
    }),
    currentAppInstallation: () => ({
      accessScopes: [...scopes, ...(shop.settings.allOrders ? ['read_all_orders'] : [])].map((handle) => ({ handle })),
    }),
    locations: (args: PageArgs, context) =>
      listConnection(shop.locations, (one) => ({ id: gid('Location', one.id), name: one.name, isActive: true }), args, context),
    orders: (args: PageArgs & { readonly query?: string | null; readonly sortKey?: string }, context) => orderList(shop, args, context, seen),
    order: ({ id }: { readonly id: string }, context) => node(id, context),
    ordersCount: ({ query }: { readonly query?: string | null }) => ({
      count: [...shop.orders.values()].filter(matcher(shop, query)).length,
      precision: 'EXACT',
    }),
    node: ({ id }: { readonly id: string }, context) => node(id, context),
    nodes: ({ ids }: { readonly ids: readonly string[] }, context) => ids.map((id) => node(id, context)),
    inventoryItem: ({ id }: { readonly id: string }, context) => node(id, context),
    productVariants: (args: PageArgs & { readonly query?: string | null }, context) => {
      const items = [...shop.variants.values()].filter(variantMatcher(args.query))
      return connection({ items, id: (one) => one.id, value: () => '', view: (one) => variantView(shop, one) }, args, context)
    },
    webhookSubscriptions: (args: PageArgs, context) => listConnection([...shop.subscriptions.values()], subscriptionView, args, context),
    ...bulkRoot(shop, look),
  }
}

function bulkRoot(shop: ShopifyShop, look: (bulk: ShopifyBulk) => void): Root {
  const seen = (bulk: ShopifyBulk | undefined): View | null => {
    if (!bulk) return null
    look(bulk)
    return bulkView(shop, bulk)
  }
  return {
    bulkOperation: ({ id }: { readonly id: string }) => seen(shop.bulks.get(tail(id))),
    currentBulkOperation: () => seen([...shop.bulks.values()].at(-1)),
    bulkOperations: (args: PageArgs, context) => {
      const items = [...shop.bulks.values()]
      return listConnection(args.reverse ? items.reverse() : items, (one) => bulkView(shop, one), { first: args.first ?? null }, context)
    },
  }
}

function orderList(
  shop: ShopifyShop,
  args: PageArgs & { readonly query?: string | null; readonly sortKey?: string },
  context: Context,
  view: (order: ShopifyOrder, context: Context) => View,
): unknown {
  const { listLagMs, paging } = shop.troubles
  const now = shop.clock.now()
  const matches = matcher(shop, args.query)
  const old = (order: ShopifyOrder): boolean => !shop.settings.allOrders && order.createdAt < now - sixtyDaysMs
  const items = [...shop.orders.values()].filter((order) => order.updatedAt + listLagMs <= now && !old(order) && matches(order))
  const value = (order: ShopifyOrder): string =>
    args.sortKey === 'UPDATED_AT' ? String(order.updatedAt) : args.sortKey === 'ID' ? '' : String(order.createdAt)
  const page = connection({ items, id: (order) => order.id, value, view: (order) => view(order, context) }, args, context)
  return paging === 'none' ? page : oddPage(page, args, paging)
}

/** `repeat`: behind the last page there is always the last page. `empty-middle`: before each further page one that holds nothing. */
function oddPage(page: unknown, args: PageArgs, paging: 'repeat' | 'empty-middle'): unknown {
  if (typeof page !== 'object' || page === null || !('pageInfo' in page)) return page
  const info: Readonly<Record<string, unknown>> = Object(page.pageInfo)
  if (paging === 'repeat')
    return info['hasNextPage'] === true
      ? page
      : { ...page, pageInfo: { ...info, hasNextPage: true, endCursor: args.after ?? cursorOf(info['endCursor']) } }
  if (!args.after || args.after.endsWith('.e')) return page
  return { nodes: [], edges: [], pageInfo: { ...info, hasNextPage: true, endCursor: `${args.after}.e` } }
}

const cursorOf = (cursor: unknown): unknown => (typeof cursor === 'function' ? cursor() : cursor)

function nodeOf(shop: ShopifyShop, id: string, seen: (order: ShopifyOrder) => View): View | null {
  const type = typeOf(id)
  const own = tail(id)
  if (type === 'Order') {
    const order = shop.orders.get(own)
    return order ? seen(order) : null
  }
  if (type === 'InventoryItem') {
    const variant = [...shop.variants.values()].find((one) => one.itemId === own)
    return variant ? itemView(variant) : null
  }
  for (const order of shop.orders.values()) {
    const [fulfillment, refund, source] = [
      order.fulfillments.find((one) => type === 'Fulfillment' && one.id === own),
      order.refunds.find((one) => type === 'Refund' && one.id === own),
      order.fulfillmentOrders.find((one) => type === 'FulfillmentOrder' && one.id === own),
    ]
    if (fulfillment) return fulfillmentView(order, fulfillment)
    if (refund) return refundView(shop, refund)
    if (source) return fulfillmentOrderView(shop, source)
  }
  return null
}

function variantView(shop: ShopifyShop, one: ShopifyVariant): View {
  return {
    id: gid('ProductVariant', one.id),
    title: 'Default Title',
    displayName: one.name,
    sku: one.sku,
    barcode: null,
    price: toDecimal(one.price, shop.settings.digits),
    inventoryQuantity: sum([...one.available.values()]),
    product: { id: gid('Product', one.productId), status: 'ACTIVE' },
    inventoryItem: () => itemView(one),
  }
}

function itemView(one: ShopifyVariant): View {
  const level = (location: string): View => ({
    id: gid('InventoryLevel', `${one.itemId}${location}`),
    location: { id: gid('Location', location) },
    quantities: ({ names }: { readonly names: readonly string[] }) => names.map((name) => ({ name, quantity: one.available.get(location) ?? 0 })),
  })
  return {
    __typename: 'InventoryItem',
    id: gid('InventoryItem', one.itemId),
    sku: one.sku,
    tracked: one.tracked,
    inventoryLevel: ({ locationId }: { readonly locationId: string }) => (one.available.has(tail(locationId)) ? level(tail(locationId)) : null),
    inventoryLevels: (args: PageArgs, context: Context) => listConnection([...one.available.keys()], level, args, context),
  }
}

export function subscriptionView(one: ShopifySubscription): View {
  return {
    id: gid('WebhookSubscription', one.id),
    topic: one.topic,
    uri: one.uri,
    format: 'JSON',
    includeFields: one.includeFields,
    createdAt: iso(one.createdAt),
    updatedAt: iso(one.updatedAt),
  }
}

export function bulkView(shop: ShopifyShop, one: ShopifyBulk): View {
  const done = one.status === 'COMPLETED'
  return {
    id: gid('BulkOperation', one.id),
    status: one.status,
    errorCode: null,
    objectCount: String(one.objects),
    rootObjectCount: String(one.roots),
    fileSize: done ? String(one.result?.length ?? 0) : null,
    url: done && one.roots > 0 ? `${shop.site}/bulk/${one.id}.jsonl?X-Goog-Signature=sandbox` : null,
    query: one.query,
    createdAt: iso(one.createdAt),
    completedAt: one.completedAt === undefined ? null : iso(one.completedAt),
  }
}
