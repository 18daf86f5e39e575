import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { readJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { get, type Query } from './client.ts'
import { VARIANT_FIELDS } from './fields.ts'
import { manifest, MAX_IDS, type MedusaCall } from './manifest.ts'

export interface Level {
  readonly location: string
  readonly stocked: number
  /** Units of orders that are placed and not yet fulfilled. */
  readonly reserved: number
}

export interface Variant {
  readonly listing: ChannelListing
  readonly id: string
  readonly isManaged: boolean
  /** The one inventory item behind it; undefined for none, or for a kit of several. */
  readonly item: { readonly id: string; readonly perUnit: number; readonly levels: readonly Level[] } | undefined
}

/** Variants with the stock behind them. A kit of several inventory items has no level of its own. */
export async function* pullListings(call: MedusaCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  const { pageSize } = manifest.capabilities.pullListings
  for (let offset = typeof after?.['offset'] === 'number' ? after['offset'] : 0; ;) {
    const { variants, count } = await readVariants(call, { limit: pageSize, offset, order: 'id' })
    offset += variants.length
    const isLast = offset >= count
    // Better no listings than some of them.
    if (variants.length === 0 && !isLast) throw unreadable(`Medusa counts ${count} variants and shows none behind ${offset}.`)
    yield { listings: variants.map(({ listing }) => listing), cursor: isLast ? null : { offset } }
    if (isLast) return
  }
}

type Listing = Pick<InventoryWrite, 'key' | 'ids'>

export const variantId = ({ key, ids }: Listing): string => ids['variant'] ?? key.split(':').at(-1) ?? ''

export async function variantsById(call: MedusaCall, listings: readonly Listing[]): Promise<ReadonlyMap<string, Variant>> {
  const found = new Map<string, Variant>()
  for (const ids of chunked([...new Set(listings.map(variantId))], MAX_IDS)) {
    const { variants } = await readVariants(call, { id: ids, limit: ids.length })
    for (const variant of variants) found.set(variant.id, variant)
  }
  return found
}

/** What the shop would still sell, per listing. */
export async function readInventory(call: MedusaCall, listings: readonly Listing[]): Promise<readonly InventoryReading[]> {
  if (listings.length === 0) return []
  const variants = await variantsById(call, listings)
  return listings.map((listing) => {
    const found = variants.get(variantId(listing))
    return { key: listing.key, quantity: found && saleable(call, found) }
  })
}

async function readVariants(call: MedusaCall, query: Query): Promise<{ readonly variants: readonly Variant[]; readonly count: number }> {
  const { body } = await get(call, 'product-variants', { ...query, fields: VARIANT_FIELDS })
  const { documents, rest } = readJsonArray(body, '/variants')
  const count = field(rest, 'count')
  if (typeof count !== 'number') throw unreadable('The list of variants does not say how many there are.')
  return { variants: documents.map(({ doc }) => variantOf(call, doc)), count }
}

function variantOf(call: MedusaCall, doc: unknown): Variant {
  const [id, product] = [textField(doc, 'id') ?? '', textField(doc, 'product_id') ?? '']
  if (id === '' || product === '') throw unreadable('A variant has no id.')
  const [link, ...more] = listField(doc, 'inventory_items')
  const item = link === undefined || more.length > 0 ? undefined : itemOf(link)
  const found = { id, isManaged: field(doc, 'manage_inventory') === true, item }
  const [quantity, barcode, price] = [saleable(call, found), textField(doc, 'barcode'), priceOf(doc)]
  const names = [textField(field(doc, 'product'), 'title'), textField(doc, 'title')].filter((name) => name !== undefined && name !== '')
  const listing: ChannelListing = {
    key: `${product}:${id}`,
    ids: { product, variant: id },
    sku: textField(doc, 'sku') ?? '',
    title: names.join(', '),
    active: textField(field(doc, 'product'), 'status') === 'published',
    ...(barcode === undefined || barcode === '' ? {} : { barcode }),
    ...(price === undefined ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity: String(quantity) }),
  }
  return { ...found, listing }
}

function itemOf(link: unknown): Variant['item'] {
  const id = textField(link, 'inventory_item_id') ?? ''
  const levels = listField(field(link, 'inventory'), 'location_levels').map(levelOf)
  return id === '' ? undefined : { id, perUnit: numberOf(link, 'required_quantity') || 1, levels }
}

export const levelOf = (doc: unknown): Level => ({
  location: textField(doc, 'location_id') ?? '',
  stocked: numberOf(doc, 'stocked_quantity'),
  // `available_quantity` of an answer to a write is that of before it: it is worked out here.
  reserved: numberOf(doc, 'reserved_quantity'),
})

/** Quantities are numbers, texts, or `{ value, precision }`. */
function numberOf(doc: unknown, name: string): number {
  const value = Number(textField(doc, name) ?? textField(field(doc, name), 'value') ?? Number.NaN)
  if (!Number.isFinite(value)) throw unreadable(`A level has no ${name}.`)
  return value
}

/** Where the shop has one currency only; of several none is the price. */
function priceOf(doc: unknown): string | undefined {
  const plain = listField(doc, 'prices').filter(
    (price) => textField(price, 'min_quantity') === undefined && Object.keys(Object(field(price, 'rules'))).length === 0,
  )
  return plain.length === 1 ? textField(plain[0], 'amount') : undefined
}

/** Stocked less reserved at the location of the settings, or at all of them; undefined where the shop counts nothing, or a kit. */
function saleable({ config }: MedusaCall, { isManaged, item }: Omit<Variant, 'listing'>): number | undefined {
  if (!isManaged || !item) return undefined
  const levels = config.locationId === undefined ? item.levels : item.levels.filter(({ location }) => location === config.locationId)
  return Math.floor(levels.reduce((sum, { stocked, reserved }) => sum + stocked - reserved, 0) / item.perUnit)
}
