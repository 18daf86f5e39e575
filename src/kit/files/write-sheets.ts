import type { Statement } from '../../core/ledger-statement.ts'

/** A statement as a workbook: the facts on the first sheet, each table on one of its own. Every cell is text, so that long numbers stay whole and nothing is run as a formula. */
export async function renderStatementSheets({ title, facts, tables, foot }: Statement): Promise<Buffer> {
  const first = { name: title, rows: [[title, ''], ...facts.map((fact) => [...fact]), ['', ''], [foot, '']] }
  const sheets = [first, ...tables].map(({ name, rows }) => ({
    sheet: sheetName(name),
    columns: (rows[0] ?? []).map(() => ({ width: 26 })),
    data: rows.map((row, at) => row.map((value) => ({ value, type: String, ...(at === 0 && { fontWeight: 'bold' as const }) }))),
  }))
  const { default: writeWorkbook } = await import('write-excel-file/node')
  return writeWorkbook(sheets).toBuffer()
}

const MOST_NAME = 31

/** What Excel takes as the name of a sheet: none of its signs, no apostrophe at either end, not empty; else it calls the file damaged. */
function sheetName(name: string): string {
  const letters = [...name.replace(/[\\/?*:[\]\u0000-\u001f\u007f]/g, ' ')]
  while (letters.join('').length > MOST_NAME) letters.pop()
  return letters.join('').replace(/^['\s]+|['\s]+$/g, '') || 'Sheet'
}
