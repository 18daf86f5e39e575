import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { rest, trading, xmlAll, xmlText, xmlValue } from './client.ts'
import type { EbayCall } from './manifest.ts'

const PAGE = 100
const AT_ONCE = 6
/** `bulk_get_inventory_item` takes this many. */
const SKUS_AT_ONCE = 25

/** One thing on sale as `GetMyeBaySelling` shows it. */
interface Offered {
  readonly item: string
  readonly sku: string
  readonly listing: ChannelListing
}

/**
 * Everything on sale, from the one list that holds all of it, whichever way it was listed; sorted by number, so that what is listed meanwhile
 * comes at the end. Which of it the Inventory API manages is looked up by SKU: those carry the `offer` a stock write needs, and the
 * Trading API may not revise them.
 */
export async function* pullListings(call: EbayCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  let page = 1
  if (after !== undefined) {
    const { page: next } = after
    if (typeof next !== 'number' || !Number.isSafeInteger(next) || next < 1) throw cursorInvalid()
    page = next
  }
  for (;;) {
    const root = await trading(
      call,
      'GetMyeBaySelling',
      `<ActiveList><Include>true</Include><Sort>ItemID</Sort><Pagination><EntriesPerPage>${PAGE}</EntriesPerPage><PageNumber>${page}</PageNumber></Pagination></ActiveList>`,
    )
    const list = xmlAll(root, 'ActiveList')[0]
    const offered = xmlAll(xmlAll(list, 'ItemArray')[0], 'Item').flatMap(offeredOf)
    const offers = await offersOf(call, offered)
    const pages = Number(xmlValue(list, 'PaginationResult', 'TotalNumberOfPages') ?? 0)
    page += 1
    const isLast = page > pages
    yield {
      listings: offered.map(({ listing }) => {
        const offer = offers.get(listing.key)
        return offer === undefined ? listing : { ...listing, ids: { ...listing.ids, offer } }
      }),
      cursor: isLast ? null : { page },
    }
    if (isLast) return
  }
}

/** A listing without variations is named by its number, and by its SKU too where it has one: so do the lines of orders. */
const keyOf = (item: string, sku: string): string => (sku === '' ? item : `${item}:${sku}`)

/** Variations without a SKU cannot be told apart by any write and are left out. */
function offeredOf(item: unknown): readonly Offered[] {
  const id = xmlValue(item, 'ItemID') ?? ''
  const title = xmlValue(item, 'Title') ?? ''
  const variations = xmlAll(xmlAll(item, 'Variations')[0], 'Variation')
  if (variations.length === 0) {
    const price = xmlValue(item, 'SellingStatus', 'CurrentPrice') ?? xmlValue(item, 'StartPrice')
    return [one({ id, sku: xmlValue(item, 'SKU') ?? '', title, price, quantity: xmlValue(item, 'QuantityAvailable') })]
  }
  return variations.flatMap((each) => {
    const sku = xmlValue(each, 'SKU') ?? ''
    if (sku === '') return []
    const values = xmlAll(xmlAll(each, 'VariationSpecifics')[0], 'NameValueList').flatMap((pair) => xmlValue(pair, 'Value') ?? [])
    const name = [title, values.join(', ')].filter((part) => part !== '').join(' – ')
    return [one({ id, sku, title: name, price: xmlValue(each, 'StartPrice'), quantity: leftOf(each) })]
  })
}

/** What is left to sell: of all that was ever offered less what was sold. */
function leftOf(element: unknown): string | undefined {
  const [all, sold] = [Number(xmlValue(element, 'Quantity') ?? Number.NaN), Number(xmlValue(element, 'SellingStatus', 'QuantitySold') ?? 0)]
  return Number.isSafeInteger(all) && Number.isSafeInteger(sold) ? String(Math.max(0, all - sold)) : undefined
}

