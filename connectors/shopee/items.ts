import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { read, responseOf } from './client.ts'
import type { ShopeeCall } from './manifest.ts'

/** Base data of so many items in one call; models come item by item, so many at a time. */
const PAGE = 50
const AT_ONCE = 6
/** On sale, and taken off sale by the seller. */
const STATUSES = ['NORMAL', 'UNLIST'] as const

/** Every item, and of items with models every model: "item" or "item:model". */
export async function* pullListings(call: ShopeeCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  let offset = offsetOf(after)
  for (;;) {
    const path = 'product/get_item_list'
    const response = responseOf(await read(call, path, { offset, page_size: PAGE, item_status: [...STATUSES] }, 'items'), path)
    const ids = listField(response, 'item').flatMap((each) => textField(each, 'item_id') ?? [])
    const next = Number(textField(response, 'next_offset') ?? Number.NaN)
    const more = field(response, 'has_next_page') === true
    if (more && !(next > offset)) throw unreadable('get_item_list promises more items and does not say where.')
    const listings = (await itemsOf(call, ids)).flatMap((item) => listingsOf(item, call.config.locationId))
    yield { listings, cursor: more ? { offset: next } : null }
    if (!more) return
    offset = next
  }
}

function offsetOf(cursor: Cursor | undefined): number {
  const offset = cursor === undefined ? 0 : cursor['offset']
  if (typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0) return offset
  throw cursorInvalid()
}

interface Item {
  readonly doc: unknown
  /** Undefined for an item that has none. */
  readonly models: readonly unknown[] | undefined
  readonly variations: unknown
}

/** Base data, and the models of those that have some; what is not there is left out. */
async function itemsOf(call: ShopeeCall, ids: readonly string[]): Promise<readonly Item[]> {
  const docs: unknown[] = []
  for (const some of chunked(ids, PAGE)) {
    const answer = await absentAs(read(call, 'product/get_item_base_info', { item_id_list: some.join(',') }, 'items'))
    docs.push(...listField(answer?.response, 'item_list'))
  }
  return inGroups(docs, AT_ONCE, async (doc) => {
    if (field(doc, 'has_model') !== true) return { doc, models: undefined, variations: undefined }
    const answer = await absentAs(read(call, 'product/get_model_list', { item_id: textField(doc, 'item_id') ?? '' }, 'items'))
    return answer && { doc, models: listField(answer.response, 'model'), variations: field(answer.response, 'tier_variation') }
  })
}

function listingsOf({ doc, models, variations }: Item, location: string): readonly ChannelListing[] {
  const id = textField(doc, 'item_id') ?? ''
  const [title, active] = [textField(doc, 'item_name') ?? '', textField(doc, 'item_status') === 'NORMAL']
  if (models === undefined) return [{ ...shownAs(doc, textField(doc, 'item_sku'), location), key: id, ids: { item: id, model: '0' }, title, active }]
  return models.map((model) => {
    const variant = textField(model, 'model_id') ?? ''
    const options = optionsOf(model, variations)
    return {
      ...shownAs(model, textField(model, 'model_sku'), location),
      key: `${id}:${variant}`,
      ids: { item: id, model: variant },
      title: [title, options].filter((part) => part !== '').join(' – '),
      active: active && textField(model, 'model_status') !== 'MODEL_UNAVAILABLE',
    }
  })
}

function optionsOf(model: unknown, variations: unknown): string {
  const tiers = Array.isArray(variations) ? variations : []
  const chosen = listField(model, 'tier_index').map((index, i) => textField(listField(tiers[i], 'option_list')[Number(index)], 'option') ?? '')
  const named = chosen.filter((each) => each !== '').join(', ')
  return named === '' ? (textField(model, 'model_name') ?? '') : named
}

function shownAs(doc: unknown, sku: string | undefined, location: string): Pick<ChannelListing, 'sku' | 'barcode' | 'price' | 'quantity'> {
  const price = textField(listField(doc, 'price_info')[0], 'current_price')
  const [barcode, stock] = [textField(doc, 'gtin_code') ?? '', stockOf(doc, location)]
  return {
    sku: sku ?? '',
    // "00" says that the goods have none.
    ...(/^\d{8,14}$/.test(barcode) ? { barcode } : {}),
    ...(price === undefined ? {} : { price }),
    ...(stock === undefined ? {} : { quantity: String(stock) }),
  }
}

/** The seller's own stock of one warehouse, or of all where none is chosen. Stock in the channel's warehouses is not the seller's to set. */
function stockOf(doc: unknown, location: string): number | undefined {
  const places = listField(field(doc, 'stock_info_v2'), 'seller_stock')
  const counts = places
    .filter((each) => location === '' || textField(each, 'location_id') === location)
    .map((each) => Number(textField(each, 'stock') ?? Number.NaN))
  return counts.length > 0 && counts.every((count) => Number.isSafeInteger(count)) ? counts.reduce((a, b) => a + b, 0) : undefined
}

/** What the channel shows now; undefined where it has no such item or model, or keeps the stock itself. */
export async function readInventory(
  call: ShopeeCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const ids = [...new Set(listings.flatMap(({ ids }) => (/^\d{1,19}$/.test(ids['item'] ?? '') ? [ids['item'] ?? ''] : [])))]
  const items = new Map((await itemsOf(call, ids)).map((item) => [textField(item.doc, 'item_id') ?? '', item]))
  return listings.map(({ key, ids }) => {
    const item = items.get(ids['item'] ?? '')
    const doc =
      item?.models === undefined
        ? ids['model'] === '0'
          ? item?.doc
          : undefined
        : item.models.find((each) => textField(each, 'model_id') === ids['model'])
    return { key, quantity: stockOf(doc, call.config.locationId) }
  })
}
