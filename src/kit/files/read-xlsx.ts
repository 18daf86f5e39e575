import { DomainError } from '../../core/fault.ts'
import type { FileFormat } from '../../core/field-map.ts'
import { readWhole } from './source.ts'
import type { FileSource } from './source.ts'
import { headerOf, rowOf, tableOf } from './table.ts'
import type { FileRow, FileTable } from './table.ts'
import { assertHarmlessZip } from './zip-guard.ts'

const MAX_BYTES = 30_000_000

/**
 * Opens one sheet of an .xlsx file as text. Text cells stay as they are; formulas are never computed (the value saved
 * with them is read) and links to other files are never followed.
 */
export async function readXlsx(source: FileSource, format: FileFormat): Promise<FileTable> {
  const bytes = await readWhole(source, MAX_BYTES)
  assertHarmlessZip(bytes)
  const { default: readWorkbook } = await import('read-excel-file/node') // loaded when wanted
  const sheets = await readWorkbook(bytes, { trim: false, parseNumber: numberText }).catch((error: unknown) => {
    throw new DomainError('file-unreadable', `${source.name} is not a readable .xlsx workbook.`, {}, { cause: error })
  })
  const sheet = format.sheet === undefined ? sheets[0] : sheets.find((candidate) => candidate.sheet === format.sheet)
  if (sheet === undefined) {
    throw new DomainError(
      'file-sheet-missing',
      `${source.name} has no sheet "${format.sheet ?? ''}". It has: ${sheets.map((one) => one.sheet).join(', ')}.`,
    )
  }
  const records = sheet.data.map((row) => row.map(cellText))
  const columns = headerOf(records[format.headerRow - 1] ?? [], source.name)
  const rows: FileRow[] = []
  records.forEach((cells, i) => {
    // Sheets leave out empty cells at the end of a row, so a short row says nothing.
    const row = i < format.headerRow ? undefined : rowOf(cells, columns.length, i + 1, 'pad')
    if (row !== undefined) rows.push(row)
  })
  return tableOf(columns, rows)
}

/**
 * A number cell as a person sees it. Excel stores 19.99 as 19.989999999999998 and calculates with 15 digits; whole
 * numbers and numbers in scientific notation (ids it has already damaged) are left exactly as stored.
 */
export function numberText(stored: string): string {
  if (!/^-?\d+\.\d+$/.test(stored) || stored.replace(/[-.]/g, '').replace(/^0+/, '').length <= 15) return stored
  const rounded = Number(stored).toPrecision(15)
  return rounded.includes('e') ? stored : rounded.replace(/\.?0+$/, '')
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (cell instanceof Date) return dateText(cell)
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE'
  return typeof cell === 'string' ? cell : JSON.stringify(cell)
}

/** Date cells have no zone: they come out as the local time they show, to the nearest second. */
function dateText(date: Date): string {
  const seconds = new Date(Math.round(date.getTime() / 1000) * 1000)
  return Number.isNaN(seconds.getTime()) ? '' : seconds.toISOString().slice(0, 19).replace('T', ' ')
}
