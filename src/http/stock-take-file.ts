import { skuCode } from './fields.ts'
import { Problem } from './problem.ts'
import { flaw, type RowProblem } from './row-problem.ts'
import { readTable } from './sku-file.ts'

export interface StockTakeFile {
  readonly lines: readonly { readonly sku: string; readonly counted: string }[]
  readonly refused: readonly RowProblem[]
}

const SKU = ['sku', 'code', 'item', 'item code', 'article', '商品编码', '编码', '货号', 'sku编码', '规格编码']
const COUNTED = ['counted', 'quantity', 'qty', 'on hand', 'count', 'stock', '数量', '盘点数量', '实盘数量', '库存']

/** Counted SKUs of a CSV or XLSX file with headings. A bad row is reported and left out; a SKU that stands twice is added up. */
export async function readStockTakeFile(name: string, bytes: Uint8Array, assertHarmlessArchive: (bytes: Buffer) => void): Promise<StockTakeFile> {
  const [head = [], ...body] = await readTable(bytes, assertHarmlessArchive)
  const column = (names: readonly string[]): number => head.findIndex((cell) => names.includes(cell.trim().toLowerCase()))
  const [skuAt, countedAt] = [column(SKU), column(COUNTED)]
  if (skuAt < 0 || countedAt < 0)
    throw new Problem(422, 'column-missing', `${name} needs the columns sku and counted.`, { params: { column: 'sku, counted' } })
  if (body.length > 10_000) throw new Problem(413, 'file-too-long', 'At most 10000 rows.', { params: { limit: 10_000 } })
  const counted = new Map<string, number>()
  const refused: RowProblem[] = []
  for (const [i, row] of body.entries()) {
    if (row.every((cell) => cell.trim() === '')) continue
    const code = (row[skuAt] ?? '').normalize('NFKC').trim()
    const sku = skuCode.safeParse(code)
    const quantity = (row[countedAt] ?? '').trim()
    if (!sku.success) refused.push({ row: i + 2, ...flaw(code === '' ? 'sku-empty' : 'sku-unreadable', code) })
    else if (!/^\d{1,12}(\.\d{1,6})?$/.test(quantity)) refused.push({ row: i + 2, ...flaw('not-a-quantity', quantity) })
    else counted.set(sku.data, (counted.get(sku.data) ?? 0) + Math.round(Number(quantity) * 1e6))
  }
  return {
    lines: [...counted].map(([sku, millionths]) => ({ sku, counted: String(millionths / 1e6) })),
    refused: refused.slice(0, 1000),
  }
}
