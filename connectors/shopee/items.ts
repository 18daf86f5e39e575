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

/**
 * Every item, and of items with models every model: "item" or "item:model". Offsets count what is there now: where items vanish while the
 * list is paged those behind them move up, and the next page begins as many earlier.
 */
export async function* pullListings(call: ShopeeCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  let { offset, total } = positionOf(after)
  for (;;) {
    const path = 'product/get_item_list'
    const response = responseOf(await read(call, path, { offset, page_size: PAGE, item_status: [...STATUSES] }, 'items'), path)
    const ids = listField(response, 'item').flatMap((each) => textField(each, 'item_id') ?? [])
    const next = Number(textField(response, 'next_offset') ?? Number.NaN)
    const told = Number(textField(response, 'total_count') ?? Number.NaN)
    const counted = Number.isSafeInteger(told) ? told : total
    const gone = total - counted
    const more = field(response, 'has_next_page') === true || (gone > 0 && offset > 0)
    if (gone <= 0 && more && !(next > offset)) throw unreadable('get_item_list promises more items and does not say where.')
    const listings = (await itemsOf(call, ids)).flatMap((item) => listingsOf(item, call.config.locationId))
    offset = gone > 0 ? Math.max(0, offset - gone) : next
    total = counted
    yield { listings, cursor: more ? { offset, total } : null }
    if (!more) return
  }
}

/** `total`: how many items there were when the last page was read. */
function positionOf(cursor: Cursor | undefined): { readonly offset: number; readonly total: number } {
  const { offset, total } = cursor ?? { offset: 0, total: 0 }
  const isSound = [offset, total].every((each) => typeof each === 'number' && Number.isSafeInteger(each) && each >= 0)
  if (isSound && typeof offset === 'number' && typeof total === 'number') return { offset, total }
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
  for (const some of chunked(ids, PAGE)) docs.push(...(await basesOf(call, some)))
  const path = 'product/get_model_list'
  return inGroups(docs, AT_ONCE, async (doc) => {
    if (field(doc, 'has_model') !== true) return { doc, models: undefined, variations: undefined }
    const answer = await absentAs(read(call, path, { item_id: textField(doc, 'item_id') ?? '' }, 'items'))
    const response = answer && responseOf(answer, path)
    return response === undefined ? undefined : { doc, models: listField(response, 'model'), variations: field(response, 'tier_variation') }
  })
}

/** An item that is gone is left out by the channel, or spoils the answer for those beside it: then each is asked for alone. */
async function basesOf(call: ShopeeCall, ids: readonly string[]): Promise<readonly unknown[]> {
  const path = 'product/get_item_base_info'
  const answer = await absentAs(read(call, path, { item_id_list: ids.join(',') }, 'items'))
  if (answer) return listField(responseOf(answer, path), 'item_list')
  return ids.length === 1 ? [] : (await inGroups(ids, AT_ONCE, (id) => basesOf(call, [id]))).flat()
}

function listingsOf({ doc, models, variations }: Item, location: string): readonly ChannelListing[] {
  const id = textField(doc, 'item_id') ?? ''
  const [title, active] = [textField(doc, 'item_name') ?? '', textField(doc, 'item_status') === 'NORMAL']
  if (models === undefined)
    return [{ ...shownAs(doc, textField(doc, 'item_sku'), location), key: id, ids: { item: id, model: '0', ...placesOf(doc) }, title, active }]
  return models.map((model) => {
    const variant = textField(model, 'model_id') ?? ''
    const options = optionsOf(model, variations)
    return {
      ...shownAs(model, textField(model, 'model_sku'), location),
      key: `${id}:${variant}`,
      ids: { item: id, model: variant, ...placesOf(model) },
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

const stockIn = (doc: unknown): readonly unknown[] => listField(field(doc, 'stock_info_v2'), 'seller_stock')

/** Warehouses of the seller it lies in, where there are several. */
function placesOf(doc: unknown): { readonly locations?: string } {
  const places = stockIn(doc).map((each) => textField(each, 'location_id') ?? '')
  return places.length > 1 ? { locations: places.join(',') } : {}
}

/**
 * The seller's own stock of the warehouse of the settings, or of the only one there is; undefined where there are several and none is chosen: a
 * level is written to one of them, and a sum of all would grow by what lies in the others. Stock in the channel's warehouses is not the seller's to set.
 */
function stockOf(doc: unknown, location: string): number | undefined {
  const places = stockIn(doc)
  const place = location === '' ? (places.length === 1 ? places[0] : undefined) : places.find((each) => textField(each, 'location_id') === location)
  const count = Number(textField(place, 'stock') ?? Number.NaN)
  return Number.isSafeInteger(count) ? count : undefined
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
