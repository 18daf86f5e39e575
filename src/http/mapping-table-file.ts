import { z } from 'zod'
import type { RuleSpec } from '../core/overrides.ts'
import type { NewRule } from '../store/overrides/write-version.ts'
import { carrierFields, isEmpty, placeFields, wordFields } from './mapping-fields.ts'
import { reason } from './fields.ts'
import { Problem } from './problem.ts'
import { type Flaw, flaw, type RowProblem } from './row-problem.ts'
import { readTable } from './sku-file.ts'

/** One lookup table of a connection: what the words of one member mean, what carriers are called there, or which of our locations its places are. */
export type TableName = { readonly kind: 'word'; readonly field: string } | { readonly kind: 'carrier' | 'place' }

export interface TableFile {
  readonly rules: readonly NewRule[]
  readonly rows: number
  readonly refused: readonly RowProblem[]
}

export const TABLE_COLUMNS = ['from', 'to', 'reason'] as const
/** Column headings people use, lower-case. */
const HEADINGS: Readonly<Record<(typeof TABLE_COLUMNS)[number], readonly string[]>> = {
  from: ['from', 'key', 'word', 'code', 'status', 'carrier', 'place', '原值', '键', '编码', '状态', '承运商', '渠道地点', '渠道地点编号'],
  to: ['to', 'value', 'reads as', 'means', 'meaning', 'named there', 'location', '目标值', '值', '含义', '名称', '我方地点'],
  reason: ['reason', 'note', 'remark', '原因', '备注', '说明'],
}
/** As many as a set holds. */
const MAX_ROWS = 1_000
const why = { reason: reason.optional() }
const row = {
  word: z.object({ ...wordFields, ...why }),
  carrier: z.object({ ...carrierFields, ...why }),
  place: z.object({ ...placeFields, ...why }),
}

export const isOf =
  (table: TableName) =>
  (rule: RuleSpec): boolean =>
    rule.kind === table.kind && (table.kind !== 'word' || rule.field === table.field)

/** Rows of a table as a file shows them. */
export const tableRows = (rules: readonly NewRule[], table: TableName): readonly (readonly string[])[] =>
  rules.filter(isOf(table)).map(({ from, to, reason: said }) => [from, to, said ?? ''])

interface TableReading {
  readonly assertHarmless: (bytes: Buffer) => void
  /** Our location of this id, or of this name where only one is called so. */
  readonly locationOf: (text: string) => string | undefined
}

/**
 * A table of a CSV (UTF-8 or GBK; comma, semicolon or tab) or XLSX file with the headings from and to. Keys stay text. A bad row is reported with
 * its number in the file and left out.
 */
export async function readTableFile(table: TableName, name: string, bytes: Uint8Array, reading: TableReading): Promise<TableFile> {
  const [head = [], ...body] = await readTable(bytes, reading.assertHarmless)
  if (body.length > MAX_ROWS) throw new Problem(413, 'file-too-long', `At most ${MAX_ROWS} rows.`, { params: { limit: MAX_ROWS } })
  const column = (field: (typeof TABLE_COLUMNS)[number]): number => head.findIndex((cell) => HEADINGS[field].includes(cell.trim().toLowerCase()))
  const at = { from: column('from'), to: column('to'), reason: column('reason') }
  for (const field of ['from', 'to'] as const)
    if (at[field] < 0)
      throw new Problem(422, 'column-missing', `No column named ${field} in ${name}. Known headings: ${HEADINGS[field].join(', ')}.`, {
        params: { column: field },
      })
  const rules = new Map<string, NewRule>()
  const refused: RowProblem[] = []
  for (const [i, cells] of body.entries()) {
    if (cells.every((cell) => cell.trim() === '')) continue
    const read = readRow(table, { from: plain(cells[at.from]), to: plain(cells[at.to]), reason: plain(cells[at.reason]) }, reading)
    if ('code' in read) refused.push({ row: i + 2, ...read })
    else if (rules.has(read.from)) refused.push({ row: i + 2, ...flaw('key-twice', read.from) })
    else rules.set(read.from, read)
  }
  return { rules: [...rules.values()], rows: body.length, refused }
}

function readRow(table: TableName, cells: Readonly<Record<(typeof TABLE_COLUMNS)[number], string>>, { locationOf }: TableReading): NewRule | Flaw {
  const { from } = cells
  if (from === '') return flaw('key-empty')
  if (cells.to === '') return flaw('value-empty')
  if (/^\d+(\.\d+)?E\+\d+$/i.test(from)) return flaw('became-number', from)
  const to = table.kind === 'place' ? locationOf(cells.to) : cells.to
  if (to === undefined) return flaw('location-unknown', cells.to)
  const said = cells.reason === '' ? {} : { reason: cells.reason }
  const rule = { kind: table.kind, field: table.kind === 'word' ? table.field : '', entity: '', from, to, ...said }
  if (isEmpty(rule)) return flaw('changes-nothing', from)
  const parsed = row[table.kind].safeParse(rule)
  if (parsed.success) return rule
  const [issue] = parsed.error.issues
  const column = TABLE_COLUMNS.find((name) => name === issue?.path[0]) ?? 'from'
  return { ...flaw('cell-unreadable', cells[column], column), message: `${column}: ${issue?.message ?? 'not readable'}.` }
}

/** Without the apostrophe that exports put before what a spreadsheet would run. */
const plain = (cell: string | undefined): string => (cell ?? '').replace(/^'(?=[=+\-@\t\r＝＋－＠])/, '').trim()
