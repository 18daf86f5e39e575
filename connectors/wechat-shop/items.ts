import type { ChannelListing, Cursor, InventoryReading, InventoryWrite, ListingPage } from '../../src/core/connector.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { idsIn } from '../../src/kit/wechat-api.ts'
import { read } from './client.ts'
import type { WechatCall } from './manifest.ts'

/** The channel lists thirty at a time. */
const PAGE = 30
const AT_ONCE = 8
/** `status` of a product that can be bought. */
const ON_SALE = '5'

/** Every product with its SKUs, each read by itself: lists name ids alone. */
export async function* pullListings(call: WechatCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  let key = keyOf(after)
  for (;;) {
    const { doc } = await read(call, 'product/list/get', { page_size: PAGE, ...(key === '' ? {} : { next_key: key }) })
    const ids = idsIn(doc, 'product_ids')
    const next = textField(doc, 'next_key') ?? ''
    const products = await inGroups(ids, AT_ONCE, (id) => productOf(call, id))
    const isLast = ids.length === 0 || next === '' || next === key
    yield { listings: products.flatMap(listingsOf), cursor: isLast ? null : { key: next } }
    if (isLast) return
    key = next
  }
}

function keyOf(cursor: Cursor | undefined): string {
  if (cursor === undefined) return ''
  const { key } = cursor
  if (typeof key !== 'string' || key === '') throw cursorInvalid()
  return key
}

/** What is on sale; of a product that never was, its draft. */
async function productOf(call: WechatCall, id: string): Promise<unknown> {
  const answer = await absentAs(read(call, 'product/get', { product_id: id, data_type: 3 }))
  return answer && (field(answer.doc, 'product') ?? field(answer.doc, 'edit_product'))
}

function listingsOf(product: unknown): readonly ChannelListing[] {
  const id = textField(product, 'product_id') ?? ''
  const [title, active] = [textField(product, 'title') ?? '', textField(product, 'status') === ON_SALE]
  return listField(product, 'skus').map((sku) => {
    const skuId = textField(sku, 'sku_id') ?? ''
    const options = listField(sku, 'sku_attrs').flatMap((each) => textField(each, 'attr_value') ?? [])
    const [price, quantity] = [textField(sku, 'sale_price') ?? '', textField(sku, 'stock_num')]
    return {
      key: `${id}:${skuId}`,
      ids: { product: id, sku: skuId },
      sku: codeOf(sku) || codeOf(product),
      title: [title, options.join(', ')].filter((part) => part !== '').join(' – '),
      ...(/^\d{1,15}$/.test(price) ? { price: yuanOf(price) } : {}),
      ...(quantity === undefined ? {} : { quantity }),
      active,
    }
  })
}

/** The seller's code: his own field first, then the ids of systems outside. */
const codeOf = (doc: unknown): string =>
  ['sku_code', 'out_sku_id', 'spu_code', 'out_product_id'].map((name) => textField(doc, name) ?? '').find((text) => text !== '') ?? ''

/** "1990" → "19.90". */
const yuanOf = (fen: string): string => `${fen.padStart(3, '0').slice(0, -2)}.${fen.padStart(3, '0').slice(-2)}`

/** The general stock, which is what a write sets; stock put aside for campaigns or warehouses is not in it. */
export async function readInventory(
  call: WechatCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  return inGroups(listings, AT_ONCE, async ({ key, ids }) => {
    const answer = hasIds(ids) ? await absentAs(read(call, 'product/stock/get', { product_id: ids['product'], sku_id: ids['sku'] })) : undefined
    const quantity = Number(textField(field(answer?.doc, 'data'), 'normal_stock_num') ?? Number.NaN)
    if (answer && Number.isNaN(quantity)) throw unreadable('The answer holds no stock.')
    return { key, quantity: Number.isSafeInteger(quantity) ? quantity : undefined }
  })
}

export const hasIds = (ids: Readonly<Record<string, string>>): boolean =>
  /^\d{1,20}$/.test(ids['product'] ?? '') && /^\d{1,20}$/.test(ids['sku'] ?? '')
