import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { absentAs, inGroups } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { asList, field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { DouyinCall } from './manifest.ts'
import { int64, isId } from './param-json.ts'

const PAGE = 20
/** Behind this many products the list of the channel ends, whatever it holds. */
const DEEPEST = 10_000
const AT_ONCE = 4
const DELETED = '2'
/** Kinds of stock (`sku_type`): one level, levels by warehouse, a level for now and one for later. */
const REGIONAL = '1'

/** Every SKU of every product, "product:sku"; the variants of a product take a call of their own. */
export async function* pullListings(call: DouyinCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  for (let page = pageOf(after); ; page += 1) {
    const { data } = await read(call, 'product.listV2', { page, size: PAGE })
    const total = Number(textField(data, 'total') ?? 0)
    if (total > DEEPEST)
      throw new ChannelError({
        kind: 'refused',
        code: 'too-many-products',
        message: `The shop has ${total} products; the channel lists no more than ${DEEPEST}.`,
      })
    const products = listField(data, 'data').filter((product) => textField(product, 'status') !== DELETED)
    const listings = await inGroups(products, AT_ONCE, (product) => listingsOf(call, product))
    const isLast = page * PAGE >= total
    yield { listings: listings.flat(), cursor: isLast ? null : { page: page + 1 } }
    if (isLast) return
  }
}

function pageOf(cursor: Cursor | undefined): number {
  if (cursor === undefined) return 1
  const { page } = cursor
  if (typeof page === 'number' && Number.isSafeInteger(page) && page >= 1) return page
  throw cursorInvalid()
}

async function listingsOf(call: DouyinCall, product: unknown): Promise<readonly ChannelListing[]> {
  const id = textField(product, 'product_id') ?? ''
  const title = textField(product, 'name') ?? ''
  const active = textField(product, 'status') === '0'
  return (await skusOf(call, id)).map((sku) => {
    const skuId = textField(sku, 'id') ?? ''
    const options = optionsOf(sku)
    const [price, quantity] = [yuan(textField(sku, 'price') ?? ''), levelOf(call, sku)]
    return {
      key: `${id}:${skuId}`,
      ids: { product: id, sku: skuId, type: textField(sku, 'sku_type') ?? '0' },
      sku: textField(sku, 'code') ?? '',
      title: options === '' ? title : `${title} – ${options}`,
      ...(price === undefined ? {} : { price }),
      ...(quantity === undefined ? {} : { quantity: String(quantity) }),
      active,
    }
  })
}

/** None where the product is gone or somebody else's. */
async function skusOf(call: DouyinCall, product: string): Promise<readonly unknown[]> {
  if (!isId(product)) return []
  const answer = await absentAs(read(call, 'sku.list', { product_id: int64(product) }))
  return asList(answer?.data)
}

/** The newer list of properties, or the three names of before. */
function optionsOf(sku: unknown): string {
  const named = listField(sku, 'sell_properties').map((each) => textField(each, 'value_name') ?? '')
  const before = ['spec_detail_name1', 'spec_detail_name2', 'spec_detail_name3'].map((name) => textField(sku, name) ?? '')
  return (named.length > 0 ? named : before).filter((name) => name !== '').join(', ')
}

/** Fen as text in yuan: 4290 → "42.90". */
const yuan = (fen: string): string | undefined => (/^\d+$/.test(fen) ? fen.padStart(3, '0').replace(/(\d\d)$/, '.$1') : undefined)

/** What is shown now; undefined for stock by warehouse while no warehouse is set. */
function levelOf(call: DouyinCall, sku: unknown): number | undefined {
  const regional = textField(sku, 'sku_type') === REGIONAL
  const text = regional ? textField(field(sku, 'stock_map'), call.config.warehouse) : textField(sku, 'stock_num')
  const level = Number(text ?? Number.NaN)
  return Number.isSafeInteger(level) ? level : undefined
}

/** One call a product, whatever the number of its SKUs. */
export async function readInventory(
  call: DouyinCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const products = [...new Set(listings.flatMap(({ ids }) => ids['product'] ?? []))]
  const known = new Map(await inGroups(products, AT_ONCE, async (id) => [id, await skusOf(call, id)] as const))
  return listings.map(({ key, ids }) => {
    const sku = known.get(ids['product'] ?? '')?.find((each) => textField(each, 'id') === ids['sku'])
    return { key, quantity: sku === undefined ? undefined : levelOf(call, sku) }
  })
}
