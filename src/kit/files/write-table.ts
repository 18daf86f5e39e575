import { stringify } from 'csv-stringify/sync'

export type TableFormat = 'csv' | 'xlsx' | 'json'

/**
 * Rows as a file other people open. CSV has a byte order mark (Excel reads UTF-8 then), quotes around text, and an
 * apostrophe before cells that a spreadsheet would run as a formula; .xlsx cells are text, so that long numbers and
 * leading zeros survive; JSON is a list of objects, verbatim.
 */
export async function renderTable(format: TableFormat, columns: readonly string[], rows: readonly (readonly string[])[]): Promise<Buffer> {
  switch (format) {
    case 'csv':
      return Buffer.from(csvText(columns, rows, true))
    case 'xlsx': {
      const { default: writeWorkbook } = await import('write-excel-file/node')
      return writeWorkbook([columns, ...rows].map((row) => row.map((value) => ({ value, type: String })))).toBuffer()
    }
    case 'json':
      return Buffer.from(
        `${JSON.stringify(
          rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? '']))),
          null,
          1,
        )}\n`,
      )
  }
}

/** CSV text of a part of a table; the first part carries the byte order mark and the header. */
export function csvText(columns: readonly string[], rows: readonly (readonly string[])[], first: boolean): string {
  const options = { escape_formulas: true, quoted_string: true, record_delimiter: '\r\n' }
  return stringify([...(first ? [[...columns]] : []), ...rows.map((row) => [...row])], { ...options, bom: first })
}
