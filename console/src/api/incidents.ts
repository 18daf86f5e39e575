import type { UseQueryResult } from '@tanstack/react-query'
import type { Query } from './http.ts'
import type { List } from './lists.ts'
import { useList, useOne } from './lists.ts'
import type { EffectRow } from './orders.ts'

/** Why more was promised than there is; what is not known is left out. */
export interface IncidentCause {
  readonly code: string
  readonly connection_id?: string
  readonly order_id?: string
  readonly order_no?: string
  readonly seconds?: number
  readonly level?: number
  readonly quantity?: number
}

/** One thing that happened to the goods; which members there are depends on the kind. */
export interface TrailEvent {
  readonly kind: 'order' | 'level' | 'goods' | 'late-order' | 'level-above-books'
  readonly at: string
  readonly connection_id?: string
  readonly order_id?: string
  readonly order_no?: string
  readonly quantity?: number
  readonly placed_at?: string
  readonly own?: boolean
  readonly held?: boolean
  readonly level?: number
  readonly state?: EffectRow['state']
  readonly settled_at?: string | null
  readonly cause?: string
  readonly actor?: string | null
  readonly seconds?: number
}

export interface Incident {
  readonly id: string
  readonly sku: string
  readonly title: string
  readonly opened_at: string
  readonly closed_at: string | null
  readonly short_most: string
  readonly short_now: string
  readonly causes: readonly IncidentCause[]
}
export interface IncidentDetail extends Incident {
  readonly trail: readonly TrailEvent[]
}

export const useIncidents = (filters: Query): List<Incident> => useList('/v1/stock/incidents', filters, { every: 10_000 })
export const useIncident = (id: string): UseQueryResult<IncidentDetail> => useOne(`/v1/stock/incidents/${id}`, { every: 10_000 })
