import { share } from '../stage/decimal.ts'
import { goodsName, goodsSku } from '../stage/goods.ts'
import type { CartLine } from '../stage/shop-control.ts'
import type { ShopifyLine, ShopifyOrder, ShopifyVariant } from './model.ts'
import { saveOrder, shiftAvailable } from './operations.ts'
import type { ShopifyShop } from './shop.ts'
import { sum, totalOf } from './shop.ts'

export interface ShopifyOrderInput {
  readonly lines: readonly CartLine[]
  readonly person?: number
  readonly shipping?: number
  readonly shippingDiscount?: number
  readonly discountCode?: string
  /** Taken off every line. */
  readonly lineDiscount?: number
  readonly tip?: number
  readonly unpaid?: boolean
}

export interface VariantInput {
  readonly name: string
  readonly sku: string
  readonly price: number
  readonly stock: number | null
  readonly digital?: boolean
}

export function addVariant(shop: ShopifyShop, input: VariantInput): ShopifyVariant {
  const variant: ShopifyVariant = {
    id: shop.nextId(),
    productId: shop.nextId(),
    itemId: shop.nextId(),
    name: input.name,
    sku: input.sku,
    price: input.price,
    tracked: input.stock !== null,
    requiresShipping: !input.digital,
    giftCard: false,
    available: new Map(shop.locations.map(({ id }) => [id, input.stock ?? 0])),
    refused: false,
  }
  shop.variants.set(variant.id, variant)
  return variant
}

export function seedVariants(shop: ShopifyShop, count: number): void {
  const { random } = shop
  for (let n = shop.variants.size; n < count; n += 1)
    addVariant(shop, { name: goodsName(n), sku: goodsSku(n), price: random.int(100, 20_000), stock: random.int(20, 200) })
}

export const sellable = (variant: ShopifyVariant): number =>
  variant.tracked ? sum([...variant.available.values()].map((one) => Math.max(one, 0))) : 1e6

/** A cart somebody might fill from what can be sold. */
export function randomCart(shop: ShopifyShop): ShopifyOrderInput {
  const { random } = shop
  if (shop.variants.size === 0) seedVariants(shop, 12)
  const all = [...shop.variants.values()]
  const free = all.filter((variant) => sellable(variant) > 3)
  const chosen = new Set(Array.from({ length: random.int(1, 4) }, () => random.pick(free.length > 0 ? free : all)))
  return {
    lines: [...chosen].map((variant) => ({ sku: variant.sku, quantity: Math.max(1, Math.min(random.int(1, 3), sellable(variant))) })),
    person: random.int(1, 500),
    shipping: random.pick([0, 500, 995]),
    ...(random.chance(0.2) ? { discountCode: 'SPRING', lineDiscount: 10 } : {}),
    ...(random.chance(0.1) ? { tip: 100 } : {}),
  }
}

/** The location that can send the whole line, else the first. */
const locationFor = (shop: ShopifyShop, variant: ShopifyVariant, quantity: number): string =>
  (shop.locations.find(({ id }) => (variant.available.get(id) ?? 0) >= quantity) ?? shop.locations[0])?.id ?? ''

function lineOf(shop: ShopifyShop, variant: ShopifyVariant, { quantity }: CartLine, discount: number): ShopifyLine {
  const { taxBasisPoints: rate, taxesIncluded } = shop.settings
  const net = variant.price * quantity - discount
  return {
    id: shop.nextId(),
    variant,
    location: locationFor(shop, variant, quantity),
    quantity,
    unitPrice: variant.price,
    discount,
    tax: taxesIncluded ? net - Math.round((net * 10_000) / (10_000 + rate)) : share(net, rate),
    refunded: 0,
    cancelled: 0,
  }
}

