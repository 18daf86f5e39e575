import { createReadStream, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'

const NAME = 'uci-online-retail.csv.gz'

/** UCI "Online Retail" as CSV (541,909 rows); HUB_TEST_DATA names the file or the folder that holds it. Undefined when it is not here. */
export const uciFile = (): string | undefined =>
  [process.env['HUB_TEST_DATA'], '../shared/data']
    .flatMap((place) => (place === undefined ? [] : [resolve(place), resolve(place, NAME)]))
    .find((path) => path.endsWith('.gz') && existsSync(path))

/** One line of one invoice, as text of the file; quantities lose the ".0" the file gives them. */
export interface UciRow {
  readonly invoice: string
  readonly sku: string
  readonly title: string
  readonly quantity: number
  /** Decimal text with up to three places. */
  readonly unitPrice: string
  /** Wall clock in London, `2010-12-01 08:26:00`. */
  readonly at: string
}

/** Columns of the file: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country. */
export async function* uciRows(path: string, limit = Number.POSITIVE_INFINITY): AsyncGenerator<UciRow> {
  const parser = createReadStream(path)
    .pipe(createGunzip())
    .pipe(parse({ from_line: 2 }))
  let count = 0
  for await (const fields of parser) {
    if ((count += 1) > limit) return
    const [invoice = '', sku = '', title = '', quantity = '', at = '', unitPrice = ''] = textsOf(fields)
    if (!/^-?\d+\.0$/.test(quantity)) throw new Error(`Row ${count}: "${quantity}" is not a whole quantity.`)
    yield { invoice, sku: sku.trim(), title, quantity: Number(quantity), unitPrice, at }
  }
}

function textsOf(fields: unknown): readonly string[] {
  if (!Array.isArray(fields) || fields.length !== 8) throw new Error('A row does not have eight columns.')
  return fields.map(String)
}
