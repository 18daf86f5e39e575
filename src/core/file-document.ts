import { columnName } from './field-map.ts'
import type { Condition, FieldMap, Rule } from './field-map.ts'

/** Something a reader noticed about one row; a document with any of these is held, never guessed at. */
export interface RowProblem {
  readonly row: number // index into `rows`
  readonly code: string
  readonly message: string
}

/** The verbatim payload of one document of a file: cell texts exactly as read, under the header of their file. */
export interface FileDocument {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly problems?: readonly RowProblem[]
}

/** What a document turned out to be, and which rule said so ("" = no rule, an order by default). */
export interface Classified {
  readonly as: Rule['then']
  readonly rule: string
}

/** Sign of a number in any notation, without reading its value. */
function signOf(text: string): 'negative' | 'positive' | 'zero' | undefined {
  const plain = text.normalize('NFKC').replace(/[\s¥£$€元]/g, '')
  if (!/\d/.test(plain) || /[a-z]/i.test(plain)) return undefined
  if (!/[1-9]/.test(plain)) return 'zero'
  return /^[-−(]|-$/.test(plain) ? 'negative' : 'positive'
}

function holds(condition: Condition, cell: string): boolean {
  const text = cell.trim()
  switch (condition.is) {
    case 'equals':
      return condition.values.includes(text)
    case 'prefix':
      return condition.values.some((value) => text.startsWith(value))
    case 'empty':
      return text === ''
    case 'filled':
      return text !== ''
    case 'negative':
    case 'positive':
    case 'zero':
      return signOf(text) === condition.is
  }
}

/** Index of each compared column name; the first column wins where a file repeats one. */
export function columnIndex(columns: readonly string[]): ReadonlyMap<string, number> {
  const index = new Map<string, number>()
  columns.forEach((column, i) => {
    const name = columnName(column)
    if (!index.has(name)) index.set(name, i)
  })
  return index
}

/** Which kind of document a group of rows is. Pure; used when a file is cut into raw records and again when they are mapped. */
export function classify(map: FieldMap, document: FileDocument, index = columnIndex(document.columns)): Classified {
  const matches = (rule: Rule, row: readonly string[]): boolean =>
    rule.when.every((condition) => holds(condition, row[index.get(columnName(condition.column)) ?? -1] ?? ''))
  for (const rule of map.rules) {
    const rows = rule.rows === 'every' ? document.rows : document.rows.slice(0, 1)
    if (rows.length > 0 && rows.every((row) => matches(rule, row))) return { as: rule.then, rule: rule.name }
  }
  return { as: 'order', rule: '' }
}

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === 'string')
const isProblem = (value: unknown): value is RowProblem =>
  typeof value === 'object' &&
  value !== null &&
  'row' in value &&
  typeof value.row === 'number' &&
  'code' in value &&
  typeof value.code === 'string' &&
  'message' in value &&
  typeof value.message === 'string'

/** Reads the payload of a file document; undefined when it is not one. */
export function fileDocument(doc: unknown): FileDocument | undefined {
  if (typeof doc !== 'object' || doc === null || !('columns' in doc) || !('rows' in doc)) return undefined
  if (!isTexts(doc.columns) || !Array.isArray(doc.rows) || !doc.rows.every(isTexts)) return undefined
  const { columns, rows } = doc
  if (!('problems' in doc)) return { columns, rows }
  return Array.isArray(doc.problems) && doc.problems.every(isProblem) ? { columns, rows, problems: doc.problems } : undefined
}
