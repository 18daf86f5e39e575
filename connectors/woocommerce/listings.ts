import type { ChannelListing, Cursor, ListingPage } from '../../src/core/connector.ts'
import { asList, field, listField, textField } from '../../src/kit/read.ts'
import { sendJson } from './client.ts'
import type { WooCall } from './manifest.ts'
import { numberHeader } from './pages.ts'

/** Kinds of product that never have stock of their own. */
const STOCKLESS: ReadonlySet<string> = new Set(['grouped', 'external'])

/** Every sellable thing of the shop: simple products under "id", variations under "product:variation". */
export async function* pullListings(call: WooCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  let page = typeof after?.['page'] === 'number' ? after['page'] : 1
  let total = typeof after?.['total'] === 'number' ? after['total'] : undefined
  for (;;) {
    const { response, doc } = await sendJson(call, { path: 'products', query: { per_page: 100, page, orderby: 'id', order: 'asc', status: 'any' } })
    const products = asList(doc)
    const count = numberHeader(response, 'x-wp-total')
    // Something was deleted meanwhile and later products moved one place forward: read the page before once more.
    const shrunk = total !== undefined && count !== undefined && count < total && page > 1
    total = count
    const listings: ChannelListing[] = []
    for (const product of products) listings.push(...(await listingsOf(call, product)))
    const pages = numberHeader(response, 'x-wp-totalpages')
    const done = pages === undefined ? products.length < 100 : page >= pages
    page = shrunk ? page - 1 : page + 1
    const cursor = done && !shrunk ? null : { page, ...(total === undefined ? {} : { total }) }
    yield { listings, cursor }
    if (cursor === null) return
  }
}

async function listingsOf(call: WooCall, product: unknown): Promise<readonly ChannelListing[]> {
  const type = textField(product, 'type') ?? 'simple'
  const id = textField(product, 'id')
  if (id === undefined || STOCKLESS.has(type)) return []
  const variations = listField(product, 'variations')
  if (!type.startsWith('variable')) return [listingOf(product, { key: id, ids: { product: id } })]
  if (variations.length === 0) return []
  const found: ChannelListing[] = []
  for (let page = 1; ; page++) {
    const { response, doc } = await sendJson(call, { path: `products/${id}/variations`, query: { per_page: 100, page, orderby: 'id', order: 'asc' } })
    for (const variation of asList(doc)) {
      const variant = textField(variation, 'id') ?? ''
      found.push(listingOf(variation, { key: `${id}:${variant}`, ids: { product: id, variation: variant }, parent: product }))
    }
    const pages = numberHeader(response, 'x-wp-totalpages')
    if (pages === undefined ? asList(doc).length < 100 : page >= pages) return found
  }
}

function listingOf(
  doc: unknown,
  place: { readonly key: string; readonly ids: Readonly<Record<string, string>>; readonly parent?: unknown },
): ChannelListing {
  const managed = field(doc, 'manage_stock')
  const quantity = managed === true ? textField(doc, 'stock_quantity') : undefined
  const barcode = textField(doc, 'global_unique_id') ?? ''
  const price = textField(doc, 'price') ?? ''
  return {
    key: place.key,
    // "parent": the variations of this product share one number, which cannot be set through one of them.
    ids: managed === 'parent' ? { ...place.ids, stock: 'parent' } : place.ids,
    sku: textField(doc, 'sku') ?? '',
    title: titleOf(doc, place.parent),
    active: textField(doc, 'status') === 'publish' && (place.parent === undefined || textField(place.parent, 'status') === 'publish'),
    ...(barcode === '' ? {} : { barcode }),
    ...(price === '' ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity }),
  }
}

function titleOf(doc: unknown, parent: unknown): string {
  if (parent === undefined) return textField(doc, 'name') ?? ''
  const options = listField(doc, 'attributes')
    .map((attribute) => textField(attribute, 'option') ?? '')
    .filter((option) => option !== '')
  return [textField(parent, 'name') ?? '', options.join(', ')].filter((part) => part !== '').join(' – ')
}
