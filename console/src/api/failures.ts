import type { UseQueryResult } from '@tanstack/react-query'
import type { MoneyText } from '../format/money.ts'
import { call } from './http.ts'
import type { Query } from './http.ts'
import { useOne } from './lists.ts'

export type FailureStatus = 'open' | 'acknowledged' | 'resolved' | 'ignored'

/** Everything with one cause, as one row. */
export interface FailureGroup {
  readonly id: string
  readonly operation: string
  readonly fault_kind: string
  readonly code: string
  readonly message: string
  /** One message as it came. */
  readonly sample?: string | null
  readonly subject: string | null
  readonly connection_id: string | null
  readonly channel: string | null
  readonly count: number
  readonly orders: number
  readonly money: readonly MoneyText[]
  readonly nearest_ship_by: string | null
  readonly trend: readonly number[]
  readonly first_seen: string
  readonly last_seen: string
  readonly status: FailureStatus
  readonly owner: string | null
  readonly regressed: boolean
}

export interface FailureItem {
  readonly id?: string
  readonly subject_kind?: string
  readonly subject_id?: string
  readonly order_id?: string | null
  readonly channel_order_no?: string | null
  /** The channel's SKU of a refused level. */
  readonly goods?: string | null
  readonly total?: MoneyText | null
  readonly message: string
  readonly opened_at?: string
  readonly last_seen?: string
  readonly times?: number
  readonly resolved_at?: string | null
  readonly effect?: {
    readonly id: string
    readonly state: string
    readonly carrier: string | null
    readonly tracking_no: string | null
    readonly message: string | null
  } | null
}

/** What somebody said or did about a group. */
export interface FailureNote {
  readonly id: string
  readonly kind: 'note' | 'status' | 'owner' | 'fix' | 'replay'
  readonly text: string
  readonly author: string
  readonly at: string
}

export interface FailureDetail extends FailureGroup {
  readonly note?: string | null
  readonly ignored_until?: string | null
  readonly items?: readonly FailureItem[]
  readonly samples?: readonly FailureItem[]
  readonly notes?: readonly FailureNote[]
}

export interface FailureList {
  readonly groups: readonly FailureGroup[]
  readonly items?: readonly FailureGroup[]
  readonly next_cursor?: string | null
  readonly has_more?: boolean
  readonly counts?: Readonly<Partial<Record<FailureStatus, number>>>
}

export const useFailures = (filters: Query): UseQueryResult<FailureList> => useOne('/v1/failures', { query: filters, every: 5_000 })
export const useFailure = (id: string | undefined): UseQueryResult<FailureDetail> =>
  useOne(`/v1/failures/${encodeURIComponent(id ?? '')}`, { enabled: id !== undefined, every: 5_000 })

export interface FailureChange {
  readonly status?: FailureStatus
  readonly owner?: string | null
  readonly note?: string
  readonly ignored_until?: string | null
}
export const changeFailure = (id: string, change: FailureChange): Promise<FailureGroup> =>
  call('PATCH', `/v1/failures/${encodeURIComponent(id)}`, { body: change })
