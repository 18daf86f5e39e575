import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { read } from './client.ts'
import { isId, type TikTokCall } from './manifest.ts'

const PAGE = 50
const AT_ONCE = 4
const MOST_SKUS = 100

/** Every SKU of every product, "product:sku". The search knows no names of variants and no barcodes: each product takes a call of its own. */
export async function* pullListings(call: TikTokCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  for (let token = tokenOf(after); ;) {
    const query = { page_size: String(PAGE), ...(token === '' ? {} : { page_token: token }) }
    const { data } = await read(call, { method: 'POST', path: '/product/202309/products/search', query, body: { status: 'ALL' } })
    const ids = listField(data, 'products').flatMap((product) => (textField(product, 'status') === 'DELETED' ? [] : (textField(product, 'id') ?? [])))
    const listings = (await inGroups(ids, AT_ONCE, (id) => productOf(call, id))).flatMap((product) => listingsOf(call, product))
    const next = textField(data, 'next_page_token') ?? ''
    const isLast = next === '' || next === token
    yield { listings, cursor: isLast ? null : { token: next } }
    if (isLast) return
    token = next
  }
}

function tokenOf(cursor: Cursor | undefined): string {
  const token = cursor === undefined ? '' : cursor['token']
  if (typeof token !== 'string') throw cursorInvalid()
  return token
}

/** Undefined where the product is gone. */
async function productOf(call: TikTokCall, id: string): Promise<unknown> {
  if (!isId(id)) return undefined
  return (await absentAs(read(call, { method: 'GET', path: `/product/202309/products/${id}` })))?.data
}

function listingsOf(call: TikTokCall, product: unknown): readonly ChannelListing[] {
  const [id, title] = [textField(product, 'id') ?? '', textField(product, 'title') ?? '']
  return listField(product, 'skus').map((sku) => {
    const skuId = textField(sku, 'id') ?? ''
    const options = listField(sku, 'sales_attributes').flatMap((each) => textField(each, 'value_name') || [])
    const levels = listField(sku, 'inventory').map((each) => ({
      warehouse: textField(each, 'warehouse_id') ?? '',
      quantity: textField(each, 'quantity'),
    }))
    const price = textField(field(sku, 'price'), 'sale_price') || textField(field(sku, 'price'), 'tax_exclusive_price')
    const barcode = textField(field(sku, 'identifier_code'), 'code') ?? ''
    const { quantity } = levels.find(({ warehouse }) => warehouse === homeOf(call, levels)) ?? {}
    return {
      key: `${id}:${skuId}`,
      ids: { product: id, sku: skuId, warehouses: levels.map(({ warehouse }) => warehouse).join(',') },
      sku: textField(sku, 'seller_sku') ?? '',
      ...(barcode === '' ? {} : { barcode }),
      title: options.length === 0 ? title : `${title} – ${options.join(', ')}`,
      ...(price === undefined ? {} : { price }),
      ...(quantity === undefined ? {} : { quantity }),
      active: textField(product, 'status') === 'ACTIVATE',
    }
  })
}

/** The warehouse of the settings, or the only one there is. */
const homeOf = (call: TikTokCall, levels: readonly { readonly warehouse: string }[]): string | undefined =>
  call.config.warehouse || (levels.length === 1 ? levels[0]?.warehouse : undefined)

/** What can be ordered now; units of open orders are already taken off. Undefined where several warehouses hold it and none is set. */
export async function readInventory(
  call: TikTokCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const known = new Map<string, number>()
  const ids = [...new Set(listings.flatMap((each) => each.ids['sku'] ?? []))].filter(isId)
  for (const sku_ids of chunked(ids, MOST_SKUS)) {
    const { data } = await read(call, { method: 'POST', path: '/product/202309/inventory/search', body: { sku_ids } })
    for (const sku of listField(data, 'inventory').flatMap((product) => listField(product, 'skus'))) {
      const levels = listField(sku, 'warehouse_inventory').map((each) => ({
        warehouse: textField(each, 'warehouse_id') ?? '',
        quantity: Number(textField(each, 'available_quantity') ?? Number.NaN),
      }))
      const level = levels.find(({ warehouse }) => warehouse === homeOf(call, levels))
      if (level && Number.isSafeInteger(level.quantity)) known.set(textField(sku, 'id') ?? '', level.quantity)
    }
  }
  return listings.map((each) => ({ key: each.key, quantity: known.get(each.ids['sku'] ?? '') }))
}
