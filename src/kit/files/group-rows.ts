import { DomainError } from '../../core/fault.ts'
import { columnIndex } from '../../core/file-document.ts'
import { columnName } from '../../core/field-map.ts'
import type { FileRow, FileTable } from './table.ts'

/** Rows of one document, in file order. `key` is undefined where a row does not say which document it belongs to. */
export interface RowGroup {
  readonly key: string | undefined
  readonly rows: readonly FileRow[]
}

/** What the first reading found out about a file. */
export interface Grouping {
  readonly rows: number
  readonly documents: number
  /** Runs over the file, each taking a share of the keys, so that at most `maxOpenRows` rows wait at a time. */
  readonly passes: number
  readonly lastRow: ReadonlyMap<string, number>
}

const MAX_OPEN_ROWS = 100_000
const MAX_KEYS = 3_000_000
const DESTROYED = /^\d+(?:\.\d+)?E\+\d+$/i

/** Text that names the document of a row: key columns trimmed and joined by "/". Damaged and empty keys give undefined. */
export function keyReader(columns: readonly string[], documentKey: readonly string[]): (row: FileRow) => string | undefined {
  const index = columnIndex(columns)
  const at = documentKey.map((column) => index.get(columnName(column)) ?? -1)
  return (row) => {
    if (row.problem?.code === 'quote-not-closed' || row.problem?.code === 'row-too-large') return undefined
    const parts = at.map((i) => (row.cells[i] ?? '').trim())
    if (parts.some((part) => part === '' || DESTROYED.test(part) || /[\0\ufffd]/.test(part))) return undefined
    const key = parts.join('/')
    return key.length > 200 ? undefined : key
  }
}

/** First reading: where each document ends, so that rows that do not stand together still become one document. */
export async function planGroups(table: FileTable, keyOf: (row: FileRow) => string | undefined, maxOpenRows = MAX_OPEN_ROWS): Promise<Grouping> {
  const firstRow = new Map<string, number>()
  const lastRow = new Map<string, number>()
  const counts = new Map<string, number>()
  let rows = 0
  let keyless = 0
  for await (const slice of table.rows()) {
    for (const row of slice) {
      rows++
      const key = keyOf(row)
      if (key === undefined) keyless++
      else {
        if (!firstRow.has(key)) firstRow.set(key, row.rowNo)
        lastRow.set(key, row.rowNo)
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
    }
    if (lastRow.size > MAX_KEYS) throw new DomainError('file-too-many-documents', `The file has more than ${MAX_KEYS} documents. Split it.`)
  }
  const open = mostOpenRows(firstRow, lastRow, counts)
  return { rows, documents: lastRow.size + keyless, passes: Math.max(1, Math.ceil(open / maxOpenRows)), lastRow }
}

/** The most rows that wait for the end of their document at any row of the file (counted whole, so an upper bound). */
function mostOpenRows(first: ReadonlyMap<string, number>, last: ReadonlyMap<string, number>, counts: ReadonlyMap<string, number>): number {
  const ends = [...last].sort((a, b) => a[1] - b[1])
  let open = 0
  let most = 0
  let closed = 0
  // Map order is the order of first rows.
  for (const [key, start] of first) {
    for (let end = ends[closed]; end !== undefined && end[1] < start; end = ends[++closed]) open -= counts.get(end[0]) ?? 0
    open += counts.get(key) ?? 0
    most = Math.max(most, open)
  }
  return most
}

/** Second reading: complete documents, in the order in which they end; the same file always gives the same order. */
export async function* groups(table: FileTable, keyOf: (row: FileRow) => string | undefined, plan: Grouping): AsyncGenerator<RowGroup> {
  for (let pass = 0; pass < plan.passes; pass++) {
    const open = new Map<string, FileRow[]>()
    for await (const slice of table.rows()) {
      for (const row of slice) {
        const key = keyOf(row)
        if ((key === undefined ? 0 : share(key, plan.passes)) !== pass) continue
        if (key === undefined) {
          yield { key, rows: [row] }
          continue
        }
        const rows = open.get(key)
        if (rows === undefined) open.set(key, [row])
        else rows.push(row)
        if (plan.lastRow.get(key) === row.rowNo) {
          yield { key, rows: open.get(key) ?? [] }
          open.delete(key)
        }
      }
    }
  }
}

/** Which pass takes a key: FNV-1a, the same on every machine. */
function share(key: string, passes: number): number {
  if (passes === 1) return 0
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0
  return hash % passes
}
