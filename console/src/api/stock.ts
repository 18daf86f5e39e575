import type { UseQueryResult } from '@tanstack/react-query'
import { call, post } from './http.ts'
import type { Query } from './http.ts'
import type { List } from './lists.ts'
import { useList, useOne } from './lists.ts'
import type { RowProblem } from './rows.ts'

export type PushState = 'idle' | 'pending' | 'sending' | 'unknown' | 'refused' | 'blocked'

/** What one listing should show, what the channel confirmed, and what it showed when it was last read. */
export interface StockCell {
  readonly connection_id: string
  readonly listing_key: string
  readonly desired: number | null
  readonly confirmed: number | null
  readonly shown: number | string | null
  readonly push_state: PushState
  readonly push_message: string | null
  readonly paused: boolean
  readonly drift: boolean | number | null
  readonly updated_at: string | null
}

export interface StockRow {
  readonly sku: string
  readonly title: string
  readonly on_hand: number | string
  readonly reserved: number | string
  readonly safety: number | string
  readonly sells_ahead: boolean
  readonly promisable: number | string
  readonly locations: readonly {
    readonly location?: string
    readonly name?: string
    readonly on_hand?: number | string
    readonly reserved?: number | string
    readonly safety?: string
    readonly held?: string
  }[]
  /** What a bundle is made of; empty for goods. */
  readonly parts: readonly { readonly sku: string }[]
  readonly cells: readonly StockCell[]
  /** Set while no channel is told a level of it. */
  readonly paused?: { readonly reason: string; readonly by: string; readonly at: string } | null
}

export interface StockWhy {
  /** `learned`: what the connection keeps back by its own sales, and from what it knows. */
  readonly connection?: { readonly learned?: { readonly buffer: number; readonly per_hour: number; readonly latency_seconds: number } | null } | null
  readonly formula: readonly { readonly term: string; readonly value: number | string | null }[]
  /** The rule that gave a field its value, where one did. */
  readonly rules?: readonly { readonly field: string; readonly value: string; readonly rule: string; readonly id: number }[]
  readonly ledger: readonly {
    readonly at: string
    readonly cause: string
    readonly on_hand_delta?: number | string
    readonly reserved_delta?: number | string
    readonly ref?: string | null
    readonly actor?: string | null
  }[]
  readonly pushes: readonly {
    readonly at?: string
    readonly created_at?: string
    readonly state?: string
    readonly quantity?: number | string | null
    readonly message?: string | null
  }[]
}

export const useStock = (filters: Query): List<StockRow> => useList('/v1/stock', { ...filters, limit: 200 }, { every: 10_000 })
export const useWhy = (sku: string, connection: string): UseQueryResult<StockWhy> =>
  useOne(`/v1/stock/${encodeURIComponent(sku)}/why`, { query: { connection } })

export interface ItemResult {
  readonly ok?: boolean
  readonly status?: string
  readonly message?: string
}
/** An absolute count. An older `as_of` than the stored one changes nothing. */
export const setStock = (sku: string, onHand: number): Promise<{ readonly items?: readonly ItemResult[] }> =>
  post('/v1/stock', { items: [{ sku, on_hand: onHand, as_of: new Date().toISOString() }] })

const skuPath = (sku: string): string => `/v1/skus/${encodeURIComponent(sku)}`
/** Tells no channel a level of this SKU until it goes on. */
export const pauseSku = (sku: string, reason: string): Promise<unknown> => post(`${skuPath(sku)}/pause`, { reason })
export const resumeSku = (sku: string, reason: string): Promise<unknown> => post(`${skuPath(sku)}/resume`, { reason })

export interface Sku {
  readonly sku: string
  readonly title: string
  readonly barcode: string | null
  readonly active?: boolean
}
export const useSkus = (filters: Query, enabled = true): List<Sku> => useList('/v1/skus', filters, { enabled })
export const addSku = (sku: Pick<Sku, 'sku' | 'title'> & { readonly barcode?: string }): Promise<unknown> => post('/v1/skus', { items: [sku] })
export interface SkuImport {
  readonly rows: number
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly refused: readonly RowProblem[]
}
export const importSkus = (file: File): Promise<SkuImport> => {
  const form = new FormData()
  form.set('file', file)
  return call('POST', '/v1/skus/import', { form })
}

export interface Suggestion {
  readonly sku: string
  readonly title: string
  /** 0 to 1. */
  readonly confidence: number
  readonly why: readonly ('code' | 'barcode' | 'title')[]
}

export interface Listing {
  readonly connection_id: string
  readonly listing_key: string
  readonly channel_sku: string
  readonly barcode: string | null
  readonly title: string
  readonly price: string | null
  readonly active: boolean
  readonly shown: number | string | null
  readonly shown_at?: string | null
  readonly sku: string | null
  readonly bound: 'unbound' | 'code' | 'barcode' | 'person' | 'ignored'
  /** SKUs of the master that look like it, best first. */
  readonly suggestions: readonly Suggestion[]
  readonly orders_waiting: number
}
export const useListings = (filters: Query, enabled = true): List<Listing> => useList('/v1/listings', filters, { every: 15_000, enabled })

/** Unbound listings whose best suggestion is at least so certain. */
export const useSuggestions = (filters: Query): List<Listing> => useList('/v1/listings/suggestions', { ...filters, limit: 500 })

export interface Binding {
  readonly connection: string
  readonly listing_key: string
  readonly sku: string | null
  readonly ignore?: boolean
  /** Leaves it as it is where somebody decided meanwhile. */
  readonly if_unbound?: boolean
}
export interface BindResult {
  readonly bound: number
  readonly orders_to_replay: number
}
export const bindListings = (bindings: readonly Binding[]): Promise<BindResult> => call('POST', '/v1/listings/bind', { body: bindings })
