import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { TopCall } from './manifest.ts'

const DETAIL_FIELDS =
  'num_iid,title,price,num,outer_id,barcode,approve_status,sku.sku_id,sku.outer_id,sku.barcode,sku.price,sku.quantity,sku.properties_name,sku.status'
const PAGE = 100
/** Details are handed out for at most so many items at once. */
const DETAILS_AT_ONCE = 20

/** On sale first, then what lies in the warehouse: two lists of the channel, read one after the other. */
const LISTS = [
  { id: 'onsale', method: 'taobao.items.onsale.get' },
  { id: 'inventory', method: 'taobao.items.inventory.get' },
] as const

/** Every item, and of items with variants every variant: "item" or "item:sku". */
export async function* pullListings(call: TopCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  let at = positionOf(after)
  for (;;) {
    const list = LISTS[at.list]
    if (!list) return
    const { doc } = await read(call, list.method, { fields: 'num_iid', page_no: at.page, page_size: PAGE, order_by: 'list_time:desc' })
    const ids = idsOf(doc)
    const details = await detailsOf(call, ids)
    const more = at.page * PAGE < Number(textField(doc, 'total_results') ?? 0) && ids.length > 0
    at = more ? { list: at.list, page: at.page + 1 } : { list: at.list + 1, page: 1 }
    const isLast = LISTS[at.list] === undefined
    yield { listings: [...details.values()].flatMap(listingsOf), cursor: isLast ? null : { ...at } }
    if (isLast) return
  }
}

function positionOf(cursor: Cursor | undefined): { readonly list: number; readonly page: number } {
  if (cursor === undefined) return { list: 0, page: 1 }
  const { list, page } = cursor
  if (typeof list === 'number' && typeof page === 'number' && page >= 1) return { list, page }
  throw cursorInvalid()
}

const idsOf = (doc: unknown): readonly string[] => listField(field(doc, 'items'), 'item').flatMap((item) => textField(item, 'num_iid') ?? [])

/** Items with their variants. Those that are gone or somebody else's are simply absent. */
async function detailsOf(call: TopCall, ids: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>()
  for (let at = 0; at < ids.length; at += DETAILS_AT_ONCE) {
    const batch = ids.slice(at, at + DETAILS_AT_ONCE)
    const { doc } = await read(call, 'taobao.items.seller.list.get', { fields: DETAIL_FIELDS, num_iids: batch.join(',') })
    for (const item of listField(field(doc, 'items'), 'item')) found.set(textField(item, 'num_iid') ?? '', item)
  }
  return found
}

const skusOf = (item: unknown): readonly unknown[] => listField(field(item, 'skus'), 'sku').filter((sku) => textField(sku, 'status') !== 'delete')

function listingsOf(item: unknown): readonly ChannelListing[] {
  const id = textField(item, 'num_iid') ?? ''
  const active = textField(item, 'approve_status') === 'onsale'
  const title = textField(item, 'title') ?? ''
  const skus = skusOf(item)
  if (skus.length === 0) return [{ ...shown(item, 'num'), key: id, ids: { item: id }, title, active }]
  return skus.map((sku) => {
    const variant = textField(sku, 'sku_id') ?? ''
    const options = optionsOf(textField(sku, 'properties_name') ?? '')
    return {
      ...shown(sku, 'quantity'),
      key: `${id}:${variant}`,
      ids: { item: id, sku: variant },
      title: options === '' ? title : `${title} – ${options}`,
      active,
    }
  })
}

function shown(doc: unknown, quantityField: string): Pick<ChannelListing, 'sku' | 'barcode' | 'price' | 'quantity'> {
  const [barcode, price, quantity] = [textField(doc, 'barcode') ?? '', textField(doc, 'price') ?? '', textField(doc, quantityField)]
  return {
    sku: textField(doc, 'outer_id') ?? '',
    ...(barcode === '' ? {} : { barcode }),
    ...(price === '' ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity }),
  }
}

/** "1627207:28341:颜色:黑色;…" → "黑色, …"; colons and semicolons inside names are written out as words. */
const optionsOf = (properties: string): string =>
  properties
    .split(';')
    .map((property) => property.split(':').slice(3).join(':').replaceAll('#cln#', ':').replaceAll('#scln#', ';'))
    .filter((value) => value !== '')
    .join(', ')

/** What the channel shows now; undefined where it has no such item or variant. */
export async function readInventory(
  call: TopCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const items = await detailsOf(call, [...new Set(listings.flatMap(({ ids }) => ids['item'] ?? []))])
  return listings.map(({ key, ids }) => {
    const item = items.get(ids['item'] ?? '')
    const place = ids['sku'] === undefined ? item : skusOf(item).find((sku) => textField(sku, 'sku_id') === ids['sku'])
    const quantity = Number(textField(place, ids['sku'] === undefined ? 'num' : 'quantity') ?? Number.NaN)
    return { key, quantity: Number.isSafeInteger(quantity) ? quantity : undefined }
  })
}
