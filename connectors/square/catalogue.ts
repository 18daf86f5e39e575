import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { moneyFromMinor, moneyToDecimal } from '../../src/core/money.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { read } from './client.ts'
import { homeOf, type SquareCall } from './manifest.ts'

/** What an order's document carries of a variation. */
export interface VariationNames {
  readonly id: string
  readonly sku: string
  readonly upc: string
  readonly item: string
}

const MAX_OBJECTS = 1000
const MAX_COUNTED = 500

/** SKUs of variations, deleted ones among them; those Square does not know are absent. */
export async function variationsOf(call: SquareCall, ids: readonly string[]): Promise<ReadonlyMap<string, VariationNames>> {
  const found = new Map<string, VariationNames>()
  for (const group of chunked([...new Set(ids)], MAX_OBJECTS)) {
    const body = { object_ids: group, include_deleted_objects: true }
    const { doc } = await read(call, { method: 'POST', path: 'catalog/batch-retrieve', body })
    for (const object of listField(doc, 'objects')) {
      const data = field(object, 'item_variation_data')
      const text = (name: string): string => textField(data, name) ?? ''
      const id = textField(object, 'id') ?? ''
      if (data !== undefined) found.set(id, { id, sku: text('sku'), upc: text('upc'), item: text('item_id') })
    }
  }
  return found
}

/** Items with their variations, a hundred at a time as Square cuts them; what is counted is counted at the first location. */
export async function* pullListings(call: SquareCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  for (let cursor = typeof after?.['cursor'] === 'string' ? after['cursor'] : ''; ;) {
    const parameters = new URLSearchParams({ types: 'ITEM', ...(cursor === '' ? {} : { cursor }) })
    const { doc } = await read(call, { method: 'GET', path: `catalog/list?${parameters.toString()}` })
    if (typeof doc !== 'object' || doc === null) throw unreadable('The answer holds no catalogue.')
    const plain = listField(doc, 'objects').flatMap((item) =>
      listField(field(item, 'item_data'), 'variations').map((variation) => listingOf(call, item, variation)),
    )
    const counts = await countsOf(
      call,
      plain.filter((each) => each.tracked).map((each) => each.listing.key),
    )
    const next = textField(doc, 'cursor') ?? ''
    const isLast = next === '' || next === cursor
    const listings = plain.map(({ listing, tracked }) => (tracked ? { ...listing, quantity: counts.get(listing.key) ?? '0' } : listing))
    yield { listings, cursor: isLast ? null : { cursor: next } }
    if (isLast) return
    cursor = next
  }
}

/** An override of the location goes before what holds everywhere. */
function listingOf(call: SquareCall, item: unknown, variation: unknown): { readonly listing: ChannelListing; readonly tracked: boolean } {
  const home = homeOf(call.config)
  const [data, itemData] = [field(variation, 'item_variation_data'), field(item, 'item_data')]
  const id = textField(variation, 'id')
  if (id === undefined) throw unreadable('Square sent a variation without its id.')
  const here = listField(data, 'location_overrides').find((each) => textField(each, 'location_id') === home)
  const setting = (name: string): unknown => field(here, name) ?? field(data, name)
  const price = priceOf(setting('price_money'))
  const [itemName, name] = [textField(itemData, 'name') ?? '', textField(data, 'name') ?? '']
  const barcode = textField(data, 'upc') ?? ''
  const isGone =
    [variation, item].some((each) => field(each, 'is_deleted') === true || !isPresent(each, home)) || field(itemData, 'is_archived') === true
  const listing: ChannelListing = {
    key: id,
    ids: { variation: id, item: textField(item, 'id') ?? '' },
    sku: textField(data, 'sku') ?? '',
    ...(barcode === '' ? {} : { barcode }),
    // What has one variation only calls it "Regular".
    title: name === '' || name === 'Regular' || name === itemName ? itemName || id : `${itemName} ${name}`.trim(),
    ...(price === undefined ? {} : { price }),
    active: !isGone,
  }
  return { listing, tracked: setting('track_inventory') === true }
}

/** Everywhere but at some locations, or nowhere but at some. */
function isPresent(object: unknown, location: string): boolean {
  const names = (list: string): boolean => listField(object, list).some((each) => each === location)
  return field(object, 'present_at_all_locations') === false ? names('present_at_location_ids') : !names('absent_at_location_ids')
}

/** Amounts are whole minor units. */
function priceOf(money: unknown): string | undefined {
  const [amount, currency] = [textField(money, 'amount'), textField(money, 'currency')]
  return amount === undefined || currency === undefined ? undefined : moneyToDecimal(moneyFromMinor(amount, currency))
}

/** Units for sale at the first location, by variation; one that was never counted there is absent. */
async function countsOf(call: SquareCall, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const group of chunked([...new Set(ids)], MAX_COUNTED)) {
    const query = { catalog_object_ids: group, location_ids: [homeOf(call.config)], states: ['IN_STOCK'] }
    for (let cursor = ''; ;) {
      const body = { ...query, ...(cursor === '' ? {} : { cursor }) }
      const { doc } = await read(call, { method: 'POST', path: 'inventory/counts/batch-retrieve', body })
      for (const count of listField(doc, 'counts'))
        if (textField(count, 'state') === 'IN_STOCK') found.set(textField(count, 'catalog_object_id') ?? '', textField(count, 'quantity') ?? '')
      const next = textField(doc, 'cursor') ?? ''
      if (next === '' || next === cursor) break
      cursor = next
    }
  }
  return found
}

/** Undefined where Square keeps no count at this location. */
export async function readInventory(
  call: SquareCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const idOf = (each: Pick<InventoryWrite, 'key' | 'ids'>): string => each.ids['variation'] ?? each.key
  const counts = await countsOf(call, listings.map(idOf))
  return listings.map((each) => {
    const quantity = Number(counts.get(idOf(each)) ?? Number.NaN)
    return { key: each.key, quantity: Number.isFinite(quantity) ? quantity : undefined }
  })
}
