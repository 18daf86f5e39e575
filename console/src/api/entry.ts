import type { UseQueryResult } from '@tanstack/react-query'
import { get, post } from './http.ts'
import type { List, ListPage } from './lists.ts'
import { useList, useOne } from './lists.ts'
import type { OrderSummary } from './orders.ts'

/** A connection that takes orders by hand and by API. */
export interface Place {
  readonly id: string
  readonly name: string
  readonly currency: string
  readonly timezone: string
  readonly state: string
}

/** A SKU as somebody who orders sees it; amounts in the currency of the connection. */
export interface Offer {
  readonly sku: string
  readonly title: string
  readonly barcode: string | null
  /** null = never counted. */
  readonly available: string | null
  readonly price: string | null
  readonly price_from: 'last-order' | 'listing' | null
}

export interface SentOrder {
  readonly number: string
  readonly result: 'created' | 'changed' | 'unchanged' | 'superseded' | 'held' | 'invalid'
  readonly change: 'created' | 'changed' | 'unchanged' | 'superseded' | 'none'
  readonly order_id: string | null
  readonly version: number | null
  readonly holds: readonly { readonly code: string; readonly message: string }[]
}

/** What the form sends: the simple order of the push API. */
export type OrderBody = Readonly<Record<string, unknown>>

const path = (id: string): string => `/v1/connections/${encodeURIComponent(id)}`

export const usePlaces = (): UseQueryResult<{ readonly items: readonly Place[] }> => useOne('/v1/push-connections')
export const findOffers = (id: string, q: string, signal?: AbortSignal): Promise<ListPage<Offer>> =>
  get(`${path(id)}/stock`, { q, limit: 20 }, signal)
export const useSentOrders = (id: string): List<OrderSummary> => useList(`${path(id)}/orders`, { limit: 10 }, { every: 15_000 })
export const sendOrder = (id: string, order: OrderBody): Promise<SentOrder> => post(`${path(id)}/orders`, order)

/** Whether an order of this number stands on the connection already. */
export const isTaken = async (id: string, number: string): Promise<boolean> => {
  const found = await get<ListPage<OrderSummary>>(`${path(id)}/orders`, { q: number, limit: 20 })
  return found.items.some((order) => order.channel_order_no === number)
}

interface Found {
  readonly orders: readonly OrderSummary[]
}
/** Earlier orders of somebody, by phone number (or its last four), e-mail address or order number. */
export const findBuyer = (q: string, signal?: AbortSignal): Promise<Found> => get('/v1/find', { q }, signal)
