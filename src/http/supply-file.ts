import type { SupplyInput } from '../store/deliver/suppliers.ts'
import { skuCode } from './fields.ts'
import { Problem } from './problem.ts'
import { type Flaw, flaw, type RowProblem } from './row-problem.ts'
import { readTable } from './sku-file.ts'

export interface SupplyFile {
  readonly items: readonly SupplyInput[]
  readonly rows: number
  readonly refused: readonly RowProblem[]
}

const MAX_ROWS = 100_000
/** Column headings people use, lower-case. */
const HEADINGS = {
  sku: ['sku', 'code', 'item', 'item code', 'article', '商品编码', '编码', '货号', 'sku编码', '规格编码'],
  supplier: ['supplier', 'vendor', '供应商', '供应商名称'],
  leadDays: ['lead_days', 'lead days', 'lead time', '到货天数', '交期', '采购周期'],
  pack: ['pack', 'pack size', 'case', '装箱数', '箱规'],
  minOrder: ['min_order', 'minimum', 'minimum order', 'moq', '起订量', '最小起订量'],
  targetDays: ['target_days', 'target days', 'cover days', '备货天数'],
} as const
type Field = keyof typeof HEADINGS

const QUANTITY = /^\d{1,12}(\.\d{1,6})?$/
const DAYS = /^\d{1,4}$/

/**
 * How SKUs are bought, of a CSV or XLSX file with headings. A column that is not there says nothing, an empty cell that the supplier or the hub decides. A
 * bad row is reported and left out; suppliers are named as they are here.
 */
export async function readSupplyFile(
  bytes: Uint8Array,
  suppliers: ReadonlyMap<string, string>,
  assertHarmlessArchive: (bytes: Buffer) => void,
): Promise<SupplyFile> {
  const [head = [], ...body] = await readTable(bytes, assertHarmlessArchive)
  if (body.length > MAX_ROWS) throw new Problem(413, 'file-too-long', `At most ${MAX_ROWS} rows.`, { params: { limit: MAX_ROWS } })
  const at = (field: Field): number => head.findIndex((cell) => HEADINGS[field].some((name) => name === cell.trim().toLowerCase()))
  if (at('sku') < 0)
    throw new Problem(422, 'column-missing', `No column named sku. Known headings: ${HEADINGS.sku.join(', ')}.`, { params: { column: 'sku' } })
  const items = new Map<string, SupplyInput>()
  const refused: RowProblem[] = []
  for (const [i, row] of body.entries()) {
    if (row.every((cell) => cell.trim() === '')) continue
    const cell = (field: Field): string | undefined => (at(field) < 0 ? undefined : (row[at(field)] ?? '').normalize('NFKC').trim())
    const found = itemOf(cell, suppliers, items)
    if ('code' in found) refused.push({ row: i + 2, ...found })
    else items.set(found.sku, found)
  }
  return { items: [...items.values()], rows: body.length, refused: refused.slice(0, 1000) }
}

/** The item of one row, or what is wrong with it. */
function itemOf(
  cell: (field: Field) => string | undefined,
  suppliers: ReadonlyMap<string, string>,
  seen: ReadonlyMap<string, SupplyInput>,
): SupplyInput | Flaw {
  const code = cell('sku') ?? ''
  const sku = skuCode.safeParse(code)
  if (!sku.success) return flaw(code === '' ? 'sku-empty' : 'sku-unreadable', code)
  if (seen.has(sku.data)) return flaw('sku-twice', code)
  const supplier = cell('supplier')
  if (supplier !== undefined && supplier !== '' && !suppliers.has(supplier)) return flaw('supplier-unknown', supplier)
  for (const [field, form] of [
    ['leadDays', DAYS],
    ['pack', QUANTITY],
    ['minOrder', QUANTITY],
    ['targetDays', DAYS],
  ] as const) {
    // prettier-ignore
    const value = cell(field)
    if (value !== undefined && value !== '' && !form.test(value)) return flaw('not-a-number', value, HEADINGS[field][0])
    if ((field === 'pack' || field === 'targetDays') && value !== undefined && value !== '' && Number(value) === 0)
      return flaw('not-above-zero', value, HEADINGS[field][0])
  }
  const days = (value: string | undefined): number | null | undefined => (value === undefined ? undefined : value === '' ? null : Number(value))
  const text = (value: string | undefined): string | null | undefined => (value === '' ? null : value)
  return {
    sku: sku.data,
    supplierId: supplier === undefined ? undefined : (suppliers.get(supplier) ?? null),
    leadDays: days(cell('leadDays')),
    pack: text(cell('pack')),
    minOrder: text(cell('minOrder')),
    targetDays: days(cell('targetDays')),
  }
}
