import { z } from 'zod'
import type { Peer } from './peer.ts'

const id = z.object({ id: z.string() })
const optionalTime = z.string().nullable()

/** An order as the shop's own staff sees it. Amounts are decimals. */
const shopOrder = z.object({
  id: z.string(), display_id: z.number(), status: z.string(), payment_status: z.string(), fulfillment_status: z.string(), currency_code: z.string(), total: z.number(), updated_at: z.string(),
  items: z.array(z.object({
    id: z.string(), variant_sku: z.string().nullable(), quantity: z.number(), total: z.number(), return_received_total: z.number(),
    detail: z.object({ fulfilled_quantity: z.number(), shipped_quantity: z.number(), delivered_quantity: z.number(), return_received_quantity: z.number() }),
  })),
  credit_lines: z.array(z.object({ amount: z.number(), reference: z.string().nullable() })),
  payment_collections: z.array(z.object({
    id: z.string(), status: z.string(), amount: z.number(),
    payments: z.array(z.object({
      id: z.string(), amount: z.number(), canceled_at: optionalTime,
      captures: z.array(z.object({ amount: z.number() })), refunds: z.array(z.object({ id: z.string(), amount: z.number() })),
    })).default([]),
  })),
  fulfillments: z.array(z.object({
    id: z.string(), shipped_at: optionalTime, delivered_at: optionalTime, canceled_at: optionalTime,
    items: z.array(z.object({ line_item_id: z.string(), quantity: z.number() })), labels: z.array(z.object({ tracking_number: z.string() })),
  })),
})
const FIELDS = [
  'id,display_id,status,payment_status,fulfillment_status,currency_code,total,updated_at,*credit_lines,*items,*items.detail,*payment_collections,*payment_collections.payments',
  '*payment_collections.payments.captures,*payment_collections.payments.refunds,*fulfillments,*fulfillments.items,*fulfillments.labels',
].join(',')
export type ShopOrder = z.output<typeof shopOrder>

const level = z.object({ location_id: z.string(), stocked_quantity: z.number(), reserved_quantity: z.number() })
export type ShopLevel = z.output<typeof level>

export interface Goods {
  readonly sku: string
  readonly variant: string
  readonly product: string
  readonly inventory: string
}

export interface Basket {
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  readonly currency?: 'usd' | 'jpy' | 'eur'
  readonly promotion?: string
  readonly address?: Readonly<Record<string, string>>
  readonly email?: string
  readonly shipping?: 'standard' | 'express'
}

/** The shop seen by its staff and its buyers, through its own interfaces only. */
export interface Shop {
  readonly secretKey: string
  readonly location: string
  readonly secondLocation: string
  readonly goods: readonly Goods[]
  admin(method: string, path: string, body?: unknown): Promise<unknown>
  place(basket: Basket): Promise<ShopOrder>
  order(id: string): Promise<ShopOrder>
  orders(): Promise<readonly ShopOrder[]>
  capture(order: ShopOrder, amount?: number): Promise<void>
  refund(order: ShopOrder, amount: number, note?: string): Promise<void>
  cancel(id: string): Promise<void>
  fulfil(order: ShopOrder, lines: readonly Piece[], to?: 'made' | 'shipped' | 'delivered', tracking?: string): Promise<string>
  /** Another number of units of one line; confirmed at once. */
  edit(order: ShopOrder, line: string, quantity: number): Promise<void>
  /** One more line. */
  add(order: ShopOrder, sku: string, quantity: number): Promise<void>
  /** Units come back, at once. */
  takeBack(order: ShopOrder, lines: readonly Piece[]): Promise<void>
  setStock(sku: string, stocked: number): Promise<void>
  level(sku: string): Promise<ShopLevel>
}
export interface Piece {
  readonly id: string
  readonly quantity: number
}

const ADDRESS = { first_name: '三', last_name: '张', address_1: '文三路100号', city: '杭州市', province: '浙江省', postal_code: '310012', country_code: 'cn', phone: '13800138000' }

type Send = (method: string, path: string, body?: unknown) => Promise<unknown>

