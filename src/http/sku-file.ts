import { parse } from 'csv-parse/sync'
import iconv from 'iconv-lite'
import type { SkuInput } from '../store/edit/skus.ts'
import { skuCode } from './fields.ts'
import { Problem } from './problem.ts'
import { flaw, type RowCode, type RowProblem } from './row-problem.ts'

export interface SkuFile {
  readonly items: readonly SkuInput[]
  readonly rows: number
  readonly refused: readonly RowProblem[]
}

const MAX_ROWS = 100_000
/** Column headings people use, lower-case. */
const HEADINGS: Readonly<Record<'sku' | 'title' | 'barcode' | 'category', readonly string[]>> = {
  sku: ['sku', 'code', 'item', 'item code', 'article', '商品编码', '编码', '货号', 'sku编码', '规格编码'],
  title: ['title', 'name', 'description', 'product', '名称', '商品名称', '标题', '品名'],
  barcode: ['barcode', 'ean', 'upc', 'gtin', '条码', '条形码', '69码'],
  category: ['category', 'group', 'product type', '类目', '分类', '品类'],
}

/**
 * SKUs of a CSV (UTF-8 or GBK, comma, semicolon or tab) or XLSX file with headings. Codes stay text: leading zeros and long
 * digits survive. A bad row is reported and left out.
 */
export async function readSkuFile(name: string, bytes: Uint8Array, assertHarmlessArchive: (bytes: Buffer) => void): Promise<SkuFile> {
  const [head = [], ...body] = await readTable(bytes, assertHarmlessArchive)
  if (body.length > MAX_ROWS) throw new Problem(413, 'file-too-long', `At most ${MAX_ROWS} rows.`, { params: { limit: MAX_ROWS } })
  const column = (field: keyof typeof HEADINGS): number => head.findIndex((cell) => HEADINGS[field].includes(cell.trim().toLowerCase()))
  const at = { sku: column('sku'), title: column('title'), barcode: column('barcode'), category: column('category') }
  if (at.sku < 0)
    throw new Problem(422, 'column-missing', `No column named sku in ${name}. Known headings: ${HEADINGS.sku.join(', ')}.`, {
      params: { column: 'sku' },
    })
  return collect(body, at)
}

function collect(body: readonly (readonly string[])[], at: Readonly<Record<keyof typeof HEADINGS, number>>): SkuFile {
  const items = new Map<string, SkuInput>()
  const refused: RowProblem[] = []
  for (const [i, row] of body.entries()) {
    const sku = (row[at.sku] ?? '').normalize('NFKC').trim()
    const problem = problemOf(sku, items)
    if (problem !== undefined) {
      if (row.some((cell) => cell.trim() !== '')) refused.push({ row: i + 2, ...flaw(problem, sku) })
      continue
    }
    const barcode = (row[at.barcode] ?? '').normalize('NFKC').trim()
    const category = (row[at.category] ?? '')
      .normalize('NFC')
      .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
      .trim()
    items.set(sku, {
      sku,
      ...(at.title >= 0 && { title: (row[at.title] ?? '').trim().slice(0, 500) }),
      ...(at.barcode >= 0 && barcode !== '' && { barcode: barcode.slice(0, 60) }),
      ...(at.category >= 0 && category !== '' && { category: category.slice(0, 200) }),
    })
  }
  return { items: [...items.values()], rows: body.length, refused: refused.slice(0, 1000) }
}

function problemOf(sku: string, seen: ReadonlyMap<string, SkuInput>): RowCode | undefined {
  if (sku === '') return 'sku-empty'
  if (sku.length > 200) return 'sku-too-long'
  if (!skuCode.safeParse(sku).success) return 'sku-unreadable'
  if (/^\d+(\.\d+)?E\+\d+$/i.test(sku)) return 'became-number'
  return seen.has(sku) ? 'sku-twice' : undefined
}

/** Rows of a CSV (UTF-8 or GBK, comma, semicolon or tab) or XLSX file, every cell as text. */
export async function readTable(bytes: Uint8Array, assertHarmlessArchive: (bytes: Buffer) => void): Promise<readonly (readonly string[])[]> {
  if (!isZip(bytes)) return readCsv(bytes)
  assertHarmlessArchive(Buffer.from(bytes))
  return readXlsx(bytes)
}

const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b

function readCsv(bytes: Uint8Array): string[][] {
  const text = decode(bytes)
  const firstLine = text.slice(0, text.search(/[\r\n]|$/))
  const delimiter = [',', ';', '\t'].toSorted((a, b) => firstLine.split(b).length - firstLine.split(a).length)[0] ?? ','
  try {
    const rows: string[][] = parse(text, { delimiter, bom: true, relax_column_count: true, max_record_size: 100_000 })
    // Blank rows count, so that others keep the number people see.
    return rows.slice(
      Math.max(
        0,
        rows.findIndex((row) => row.some((cell) => cell !== '')),
      ),
    )
  } catch (cause) {
    throw new Problem(422, 'file-unreadable', 'This is not readable as CSV.', { cause })
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return iconv.decode(Buffer.from(bytes), 'gb18030')
  }
}

async function readXlsx(bytes: Uint8Array): Promise<string[][]> {
  const { readSheet } = await import('read-excel-file/node') // loaded when wanted
  try {
    const rows = await readSheet(Buffer.from(bytes))
    return rows.map((row) => row.map((cell) => (cell === null ? '' : cell instanceof Date ? cell.toISOString() : String(cell))))
  } catch (cause) {
    throw new Problem(422, 'file-unreadable', 'This is not readable as XLSX.', { cause })
  }
}
