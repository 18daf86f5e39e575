import { post } from './http.ts'
import type { Query } from './http.ts'
import type { List } from './lists.ts'
import { useList } from './lists.ts'
import type { EffectRow } from './orders.ts'

const path = (id: string): string => `/v1/effects/${encodeURIComponent(id)}`

export const useEffects = (filters: Query): List<EffectRow> => useList('/v1/effects', { ...filters, limit: 100 }, { every: 5_000 })
export const retryEffect = (id: string, reason: string): Promise<void> => post(`${path(id)}/retry`, { reason })
export const cancelEffect = (id: string, reason: string): Promise<void> => post(`${path(id)}/cancel`, { reason })
/** Asks the channel what became of a write whose answer never came. */
export const readBackEffect = (id: string): Promise<void> => post(`${path(id)}/read-back`)