function sender(origin: string, headers: Readonly<Record<string, string>>): Send {
  return async (method, path, body) => {
    const response = await fetch(origin + path, { method, headers: { 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 600)}`)
    const answer: unknown = JSON.parse(text)
    return answer
  }
}

/** Signs in, fills an empty shop, and makes a key for the hub. */
export async function openShop(peer: Peer): Promise<Shop> {
  const { token } = z.object({ token: z.string() }).parse(await sender(peer.origin, {})('POST', '/auth/user/emailpass', { email: peer.username, password: peer.password }))
  const admin = sender(`${peer.origin}/admin`, { authorization: `Bearer ${token}` })
  const seeded = await seed(admin)
  const store = sender(`${peer.origin}/store`, { 'x-publishable-api-key': seeded.publishableKey })
  const read = async (orderId: string): Promise<ShopOrder> => z.object({ order: shopOrder }).parse(await admin('GET', `/orders/${orderId}?fields=${FIELDS}`)).order
  const levels = async (sku: string): Promise<ShopLevel> => {
    const inventory = goodsOf(seeded.goods, sku).inventory
    const { inventory_levels: found } = z.object({ inventory_levels: z.array(level) }).parse(await admin('GET', `/inventory-items/${inventory}/location-levels`))
    const own = found.find((one) => one.location_id === seeded.location)
    if (!own) throw new Error(`${sku} has no level.`)
    return own
  }
  return {
    ...seeded,
    admin,
    place: async (basket) => read(await place(store, seeded, basket)),
    order: read,
    async orders() {
      const all: ShopOrder[] = []
      for (let offset = 0; ; offset += 100) {
        const page = z.object({ orders: z.array(shopOrder), count: z.number() }).parse(await admin('GET', `/orders?limit=100&offset=${offset}&order=display_id&fields=${FIELDS}`))
        all.push(...page.orders)
        if (offset + 100 >= page.count) return all
      }
    },
    async capture(order, amount) {
      const payment = paymentOf(order)
      await admin('POST', `/payments/${payment}/capture`, amount === undefined ? {} : { amount })
    },
    async refund(order, amount, note) {
      const payment = paymentOf(order)
      await admin('POST', `/payments/${payment}/refund`, { amount, ...(note === undefined ? {} : { note }) })
    },
    cancel: async (orderId) => void (await admin('POST', `/orders/${orderId}/cancel`, {})),
    async fulfil(order, lines, to = 'shipped', tracking = 'SF1000000000001') {
      const known = new Set((await read(order.id)).fulfillments.map((f) => f.id))
      await admin('POST', `/orders/${order.id}/fulfillments`, { items: lines, location_id: seeded.location, no_notification: true })
      const made = (await read(order.id)).fulfillments.find((f) => !known.has(f.id))?.id ?? ''
      if (to === 'made') return made
      await admin('POST', `/orders/${order.id}/fulfillments/${made}/shipments`, { items: lines, labels: [{ tracking_number: tracking, tracking_url: '#', label_url: '#' }], no_notification: true })
      if (to === 'delivered') await admin('POST', `/orders/${order.id}/fulfillments/${made}/mark-as-delivered`, {})
      return made
    },
    async edit(order, line, quantity) {
      await admin('POST', '/order-edits', { order_id: order.id })
      await admin('POST', `/order-edits/${order.id}/items/item/${line}`, { quantity })
      await confirm(admin, order.id)
    },
    async add(order, sku, quantity) {
      await admin('POST', '/order-edits', { order_id: order.id })
      await admin('POST', `/order-edits/${order.id}/items`, { items: [{ variant_id: goodsOf(seeded.goods, sku).variant, quantity }] })
      await confirm(admin, order.id)
    },
    async takeBack(order, lines) {
      const { return: made } = z.object({ return: id }).parse(await admin('POST', '/returns', { order_id: order.id, location_id: seeded.location }))
      await admin('POST', `/returns/${made.id}/request-items`, { items: lines })
      await admin('POST', `/returns/${made.id}/request`, {})
      await admin('POST', `/returns/${made.id}/receive`, {})
      await admin('POST', `/returns/${made.id}/receive-items`, { items: lines })
      await admin('POST', `/returns/${made.id}/receive/confirm`, {})
    },
    async setStock(sku, stocked) {
      await admin('POST', `/inventory-items/${goodsOf(seeded.goods, sku).inventory}/location-levels/${seeded.location}`, { stocked_quantity: stocked })
    },
    level: levels,
  }
}

/** An edit that made an order dearer leaves a second collection without a payment. */
const paymentOf = (order: ShopOrder): string => order.payment_collections.flatMap((collection) => collection.payments)[0]?.id ?? ''

async function confirm(admin: Send, orderId: string): Promise<void> {
  await admin('POST', `/order-edits/${orderId}/request`, {})
  await admin('POST', `/order-edits/${orderId}/confirm`, {})
}

function goodsOf(goods: readonly Goods[], sku: string): Goods {
  const found = goods.find((one) => one.sku === sku)
  if (!found) throw new Error(`The shop sells no ${sku}.`)
  return found
}

/** A buyer's whole visit, from the first item to the payment; answers the order's id. */
async function place(store: Send, shop: Seeded, basket: Basket): Promise<string> {
  const currency = basket.currency ?? 'usd'
  const address = { ...ADDRESS, country_code: COUNTRY[currency], ...basket.address }
  const made = await store('POST', '/carts', {
    region_id: shop.regions[currency], email: basket.email ?? `buyer-${crypto.randomUUID().slice(0, 8)}@example.com`, shipping_address: address, billing_address: address,
    items: basket.lines.map((line) => ({ variant_id: goodsOf(shop.goods, line.sku).variant, quantity: line.quantity })),
    ...(basket.promotion === undefined ? {} : { promo_codes: [basket.promotion] }),
  })
  const cart = z.object({ cart: id }).parse(made).cart.id
  await store('POST', `/carts/${cart}/shipping-methods`, { option_id: shop.shippingOptions[basket.shipping ?? 'standard'] })
  const collection = z.object({ payment_collection: id }).parse(await store('POST', '/payment-collections', { cart_id: cart })).payment_collection.id
  await store('POST', `/payment-collections/${collection}/payment-sessions`, { provider_id: 'pp_system_default' })
  const done = z.object({ type: z.string(), order: id.optional(), error: z.unknown().optional() }).parse(await store('POST', `/carts/${cart}/complete`, {}))
  if (!done.order) throw new Error(`The cart was not completed: ${JSON.stringify(done.error)}`)
  return done.order.id
}

const COUNTRY = { usd: 'us', jpy: 'jp', eur: 'de' } as const
type Currency = keyof typeof COUNTRY

interface Seeded {
  readonly secretKey: string
  readonly publishableKey: string
  readonly location: string
  readonly secondLocation: string
  readonly goods: readonly Goods[]
  readonly regions: Readonly<Record<Currency, string>>
  readonly shippingOptions: Readonly<Record<'standard' | 'express', string>>
}

const PRODUCTS = [
  { sku: 'LAMP-B-EU', title: 'Lamp', usd: 49.99, jpy: 5400, eur: 46.5 },
  { sku: 'NOTE-A5', title: 'Notebook', usd: 3.33, jpy: 333, eur: 3.1 },
  { sku: 'KETTLE-17', title: 'Kettle', usd: 79.95, jpy: 8800, eur: 75 },
  { sku: 'TEA-青-01', title: '青花瓷茶杯', usd: 19.9, jpy: 2100, eur: 18.45 },
  { sku: 'PEN-1', title: 'Pen', usd: 0.99, jpy: 110, eur: 0.95 },
] as const

/** Sales channel, three regions (one with tax inside the prices), a stock location, goods, promotions, keys. */
async function seed(admin: Send): Promise<Seeded> {
  const made = async (name: string, path: string, body: unknown): Promise<string> => z.object({ [name]: id }).parse(await admin('POST', path, body))[name]?.id ?? ''
  const first = async (name: string, path: string): Promise<string | undefined> => z.object({ [name]: z.array(id) }).parse(await admin('GET', path))[name]?.[0]?.id
  const channel = (await first('sales_channels', '/sales-channels')) ?? (await made('sales_channel', '/sales-channels', { name: 'Web' }))
  const storeId = (await first('stores', '/stores')) ?? ''
  const currencies = [{ currency_code: 'usd', is_default: true }, { currency_code: 'jpy' }, { currency_code: 'eur', is_tax_inclusive: true }]
  await admin('POST', `/stores/${storeId}`, { supported_currencies: currencies, default_sales_channel_id: channel })
  const region = (name: string, currency: Currency, inclusive = false): Promise<string> =>
    made('region', '/regions', { name, currency_code: currency, countries: [COUNTRY[currency]], payment_providers: ['pp_system_default'], is_tax_inclusive: inclusive })
  const regions = { usd: await region('US', 'usd'), jpy: await region('JP', 'jpy'), eur: await region('DE', 'eur', true) }
  await made('tax_region', '/tax-regions', { country_code: 'us', provider_id: 'tp_system', default_tax_rate: { name: 'Sales tax', rate: 8.875, code: 'us' } })
  await made('tax_region', '/tax-regions', { country_code: 'jp', provider_id: 'tp_system' })
  await made('tax_region', '/tax-regions', { country_code: 'de', provider_id: 'tp_system', default_tax_rate: { name: 'MwSt', rate: 19, code: 'de' } })
  const location = await made('stock_location', '/stock-locations', { name: 'Main', address: { address_1: 'x', country_code: 'us', city: 'Portland' } })
  const secondLocation = await made('stock_location', '/stock-locations', { name: 'Overflow', address: { address_1: 'y', country_code: 'us', city: 'Salem' } })
  await admin('POST', `/stock-locations/${location}/sales-channels`, { add: [channel] })
  await admin('POST', `/stock-locations/${location}/fulfillment-providers`, { add: ['manual_manual'] })
  const set = z.object({ stock_location: z.object({ fulfillment_sets: z.tuple([id]) }) }).parse(
    await admin('POST', `/stock-locations/${location}/fulfillment-sets?fields=id,*fulfillment_sets`, { name: 'ship', type: 'shipping' }),
  ).stock_location.fulfillment_sets[0].id
  const zone = z.object({ fulfillment_set: z.object({ service_zones: z.tuple([id]) }) }).parse(
    await admin('POST', `/fulfillment-sets/${set}/service-zones?fields=*service_zones`, { name: 'all', geo_zones: Object.values(COUNTRY).map((code) => ({ type: 'country', country_code: code })) }),
  ).fulfillment_set.service_zones[0].id
  const profile = (await first('shipping_profiles', '/shipping-profiles')) ?? (await made('shipping_profile', '/shipping-profiles', { name: 'def', type: 'default' }))
  const option = (name: string, amount: number): Promise<string> =>
    made('shipping_option', '/shipping-options', {
      name, service_zone_id: zone, shipping_profile_id: profile, provider_id: 'manual_manual', price_type: 'flat', type: { label: name, description: name, code: name.toLowerCase() },
      prices: [{ currency_code: 'usd', amount }, { currency_code: 'jpy', amount: amount * 100 }, { currency_code: 'eur', amount }], rules: [],
    })
  const shippingOptions = { standard: await option('Standard', 5), express: await option('Express', 12.49) }
  const goods: Goods[] = []
  for (const product of PRODUCTS) {
    const { product: created } = z.object({ product: z.object({ id: z.string(), variants: z.tuple([id]) }) }).parse(await admin('POST', '/products', {
      title: product.title, status: 'published', shipping_profile_id: profile, options: [{ title: 'Size', values: ['S'] }], sales_channels: [{ id: channel }],
      variants: [{
        title: 'S', sku: product.sku, ...(product.sku === 'PEN-1' ? { barcode: '4006381333931' } : {}), manage_inventory: true, options: { Size: 'S' },
        prices: (['usd', 'jpy', 'eur'] as const).map((currency) => ({ currency_code: currency, amount: product[currency] })),
      }],
    }))
    const inventory = (await first('inventory_items', `/inventory-items?sku=${encodeURIComponent(product.sku)}`)) ?? ''
    await admin('POST', `/inventory-items/${inventory}/location-levels`, { location_id: location, stocked_quantity: 1000 })
    goods.push({ sku: product.sku, variant: created.variants[0].id, product: created.id, inventory })
  }
  const publishable = z.object({ api_key: z.object({ id: z.string(), token: z.string() }) })
  const key = publishable.parse(await admin('POST', '/api-keys', { title: 'shop', type: 'publishable' })).api_key
  await admin('POST', `/api-keys/${key.id}/sales-channels`, { add: [channel] })
  const secret = publishable.parse(await admin('POST', '/api-keys', { title: 'hub', type: 'secret' })).api_key
  return { secretKey: secret.token, publishableKey: key.token, location, secondLocation, goods, regions, shippingOptions }
}
