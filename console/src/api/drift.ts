import { post } from './http.ts'
import type { Query } from './http.ts'
import type { List } from './lists.ts'
import { useList } from './lists.ts'

/** Something that was not in a connection's documents before. */
export interface DriftNotice {
  readonly id: string
  readonly connection_id: string
  /** Of document. */
  readonly kind: string
  readonly what: 'field' | 'type' | 'value'
  readonly path: string
  /** The type, or the word. */
  readonly detail: string
  readonly count: number
  /** Among the documents are some that were held. */
  readonly failing: boolean
  readonly samples: readonly { readonly raw_id: string | null; readonly entity: string; readonly order_id: string | null }[]
  readonly first_at: string
  readonly last_at: string
  readonly state: 'open' | 'acknowledged'
  readonly closed_by: string | null
  readonly closed_at: string | null
  readonly note: string | null
}

export const useDrift = (filters: Query): List<DriftNotice> => useList('/v1/drift', { ...filters, limit: 100 }, { every: 30_000 })
export const acknowledgeDrift = (ids: readonly string[], note: string): Promise<{ readonly acknowledged: number }> =>
  post('/v1/drift/acknowledge', { ids, ...(note === '' ? {} : { note }) })
