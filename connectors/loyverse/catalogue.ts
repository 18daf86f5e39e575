import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { read } from './client.ts'
import { manifest, type LoyverseCall } from './manifest.ts'
import { nextOf } from './orders.ts'

const PAGE = manifest.capabilities.pullListings.pageSize
/** As many ids as an address holds with ease. */
const MAX_ASKED = 50

/** Items with their variants; what the channel counts is counted at the store of the connection. */
export async function* pullListings(call: LoyverseCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  const begin = after?.['cursor']
  if (after !== undefined && (typeof begin !== 'string' || begin === '')) throw cursorInvalid()
  for (let cursor = typeof begin === 'string' ? begin : undefined; ;) {
    const { doc } = await read(call, 'items', { limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) })
    const items = field(doc, 'items')
    if (!Array.isArray(items)) throw unreadable('The answer holds no list of items.')
    const plain = items.flatMap((item: unknown) => listField(item, 'variants').map((variant) => listingOf(call, item, variant)))
    const counts = await countsOf(
      call,
      plain.flatMap(({ listing, tracked }) => (tracked ? [listing.key] : [])),
    )
    const next = nextOf(doc, cursor)
    const listings = plain.map(({ listing, tracked }) => (tracked ? { ...listing, quantity: counts.get(listing.key) ?? '0' } : listing))
    yield { listings, cursor: next === undefined ? null : { cursor: next } }
    if (next === undefined) return
    cursor = next
  }
}

/** Price and sale are settings of the store, which go before what holds everywhere. */
function listingOf(call: LoyverseCall, item: unknown, variant: unknown): { readonly listing: ChannelListing; readonly tracked: boolean } {
  const id = textField(variant, 'variant_id')
  if (id === undefined) throw unreadable('Loyverse sent a variant without its id.')
  const here = listField(variant, 'stores').find((each) => textField(each, 'store_id') === call.config.storeId)
  const price = textField(here, 'price') ?? textField(variant, 'default_price')
  const barcode = textField(variant, 'barcode') ?? ''
  const options = [1, 2, 3].flatMap((n) => textField(variant, `option${n}_value`) || [])
  const name = textField(item, 'item_name') ?? id
  const listing: ChannelListing = {
    key: id,
    ids: { variant: id, item: textField(item, 'id') ?? '' },
    sku: textField(variant, 'sku') ?? '',
    ...(barcode === '' ? {} : { barcode }),
    title: [name, ...options].join(' '),
    ...(price === undefined ? {} : { price }),
    active: [item, variant].every((each) => (textField(each, 'deleted_at') ?? '') === '') && field(here, 'available_for_sale') !== false,
  }
  return { listing, tracked: field(item, 'track_stock') === true }
}

/** Units at the store, by variant; what was never counted there is absent. */
async function countsOf(call: LoyverseCall, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const group of chunked([...new Set(ids)], MAX_ASKED)) {
    const query = { store_ids: call.config.storeId, variant_ids: group.join(','), limit: '250' }
    for (let cursor: string | undefined; ;) {
      const { doc } = await read(call, 'inventory', { ...query, ...(cursor === undefined ? {} : { cursor }) })
      const levels = field(doc, 'inventory_levels')
      if (!Array.isArray(levels)) throw unreadable('The answer holds no list of levels.')
      for (const level of levels) {
        const [variant, units] = [textField(level, 'variant_id'), textField(level, 'in_stock') ?? '']
        // No count is not a count of none.
        if (textField(level, 'store_id') === call.config.storeId && variant !== undefined && units !== '') found.set(variant, units)
      }
      cursor = nextOf(doc, cursor)
      if (cursor === undefined) break
    }
  }
  return found
}

/** Undefined where the channel keeps no count at this store. */
export async function readInventory(
  call: LoyverseCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const idOf = ({ ids, key }: Pick<InventoryWrite, 'key' | 'ids'>): string => ids['variant'] ?? key
  const counts = await countsOf(call, listings.map(idOf).filter(isVariant))
  return listings.map((each) => {
    const quantity = Number(counts.get(idOf(each)) ?? Number.NaN)
    return { key: each.key, quantity: Number.isFinite(quantity) ? quantity : undefined }
  })
}

export const isVariant = (text: string): boolean => /^[0-9a-fA-F-]{36}$/.test(text)
