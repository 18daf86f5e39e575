import { goodsName, goodsSku } from '../stage/goods.ts'
import type { CartLine } from '../stage/shop-control.ts'
import type { VendureLine, VendureOrder, VendureVariant } from './model.ts'
import { addHistory, saleable, settlePayment } from './operations.ts'
import { shopperAt } from './order-view.ts'
import type { VendureShop } from './shop.ts'
import { newOrder } from './shop-api.ts'

export interface VendureOrderInput {
  readonly lines: readonly CartLine[]
  readonly person?: number
  /** Net, minor units. */
  readonly shipping?: number
  /** Off each unit, net. */
  readonly unitDiscount?: number
  readonly couponCode?: string
  readonly surcharge?: { readonly description: string; readonly price: number }
}

export function addVariant(shop: VendureShop, input: { name: string; sku: string; price: number; stock: number | null }): VendureVariant {
  const id = shop.nextId('variant')
  const variant: VendureVariant = {
    id,
    productId: id,
    name: input.name,
    sku: input.sku,
    price: input.price,
    trackInventory: input.stock !== null,
    stockOnHand: input.stock ?? 0,
    stockAllocated: 0,
    enabled: true,
    createdAt: shop.clock.now(),
    updatedAt: shop.stamp(),
  }
  shop.variants.set(id, variant)
  return variant
}

export function seedVariants(shop: VendureShop, count: number): void {
  const { random } = shop
  for (let n = shop.variants.size; n < count; n += 1) {
    addVariant(shop, { name: goodsName(n), sku: goodsSku(n), price: random.int(100, 20_000), stock: random.int(20, 200) })
  }
}

/** A cart somebody might fill from what can be sold. */
export function randomCart(shop: VendureShop): VendureOrderInput {
  const { random } = shop
  if (shop.variants.size === 0) seedVariants(shop, 12)
  const all = [...shop.variants.values()]
  const free = all.filter((variant) => saleable(variant) > 0)
  const chosen = new Set(Array.from({ length: random.int(1, 4) }, () => random.pick(free.length > 0 ? free : all)))
  const lines = [...chosen].map((variant) => ({ sku: variant.sku, quantity: Math.max(1, Math.min(random.int(1, 3), saleable(variant))) }))
  return {
    lines,
    person: random.int(1, 500),
    shipping: random.pick([0, 500]),
    ...(random.chance(0.2) ? { couponCode: 'SPRING', unitDiscount: 10 } : {}),
  }
}

/** Goes the whole way of a checkout at once. Every sku is known and there is enough of it. */
export function placeOrder(shop: VendureShop, input: VendureOrderInput): VendureOrder {
  const order = fillCart(shop, input)
  addHistory(shop, order, 'ORDER_STATE_TRANSITION', { from: 'AddingItems', to: 'ArrangingPayment' })
  order.state = 'ArrangingPayment'
  settlePayment(shop, order, 'shopper')
  return order
}

function fillCart(shop: VendureShop, input: VendureOrderInput): VendureOrder {
  const order = newOrder(shop)
  const { customer, address } = shopperAt(input.person ?? Number(order.id))
  order.customer = customer
  order.shippingAddress = address
  order.shipping = input.shipping ?? 0
  order.surcharge = input.surcharge
  order.couponCodes = input.couponCode === undefined ? [] : [input.couponCode]
  const bySku = new Map([...shop.variants.values()].map((variant) => [variant.sku, variant]))
  order.lines = input.lines.flatMap((line): VendureLine[] => {
    const variant = bySku.get(line.sku)
    const unitDiscount = Math.min(input.unitDiscount ?? 0, variant?.price ?? 0)
    return variant
      ? [{ id: shop.nextId('line'), variant, quantity: line.quantity, placedQuantity: line.quantity, unitPrice: variant.price, unitDiscount }]
      : []
  })
  return order
}

/** History: delivered or cancelled when old, waiting when young; the shelf is left as it is. */
export function seedOrders(shop: VendureShop, count: number, spreadDays = 30): void {
  if (shop.variants.size === 0) seedVariants(shop, 50)
  const span = spreadDays * 86_400_000
  for (let n = 0; n < count; n += 1) {
    const age = Math.floor((span * (count - n)) / count)
    // Back and forth: a clock that somebody shifted or froze is left as it was.
    shop.clock.advance(-age)
    finishQuietly(shop, fillCart(shop, randomCart(shop)), age)
    shop.clock.advance(age)
  }
}

function finishQuietly(shop: VendureShop, order: VendureOrder, age: number): void {
  const before = order.lines.map((line) => line.variant.stockAllocated)
  settlePayment(shop, order, 'shopper')
  const old = age > 3 * 86_400_000
  if (old || shop.random.chance(0.05)) {
    order.lines.forEach((line, i) => (line.variant.stockAllocated = before[i] ?? 0))
    finish(shop, order)
  }
  // However much history there is, the shelf can serve it and a little more.
  for (const { variant } of order.lines) variant.stockOnHand = Math.max(variant.stockOnHand, variant.stockAllocated + 20)
}

function finish(shop: VendureShop, order: VendureOrder): void {
  const to = shop.random.chance(0.05) ? 'Cancelled' : 'Delivered'
  if (to === 'Cancelled') order.lines.forEach((line) => (line.quantity = 0))
  else {
    order.fulfilments.push({
      id: shop.nextId('fulfilment'),
      state: 'Delivered',
      method: 'SF Express',
      trackingCode: `SF${shop.random.int(1_000_000_000, 9_999_999_999)}`,
      lines: order.lines.map((line) => ({ line, quantity: line.quantity })),
      createdAt: shop.clock.now(),
      updatedAt: shop.stamp(),
    })
  }
  addHistory(shop, order, 'ORDER_STATE_TRANSITION', { from: order.state, to })
  order.state = to
}
