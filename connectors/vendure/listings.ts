import { z } from 'zod'
import type { ChannelListing, Cursor, InventoryReading, ListingPage } from '../../src/core/connector.ts'
import { moneyFromDecimal, moneyToDecimal } from '../../src/core/money.ts'
import { query, read, type VendureCall } from './client.ts'
import { VARIANTS } from './documents.ts'

const level = z.object({ stockLocationId: z.string(), stockOnHand: z.number().int(), stockAllocated: z.number().int() })
const variant = z.object({
  id: z.string(),
  productId: z.string(),
  sku: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  priceWithTax: z.number().int(),
  currencyCode: z.string(),
  trackInventory: z.enum(['TRUE', 'FALSE', 'INHERIT']),
  outOfStockThreshold: z.number().int(),
  useGlobalOutOfStockThreshold: z.boolean(),
  stockLevels: z.array(level),
})
const variantPage = z.object({
  globalSettings: z.object({ trackInventory: z.boolean(), outOfStockThreshold: z.number().int() }),
  productVariants: z.object({ items: z.array(variant) }),
})

export type StockLevel = z.output<typeof level>

/** A variant with the shop-wide settings already applied. */
export interface Variant {
  readonly listing: ChannelListing
  readonly id: string
  readonly isTracked: boolean
  /** Units the shop keeps back (positive) or sells beyond its stock (negative). */
  readonly threshold: number
  readonly levels: readonly StockLevel[]
}

const PAGE_SIZE = 100

/** The shop's variants; Vendure has no barcode field. */
export async function* pullListings(call: VendureCall, after: Cursor | undefined): AsyncIterable<ListingPage> {
  let skip = typeof after?.['skip'] === 'number' ? after['skip'] : 0
  for (;;) {
    const variants = await readVariants(call, { take: PAGE_SIZE, skip, sort: { id: 'ASC' } })
    skip += variants.length
    const done = variants.length < PAGE_SIZE
    yield { listings: variants.map((v) => v.listing), cursor: done ? null : { skip } }
    if (done) return
  }
}

/** Variants by id; unknown ones are absent. */
export async function variantsById(call: VendureCall, ids: readonly string[]): Promise<ReadonlyMap<string, Variant>> {
  const variants = await readVariants(call, { take: ids.length, filter: { id: { in: ids } } })
  return new Map(variants.map((v) => [v.id, v]))
}

/** What the shop would still sell, per listing. */
export async function readInventory(
  call: VendureCall,
  listings: readonly { readonly key: string; readonly ids: Readonly<Record<string, string>> }[],
): Promise<readonly InventoryReading[]> {
  if (listings.length === 0) return []
  const variants = await variantsById(call, [...new Set(listings.map((listing) => variantId(listing)))])
  return listings.map((listing) => {
    const found = variants.get(variantId(listing))
    return { key: listing.key, quantity: found ? saleable(call, found) : undefined }
  })
}

export const variantId = (listing: { readonly key: string; readonly ids: Readonly<Record<string, string>> }): string =>
  listing.ids['variant'] ?? listing.key.split(':').at(-1) ?? ''

async function readVariants(call: VendureCall, options: Readonly<Record<string, unknown>>): Promise<readonly Variant[]> {
  const answer = await query(call, VARIANTS, { options })
  const { globalSettings, productVariants } = read(variantPage, answer.data, 'variant list')
  return productVariants.items.map((item) => {
    const isTracked = item.trackInventory === 'INHERIT' ? globalSettings.trackInventory : item.trackInventory === 'TRUE'
    const threshold = item.useGlobalOutOfStockThreshold ? globalSettings.outOfStockThreshold : item.outOfStockThreshold
    const found = { id: item.id, isTracked, threshold, levels: item.stockLevels }
    const quantity = saleable(call, found)
    const listing: ChannelListing = {
      key: `${item.productId}:${item.id}`,
      ids: { product: item.productId, variant: item.id },
      sku: item.sku,
      title: item.name,
      price: priceText(item.priceWithTax, item.currencyCode, call.config.moneyPrecision),
      ...(quantity === undefined ? {} : { quantity: String(quantity) }),
      active: item.enabled,
    }
    return { ...found, listing }
  })
}

/** On hand − allocated − threshold, as Vendure itself decides whether a variant can be bought. Undefined when it counts nothing. */
function saleable(call: VendureCall, found: Omit<Variant, 'listing'>): number | undefined {
  if (!found.isTracked) return undefined
  const wanted = call.config.stockLocationId
  const levels = wanted === undefined ? found.levels : found.levels.filter((l) => l.stockLocationId === wanted)
  return levels.reduce((sum, l) => sum + l.stockOnHand - l.stockAllocated, 0) - found.threshold
}

/** Integer units of 10^−precision as decimal text; as sent where the currency cannot hold it exactly. */
function priceText(units: number, currency: string, precision: number): string {
  const digits = String(Math.abs(units)).padStart(precision + 1, '0')
  const text = `${units < 0 ? '-' : ''}${digits.slice(0, digits.length - precision)}${precision === 0 ? '' : `.${digits.slice(-precision)}`}`
  try {
    return moneyToDecimal(moneyFromDecimal(text, currency))
  } catch {
    return text
  }
}
