import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import { marketplacesOf, type AmazonCall } from './manifest.ts'

const PAGE = 20
/** No more than a thousand items of one search are shown. */
const LAST_PAGE = 1000 / PAGE
const AT_ONCE = 5
const DATA = 'summaries,offers,fulfillmentAvailability'

/** The network a listing is sent from by the seller himself; every other is the channel's own and its stock not ours to set. */
export const OWN_NETWORK = 'DEFAULT'

export const listingPath = ({ config }: AmazonCall, sku?: string): string =>
  `/listings/2021-08-01/items/${config.sellerId}${sku === undefined ? '' : `/${encodeURIComponent(sku)}`}`

/** The marketplace that listings and stock are about. */
export const firstMarketplace = ({ config }: AmazonCall): string => marketplacesOf(config)[0] ?? ''

interface Position {
  readonly page: number
  readonly token: string
  /** Begin of the search, "" for all: behind a thousand items another one begins where the last was created. */
  readonly since: string
}

/** Every SKU of the first marketplace, oldest first. */
export async function* pullListings(call: AmazonCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  let at: Position | undefined = positionOf(after)
  while (at) {
    const { doc } = await read(call, {
      limit: 'searchListingsItems',
      path: listingPath(call),
      query: {
        marketplaceIds: firstMarketplace(call),
        includedData: DATA,
        pageSize: String(PAGE),
        sortBy: 'createdDate',
        sortOrder: 'ASC',
        createdAfter: at.since === '' ? undefined : at.since,
        pageToken: at.token === '' ? undefined : at.token,
      },
    })
    const items = field(doc, 'items')
    if (!Array.isArray(items)) throw unreadable('The answer holds no list of items.')
    at = nextOf(call, at, doc)
    yield { listings: items.map((item: unknown) => listingOf(call, item)), cursor: at === undefined ? null : { ...at } }
  }
}

function nextOf(call: AmazonCall, at: Position, doc: unknown): Position | undefined {
  const token = textField(field(doc, 'pagination'), 'nextToken') ?? ''
  if (at.page >= LAST_PAGE && Number(textField(doc, 'numberOfResults') ?? 0) >= LAST_PAGE * PAGE) {
    const since = textField(summaryOf(call, listField(doc, 'items').at(-1)), 'createdDate') ?? ''
    if (since === '' || since === at.since) throw unreadable('More items were created in one moment than the channel shows.')
    return { page: 1, token: '', since }
  }
  return token === '' ? undefined : { ...at, page: at.page + 1, token }
}

function positionOf(cursor: Cursor | undefined): Position {
  if (cursor === undefined) return { page: 1, token: '', since: '' }
  const { page, token, since } = cursor
  if (typeof page === 'number' && typeof token === 'string' && typeof since === 'string') return { page, token, since }
  throw cursorInvalid()
}

const ofMarketplace = (call: AmazonCall, docs: readonly unknown[]): unknown =>
  docs.find((each) => textField(each, 'marketplaceId') === firstMarketplace(call))
const summaryOf = (call: AmazonCall, item: unknown): unknown => ofMarketplace(call, listField(item, 'summaries'))

function listingOf(call: AmazonCall, item: unknown): ChannelListing {
  const sku = textField(item, 'sku') ?? ''
  if (sku === '') throw unreadable('The channel sent an item without its SKU.')
  const summary = summaryOf(call, item)
  const offer = ofMarketplace(
    call,
    listField(item, 'offers').filter((each) => textField(each, 'offerType') === 'B2C'),
  )
  const price = textField(field(offer, 'price'), 'amount')
  const shelf = shelfOf(item)
  return {
    key: sku,
    ids: { sku, network: shelf.network },
    sku,
    title: textField(summary, 'itemName') ?? sku,
    ...(price === undefined ? {} : { price }),
    ...(shelf.network === OWN_NETWORK && shelf.quantity !== undefined ? { quantity: shelf.quantity } : {}),
    active: listField(summary, 'status').includes('BUYABLE'),
  }
}

/** The seller's own shelf where there is one, else the channel's. */
function shelfOf(item: unknown): { readonly network: string; readonly quantity: string | undefined } {
  const all = listField(item, 'fulfillmentAvailability')
  const shelf = all.find((each) => textField(each, 'fulfillmentChannelCode') === OWN_NETWORK) ?? all[0]
  return { network: textField(shelf, 'fulfillmentChannelCode') ?? OWN_NETWORK, quantity: textField(shelf, 'quantity') }
}

/** What the channel shows now; undefined where it does not know the SKU or sends it from its own network. */
export async function readInventory(
  call: AmazonCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  return inGroups(listings, AT_ONCE, async ({ key, ids, sku }) => {
    const query = { marketplaceIds: firstMarketplace(call), includedData: 'fulfillmentAvailability' }
    const answer = await absentAs(read(call, { limit: 'getListingsItem', path: listingPath(call, ids['sku'] ?? sku), query }))
    const shelf = shelfOf(answer?.doc)
    const quantity = shelf.network === OWN_NETWORK && shelf.quantity !== undefined ? Number(shelf.quantity) : Number.NaN
    return { key, quantity: Number.isSafeInteger(quantity) ? quantity : undefined }
  })
}
