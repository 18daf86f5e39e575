import type { ChannelListing, Cursor, ListingPage } from '../../src/core/connector.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { JdCall } from './manifest.ts'

const FIELDS = 'wareId,skuId,status,jdPrice,outerId,barCode,skuName,wareTitle,stockNum'
const PAGE = 50

/** Every SKU on sale or taken off sale, by its number, so that a new one never moves the pages. */
export async function* pullListings(call: JdCall, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  for (let page = pageOf(after); ; page += 1) {
    const { doc } = await read(call, 'jingdong.sku.read.searchSkuList', {
      pageNo: page,
      page_size: PAGE,
      orderFiled: 'skuId',
      orderType: 'asc',
      field: FIELDS,
    })
    const found = field(doc, 'page')
    const total = Number(textField(found, 'totalItem') ?? Number.NaN)
    if (!Number.isSafeInteger(total)) throw unreadable('JD does not say how many SKUs there are.')
    const skus = listField(found, 'data')
    const isLast = page * PAGE >= total
    // Lists of this channel end at some page however many there are: better no listings than some of them.
    if (skus.length === 0 && total > (page - 1) * PAGE) throw unreadable(`JD counts ${total} SKUs and shows none behind ${(page - 1) * PAGE}.`)
    yield { listings: skus.flatMap(listingOf), cursor: isLast ? null : { page: page + 1 } }
    if (isLast) return
  }
}

function pageOf(cursor: Cursor | undefined): number {
  if (cursor === undefined) return 1
  const { page } = cursor
  if (typeof page === 'number' && Number.isSafeInteger(page) && page >= 1) return page
  throw cursorInvalid()
}

function listingOf(sku: unknown): readonly ChannelListing[] {
  const id = textField(sku, 'skuId')
  if (id === undefined) return []
  const [ware, barcode, price, quantity] = ['wareId', 'barCode', 'jdPrice', 'stockNum'].map((name) => textField(sku, name))
  return [
    {
      key: id,
      ids: { sku: id, ...(ware === undefined ? {} : { ware }) },
      sku: textField(sku, 'outerId') ?? '',
      title: textField(sku, 'skuName') ?? textField(sku, 'wareTitle') ?? id,
      ...(barcode === undefined || barcode === '' ? {} : { barcode }),
      ...(price === undefined || price === '' ? {} : { price }),
      ...(quantity === undefined ? {} : { quantity }),
      active: textField(sku, 'status') === '1',
    },
  ]
}
