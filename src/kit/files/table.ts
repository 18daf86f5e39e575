import { DomainError } from '../../core/fault.ts'

/** One row as read. `rowNo` counts from 1 and includes the header, as a spreadsheet shows it. Cells are verbatim. */
export interface FileRow {
  readonly rowNo: number
  readonly cells: readonly string[]
  readonly problem?: { readonly code: string; readonly message: string }
}

/** A file as columns and rows. `rows` starts from the top each time it is called and yields slices of rows. */
export interface FileTable {
  readonly columns: readonly string[]
  readonly rows: () => AsyncIterable<readonly FileRow[]>
}

const MAX_COLUMNS = 1000
const MAX_HEADING = 500

/** Header cells as column names: blanks at the end are dropped, blank ones between get a number. */
export function headerOf(cells: readonly string[], name: string): readonly string[] {
  const last = cells.findLastIndex((cell) => cell.trim() !== '')
  if (last < 0) throw new DomainError('file-no-header', `${name} has no header row where one was expected.`)
  if (cells.some((cell) => cell.length > MAX_HEADING))
    throw new DomainError('file-no-header', `${name} has a heading of more than ${MAX_HEADING} characters: is the first row the header?`)
  if (last >= MAX_COLUMNS) throw new DomainError('file-too-many-columns', `${name} has more than ${MAX_COLUMNS} columns.`)
  return cells.slice(0, last + 1).map((cell, i) => (cell.trim() === '' ? `column ${i + 1}` : cell.trim()))
}

/** Fits cells to the header. Surplus empty cells are dropped; anything else that does not fit becomes a problem. */
export function rowOf(cells: readonly string[], columns: number, rowNo: number, shortRows: 'hold' | 'pad'): FileRow | undefined {
  if (cells.every((cell) => cell.trim() === '')) return undefined
  const broken = cells.some((cell) => /[\0\ufffd]/.test(cell))
  if (broken) return { rowNo, cells, problem: { code: 'row-broken-text', message: 'A cell holds a character that could not be decoded or a NUL.' } }
  if (cells.length === columns) return { rowNo, cells }
  if (cells.length > columns) {
    if (cells.slice(columns).every((cell) => cell.trim() === '')) return { rowNo, cells: cells.slice(0, columns) }
    return {
      rowNo,
      cells,
      problem: { code: 'row-too-long', message: `The row has ${cells.length} cells, the header ${columns}: is a separator missing its quotes?` },
    }
  }
  const padded = [...cells, ...Array<string>(columns - cells.length).fill('')]
  if (shortRows === 'pad') return { rowNo, cells: padded }
  return { rowNo, cells: padded, problem: { code: 'row-too-short', message: `The row has ${cells.length} cells, the header ${columns}.` } }
}

/** A table whose rows are already in memory. */
export const tableOf = (columns: readonly string[], rows: readonly FileRow[]): FileTable => ({
  columns,
  rows: async function* () {
    for (let at = 0; at < rows.length; at += 1000) yield rows.slice(at, at + 1000)
  },
})
