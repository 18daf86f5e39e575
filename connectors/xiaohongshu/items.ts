import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { asList, field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { XhsCall } from './manifest.ts'

const PAGE = 100
const AT_ONCE = 6

/** SKU by SKU, each with the item it belongs to. */
export async function* pullListings(call: XhsCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  for (let page = pageOf(after); ; page += 1) {
    const { data } = await read(call, 'product.getDetailSkuList', { pageNo: page, pageSize: PAGE })
    const total = Number(textField(data, 'total') ?? Number.NaN)
    if (!Number.isSafeInteger(total)) throw unreadable('Xiaohongshu does not say how many SKUs there are.')
    const [rows, isLast] = [field(data, 'data'), page * PAGE >= total]
    // Better no listings than some of them.
    if (!Array.isArray(rows) && total > 0) throw unreadable(`Xiaohongshu counts ${total} SKUs and shows no list of them.`)
    yield { listings: asList(rows).map(listingOf), cursor: isLast ? null : { page: page + 1 } }
    if (isLast) return
  }
}

function pageOf(cursor: Cursor | undefined): number {
  if (cursor === undefined) return 1
  const { page } = cursor
  if (typeof page !== 'number' || !Number.isSafeInteger(page) || page < 1) throw cursorInvalid()
  return page
}

function listingOf(row: unknown): ChannelListing {
  const [item, sku] = [field(row, 'item'), field(row, 'sku')]
  const id = textField(sku, 'id') ?? ''
  const [title, barcode, price, quantity] = [
    textField(item, 'name') ?? '',
    textField(sku, 'barcode') ?? '',
    textField(sku, 'price') ?? '',
    textField(sku, 'stock'),
  ]
  const options = listField(sku, 'variants').flatMap((each) => textField(each, 'value') ?? [])
  return {
    key: id,
    ids: { sku: id },
    sku: textField(sku, 'erpCode') ?? '',
    ...(barcode === '' ? {} : { barcode }),
    title: options.length === 0 ? title : `${title} – ${options.join(' ')}`,
    ...(/^\d{1,15}$/.test(price) ? { price: `${price.padStart(3, '0').slice(0, -2)}.${price.padStart(3, '0').slice(-2)}` } : {}),
    ...(quantity === undefined ? {} : { quantity }),
    active: field(sku, 'buyable') === true,
  }
}

/** The level a write sets, pieces of unpaid orders among it. */
export async function readInventory(
  call: XhsCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const ids = [...new Set(listings.map((each) => each.ids['sku'] ?? '').filter(isSkuId))]
  const levels = new Map(await inGroups(ids, AT_ONCE, async (id) => [id, await levelOf(call, id)] as const))
  return listings.map((each) => ({ key: each.key, quantity: levels.get(each.ids['sku'] ?? '') }))
}

async function levelOf(call: XhsCall, skuId: string): Promise<number | undefined> {
  const answer = await absentAs(read(call, 'inventory.getSkuStockV2', { skuId }))
  if (!answer) return undefined
  const info = field(answer.data, 'skuStockInfo')
  if (textField(info, 'skuId') !== skuId) throw unreadable('The stock in the answer is not of the SKU that was asked for.')
  const level = Number(textField(field(info, 'skuStockInfo'), 'total') ?? Number.NaN)
  if (!Number.isSafeInteger(level)) throw unreadable('The answer holds no stock.')
  return level
}

export const isSkuId = (text: string): boolean => /^[0-9a-f]{8,32}$/i.test(text)
