import type { ChannelListing, Cursor, ListingPage } from '../../src/core/connector.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { asList, field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import { manifest, type MeituanCall } from './manifest.ts'

const PAGE = manifest.capabilities.pullListings.pageSize

/** Every SKU of the shop, product by product, by offset. */
export async function* pullListings(call: MeituanCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  for (let offset = offsetOf(after); ;) {
    const { doc } = await read(call, 'retail/list', { app_poi_code: call.config.shopId, offset, limit: PAGE })
    const products = field(doc, 'data')
    if (!Array.isArray(products)) throw unreadable('retail/list answered without a list.')
    const total = Number(textField(field(doc, 'extra_info'), 'total_count') ?? Number.NaN)
    offset += products.length
    const isLast = Number.isSafeInteger(total) ? offset >= total : products.length < PAGE
    // Better no listings than some of them.
    if (products.length === 0 && !isLast) throw unreadable(`Meituan counts ${total} products and shows none behind ${offset}.`)
    yield { listings: asList(products).flatMap(listingsOf), cursor: isLast ? null : { offset } }
    if (isLast) return
  }
}

function offsetOf(cursor: Cursor | undefined): number {
  if (cursor === undefined) return 0
  const { offset } = cursor
  if (typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0) return offset
  throw cursorInvalid()
}

/** The product's code goes by two names; the newer documentation calls it `app_spu_code`. */
export const productCode = (product: unknown): string => textField(product, 'app_food_code') ?? textField(product, 'app_spu_code') ?? ''

/** SKUs come as a list or as its JSON inside a text. */
export function skusOf(product: unknown): readonly unknown[] {
  const skus = field(product, 'skus')
  return asList(typeof skus === 'string' ? parsedOrNothing(skus) : skus)
}

/** Whole pieces; undefined for "*", which is as many as anybody wants. */
export function stockOf(sku: unknown): number | undefined {
  const stock = textField(sku, 'stock') ?? ''
  return /^\d{1,12}$/.test(stock) ? Number(stock) : undefined
}

/** Products without a code cannot be written to: the channel knows them by the seller's own code only. */
function listingsOf(product: unknown): readonly ChannelListing[] {
  const code = productCode(product)
  const name = textField(product, 'name') ?? code
  return skusOf(product).map((sku): ChannelListing => {
    const id = textField(sku, 'sku_id') ?? ''
    const [spec, barcode, price, quantity] = [textField(sku, 'spec') ?? '', textField(sku, 'upc') ?? '', textField(sku, 'price'), stockOf(sku)]
    return {
      key: `${code}:${id}`,
      ids: { product: code, sku: id },
      sku: id === '' ? code : id,
      title: spec === '' ? name : `${name} ${spec}`,
      ...(barcode === '' ? {} : { barcode }),
      ...(price === undefined || price === '' ? {} : { price }),
      ...(quantity === undefined ? {} : { quantity: String(quantity) }),
      active: textField(product, 'is_sold_out') !== '1',
    }
  })
}
