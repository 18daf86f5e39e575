import type { UseQueryResult } from '@tanstack/react-query'
import { post } from './http.ts'
import { useOne } from './lists.ts'

/** A word the channel is known to use in this place, and what a waiting document would be, read so. */
export interface WordChoice {
  readonly to: string
  readonly payment: string | null
  readonly fulfilment: string | null
  readonly cancelled: boolean
  readonly closed: boolean
  readonly seen: number
  /** Why the document would wait all the same. */
  readonly problem: string | null
}
interface WordChoices {
  readonly field: string
  readonly pointer: string
  readonly word: string
  readonly choices: readonly WordChoice[]
}
interface FailureSample {
  readonly connection_id: string
  /** `order/4711` */
  readonly entity: string
  readonly order_id: string | null
  /** As received, personal data masked. */
  readonly text: string
  /** Where the mapping stumbles. */
  readonly pointer: string | null
}
export interface Override {
  readonly id: string
  readonly kind: 'word' | 'field' | 'carrier' | 'place'
  readonly field: string
  readonly entity: string
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly author: string
  readonly version: number
  readonly created_at: string
  readonly ended_at: string | null
}

const group = (id: string): string => `/v1/failures/${encodeURIComponent(id)}`

export const useChoices = (id: string): UseQueryResult<WordChoices> => useOne(`${group(id)}/choices`)
export const useSample = (id: string, item: string | undefined, enabled: boolean): UseQueryResult<FailureSample> =>
  useOne(`${group(id)}/sample`, { query: { item }, enabled })
export const useOverrides = (connection: string | undefined): UseQueryResult<{ readonly items: readonly Override[] }> =>
  useOne('/v1/overrides', { query: { connection, state: 'active' }, enabled: connection !== undefined })

/** Those taken back too: an order keeps naming the rule that shaped it. */
export const useAllOverrides = (connection: string, enabled: boolean): UseQueryResult<{ readonly items: readonly Override[] }> =>
  useOne('/v1/overrides', { query: { connection }, enabled })

interface Rule {
  readonly connection: string
  readonly to: string
  readonly reason: string
  /** The failure group it was made for. */
  readonly group?: string
}
export const addWord = (rule: Rule & { readonly field: string; readonly from: string }): Promise<Override> =>
  post('/v1/overrides', { kind: 'word', ...rule })
export const addCarrier = (rule: Rule & { readonly from: string }): Promise<Override> => post('/v1/overrides', { kind: 'carrier', ...rule })
export const addPlaceRule = (rule: Rule & { readonly from: string }): Promise<Override> => post('/v1/overrides', { kind: 'place', ...rule })
export const addValue = (rule: Rule & { readonly entity: string; readonly field: string }): Promise<Override> =>
  post('/v1/overrides', { kind: 'field', ...rule })
/** Where recent documents would newly fail, only with the reason why all the same. */
export const endOverride = (id: string, reason: string, anyway?: string): Promise<Override> =>
  post(`/v1/overrides/${encodeURIComponent(id)}/end`, { reason, ...(anyway === undefined ? {} : { override_reason: anyway }) })

export const pushAgain = (id: string, reason: string, carrier?: string): Promise<{ readonly effects: number; readonly left: number }> =>
  post(`${group(id)}/push-again`, { reason, ...(carrier === undefined ? {} : { carrier }) })
export const reEmitGroup = (id: string): Promise<{ readonly orders: number }> => post(`${group(id)}/re-emit`)
export const addNote = (id: string, text: string): Promise<void> => post(`${group(id)}/notes`, { text })
export const correctEffect = (
  id: string,
  change: { readonly carrier?: string; readonly tracking_no?: string; readonly reason: string },
): Promise<void> => post(`/v1/effects/${encodeURIComponent(id)}/correct`, change)
export const subscribeAgain = (connection: string): Promise<void> => post(`/v1/connections/${encodeURIComponent(connection)}/subscribe`)
