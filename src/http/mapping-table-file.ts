import { z } from 'zod'
import type { RuleSpec } from '../core/overrides.ts'
import type { NewRule } from '../store/overrides/write-version.ts'
import { carrierFields, wordFields } from './mapping-fields.ts'
import { reason } from './fields.ts'
import { Problem } from './problem.ts'
import { type Flaw, flaw, type RowProblem } from './row-problem.ts'
import { readTable } from './sku-file.ts'

/** One lookup table of a connection: what the words of one member mean, or what carriers are called there. */
export type TableName = { readonly kind: 'word'; readonly field: string } | { readonly kind: 'carrier' }

export interface TableFile {
  readonly rules: readonly NewRule[]
  readonly rows: number
  readonly refused: readonly RowProblem[]
}

export const TABLE_COLUMNS = ['from', 'to', 'reason'] as const
/** Column headings people use, lower-case. */
const HEADINGS: Readonly<Record<(typeof TABLE_COLUMNS)[number], readonly string[]>> = {
  from: ['from', 'key', 'word', 'code', 'status', 'carrier', '原值', '键', '编码', '状态', '承运商'],
  to: ['to', 'value', 'reads as', 'means', 'meaning', 'named there', '目标值', '值', '含义', '名称'],
  reason: ['reason', 'note', 'remark', '原因', '备注', '说明'],
}
/** As many as a set holds. */
const MAX_ROWS = 1_000
const row = { word: z.object({ ...wordFields, reason: reason.optional() }), carrier: z.object({ ...carrierFields, reason: reason.optional() }) }

export const isOf =
  (table: TableName) =>
  (rule: RuleSpec): boolean =>
    rule.kind === table.kind && (table.kind === 'carrier' || rule.field === table.field)

/** Rows of a table as a file shows them. */
export const tableRows = (rules: readonly NewRule[], table: TableName): readonly (readonly string[])[] =>
  rules.filter(isOf(table)).map(({ from, to, reason: why }) => [from, to, why ?? ''])

/**
 * A table of a CSV (UTF-8 or GBK; comma, semicolon or tab) or XLSX file with the headings from and to. Keys stay text. A bad row is reported with
 * its number in the file and left out.
 */
export async function readTableFile(table: TableName, name: string, bytes: Uint8Array, assertHarmless: (bytes: Buffer) => void): Promise<TableFile> {
  const [head = [], ...body] = await readTable(bytes, assertHarmless)
  if (body.length > MAX_ROWS) throw new Problem(413, 'file-too-long', `At most ${MAX_ROWS} rows.`)
  const column = (field: (typeof TABLE_COLUMNS)[number]): number => head.findIndex((cell) => HEADINGS[field].includes(cell.trim().toLowerCase()))
  const at = { from: column('from'), to: column('to'), reason: column('reason') }
  for (const field of ['from', 'to'] as const)
    if (at[field] < 0) throw new Problem(422, 'column-missing', `No column named ${field} in ${name}. Known headings: ${HEADINGS[field].join(', ')}.`)
  const rules = new Map<string, NewRule>()
  const refused: RowProblem[] = []
  for (const [i, cells] of body.entries()) {
    if (cells.every((cell) => cell.trim() === '')) continue
    const read = readRow(table, { from: plain(cells[at.from]), to: plain(cells[at.to]), why: plain(cells[at.reason]) })
    if ('code' in read) refused.push({ row: i + 2, ...read })
    else if (rules.has(read.from)) refused.push({ row: i + 2, ...flaw('key-twice', read.from) })
    else rules.set(read.from, read)
  }
  return { rules: [...rules.values()], rows: body.length, refused }
}

function readRow(table: TableName, cells: { readonly from: string; readonly to: string; readonly why: string }): NewRule | Flaw {
  const { from, to, why } = cells
  if (from === '') return flaw('key-empty')
  if (to === '') return flaw('value-empty')
  if (from === to) return flaw('changes-nothing', from)
  if (/^\d+(\.\d+)?E\+\d+$/i.test(from)) return flaw('became-number', from)
  const field = table.kind === 'word' ? table.field : ''
  const parsed = row[table.kind].safeParse({ field, from, to, ...(why !== '' && { reason: why }) })
  if (parsed.success) return { kind: table.kind, field, entity: '', from, to, ...(why !== '' && { reason: why }) }
  const [issue] = parsed.error.issues
  const column = TABLE_COLUMNS.find((name) => name === issue?.path[0]) ?? 'from'
  return { ...flaw('cell-unreadable', { from, to, reason: why }[column], column), message: `${column}: ${issue?.message ?? 'not readable'}.` }
}

/** Without the apostrophe that exports put before what a spreadsheet would run. */
const plain = (cell: string | undefined): string => (cell ?? '').replace(/^'(?=[=+\-@\t\r])/, '').trim()