/** Goes the whole way of a checkout at once. Every sku is known. */
export function placeOrder(shop: ShopifyShop, input: ShopifyOrderInput, quietly = false): ShopifyOrder {
  const bySku = new Map([...shop.variants.values()].map((variant) => [variant.sku, variant]))
  const lines = input.lines.flatMap((line): ShopifyLine[] => {
    const variant = bySku.get(line.sku)
    return variant ? [lineOf(shop, variant, line, Math.min(input.lineDiscount ?? 0, variant.price * line.quantity))] : []
  })
  const price = input.shipping ?? 0
  const discount = Math.min(input.shippingDiscount ?? 0, price)
  const at = shop.stamp()
  const order: ShopifyOrder = {
    id: shop.nextId(),
    number: 1001 + shop.orders.size,
    createdAt: at,
    updatedAt: at,
    cancelledAt: undefined,
    cancelReason: undefined,
    closedAt: undefined,
    lines,
    shipping: { id: shop.nextId(), price, discount, tax: shop.settings.taxesIncluded ? 0 : share(price - discount, shop.settings.taxBasisPoints) },
    tip: input.tip ?? 0,
    discountCode: input.discountCode,
    person: input.person ?? shop.orders.size,
    note: '',
    edits: 0,
    payments: [],
    fulfillments: [],
    fulfillmentOrders: [],
    refunds: [],
    strange: undefined,
    returnStatus: 'NO_RETURN',
  }
  if (!input.unpaid)
    order.payments.push({
      id: shop.nextId(),
      kind: 'SALE',
      status: 'SUCCESS',
      gateway: 'shopify_payments',
      amount: totalOf(order, shop.settings),
      at,
    })
  for (const location of new Set(lines.map((line) => line.location))) {
    const own = lines.filter((line) => line.location === location && line.variant.requiresShipping)
    if (own.length === 0) continue
    order.fulfillmentOrders.push({
      id: shop.nextId(),
      location,
      status: 'OPEN',
      lines: own.map((line) => ({ id: shop.nextId(), line, total: line.quantity, remaining: line.quantity })),
    })
  }
  shop.orders.set(order.id, order)
  if (quietly) return order
  for (const line of lines) shiftAvailable(shop, line, -line.quantity, { cause: 'sold', by: 'shopper' })
  saveOrder(shop, order, { change: 'placed', by: 'shopper', events: ['orders/create', 'orders/updated'] })
  return order
}

/** History: sent or cancelled when old, waiting when young; the shelf is left as it is and nobody is told. */
export function seedOrders(shop: ShopifyShop, count: number, spreadDays = 30): void {
  if (shop.variants.size === 0) seedVariants(shop, 50)
  const span = spreadDays * 86_400_000
  const now = shop.clock.now()
  const at = { ...shop, stamp: () => 0 }
  for (let n = 0; n < count; n += 1) {
    const age = Math.floor((span * (count - n)) / count)
    const stamp = Math.floor((now - age) / 1000) * 1000
    const order = placeOrder({ ...at, nextId: shop.nextId, stamp: () => stamp }, randomCart(shop), true)
    if (age > 3 * 86_400_000) finish(shop, order, stamp)
  }
}

function finish(shop: ShopifyShop, order: ShopifyOrder, at: number): void {
  order.closedAt = at
  if (shop.random.chance(0.05)) {
    order.cancelledAt = at
    order.cancelReason = 'CUSTOMER'
    for (const line of order.lines) line.cancelled = line.quantity
    for (const one of order.fulfillmentOrders) one.status = 'CANCELLED'
  } else {
    for (const one of order.fulfillmentOrders) {
      one.status = 'CLOSED'
      order.fulfillments.push({
        id: shop.nextId(),
        status: 'SUCCESS',
        delivered: true,
        company: 'UPS',
        number: `1Z${shop.random.int(1_000_000_000, 9_999_999_999)}`,
        url: null,
        location: one.location,
        lines: one.lines.map((part) => ({ id: shop.nextId(), line: part.line, quantity: part.total })),
        createdAt: at,
        updatedAt: at,
      })
    }
  }
  for (const part of order.fulfillmentOrders.flatMap((one) => one.lines)) part.remaining = 0
}
