import type { UseQueryResult } from '@tanstack/react-query'
import { call, post } from './http.ts'
import { useList, useOne } from './lists.ts'
import type { List } from './lists.ts'
import type { RowProblem } from './rows.ts'

interface TakeHead {
  readonly id: string
  readonly ref: string
  readonly location: string
  readonly as_of: string
  readonly whole: boolean
  readonly note: string | null
  readonly created_by: string | null
  readonly created_at: string
}
export interface TakeSummary extends TakeHead {
  readonly counted: number
  readonly different: number
}
export interface TakeLine {
  readonly sku: string
  readonly counted: string
  readonly result: string
  readonly delta: string
}
export interface Take extends TakeHead {
  readonly lines: readonly TakeLine[]
}
export interface Booked {
  readonly take: Take
  readonly repeated: boolean
  readonly refused?: readonly RowProblem[]
}

/** Stock-takes, newest first. */
export const useTakes = (): List<TakeSummary> => useList('/v1/stock/takes', {}, { every: 30_000 })
export const useTake = (id: string): UseQueryResult<Take> => useOne(`/v1/stock/takes/${id}`)

export interface TakeDraft {
  readonly ref: string
  readonly location: string
  readonly as_of: string
  readonly whole: boolean
}
export const bookTake = (draft: TakeDraft, lines: readonly { readonly sku: string; readonly counted: string }[]): Promise<Booked> =>
  post('/v1/stock/takes', { ...draft, lines })
export const bookTakeFile = (draft: TakeDraft, file: File): Promise<Booked> => {
  const form = new FormData()
  form.set('file', file)
  const query = new URLSearchParams({ ref: draft.ref, location: draft.location, as_of: draft.as_of, whole: String(draft.whole) })
  return call('POST', `/v1/stock/takes/import?${query.toString()}`, { form })
}

/** What is always kept back of an item at a place. */
export const setSafety = (sku: string, location: string, safety: string): Promise<ItemResults> =>
  post('/v1/stock/safety', { items: [{ sku, location, safety }] })
/** Puts pieces aside, or brings them back with a quantity below zero. */
export const putAside = (sku: string, location: string, delta: string, reason: string, ref: string): Promise<ItemResults> =>
  post('/v1/stock/held', { items: [{ sku, location, delta, reason, ref }] })
interface ItemResults {
  readonly items: readonly { readonly result: string }[]
}

export interface RestockDraft {
  readonly ref: string
  readonly location: string
  readonly held: boolean
  readonly lines: readonly { readonly line_no: number; readonly quantity: string }[]
}
/** Takes goods of an order back into a place. */
export const restock = (order: string, draft: RestockDraft): Promise<{ readonly repeated: boolean; readonly skus: readonly string[] }> =>
  post(`/v1/orders/${order}/restock`, draft)
