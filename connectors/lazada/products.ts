import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { pagesInParts } from '../../src/kit/pages-in-parts.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, resultOf } from './client.ts'
import type { LazadaCall, LazadaConfig } from './manifest.ts'
import { stampOf } from './time.ts'

const PATH = '/products/get'
const PAGE = 50
/** The largest `offset`; fuller spans are read in parts by the day of making. */
const MOST = 10_000
/** Lazada opened in 2012. */
const FIRST = '2012-01-01T00:00:00Z'
const AT_ONCE = 5

/** Every SKU of the shop, products created last first. */
export async function* pullListings(call: LazadaCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  const list = {
    what: PATH,
    pageSize: PAGE,
    most: MOST,
    ask: async ({ from, to }: { readonly from: number; readonly to: number }, page: number) => {
      const span = { create_after: dayOf(from), create_before: dayOf(to) }
      const answer = await read(call, PATH, { filter: 'all', ...span, offset: (page - 1) * PAGE, limit: PAGE })
      const data = resultOf(answer, 'data', PATH)
      const [total, found] = [Number(textField(data, 'total_products') ?? Number.NaN), listField(data, 'products')]
      // Of a span without products nothing at all may be told.
      if (!Number.isSafeInteger(total) && page === 1 && found.length === 0) return { entries: [], total: 0 }
      if (!Number.isSafeInteger(total)) throw unreadable('The channel does not say how many products there are.')
      return { entries: found.flatMap((product) => listingsOf(product, call.config)), total }
    },
  }
  const window = { from: FIRST, to: new Date(call.now().getTime() + 86_400_000).toISOString() }
  for await (const page of pagesInParts(list, { window, after })) yield { listings: page.entries, cursor: page.cursor }
}

/** "2018-01-01T00:00:00+0800": the page of this interface writes its zones without a colon. */
const dayOf = (ms: number): string => stampOf(ms).replace(/:(?=\d\d$)/, '')

function listingsOf(product: unknown, config: LazadaConfig): readonly ChannelListing[] {
  const item = textField(product, 'item_id')
  if (item === undefined) throw unreadable('The channel sent a product without its number.')
  const title = textField(field(product, 'attributes'), 'name') ?? ''
  const isLive = /^active$/i.test(textField(product, 'status') ?? 'active')
  return listField(product, 'skus').map((sku) => {
    const [id, code] = [textField(sku, 'SkuId') ?? '', textField(sku, 'SellerSku') ?? '']
    if (id === '') throw unreadable('The channel sent a SKU without its number.')
    const [barcode, price, quantity] = [textField(sku, 'barcode_ean') ?? '', textField(sku, 'price'), sellableOf(sku, config)]
    return {
      key: `${item}:${id}`,
      ids: { item, sku: id },
      sku: code,
      ...(barcode === '' ? {} : { barcode }),
      title: title === '' ? code : title,
      ...(price === undefined ? {} : { price }),
      ...(quantity === undefined ? {} : { quantity }),
      active: isLive && /^active$/i.test(textField(sku, 'Status') ?? 'active'),
    }
  })
}

/** What buyers can still take: of the warehouse of the settings, else of the only one there is, else what the SKU itself says. */
function sellableOf(sku: unknown, { warehouse }: LazadaConfig): string | undefined {
  const places = listField(sku, 'multiWarehouseInventories')
  const named = places.find((place) => (textField(place, 'warehouseCode') ?? '').toLowerCase() === (warehouse || 'dropshipping').toLowerCase())
  const place = named ?? (warehouse === '' && places.length === 1 ? places[0] : undefined)
  const sellable = textField(place, 'sellableQuantity')
  if (sellable !== undefined || warehouse !== '') return sellable
  return places.length === 0 ? textField(sku, 'quantity') : undefined
}

/** One product at a time, with all its SKUs. */
export async function readInventory(
  call: LazadaCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const path = '/product/item/get'
  const items = [...new Set(listings.flatMap(({ ids }) => (/^\d{1,20}$/.test(ids['item'] ?? '') ? [ids['item'] ?? ''] : [])))]
  const found = await inGroups(items, AT_ONCE, async (item) => {
    const answer = await absentAs(read(call, path, { item_id: item }))
    return answer && listingsOf(resultOf(answer, 'data', path), call.config)
  })
  const shown = new Map(found.flat().map((listing) => [listing.key, listing.quantity]))
  return listings.map(({ key, ids }) => {
    const quantity = Number(shown.get(`${ids['item'] ?? ''}:${ids['sku'] ?? ''}`) ?? Number.NaN)
    return { key, quantity: Number.isSafeInteger(quantity) ? quantity : undefined }
  })
}
