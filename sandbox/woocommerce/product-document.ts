import { toDecimal } from '../stage/decimal.ts'
import type { WooProduct } from './model.ts'
import type { WooShop } from './shop.ts'

/** The REST v3 product (or variation) document. */
export function productDocument(shop: WooShop, product: WooProduct, home: string): Record<string, unknown> {
  const price = toDecimal(product.priceMinor, shop.settings.digits)
  const { time } = shop
  return {
    id: product.id,
    ...(product.type === 'variation' ? { type: 'variation' } : { name: product.name, slug: `product-${product.id}` }),
    permalink: `${home}/product/product-${product.id}/`,
    date_created: time.local(product.createdAt),
    date_created_gmt: time.gmt(product.createdAt),
    date_modified: time.local(product.modifiedAt),
    date_modified_gmt: time.gmt(product.modifiedAt),
    ...(product.type === 'variation' ? {} : { type: product.type, featured: false, catalog_visibility: 'visible', short_description: '' }),
    status: 'publish',
    description: '',
    sku: product.sku,
    global_unique_id: product.gtin,
    price,
    regular_price: price,
    sale_price: '',
    date_on_sale_from: null,
    date_on_sale_from_gmt: null,
    date_on_sale_to: null,
    date_on_sale_to_gmt: null,
    on_sale: false,
    purchasable: product.type !== 'variable',
    virtual: false,
    downloadable: false,
    downloads: [],
    download_limit: -1,
    download_expiry: -1,
    tax_status: 'taxable',
    tax_class: '',
    manage_stock: product.manageStock,
    stock_quantity: product.manageStock ? product.stock : null,
    stock_status: stockStatus(product),
    backorders: product.backorders ? 'yes' : 'no',
    backorders_allowed: product.backorders,
    backordered: product.backorders && (product.stock ?? 0) < 0,
    low_stock_amount: null,
    weight: '',
    dimensions: { length: '', width: '', height: '' },
    shipping_class: '',
    shipping_class_id: 0,
    attributes: attributesOf(product),
    menu_order: 0,
    meta_data: [],
    ...(product.type === 'variation' ? { name: variationName(product), parent_id: product.parentId } : ownedBy(shop, product)),
    _links: linksOf(product, home),
  }
}

function ownedBy(shop: WooShop, product: WooProduct): Record<string, unknown> {
  return {
    parent_id: 0,
    categories: [],
    tags: [],
    images: [],
    default_attributes: [],
    grouped_products: [],
    variations: product.type === 'variable' ? variationsOf(shop, product.id).map((one) => one.id) : [],
  }
}

export function variationsOf(shop: WooShop, productId: number): WooProduct[] {
  return [...shop.products.values()].filter((one) => one.parentId === productId)
}

export function stockStatus(product: WooProduct): string {
  if (!product.manageStock || (product.stock ?? 0) > 0) return 'instock'
  return product.backorders ? 'onbackorder' : 'outofstock'
}

function attributesOf(product: WooProduct): unknown[] {
  if (product.type !== 'variation') return []
  return [{ id: 0, name: 'Size', slug: 'Size', option: variationName(product) }]
}

function variationName(product: WooProduct): string {
  return product.name.split(' - ').at(-1) ?? product.name
}

function linksOf(product: WooProduct, home: string): unknown {
  const collection = `${home}/wp-json/wc/v3/products${product.parentId ? `/${product.parentId}/variations` : ''}`
  const allow = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
  return { self: [{ href: `${collection}/${product.id}`, targetHints: { allow } }], collection: [{ href: collection }] }
}
