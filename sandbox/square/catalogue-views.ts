import { stockOf } from '../stage/market/goods.ts'
import type { MarketItem, MarketSku } from '../stage/market/model.ts'
import { iso } from './wire.ts'
import { moneyOf, variationName, type Doc, type SquareShop } from './words.ts'

export const variationView = (shop: SquareShop, item: MarketItem, sku: MarketSku): Doc => ({
  type: 'ITEM_VARIATION',
  id: sku.id,
  updated_at: iso(item.modifiedAt),
  version: item.modifiedAt,
  is_deleted: false,
  present_at_all_locations: true,
  item_variation_data: {
    item_id: item.id,
    name: variationName(sku),
    sku: sku.code,
    pricing_type: 'FIXED_PRICING',
    price_money: moneyOf(shop)(sku.priceMinor),
    track_inventory: true,
    sellable: true,
    stockable: true,
  },
})

export const itemView = (shop: SquareShop, item: MarketItem): Doc => ({
  type: 'ITEM',
  id: item.id,
  updated_at: iso(item.modifiedAt),
  version: item.modifiedAt,
  is_deleted: false,
  present_at_all_locations: true,
  item_data: { name: item.title, is_archived: !item.onSale, variations: item.skus.map((sku) => variationView(shop, item, sku)) },
})

export const countView = (shop: SquareShop, item: MarketItem, sku: MarketSku): Doc => ({
  catalog_object_id: sku.id,
  catalog_object_type: 'ITEM_VARIATION',
  state: 'IN_STOCK',
  location_id: shop.settings.locationId,
  quantity: String(stockOf({ item, sku })),
  calculated_at: iso(item.modifiedAt),
})
