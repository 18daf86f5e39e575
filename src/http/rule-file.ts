import { stringify } from 'csv-stringify/sync'
import type { z } from 'zod'
import type { StockRule } from '../store/read/stock-rules.ts'
import { listConnections } from '../store/read/connections.ts'
import type { AppDeps } from './deps.ts'
import { neutral } from './order-csv.ts'
import { Problem } from './problem.ts'
import { type Flaw, flaw, type RowProblem } from './row-problem.ts'
import { readTable } from './sku-file.ts'
import { ruleBody } from './stock-rule-fields.ts'

/** A rule as the API takes it. */
type RuleInput = Readonly<Record<string, unknown>>

export interface RuleFile {
  readonly put: readonly RuleInput[]
  readonly rows: number
  readonly refused: readonly RowProblem[]
}

const COLUMNS = [
  ...(['id', 'name', 'plan', 'connection', 'category', 'skus', 'share', 'quota', 'priority', 'maximum', 'buffer'] as const),
  ...(['locations', 'exclusive', 'stop', 'at_hand', 'from', 'until', 'enabled', 'reason'] as const),
] as const
type Column = (typeof COLUMNS)[number]

/** Rules as CSV, one a row. Several SKUs or locations stand in one cell, with | between them. */
export const rulesCsv = (rules: readonly StockRule[]): string =>
  `\ufeff${stringify(
    [
      [...COLUMNS],
      ...rules.map((rule) => [
        ...[
          rule.id,
          rule.name,
          rule.plan,
          rule.connection_id,
          rule.category,
          rule.skus?.join('|'),
          rule.share,
          rule.quota,
          rule.priority,
          rule.maximum,
        ],
        ...[
          rule.buffer,
          rule.locations?.join('|'),
          rule.exclusive ? 'yes' : null,
          yesNo(rule.stop),
          yesNo(rule.at_hand),
          rule.starts_at,
          rule.ends_at,
          yesNo(rule.enabled),
          rule.reason,
        ],
      ]),
    ].map((row) => row.map((cell) => (typeof cell === 'string' ? neutral(cell) : cell))),
  )}`

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'yes' : 'no')

const MAX_ROWS = 1_000
const YES = new Set(['yes', 'true', '1', 'y', '是'])
const NO = new Set(['no', 'false', '0', 'n', '否'])

/** Rules of a CSV or XLSX file with the headings of the export; connections by id or by name. A bad row is reported and left out. */
export async function readRuleFile(deps: AppDeps, name: string, bytes: Uint8Array): Promise<RuleFile> {
  const [head = [], ...body] = await readTable(bytes, deps.assertHarmlessArchive)
  if (body.length > MAX_ROWS) throw new Problem(413, 'file-too-long', `At most ${MAX_ROWS} rows.`, { params: { limit: MAX_ROWS } })
  const at = new Map(head.map((cell, i) => [cell.trim().toLowerCase(), i]))
  if (!at.has('name'))
    throw new Problem(422, 'column-missing', `No column named name in ${name}. Known headings: ${COLUMNS.join(', ')}.`, {
      params: { column: 'name' },
    })
  const connections = new Map(
    (await listConnections(deps.pool, null)).flatMap(({ id, name: shown }) => [[id, id] as const, [shown.toLowerCase(), id] as const]),
  )
  const put: RuleInput[] = []
  const refused: RowProblem[] = []
  for (const [i, row] of body.entries()) {
    if (row.every((cell) => cell.trim() === '')) continue
    const cellOf = (column: Column): string => plain(row[at.get(column) ?? -1] ?? '')
    const input = inputOf(cellOf, connections)
    const parsed = ruleBody.safeParse(input)
    if (parsed.success) put.push(input)
    else for (const issue of parsed.error.issues.slice(0, 1)) refused.push({ row: i + 2, ...badCell(issue, cellOf) })
  }
  return { put, rows: body.length, refused: refused.slice(0, 1000) }
}

function badCell(issue: z.core.$ZodIssue, cellOf: (column: Column) => string): Flaw {
  const column = COLUMNS.find((name) => name === issue.path[0])
  return { ...flaw('cell-unreadable', column === undefined ? '' : cellOf(column), column ?? null), message: `${issue.message}.` }
}

/** The apostrophe the export puts before what a spreadsheet would run. */
const plain = (cell: string): string => cell.replace(/^'(?=[=+\-@])/, '').trim()

function inputOf(cellOf: (column: Column) => string, connections: ReadonlyMap<string, string>): RuleInput {
  const optional = (column: Column, read: (text: string) => unknown): Readonly<Record<string, unknown>> =>
    cellOf(column) === '' ? {} : { [column]: read(cellOf(column)) }
  const word = (text: string): unknown => text
  const list = (text: string): readonly string[] =>
    text
      .split('|')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  return {
    ...optional('id', numberOf),
    name: cellOf('name'),
    ...optional('plan', word),
    ...optional('connection', (text) => connections.get(text) ?? connections.get(text.toLowerCase()) ?? text),
    ...optional('category', word),
    ...optional('skus', list),
    ...optional('share', shareOf),
    ...optional('quota', numberOf),
    ...optional('priority', numberOf),
    ...optional('maximum', numberOf),
    ...optional('buffer', numberOf),
    ...optional('locations', list),
    ...optional('exclusive', truthOf),
    ...optional('stop', truthOf),
    ...optional('at_hand', truthOf),
    ...optional('from', word),
    ...optional('until', word),
    ...optional('enabled', truthOf),
    ...optional('reason', word),
  }
}

/** What is no number stays text and is refused with its column. */
const numberOf = (text: string): unknown => (/^-?\d{1,16}$/.test(text) ? Number(text) : text)
const truthOf = (text: string): unknown => (YES.has(text.toLowerCase()) ? true : NO.has(text.toLowerCase()) ? false : text)
/** "50%" is 0.5. */
function shareOf(text: string): unknown {
  const percent = /^(\d{1,3})\s*%$/.exec(text)?.[1]
  if (percent === undefined) return text
  return percent === '100' ? '1' : `0.${percent.padStart(2, '0')}`
}
