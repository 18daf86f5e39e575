import { isLocked, listingId, placeOf, writeStock } from '../stage/market/goods.ts'
import { numberedPage } from '../stage/market/paging.ts'
import type { Api } from './gateway.ts'
import { productView } from './views.ts'
import { fromStamp, Refusal } from './wire.ts'

const seller: Api = ({ settings }) => ({
  doc: {
    data: {
      name: settings.name,
      name_company: settings.name,
      seller_id: Number(settings.sellerId),
      short_code: 'SG10001',
      cb: false,
      status: 'ACTIVE',
      verified: true,
    },
  },
})

const products: Api = (shop, params) => {
  const [limit, offset] = [Number(params['limit'] ?? 20), Number(params['offset'] ?? 0)]
  if (!Number.isInteger(limit) || limit < 1 || limit > 50) throw new Refusal('19', `E019: "${params['limit'] ?? ''}" Invalid Limit`)
  if (!Number.isInteger(offset) || offset < 0 || offset > 10_000) throw new Refusal('14', `E014: "${params['offset'] ?? ''}" Invalid Offset`)
  if (!['all', 'live', 'inactive'].includes(params['filter'] ?? 'all')) throw new Refusal('36', 'E036: Invalid status filter')
  const [from, to] = ['create_after', 'create_before'].map((name) => (params[name] === undefined ? undefined : fromStamp(params[name])))
  const found = [...shop.items.values()].filter((item) => item.createdAt >= (from ?? -Infinity) && item.createdAt <= (to ?? Infinity))
  const { records, total } = numberedPage(shop, found, { page: Math.floor(offset / limit) + 1, size: limit })
  return { doc: { data: { total_products: total, products: records.map((item) => productView(shop, item)) } }, returned: records.map(({ id }) => id) }
}

const product: Api = (shop, { item_id: id = '' }) => {
  const item = shop.items.get(id)
  if (!item) throw new Refusal('208', 'E208: Item not exist', 'ISP')
  return { doc: { data: productView(shop, item) }, returned: [id] }
}

/** Those that can be set are; the answer names the others, under one code for all. SKUs go by number, of older callers by the seller's code. */
const levels =
  (member: 'SellableQuantity' | 'Quantity'): Api =>
  (shop, { payload = '' }) => {
    const skus = [...payload.matchAll(/<Sku>([\s\S]*?)<\/Sku>/g)].map(([, body = '']) => {
      const of = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1]?.trim() ?? ''
      return { item: of('ItemId'), sku: of('SkuId'), code: of('SellerSku'), quantity: of(member) }
    })
    if (!/^\s*(?:<\?xml[^>]*>)?\s*<Request>[\s\S]*<\/Request>\s*$/.test(payload)) throw new Refusal('5', 'E005: Invalid Request Format')
    if (skus.length === 0) throw new Refusal('30', 'E030: Empty Request')
    if (skus.length > 50) throw new Refusal('204', 'E204: Too many SKU in one request')
    const [detail, returned]: [unknown[], string[]] = [[], []]
    for (const { item: itemId, sku: skuId, code, quantity } of skus) {
      const item = shop.items.get(itemId) ?? (itemId === '' ? placeOf(shop, code)?.item : undefined)
      const sku = item?.skus.find((each) => (skuId === '' ? each.code === code : each.id === skuId))
      if (!item || !sku)
        detail.push(skuId === '' ? { message: 'SELLER_SKU_NOT_FOUND', seller_sku: code } : { message: 'ITEM_NOT_FOUND', sku_id: skuId })
      else if (!/^\d+$/.test(quantity)) detail.push({ message: 'QUANTITY_INVALID', seller_sku: sku.code, sku_id: skuId })
      else if (isLocked(shop, { item, sku })) detail.push({ message: 'CAMPAIGN_STOCK_LOCKED', seller_sku: sku.code, sku_id: skuId })
      else {
        writeStock(shop, { item, sku }, Number(quantity))
        returned.push(listingId({ item, sku }))
      }
    }
    if (detail.length > 0) throw new Refusal('501', 'E501: Update product failed', 'ISP', { detail })
    return { doc: { data: {} }, returned }
  }

export const goodsApis: Readonly<Record<string, { readonly method: 'GET' | 'POST'; readonly api: Api }>> = {
  '/seller/get': { method: 'GET', api: seller },
  '/products/get': { method: 'GET', api: products },
  '/product/item/get': { method: 'GET', api: product },
  '/product/stock/sellable/update': { method: 'POST', api: levels('SellableQuantity') },
  '/product/price_quantity/update': { method: 'POST', api: levels('Quantity') },
}
