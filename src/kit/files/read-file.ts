import { DomainError } from '../../core/fault.ts'
import { columnName, fieldMapColumns, requiredColumns } from '../../core/field-map.ts'
import type { FieldMap } from '../../core/field-map.ts'
import { readCsv } from './read-csv.ts'
import { readJson, readXml } from './read-documents.ts'
import { readXlsx } from './read-xlsx.ts'
import { scanFile } from './scan-file.ts'
import type { FileScan } from './scan-file.ts'
import type { FileSource } from './source.ts'
import type { FileTable } from './table.ts'

export interface OpenedFile {
  readonly scan: FileScan
  readonly table: FileTable
}

/** Finds out what a file is and opens it as a table. Throws DomainError `file-…` before any row is read. */
export async function readFileTable(source: FileSource, format: FieldMap['format']): Promise<OpenedFile> {
  const scan = await scanFile(source, format)
  switch (scan.type) {
    case 'csv':
      return { scan, table: await readCsv(source, scan, format) }
    case 'xlsx':
      return { scan, table: await readXlsx(source, format) }
    case 'json':
      return { scan, table: await readJson(source, scan.encoding, format) }
    case 'xml':
      return { scan, table: await readXml(source, scan.encoding, format) }
  }
}

/** A file whose columns do not fit the field map is refused whole: nothing of it is stored. */
export function assertColumns(columns: readonly string[], map: FieldMap, name: string): void {
  const present = columns.map(columnName)
  const missing = requiredColumns(map).filter((column) => !present.includes(columnName(column)))
  if (missing.length > 0) {
    throw new DomainError(
      'file-columns-missing',
      `${name} has no column ${missing.map((column) => `"${column}"`).join(', ')}. It has: ${columns.slice(0, 40).join(', ')}.`,
      { missing, columns },
    )
  }
  const used = fieldMapColumns(map)
  const doubled = present.find((column, i) => used.has(column) && present.indexOf(column) !== i)
  if (doubled !== undefined)
    throw new DomainError('file-column-ambiguous', `${name} has more than one column "${doubled}"; the field map cannot tell them apart.`, {
      column: doubled,
    })
}
