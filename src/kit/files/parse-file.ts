import { classify, columnIndex } from '../../core/file-document.ts'
import type { FileDocument } from '../../core/file-document.ts'
import type { RawRecord } from '../../core/connector.ts'
import type { FieldMap } from '../../core/field-map.ts'
import { groups, keyReader, planGroups } from './group-rows.ts'
import type { RowGroup } from './group-rows.ts'
import { assertColumns, readFileTable } from './read-file.ts'
import type { FileScan } from './scan-file.ts'
import type { FileSource } from './source.ts'

/** One document cut out of a file, and the row numbers it was made of. */
export interface FileRecord {
  readonly record: RawRecord
  readonly document: FileDocument
  readonly rowNos: readonly number[]
}

/** A slice of documents. `position` = documents of the file up to and including this slice; resume with `after`. */
export interface FileBatch {
  readonly records: readonly FileRecord[]
  readonly position: number
}

export interface ParsedFile {
  readonly scan: FileScan
  readonly columns: readonly string[]
  readonly rows: number
  readonly documents: number
  readonly batches: (after?: number) => AsyncIterable<FileBatch>
}

export interface ParseOptions {
  readonly fieldMap: FieldMap
  readonly batchDocuments?: number
  readonly batchRows?: number
  /** Rows that may wait for the rest of their document; more means further readings of the file. For tests. */
  readonly maxOpenRows?: number
}

/**
 * Cuts a file into raw documents, one per order. The payload is the header and the cell texts of the document's rows,
 * verbatim: it does not depend on where in which file the rows stand, so the same order in two files is the same raw
 * document. Throws DomainError `file-…` when the file as a whole cannot be used.
 */
export async function parseFile(source: FileSource, options: ParseOptions): Promise<ParsedFile> {
  const { scan, table } = await readFileTable(source, options.fieldMap.format)
  assertColumns(table.columns, options.fieldMap, scan.name)
  const keyOf = keyReader(table.columns, options.fieldMap.documentKey)
  const plan = await planGroups(table, keyOf, options.maxOpenRows)
  const { batchDocuments = 200, batchRows = 4000 } = options
  const toRecord = recordMaker(table.columns, options.fieldMap, scan)

  async function* batches(after = 0): AsyncGenerator<FileBatch> {
    let records: FileRecord[] = []
    let rows = 0
    let position = 0
    for await (const group of groups(table, keyOf, plan)) {
      position++
      if (position <= after) continue
      records.push(toRecord(group))
      rows += group.rows.length
      if (records.length < batchDocuments && rows < batchRows) continue
      yield { records, position }
      records = []
      rows = 0
    }
    if (records.length > 0) yield { records, position }
  }
  return { scan, columns: table.columns, rows: plan.rows, documents: plan.documents, batches }
}

function recordMaker(columns: readonly string[], map: FieldMap, scan: FileScan): (group: RowGroup) => FileRecord {
  const index = columnIndex(columns)
  return (group) => {
    const problems = group.rows.flatMap((row, i) => (row.problem === undefined ? [] : [{ row: i, ...row.problem }]))
    const full = { columns, rows: group.rows.map((row) => row.cells) }
    const own = scan.type === 'json' || scan.type === 'xml' ? ownColumns(full) : full
    const document: FileDocument = problems.length > 0 ? { ...own, problems } : own
    const { as } = classify(map, full, index)
    const rowNos = group.rows.map((row) => row.rowNo)
    // A row without a usable key is a document of its own, named after the file's content: importing the file again changes nothing.
    const externalId = group.key ?? `${scan.sha256.slice(0, 16)}:row-${rowNos[0] ?? 0}`
    const kind = as === 'order' || as === 'ignore' ? 'order' : 'refund'
    return { record: { kind, externalId, payload: JSON.stringify(document), doc: document }, document, rowNos }
  }
}

/** Columns that only other documents of the file use are left out, so that a document's payload depends on itself alone. */
function ownColumns({ columns, rows }: FileDocument): FileDocument {
  const used = columns
    .map((name, i) => ({ name, i }))
    .filter(({ i }) => rows.some((row) => row[i] !== ''))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { columns: used.map(({ name }) => name), rows: rows.map((row) => used.map(({ i }) => row[i] ?? '')) }
}