interface Shown {
  readonly id: string
  readonly sku: string
  readonly title: string
  readonly price: string | undefined
  readonly quantity: string | undefined
}

const one = ({ id, sku, title, price, quantity }: Shown): Offered => ({
  item: id,
  sku,
  listing: {
    key: keyOf(id, sku),
    ids: { item: id, ...(sku === '' ? {} : { sku }) },
    sku,
    title,
    ...(price === undefined ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity }),
    active: true,
  },
})

/** The published offer behind each listing the Inventory API manages, by listing key. */
async function offersOf(call: EbayCall, offered: readonly Offered[]): Promise<ReadonlyMap<string, string>> {
  const known = await levelsOf(call, [...new Set(offered.flatMap(({ sku }) => (sku === '' ? [] : [sku])))])
  const found = await inGroups([...known.keys()], AT_ONCE, async (sku) => {
    const path = `/sell/inventory/v1/offer?${new URLSearchParams({ sku }).toString()}`
    const answer = await absentAs(rest(call, { method: 'GET', path, limit: 'inventory' }))
    return listField(answer?.doc, 'offers').flatMap((offer) => {
      const [id, item] = [textField(offer, 'offerId'), textField(field(offer, 'listing'), 'listingId')]
      return id === undefined || item === undefined ? [] : [[keyOf(item, sku), id] as const]
    })
  })
  return new Map(found.flat())
}

/** What the Inventory API shows of these SKUs; those it does not know are absent. */
async function levelsOf(call: EbayCall, skus: readonly string[]): Promise<ReadonlyMap<string, number | undefined>> {
  const levels = new Map<string, number | undefined>()
  for (const some of chunked(skus, SKUS_AT_ONCE)) {
    const body = { requests: some.map((sku) => ({ sku })) }
    const path = '/sell/inventory/v1/bulk_get_inventory_item'
    const answer = await absentAs(rest(call, { method: 'POST', path, body, limit: 'inventory', idempotent: true }))
    for (const each of listField(answer?.doc, 'responses')) {
      const item = field(each, 'inventoryItem')
      const sku = textField(each, 'sku') ?? textField(item, 'sku')
      if (item === undefined || sku === undefined) continue
      const shown = Number(textField(field(field(item, 'availability'), 'shipToLocationAvailability'), 'quantity') ?? Number.NaN)
      levels.set(sku, Number.isSafeInteger(shown) ? shown : undefined)
    }
  }
  return levels
}

type Wanted = Pick<InventoryWrite, 'key' | 'ids' | 'sku'>

/** What eBay shows now; undefined where it has no such listing. */
export async function readInventory(call: EbayCall, listings: readonly Wanted[]): Promise<readonly InventoryReading[]> {
  const levels = await levelsOf(call, [...new Set(listings.flatMap(({ ids }) => (ids['offer'] === undefined ? [] : (ids['sku'] ?? []))))])
  const numbers = [...new Set(listings.flatMap(({ ids }) => (ids['offer'] === undefined ? (ids['item'] ?? []) : [])))]
  const items = new Map((await inGroups(numbers, AT_ONCE, (id) => itemOf(call, id))).map((item) => [xmlValue(item, 'ItemID') ?? '', item]))
  return listings.map(({ key, ids }) => {
    if (ids['offer'] !== undefined) return { key, quantity: levels.get(ids['sku'] ?? '') }
    const item = items.get(ids['item'] ?? '')
    const variations = xmlAll(xmlAll(item, 'Variations')[0], 'Variation')
    const left = leftOf(variations.length === 0 ? item : variations.find((each) => xmlValue(each, 'SKU') === ids['sku']))
    return { key, quantity: left === undefined ? undefined : Number(left) }
  })
}

async function itemOf(call: EbayCall, id: string): Promise<unknown> {
  const root = await absentAs(trading(call, 'GetItem', `<ItemID>${xmlText(id)}</ItemID>`))
  return xmlAll(root, 'Item')[0]
}
