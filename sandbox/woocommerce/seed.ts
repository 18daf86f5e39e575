import { goodsName, goodsSku } from '../stage/goods.ts'
import { addProduct, sellable } from './catalogue.ts'
import type { WooOrder, WooProduct } from './model.ts'
import type { LineInput, OrderInput } from './orders.ts'
import { placeOrder } from './orders.ts'
import { refundOrder } from './refunds.ts'
import type { WooShop } from './shop.ts'

/** Simple products, and every fifth a variable one with three variations. */
export function seedProducts(shop: WooShop, count: number): void {
  const { random } = shop
  const stock = (): number => random.int(20, 200)
  for (let n = shop.products.size; n < count; n += 1) {
    const base = {
      name: goodsName(n),
      sku: goodsSku(n),
      priceMinor: random.int(100, 20_000),
      gtin: n % 2 === 0 ? `69${String(n).padStart(11, '0')}` : '',
    }
    if (n % 5 !== 4) {
      addProduct(shop, { ...base, stock: n % 11 === 10 ? null : stock() })
      continue
    }
    const parent = addProduct(shop, { ...base, type: 'variable' })
    for (const size of ['S', 'M', 'L']) {
      addProduct(shop, {
        ...base,
        name: `${base.name} - ${size}`,
        sku: `${base.sku}-${size}`,
        gtin: '',
        type: 'variation',
        parentId: parent.id,
        stock: stock(),
      })
    }
  }
}

function sold(shop: WooShop): readonly WooProduct[] {
  return [...shop.products.values()].filter((product) => product.type !== 'variable')
}

/** A cart somebody might fill from what is on the shelf. */
export function randomCart(shop: WooShop): OrderInput {
  const { random } = shop
  if (shop.products.size === 0) seedProducts(shop, 12)
  const available = sold(shop).filter((product) => sellable(product) > 0)
  const chosen = new Set(Array.from({ length: random.int(1, 4) }, () => random.pick(available.length > 0 ? available : sold(shop))))
  const lines = [...chosen].map((product): LineInput => ({ ...ids(product), quantity: Math.max(1, Math.min(random.int(1, 3), sellable(product))) }))
  return {
    lines: withCoupon(lines, [...chosen]),
    person: random.int(1, 500),
    shippingMinor: random.pick([0, 500, 1000]),
    status: random.chance(0.08) ? 'on-hold' : 'processing',
    customerNote: random.chance(0.1) ? 'Leave at the door; 请放门口' : '',
    meta: random.chance(0.2) ? [{ key: '_gateway_order_id', value: 1_234_567_890_123_456_000n + BigInt(random.int(1, 999)) }] : [],
    ...(lines.some((line) => line.quantity > 2) ? { couponCode: 'take1off' } : {}),
  }
}

function ids(product: WooProduct): Pick<LineInput, 'productId' | 'variationId'> {
  return product.parentId === 0 ? { productId: product.id } : { productId: product.parentId, variationId: product.id }
}

/** Three of a kind earn a coupon worth at most one currency unit. */
function withCoupon(lines: readonly LineInput[], products: readonly WooProduct[]): readonly LineInput[] {
  return lines.map((line, i) => (line.quantity > 2 ? { ...line, discountMinor: Math.min(100, products[i]?.priceMinor ?? 0) } : line))
}

/** History over `spreadDays`, old orders finished, young ones open; several share a second on purpose. */
export function seedOrders(shop: WooShop, count: number, spreadDays = 30): void {
  if (shop.products.size === 0) seedProducts(shop, 50)
  const { random } = shop
  const now = shop.second()
  const span = spreadDays * 86_400_000
  for (let n = 0; n < count; n += 1) {
    const age = (span * (count - n)) / count
    const placed = now - Math.ceil(age)
    const status = historicStatus(random.next(), age)
    const modified = Math.min(now, placed + (status === 'processing' ? 0 : random.int(0, 3) * 3_600_000))
    const order = placeOrder(shop, {
      ...randomCart(shop),
      status,
      placedAt: iso(placed),
      modifiedAt: iso(Math.max(placed, modified - (modified % 5000))),
      silent: true,
    })
    if (status === 'completed' && random.chance(0.05)) refundHistory(shop, order, random.int(1, 100))
  }
}

function historicStatus(chance: number, ageMs: number): string {
  if (chance < 0.04) return 'cancelled'
  if (chance < 0.05) return 'failed'
  if (ageMs < 3 * 86_400_000) return chance < 0.1 ? 'on-hold' : 'processing'
  return 'completed'
}

/** A refund keeps the order's place in history: its own clock does not move it to today. */
function refundHistory(shop: WooShop, order: WooOrder, minor: number): void {
  const { modifiedAt, visibleAt } = order
  const heard = shop.listeners.splice(0)
  refundOrder(shop, order, { minor, reason: 'Damaged' }, 'seller')
  shop.listeners.push(...heard)
  order.modifiedAt = modifiedAt
  order.visibleAt = visibleAt
}

const iso = (at: number): string => new Date(at).toISOString()
