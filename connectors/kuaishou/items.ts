import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { asList, field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { KuaishouCall } from './manifest.ts'

const PAGE = 50
const AT_ONCE = 6

/** Every item with its SKUs, which the list carries along. */
export async function* pullListings(call: KuaishouCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  for (let page = pageOf(after); ; page += 1) {
    const { data } = await read(call, 'open.item.list.get', { itemStatus: 1, pageNumber: page, pageSize: PAGE })
    const [items, pages] = [field(data, 'items'), Number(textField(data, 'totalPage') ?? Number.NaN)]
    if (!Number.isSafeInteger(pages)) throw unreadable('Kuaishou does not say how many pages of items there are.')
    // Better no listings than some of them.
    if (!Array.isArray(items) && page <= pages) throw unreadable('Kuaishou counts pages of items and shows no list of them.')
    const isLast = page >= pages
    yield { listings: asList(items).flatMap(listingsOf), cursor: isLast ? null : { page: page + 1 } }
    if (isLast) return
  }
}

function pageOf(cursor: Cursor | undefined): number {
  if (cursor === undefined) return 1
  const { page } = cursor
  if (typeof page !== 'number' || !Number.isSafeInteger(page) || page < 1) throw cursorInvalid()
  return page
}

function listingsOf(item: unknown): readonly ChannelListing[] {
  const id = textField(item, 'kwaiItemId') ?? textField(item, 'itemId') ?? ''
  const title = textField(item, 'title') ?? ''
  const active = (textField(item, 'onOfflineStatus') ?? textField(item, 'shelfStatus') ?? '1') === '1'
  return skusIn(item).map((sku) => {
    const skuId = textField(sku, 'kwaiSkuId') ?? ''
    const [price, quantity, options] = [textField(sku, 'skuSalePrice') ?? '', textField(sku, 'skuStock'), textField(sku, 'specification') ?? '']
    const barcode = textField(sku, 'gtinCode') ?? ''
    return {
      key: `${id}:${skuId}`,
      ids: { item: id, sku: skuId },
      sku: textField(sku, 'skuNick') ?? '',
      ...(barcode === '' ? {} : { barcode }),
      title: options === '' ? title : `${title} – ${options}`,
      ...(/^\d{1,15}$/.test(price) ? { price: yuanOf(price) } : {}),
      ...(quantity === undefined ? {} : { quantity }),
      active,
    }
  })
}

/** The list calls them one thing and the answer for one item another; those that were deleted say so. */
const skusIn = (item: unknown): readonly unknown[] =>
  [...listField(item, 'skuList'), ...listField(item, 'skuInfos')].filter((sku) => textField(sku, 'isValid') !== '0')

/** "1990" → "19.90". */
const yuanOf = (fen: string): string => `${fen.padStart(3, '0').slice(0, -2)}.${fen.padStart(3, '0').slice(-2)}`

/** What one SKU shows now; undefined where the item or the SKU is gone. */
export async function stockOf(call: KuaishouCall, ids: Readonly<Record<string, string>>): Promise<number | undefined> {
  const skus = await skusOf(call, ids['item'] ?? '')
  return levelOf(skus, ids['sku'] ?? '')
}

async function skusOf(call: KuaishouCall, item: string): Promise<readonly unknown[]> {
  const answer = await absentAs(read(call, 'open.item.get', { kwaiItemId: BigInt(item) }))
  return answer ? skusIn(answer.data) : []
}

function levelOf(skus: readonly unknown[], id: string): number | undefined {
  const sku = skus.find((each) => textField(each, 'kwaiSkuId') === id)
  if (sku === undefined) return undefined
  const level = Number(textField(sku, 'skuStock') ?? Number.NaN)
  if (!Number.isSafeInteger(level)) throw unreadable('The answer holds no stock.')
  return level
}

/** One call an item, whatever the number of its SKUs. */
export async function readInventory(
  call: KuaishouCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const items = [...new Set(listings.flatMap(({ ids }) => (hasIds(ids) ? [ids['item'] ?? ''] : [])))]
  const known = new Map(await inGroups(items, AT_ONCE, async (id) => [id, await skusOf(call, id)] as const))
  return listings.map(({ key, ids }) => ({ key, quantity: levelOf(known.get(ids['item'] ?? '') ?? [], ids['sku'] ?? '') }))
}

export const hasIds = (ids: Readonly<Record<string, string>>): boolean => /^\d{1,19}$/.test(ids['item'] ?? '') && /^\d{1,19}$/.test(ids['sku'] ?? '')
