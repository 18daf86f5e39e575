import type { VendureVariant } from './model.ts'
import type { VendureShop } from './shop.ts'
import { withTax } from './shop.ts'

const iso = (at: number): string => new Date(at).toISOString()
const founded = '2026-01-01T00:00:00.000Z'

export const stockLocation = {
  id: '1',
  createdAt: founded,
  updatedAt: founded,
  name: 'Default Stock Location',
  description: 'The default stock location',
}

export function variantView(shop: VendureShop, variant: VendureVariant): Record<string, unknown> {
  const level = {
    id: variant.id,
    createdAt: iso(variant.createdAt),
    updatedAt: iso(variant.updatedAt),
    stockLocationId: stockLocation.id,
    stockOnHand: variant.stockOnHand,
    stockAllocated: variant.stockAllocated,
    stockLocation,
  }
  return {
    __typename: 'ProductVariant',
    id: variant.id,
    createdAt: iso(variant.createdAt),
    updatedAt: iso(variant.updatedAt),
    enabled: variant.enabled,
    languageCode: 'en',
    productId: variant.productId,
    product: { id: variant.productId, name: variant.name, slug: `product-${variant.productId}`, enabled: true },
    sku: variant.sku,
    name: variant.name,
    price: variant.price,
    priceWithTax: withTax(variant.price, shop.settings.taxBasisPoints),
    currencyCode: shop.settings.currency,
    trackInventory: variant.trackInventory ? 'TRUE' : 'FALSE',
    stockOnHand: variant.stockOnHand,
    stockAllocated: variant.stockAllocated,
    outOfStockThreshold: 0,
    useGlobalOutOfStockThreshold: true,
    stockLevels: [level],
    stockLevel: variant.stockOnHand - variant.stockAllocated > 0 ? 'IN_STOCK' : 'OUT_OF_STOCK',
    customFields: null,
  }
}
