import type { UseQueryResult } from '@tanstack/react-query'
import { call, post } from './http.ts'
import type { Query } from './http.ts'
import { useList, useOne } from './lists.ts'
import type { List } from './lists.ts'

export const placeKinds = ['warehouse', 'store', 'supplier', 'in_transit'] as const

export interface StockPlace {
  readonly id: string
  readonly name: string
  readonly kind: (typeof placeKinds)[number]
  readonly sellable: boolean
  /** Orders take from the lowest first. */
  readonly priority: number
  /** Who alone writes its counts; null = anybody. */
  readonly owner: string | null
  readonly skus: number
}
export const usePlaces = (): UseQueryResult<{ readonly items: readonly StockPlace[] }> => useOne('/v1/locations', { every: 30_000 })
export type PlaceChange = Partial<Omit<StockPlace, 'id' | 'skus'>>
export const addPlace = (place: PlaceChange & { readonly id: string }): Promise<unknown> => post('/v1/locations', place)
export const changePlace = (id: string, change: PlaceChange): Promise<unknown> =>
  call('PATCH', `/v1/locations/${encodeURIComponent(id)}`, { body: change })

export interface BundlePart {
  readonly sku: string
  readonly quantity: string
}
export interface Bundle {
  readonly sku: string
  readonly title: string
  readonly parts: readonly BundlePart[]
}
export const useBundles = (): List<Bundle> => useList('/v1/bundles', {})
export const setBundle = (sku: string, parts: readonly BundlePart[]): Promise<unknown> => post(`/v1/bundles/${encodeURIComponent(sku)}`, { parts })
export const removeBundle = (sku: string): Promise<unknown> => call('DELETE', `/v1/bundles/${encodeURIComponent(sku)}`)

export interface Arrival {
  readonly id: string
  readonly ref: string
  readonly sku: string
  readonly location: string
  readonly quantity: string
  readonly received: string
  readonly remaining: string
  readonly promised_at: string | null
  readonly supplier: string | null
  readonly state: 'open' | 'received' | 'cancelled'
}
export const useArrivals = (filters: Query): List<Arrival> => useList('/v1/arrivals', filters, { every: 30_000 })
export interface ArrivalDraft {
  readonly ref: string
  readonly sku: string
  readonly location: string
  readonly quantity: string
  readonly promised_at: string | null
  readonly supplier: string | null
}
export const expectArrival = (arrival: ArrivalDraft): Promise<{ readonly items: readonly { readonly result: string }[] }> =>
  post('/v1/arrivals', { items: [arrival] })
export const receiveArrival = (id: string, receipt: { readonly ref: string; readonly quantity: string; readonly last: boolean }): Promise<unknown> =>
  post(`/v1/arrivals/${id}/receive`, receipt)
export const cancelArrival = (id: string): Promise<unknown> => post(`/v1/arrivals/${id}/cancel`, {})
/** Whether what is on its way of a SKU may be sold. */
export const setSellsAhead = (sku: string, ahead: boolean): Promise<unknown> => post('/v1/skus/sells-ahead', { skus: [sku], sells_ahead: ahead })
