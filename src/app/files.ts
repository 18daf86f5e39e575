import { reportFileDocument } from '../../mappings/field-map.ts'
import type { DocumentReport } from '../../mappings/field-map.ts'
import { DomainError } from '../core/fault.ts'
import { type ProblemParams, paramsOf } from '../http/problem.ts'
import { connectionFieldMap } from '../core/field-map-presets.ts'
import type { MapContext, Mapped } from '../core/mapping.ts'
import type { ImportBatch } from '../intake/files/import-file.ts'
import { parseFile } from '../kit/files/parse-file.ts'
import { readFileTable } from '../kit/files/read-file.ts'
import type { FileScan } from '../kit/files/scan-file.ts'
import { bytesSource } from '../kit/files/source.ts'
import type { FileSource } from '../kit/files/source.ts'
import type { FileRow } from '../kit/files/table.ts'

/** A file opened for `importFile`: what it is, and its documents with what their mapping says. */
export interface OpenedImport {
  readonly scan: FileScan
  readonly columns: readonly string[]
  readonly rows: number
  readonly documents: number
  readonly read: (after: number) => AsyncIterable<ImportBatch>
}

/** Opens a file for a connection of the files channel; `context.config.fieldMap` says how it is read. Throws DomainError `file-…` or `field-map-invalid`. */
export async function openImport(source: FileSource, context: MapContext): Promise<OpenedImport> {
  const fieldMap = connectionFieldMap(context.config)
  const file = await parseFile(source, { fieldMap, batchDocuments: 500, batchRows: 12_000 })
  return {
    scan: file.scan,
    columns: file.columns,
    rows: file.rows,
    documents: file.documents,
    read: async function* (after) {
      for await (const { records, position } of file.batches(after)) {
        const documents = records.map(({ record, document, rowNos }) => ({
          record,
          rowNos,
          ...reportFileDocument(document, record.externalId, fieldMap, context).report,
        }))
        yield { documents, position }
      }
    },
  }
}

/** What a field map makes of the beginning of a file. */
export interface FilePreview {
  readonly file?: FileScan
  readonly columns: readonly string[]
  readonly rows: readonly FileRow[]
  readonly documents: readonly {
    readonly externalId: string
    readonly rowNos: readonly number[]
    readonly report: DocumentReport
    readonly mapped?: Mapped
  }[]
  readonly totalRows: number
  readonly totalDocuments: number
  /** Why the file as a whole cannot be used with this field map; columns and rows are shown all the same where they can be read. */
  readonly problem?: { readonly code: string; readonly message: string; readonly params: ProblemParams }
}

/** Tries a field map on a file without storing anything: the first `limit` rows and documents. */
export async function previewFile(bytes: Uint8Array, name: string, context: MapContext, limit: number): Promise<FilePreview> {
  const nothing: FilePreview = { columns: [], rows: [], documents: [], totalRows: 0, totalDocuments: 0 }
  const source = bytesSource(name, bytes)
  const seen: { -readonly [K in keyof FilePreview]: FilePreview[K] } = { ...nothing }
  try {
    const fieldMap = connectionFieldMap(context.config)
    const { scan, table } = await readFileTable(source, fieldMap.format)
    const rows: FileRow[] = []
    for await (const slice of table.rows()) {
      rows.push(...slice.slice(0, limit - rows.length))
      if (rows.length >= limit) break
    }
    Object.assign(seen, { file: scan, columns: table.columns, rows })
    const file = await parseFile(source, { fieldMap, batchDocuments: limit })
    Object.assign(seen, { totalRows: file.rows, totalDocuments: file.documents })
    for await (const { records } of file.batches()) {
      seen.documents = records.slice(0, limit).map(({ record, document, rowNos }) => ({
        externalId: record.externalId,
        rowNos,
        ...reportFileDocument(document, record.externalId, fieldMap, context),
      }))
      break
    }
    return seen
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { ...seen, problem: { code: error.code, message: error.message, params: paramsOf(error.details) } }
  }
}
