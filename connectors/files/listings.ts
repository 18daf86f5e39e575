import type { Call, ChannelListing, Cursor, ListingPage } from '../../src/core/connector.ts'
import { columnName } from '../../src/core/field-map.ts'
import { FileFormat } from '../../src/core/field-map.ts'
import { ChannelError, DomainError } from '../../src/core/fault.ts'
import { readFileTable } from '../../src/kit/files/read-file.ts'
import type { Config, Secrets } from './manifest.ts'
import { isWanted } from './names.ts'
import { withTransport } from './transport.ts'

const FOLDER = 'listings'
const PAGE = 500
/** Headings a list of articles may use for each value. */
const HEADINGS = {
  sku: ['sku', 'article', '商品编码', '编码', '货号'],
  barcode: ['barcode', 'ean', 'gtin', '条码', '条形码'],
  title: ['title', 'name', '商品名称', '名称'],
  price: ['price', '价格', '售价'],
  quantity: ['quantity', 'stock', '库存', '数量'],
} as const
type Value = keyof typeof HEADINGS

/** The articles of the newest file in the folder "listings": what this channel sells, for binding to SKUs. */
export async function* pullListings(call: Call<Config, Secrets>, after: Cursor | undefined): AsyncGenerator<ListingPage> {
  const listings = await withTransport(call, async (transport) => {
    const files = (await transport.list(FOLDER)).filter((entry) => isWanted(entry.name, '*'))
    const newest = files.sort((a, b) => b.modifiedMs - a.modifiedMs || (a.name < b.name ? 1 : -1))[0]
    if (newest === undefined) return []
    const copy = await transport.fetch(FOLDER, newest.name)
    try {
      return await readListings({ ...copy.source, name: newest.name })
    } catch (error) {
      if (error instanceof DomainError) throw new ChannelError({ kind: 'unreadable', code: error.code, message: error.message }, { cause: error })
      throw error
    } finally {
      await copy.release()
    }
  })
  const start = typeof after?.['position'] === 'number' ? after['position'] : 0
  for (let at = start; at < listings.length; at += PAGE) {
    yield { listings: listings.slice(at, at + PAGE), cursor: at + PAGE < listings.length ? { position: at + PAGE } : null }
  }
  if (start >= listings.length) yield { listings: [], cursor: null }
}

async function readListings(source: Parameters<typeof readFileTable>[0]): Promise<readonly ChannelListing[]> {
  const { table } = await readFileTable(source, FileFormat.parse({ shortRows: 'pad' }))
  const names = table.columns.map((column) => columnName(column).toLowerCase())
  const at = (value: Value): number => names.findIndex((name) => HEADINGS[value].some((heading) => heading === name))
  const position = { sku: at('sku'), barcode: at('barcode'), title: at('title'), price: at('price'), quantity: at('quantity') }
  if (position.sku < 0) throw new DomainError('file-columns-missing', `${source.name} has no column "sku".`, { missing: ['sku'] })
  const bySku = new Map<string, ChannelListing>()
  for await (const rows of table.rows()) {
    for (const { cells } of rows) {
      const text = (value: Value): string => (cells[position[value]] ?? '').trim()
      const sku = text('sku')
      if (sku === '') continue
      bySku.set(sku, {
        key: sku,
        ids: { sku },
        sku,
        title: text('title') || sku,
        active: true,
        ...(text('barcode') === '' ? {} : { barcode: text('barcode') }),
        ...(/^\d+(\.\d+)?$/.test(text('price')) ? { price: text('price') } : {}),
        ...(/^\d+$/.test(text('quantity')) ? { quantity: text('quantity') } : {}),
      })
    }
  }
  return [...bySku.values()]
}
