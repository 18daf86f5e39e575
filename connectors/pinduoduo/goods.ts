import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { PddCall } from './manifest.ts'

const PAGE = 100
/** Levels are read one call each, this many at a time. */
const AT_ONCE = 4

/** Every SKU of every item, on sale or not: "goods:sku". The list shows no price. */
export async function* pullListings(call: PddCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  for (let page = pageOf(after); ; page++) {
    const { doc } = await read(call, 'pdd.goods.list.get', { page, page_size: PAGE })
    const goods = listField(doc, 'goods_list')
    const more = goods.length > 0 && page * PAGE < Number(textField(doc, 'total_count') ?? 0)
    yield { listings: goods.flatMap(listingsOf), cursor: more ? { page: page + 1 } : null }
    if (!more) return
  }
}

function pageOf(cursor: Cursor | undefined): number {
  if (cursor === undefined) return 1
  const { page } = cursor
  if (typeof page === 'number' && Number.isSafeInteger(page) && page >= 1) return page
  throw cursorInvalid()
}

function listingsOf(goods: unknown): readonly ChannelListing[] {
  const id = textField(goods, 'goods_id') ?? ''
  const [name, isOnSale] = [textField(goods, 'goods_name') ?? '', textField(goods, 'is_onsale') === '1']
  return listField(goods, 'sku_list').map((sku) => {
    const variant = textField(sku, 'sku_id') ?? ''
    const [spec, quantity] = [textField(sku, 'spec') ?? '', textField(sku, 'sku_quantity')]
    return {
      key: `${id}:${variant}`,
      ids: { goods: id, sku: variant },
      sku: textField(sku, 'outer_id') ?? '',
      title: spec === '' ? name : `${name} – ${spec}`,
      ...(quantity === undefined ? {} : { quantity }),
      active: isOnSale && textField(sku, 'is_sku_onsale') !== '0',
    }
  })
}

/** What the channel shows now; undefined where it has no such item or variant. Units set aside for open orders are counted apart by it. */
export async function readInventory(
  call: PddCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const readings: InventoryReading[] = []
  for (let at = 0; at < listings.length; at += AT_ONCE) {
    const group = listings.slice(at, at + AT_ONCE)
    readings.push(...(await Promise.all(group.map(async ({ key, ids }) => ({ key, quantity: await levelOf(call, ids) })))))
  }
  return readings
}

async function levelOf(call: PddCall, ids: InventoryWrite['ids']): Promise<number | undefined> {
  const [goods, sku] = [ids['goods'] ?? '', ids['sku'] ?? '']
  if (!/^\d+$/.test(goods) || !/^\d+$/.test(sku)) return undefined
  const answer = await absentAs(read(call, 'pdd.goods.skus.get', { goods_id: goods, sku_id: sku }))
  const quantity = Number(textField(answer?.doc, 'quantity') ?? Number.NaN)
  return Number.isSafeInteger(quantity) ? quantity : undefined
}
