import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { YouzanCall } from './manifest.ts'

/** Page × size must stay below 4000; behind that the list goes on from the last change time it showed. */
const PAGE = 100
const LAST_PAGE = 39
/** Details are read this many at a time, one item a call. */
const AT_ONCE = 6

/** On sale first, then what lies in the warehouse: two lists of the channel, read one after the other. */
const LISTS = ['youzan.items.onsale.get/3.0.0', 'youzan.items.inventory.get/3.0.0'] as const

interface Position {
  readonly list: number
  readonly page: number
  /** Change time the list begins at, in milliseconds; 0 for all. */
  readonly since: number
}

/** Every item, and of items with variants every variant: "item" or "item:sku". */
export async function* pullListings(call: YouzanCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  let at = positionOf(after)
  for (;;) {
    const api = LISTS[at.list]
    if (api === undefined) return
    const since = at.since === 0 ? {} : { update_time_start: at.since }
    const { doc } = await read(call, api, { page_no: at.page, page_size: PAGE, order_by: 'update_time:asc', ...since }, 'items')
    const items = listField(doc, 'items')
    const details = await inGroups(items, AT_ONCE, (item) => detailOf(call, textField(item, 'item_id') ?? ''))
    at = nextOf(at, items, Number(textField(doc, 'count') ?? 0))
    const isLast = LISTS[at.list] === undefined
    yield { listings: details.flatMap(listingsOf), cursor: isLast ? null : { ...at } }
    if (isLast) return
  }
}

function nextOf(at: Position, items: readonly unknown[], count: number): Position {
  if (items.length === 0 || at.page * PAGE >= count) return { list: at.list + 1, page: 1, since: 0 }
  if (at.page < LAST_PAGE) return { ...at, page: at.page + 1 }
  const since = Date.parse(`${(textField(items.at(-1), 'update_time') ?? '').replace(' ', 'T')}+08:00`)
  if (!(since > at.since)) throw unreadable('More items changed in one second than the channel shows.')
  return { list: at.list, page: 1, since }
}

function positionOf(cursor: Cursor | undefined): Position {
  if (cursor === undefined) return { list: 0, page: 1, since: 0 }
  const { list, page, since } = cursor
  if (typeof list === 'number' && typeof page === 'number' && typeof since === 'number' && page >= 1) return { list, page, since }
  throw cursorInvalid()
}

/** Ids of items are numbers at the channel; one too long for a number here goes as text. */
export const long = (id: string): number | string => (Number.isSafeInteger(Number(id)) ? Number(id) : id)

/** An item with its variants; undefined when it is gone. */
async function detailOf(call: YouzanCall, id: string): Promise<unknown> {
  if (!/^\d+$/.test(id)) return undefined
  return (await absentAs(read(call, 'youzan.item.detail.get/1.0.1', { item_id: long(id) }, 'items')))?.doc
}

/** An item without variants may show one entry without properties, which stands for the item itself. */
const variantsOf = (item: unknown): readonly unknown[] => listField(item, 'sku_list').filter((sku) => listField(sku, 'sku_props').length > 0)

function listingsOf(item: unknown): readonly ChannelListing[] {
  const id = textField(item, 'item_id') ?? ''
  const [title, active] = [textField(item, 'title') ?? '', textField(item, 'is_display') === '1']
  const variants = variantsOf(item)
  if (variants.length === 0) {
    const shown = {
      code: textField(item, 'item_no'),
      barcode: textField(item, 'item_barcode'),
      price: textField(field(item, 'item_price_param'), 'price'),
    }
    return [{ ...shownAs({ ...shown, quantity: textField(item, 'quantity') }), key: id, ids: { item: id }, title, active }]
  }
  return variants.map((sku) => {
    const variant = textField(sku, 'sku_id') ?? ''
    const options = listField(sku, 'sku_props').flatMap((each) => textField(each, 'prop_value_name') ?? [])
    const shown = { code: textField(sku, 'sku_no'), barcode: textField(sku, 'sku_barcode'), price: textField(sku, 'price') }
    return {
      ...shownAs({ ...shown, quantity: stockOf(sku) }),
      key: `${id}:${variant}`,
      ids: { item: id, sku: variant },
      title: [title, options.join(', ')].filter((part) => part !== '').join(' – '),
      active,
    }
  })
}

const stockOf = (sku: unknown): string | undefined => textField(sku, 'stock_num') ?? textField(sku, 'quantity')

interface Shown {
  readonly code: string | undefined
  readonly barcode: string | undefined
  /** In fen. */
  readonly price: string | undefined
  readonly quantity: string | undefined
}

const shownAs = ({ code, barcode = '', price = '', quantity }: Shown): Pick<ChannelListing, 'sku' | 'barcode' | 'price' | 'quantity'> => ({
  sku: code ?? '',
  ...(barcode === '' ? {} : { barcode }),
  ...(/^\d{1,15}$/.test(price) ? { price: yuanOf(price) } : {}),
  ...(quantity === undefined ? {} : { quantity }),
})

/** "1990" → "19.90". */
const yuanOf = (fen: string): string => `${fen.padStart(3, '0').slice(0, -2)}.${fen.padStart(3, '0').slice(-2)}`

/** What the channel shows now; undefined where it has no such item or variant. */
export async function readInventory(
  call: YouzanCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const ids = [...new Set(listings.flatMap(({ ids }) => ids['item'] ?? []))]
  const items = new Map((await inGroups(ids, AT_ONCE, (id) => detailOf(call, id))).map((item) => [textField(item, 'item_id') ?? '', item]))
  return listings.map(({ key, ids }) => {
    const item = items.get(ids['item'] ?? '')
    const sku = ids['sku'] === undefined ? undefined : variantsOf(item).find((each) => textField(each, 'sku_id') === ids['sku'])
    const quantity = Number((ids['sku'] === undefined ? textField(item, 'quantity') : stockOf(sku)) ?? Number.NaN)
    return { key, quantity: Number.isSafeInteger(quantity) ? quantity : undefined }
  })
}
