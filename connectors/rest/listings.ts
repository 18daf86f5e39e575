import type { ChannelListing, Cursor, ListingPage } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { matches, pickText } from '../../src/core/pick.ts'
import type { Sellable } from './description.ts'
import { firstPlace, readPage, type Place } from './lists.ts'
import type { RestCall } from './manifest.ts'

/** Most pages of one product's variants; more is a channel that counts in circles. */
const MAX_VARIANT_PAGES = 100

/** Every sellable thing as the settings describe it: products, and variants that are lists of their own. */
export async function* pullListings(call: RestCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  const { listings } = call.config
  if (!listings) return yield { listings: [], cursor: null }
  const page = after?.['page']
  const next = after?.['next']
  let place: Place | undefined = typeof page === 'number' ? { page, ...(typeof next === 'string' ? { next } : {}) } : firstPlace(listings.paging)
  let [count, again] = [typeof after?.['count'] === 'number' ? after['count'] : undefined, 0]
  let before = ''
  while (place) {
    const read = await readPage(call, listings, { place, values: {} })
    const texts = read.documents.map(({ text }) => text).join('\n')
    if (texts !== '' && texts === before)
      throw new ChannelError({
        kind: 'unreadable',
        code: 'page-repeated',
        message: 'The channel says that more listings follow and sends the same page again.',
      })
    before = texts
    const found: ChannelListing[] = []
    for (const { doc } of read.documents) found.push(...(await listingsOf(call, doc)))
    // Something was deleted meanwhile and later products moved one place forward: from the start once more.
    const shrunk = count !== undefined && read.count !== undefined && read.count < count && again < 3
    if (shrunk) again += 1
    count = read.count
    place = shrunk ? firstPlace(listings.paging) : read.next
    if (shrunk) before = ''
    yield {
      listings: found,
      cursor: place
        ? { page: place.page, ...(place.next === undefined ? {} : { next: place.next }), ...(count === undefined ? {} : { count }) }
        : null,
    }
  }
}

async function listingsOf(call: RestCall, doc: unknown): Promise<readonly ChannelListing[]> {
  const { listings } = call.config
  if (!listings || (listings.skip && matches(doc, listings.skip))) return []
  const own = idsOf(doc, listings)
  const { variants } = listings
  if (!variants || !matches(doc, variants.when)) return Object.keys(own).length === 0 ? [] : [listingOf(doc, listings, own)]
  const found: ChannelListing[] = []
  let place: Place | undefined = firstPlace(variants.paging)
  for (let n = 0; place && n < MAX_VARIANT_PAGES; n += 1) {
    const read = await readPage(call, variants, { place, values: own })
    for (const variant of read.documents) {
      if (variants.skip && matches(variant.doc, variants.skip)) continue
      const made = listingOf(variant.doc, variants, { ...own, ...idsOf(variant.doc, variants) })
      const title = [pickText(doc, listings.title) ?? '', made.title].filter((part) => part !== '').join(' – ')
      found.push({ ...made, title, active: made.active && isActive(doc, listings) })
    }
    place = read.next
  }
  return found
}

function idsOf(doc: unknown, how: Sellable): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(how.ids).flatMap(([name, pointer]) => {
      const id = pickText(doc, pointer) ?? ''
      return id === '' ? [] : [[name, id]]
    }),
  )
}

const isActive = (doc: unknown, how: Sellable): boolean => how.active === undefined || matches(doc, how.active)

function listingOf(doc: unknown, how: Sellable, ids: Readonly<Record<string, string>>): ChannelListing {
  const text = (pointer: string | undefined): string => (pointer === undefined ? '' : (pickText(doc, pointer) ?? ''))
  const isCounted = how.counted === undefined || matches(doc, how.counted)
  const [barcode, price, quantity] = [text(how.barcode), text(how.price), isCounted ? text(how.quantity) : '']
  return {
    key: Object.values(ids).join(':'),
    ids,
    sku: text(how.sku),
    title: text(how.title),
    active: isActive(doc, how),
    ...(barcode === '' ? {} : { barcode }),
    ...(price === '' ? {} : { price }),
    ...(quantity === '' ? {} : { quantity }),
  }
}
