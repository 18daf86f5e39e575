import type { ChannelListing, Cursor, ListingPage } from '../../src/core/connector.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { criteria, send } from './client.ts'
import { levelsOf } from './inventory.ts'
import type { MagentoCall } from './manifest.ts'

const SIZE = 100

/** Every product under its SKU, which is what stock is written by. */
export async function* pullListings(call: MagentoCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  const from = after?.['page']
  for (let page = typeof from === 'number' ? from : 1; ; page += 1) {
    const { doc } = await send(call, { path: 'products', query: criteria([], { size: SIZE, current: page, sort: 'entity_id' }) })
    const products = listField(doc, 'items')
    const levels = await levelsOf(
      call,
      products.map((product) => textField(product, 'sku') ?? ''),
    )
    const isLast = page * SIZE >= Number(textField(doc, 'total_count') ?? 0)
    yield { listings: products.map((product) => listingOf(product, levels)), cursor: isLast ? null : { page: page + 1 } }
    if (isLast) return
  }
}

function listingOf(doc: unknown, levels: ReadonlyMap<string, number>): ChannelListing {
  const [sku, price] = [textField(doc, 'sku') ?? '', textField(doc, 'price')]
  const quantity = levels.get(sku)
  return {
    key: sku,
    ids: { sku },
    sku,
    title: textField(doc, 'name') ?? '',
    active: textField(doc, 'status') === '1',
    ...(price === undefined ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity: String(quantity) }),
  }
}
