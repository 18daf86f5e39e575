import { goodsName, goodsSku } from '../goods.ts'
import type { Actor, StockFact } from '../ledger.ts'
import type { MarketItem, MarketSku, Place } from './model.ts'
import type { MarketShop } from './shop.ts'
import { total } from './sums.ts'

/** What is on sale, and how many. */

export interface ItemInput {
  readonly title: string
  readonly sku: string
  readonly priceMinor: number
  readonly stock: number
  readonly onSale?: boolean
  /** Variants under codes of their own; `sku`, `priceMinor` and `stock` are then the item's alone. */
  readonly variants?: readonly { readonly sku: string; readonly option: string; readonly priceMinor: number; readonly stock: number }[]
}

export function addItem(shop: MarketShop, input: ItemInput): MarketItem {
  const usual = shop.rules.everyItemHasSku === true ? [{ sku: input.sku, option: '', priceMinor: input.priceMinor, stock: input.stock }] : []
  const skus = (input.variants ?? usual).map((each): MarketSku => ({
    id: shop.nextId('sku'),
    code: each.sku,
    options: each.option === '' ? [] : [{ name: '颜色分类', value: each.option }],
    priceMinor: each.priceMinor,
    stock: each.stock,
  }))
  const item: MarketItem = {
    id: shop.nextId('item'),
    seq: shop.nextSeq(),
    title: input.title,
    code: input.sku,
    priceMinor: input.priceMinor,
    stock: skus.length === 0 ? input.stock : total(skus.map((sku) => sku.stock)),
    onSale: input.onSale ?? true,
    skus,
    createdAt: shop.stamp(),
    modifiedAt: shop.stamp(),
  }
  shop.items.set(item.id, item)
  return item
}

const COLOURS = ['红色', '黑色', '青花#cln#大']

/** Every third item has variants; `count` counts what can be sold. One item in fifteen lies in the warehouse. */
export function seedItems(shop: MarketShop, count: number): void {
  const { random } = shop
  for (let n = places(shop).length; n < count;) {
    const priceMinor = random.int(100, 20_000)
    const variants = n % 3 === 2 ? Math.min(3, count - n) : 0
    addItem(shop, {
      title: goodsName(n),
      sku: variants === 0 ? goodsSku(n) : `ITEM-${n}`,
      priceMinor,
      stock: random.int(20, 200),
      onSale: variants === 0 || n % 15 !== 14,
      ...(variants === 0 ? {} : { variants: variantsOf(shop, n, priceMinor).slice(0, variants) }),
    })
    n += Math.max(1, variants)
  }
}

const variantsOf = (shop: MarketShop, n: number, priceMinor: number): NonNullable<ItemInput['variants']> =>
  COLOURS.map((option, i) => ({ sku: goodsSku(n + i), option, priceMinor: priceMinor + i * 100, stock: shop.random.int(20, 200) }))

export const places = (shop: MarketShop): readonly Place[] =>
  [...shop.items.values()].flatMap((item): readonly Place[] =>
    item.skus.length === 0 ? [{ item, sku: undefined, code: item.code }] : item.skus.map((sku) => ({ item, sku, code: sku.code })),
  )

export const placeOf = (shop: MarketShop, code: string): Place | undefined => places(shop).find((place) => place.code === code)

export const stockOf = ({ item, sku }: Pick<Place, 'item' | 'sku'>): number => sku?.stock ?? item.stock

/** Listing key as the connector of any client would form it: item, or item and variant. */
export const listingId = ({ item, sku }: Pick<Place, 'item' | 'sku'>): string => (sku ? `${item.id}:${sku.id}` : item.id)

export interface StockMove {
  readonly to: number
  readonly cause: StockFact['cause']
  readonly by: Actor
}

/** Moves one count and tells the ledger; while history is made nothing moves. */
export function moveStock(shop: MarketShop, place: Pick<Place, 'item' | 'sku'>, move: StockMove): void {
  if (shop.quiet) return
  const { item, sku } = place
  const from = stockOf(place)
  if (sku) sku.stock = move.to
  item.stock += move.to - from
  item.modifiedAt = shop.stamp()
  shop.ledger.record({ kind: 'stock', listingId: listingId(place), sku: sku?.code ?? item.code, from, ...move })
}

/** A caller of the API sets a level, or moves it (`delta`); a level never goes below nothing. `refused` when a test locked this SKU. */
export function writeStock(
  shop: MarketShop,
  place: Pick<Place, 'item' | 'sku'>,
  quantity: number,
  cause: 'set' | 'delta' = 'set',
): 'done' | 'refused' {
  if (isLocked(shop, place)) return 'refused'
  moveStock(shop, place, { to: cause === 'delta' ? Math.max(0, stockOf(place) + quantity) : quantity, cause, by: 'api' })
  return 'done'
}

export const isLocked = (shop: MarketShop, { item, sku }: Pick<Place, 'item' | 'sku'>): boolean =>
  shop.troubles.refusedStock.has(sku?.code ?? item.code)
