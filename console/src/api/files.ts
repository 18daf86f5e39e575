import type { UseQueryResult } from '@tanstack/react-query'
import type { RefusalParams } from '../i18n/refusal.ts'
import { call } from './http.ts'
import type { Job } from './jobs.ts'
import type { ListPage } from './lists.ts'
import { useOne } from './lists.ts'
import type { OrderDoc } from './orders.ts'

export interface FileRow {
  readonly id: string
  readonly connection_id: string
  readonly name: string
  readonly size: number | string
  readonly rows: number | string | null
  readonly report: Readonly<Record<string, unknown>> | null
  readonly received_at: string
}

export interface FileProblem {
  readonly code: string
  readonly message: string
  readonly pointer?: string
  readonly params?: RefusalParams
}

/** One document of a file: the rows it came from and what its mapping says. */
export interface FileDocument {
  readonly externalId: string
  readonly rowNos: readonly number[]
  readonly report: { readonly as: string; readonly rule: string; readonly held?: FileProblem }
  readonly mapped?: { readonly kind: string; readonly order?: OrderDoc; readonly refund?: OrderDoc }
}

export interface FilePreview {
  readonly columns: readonly string[]
  readonly rows: readonly { readonly rowNo: number; readonly cells: readonly string[]; readonly problem?: FileProblem }[]
  readonly documents: readonly FileDocument[]
  readonly totalRows: number
  readonly totalDocuments: number
  /** Why the file as a whole cannot be used with this field map. */
  readonly problem?: FileProblem
}

export const useFiles = (): UseQueryResult<ListPage<FileRow>> => useOne('/v1/files', { every: 5_000 })

export const uploadFile = (connection: string, file: File): Promise<Job> => {
  const form = new FormData()
  form.set('connection', connection)
  form.set('file', file)
  return call('POST', '/v1/files', { form })
}

/** Reads the first rows of a file through a field map; stores nothing. */
export const previewFile = (file: File, fieldMap: string): Promise<FilePreview> => {
  const form = new FormData()
  form.set('file', file)
  form.set('field_map', fieldMap)
  return call('POST', '/v1/files/preview', { form })
}
