import type { Actor } from '../stage/ledger.ts'
import type { WooLine, WooOrder, WooProduct } from './model.ts'
import type { WooShop } from './shop.ts'

export interface ProductInput {
  readonly name: string
  readonly sku: string
  readonly priceMinor: number
  readonly gtin?: string
  /** Null: the shop does not count this product. */
  readonly stock?: number | null
  readonly backorders?: boolean
  readonly type?: WooProduct['type']
  readonly parentId?: number
}

export function addProduct(shop: WooShop, input: ProductInput): WooProduct {
  const stock = input.stock ?? null
  const product: WooProduct = {
    id: shop.nextId('post'),
    parentId: input.parentId ?? 0,
    type: input.type ?? 'simple',
    name: input.name,
    sku: input.sku,
    gtin: input.gtin ?? '',
    priceMinor: input.priceMinor,
    manageStock: stock !== null,
    stock,
    held: 0,
    backorders: input.backorders ?? false,
    createdAt: shop.second(),
    modifiedAt: shop.second(),
  }
  shop.products.set(product.id, product)
  shop.revision += 1
  shop.emit({ topic: 'product.created', product })
  return product
}

export function productBySku(shop: WooShop, sku: string): WooProduct | undefined {
  for (const product of shop.products.values()) if (product.sku === sku) return product
  return undefined
}

/** Units a checkout may still take. */
export function sellable(product: WooProduct): number {
  if (!product.manageStock || product.stock === null || product.backorders) return Infinity
  return product.stock - product.held
}

export interface StockMove {
  readonly to: number
  readonly cause: 'set' | 'delta' | 'sold' | 'restocked'
  readonly by: Actor
}

export function moveStock(shop: WooShop, product: WooProduct, { to, cause, by }: StockMove): void {
  const from = product.stock
  product.stock = to
  product.modifiedAt = shop.second()
  shop.revision += 1
  shop.ledger.record({ kind: 'stock', listingId: listingId(product), sku: product.sku, from, to, cause, by })
  shop.emit({ topic: 'product.updated', product: shop.products.get(product.parentId) ?? product })
}

/** `product` or `product/variation`: how the sandbox names a thing that can be sold. */
export function listingId(product: WooProduct): string {
  return product.parentId === 0 ? String(product.id) : `${product.parentId}/${product.id}`
}

/** The first line a checkout cannot serve, if any. */
export function shortLine(lines: readonly WooLine[]): WooLine | undefined {
  const wanted = new Map<WooProduct, number>()
  return lines.find(({ product, quantity }) => {
    if (!product) return false
    const all = (wanted.get(product) ?? 0) + quantity
    wanted.set(product, all)
    return all > sellable(product)
  })
}

/** Holds, takes or gives back an order's units, as its status asks. */
export function settleStock(shop: WooShop, order: WooOrder, by: Actor): void {
  const target = stockStateFor(order.status, order.stock)
  if (target === order.stock) return
  for (const { product, quantity } of order.lines) {
    if (!product?.manageStock || product.stock === null) continue
    if (order.stock === 'held') product.held -= quantity
    if (target === 'held') product.held += quantity
    if (target === 'taken') moveStock(shop, product, { to: product.stock - quantity, cause: 'sold', by })
    if (order.stock === 'taken') moveStock(shop, product, { to: product.stock + quantity, cause: 'restocked', by })
  }
  order.stock = target
}

/** WooCommerce takes the units off at processing, on-hold or completed and puts them back at cancelled or pending. */
function stockStateFor(status: string, now: WooOrder['stock']): WooOrder['stock'] {
  if (status === 'processing' || status === 'on-hold' || status === 'completed') return 'taken'
  if (status === 'cancelled') return 'none'
  if (status === 'pending') return 'held'
  return now === 'held' ? 'none' : now
}
