import type { UseQueryResult } from '@tanstack/react-query'
import type { MoneyText } from '../format/money.ts'
import { call, get, post } from './http.ts'
import type { Query } from './http.ts'
import { useOne } from './lists.ts'

/** Next missing node and why; `code` is a word of ours, `params` fill its sentence. */
export interface OrderLabel {
  readonly code: string
  readonly params?: Readonly<Record<string, string | number | null>>
}

/** The recipient with every field masked. */
export type Masked = Readonly<Record<string, unknown>>

export interface OrderSummary {
  readonly id: string
  readonly connection_id: string
  readonly channel: string
  readonly channel_order_no: string
  readonly display_no: string | null
  readonly label: OrderLabel
  readonly payment: string
  readonly fulfilment: string
  readonly approval: string
  readonly after_sale: string
  readonly sync: string
  readonly cancelled: boolean
  readonly cancel_requested: boolean
  readonly total: MoneyText
  readonly line_count: number
  readonly unit_count: number | string
  readonly placed_at: string
  readonly ship_by: string | null
  readonly updated_at: string
  readonly version: number
  readonly holds: readonly string[]
  readonly recipient_masked: Masked | null
  readonly sandbox: boolean
}

/** The canonical document as the API serves it; shown as a tree, so only its shape as JSON matters here. */
export type OrderDoc = Readonly<Record<string, unknown>>

export interface OrderLine {
  readonly line_no: number
  readonly channel_line_no?: string
  readonly channel_sku?: string | null
  readonly listing_key?: string | null
  readonly sku: string | null
  readonly title: string
  readonly quantity: string
  readonly cancelled?: string
  readonly net?: MoneyText
  readonly reserved?: string | null
  readonly location?: string | null
  readonly shipped_total?: string | null
  readonly pieces?: readonly { readonly sku: string; readonly location: string; readonly quantity: string }[]
  readonly awaits?: readonly { readonly sku: string; readonly quantity: string; readonly promised_at: string | null }[]
}

export interface OrderHold {
  readonly id: string
  readonly code: string
  readonly detail: string
  readonly message: string
  readonly opened_at: string
  readonly opened_by: string
  readonly released_at: string | null
  readonly released_by?: string | null
  readonly release_reason?: string | null
}

export interface OrderFact {
  readonly code: string
  readonly at: string
  readonly source: string
  readonly observed_at: string
}

export interface OrderNode {
  readonly code: string
  readonly at: string | null
  readonly state: 'done' | 'next' | 'failed' | 'waiting' | 'skipped'
}

export interface OrderShipment {
  readonly id: string
  readonly package_no: string
  readonly carrier: string
  readonly carrier_name?: string
  readonly tracking_no: string
  readonly tracking_url?: string | null
  readonly shipped_at: string
  readonly forced?: boolean
  readonly source?: string
  /** Who recorded it; `till:<connection>` where a sale there handed the goods over. */
  readonly created_by?: string | null
  readonly lines?: readonly { readonly line_no: number; readonly quantity: string }[]
}

export interface OrderRefund {
  readonly id: string
  readonly kind: string
  readonly state: string
  readonly doc: { readonly channel_refund_no: string; readonly amount: MoneyText; readonly at: string }
}

export interface OrderAck {
  readonly consumer: string
  readonly version: number
  readonly status: 'accepted' | 'rejected'
  readonly reference?: string | null
  readonly code?: string | null
  readonly reason?: string | null
  readonly at: string
}

export interface OrderVersion {
  readonly version: number
  readonly raw_id: string
  readonly mapping: string
  readonly overrides_version?: number
  readonly cause: string
  readonly at: string
}

export interface RawRef {
  readonly raw_id: string
  readonly received_at: string
  readonly source: string
  readonly kind: string
  readonly disposition: string | null
  readonly reason?: string | null
  readonly authoritative: boolean
  /** This document is the one the order stands for now. */
  readonly stands?: boolean
}

export interface Order extends OrderSummary {
  readonly doc: OrderDoc
  /** Only the channel can show the recipient, and does when asked. */
  readonly recipient_sealed: boolean
  readonly lines: readonly OrderLine[]
  readonly refunds: readonly OrderRefund[]
  readonly shipments: readonly OrderShipment[]
  readonly effects: readonly EffectRow[]
  readonly holds_detail: readonly OrderHold[]
  readonly facts: readonly OrderFact[]
  readonly nodes: readonly OrderNode[]
  readonly acks: readonly OrderAck[]
  readonly versions: readonly OrderVersion[]
  readonly raw: readonly RawRef[]
  /** Personal data in clear, only when it was asked for with a purpose. */
  readonly pii?: Readonly<Record<string, unknown>>
}

export interface EffectRow {
  readonly id: string
  readonly connection_id: string
  readonly kind: 'stock' | 'shipment' | 'cancel'
  readonly state: 'pending' | 'sending' | 'done' | 'refused' | 'unknown' | 'cancelled'
  readonly order_id?: string | null
  readonly channel_order_no?: string | null
  readonly listing_key?: string | null
  readonly sku?: string | null
  readonly intent?: Readonly<Record<string, unknown>>
  readonly attempts: number
  readonly not_before?: string | null
  readonly fault_kind?: string | null
  readonly code?: string | null
  readonly message?: string | null
  readonly proof?: Readonly<Record<string, unknown>> | null
  readonly history?: readonly {
    readonly at?: string
    readonly state?: string
    readonly code?: string | null
    readonly message?: string | null
    readonly actor?: string | null
  }[]
  readonly created_at: string
  readonly sent_at?: string | null
  readonly settled_at?: string | null
}

export interface RawText {
  readonly text: string
  readonly masked: boolean
  readonly mapping: string | null
  readonly headers?: Readonly<Record<string, string>> | null
}

const path = (id: string): string => `/v1/orders/${encodeURIComponent(id)}`

export const useOrderCounts = (filters: Query): UseQueryResult<Readonly<Record<string, number>>> =>
  useOne('/v1/orders/counts', { query: filters, every: 15_000 })
export const useOrder = (id: string, enabled = true): UseQueryResult<Order> => useOne(path(id), { every: 5_000, enabled })
export const useRaw = (id: string, rawId: string | undefined): UseQueryResult<RawText> =>
  useOne(`${path(id)}/raw/${encodeURIComponent(rawId ?? '')}`, { enabled: rawId !== undefined })

/** The order with its personal data in clear. The purpose is written to the audit trail. */
export const revealOrder = (id: string, purpose: string): Promise<Order> => get(path(id), { pii: 1, purpose })

/** A recipient as its channel opened it; shown and not kept. */
export interface OpenedRecipient {
  readonly name: string | null
  readonly phone: string | null
  readonly address: string | null
  readonly district: string | null
  readonly city: string | null
  readonly province: string | null
  readonly is_virtual_phone: boolean
  readonly valid_until: string | null
}
export const openRecipient = (id: string, purpose: string): Promise<OpenedRecipient> => post(`${path(id)}/recipient`, { purpose })

export const releaseHold = (id: string, holdId: string, reason: string): Promise<void> =>
  post(`${path(id)}/holds/${encodeURIComponent(holdId)}/release`, { reason })
export const holdOrder = (id: string, reason: string): Promise<void> => post(`${path(id)}/hold`, { reason })
export const refetchOrder = (id: string): Promise<void> => post(`${path(id)}/refetch`)
export const reEmitOrder = (id: string): Promise<void> => post(`${path(id)}/re-emit`)
export const decideCancel = (id: string, decision: 'accept' | 'reject', reason: string): Promise<void> =>
  post(`${path(id)}/cancel-decision`, { decision, reason })

export interface ShipDraft {
  readonly carrier: string
  /** Not of goods the buyer collected. */
  readonly tracking_no?: string
  readonly lines?: readonly { readonly line_no: number; readonly quantity: string }[]
  readonly force?: boolean
  readonly force_reason?: string
}
export const shipOrder = (id: string, draft: ShipDraft): Promise<void> => call('POST', `${path(id)}/shipments`, { body: draft })

export interface FoundMany {
  readonly found: readonly { readonly query: string; readonly order: OrderSummary }[]
  readonly missing: readonly string[]
}
export const findMany = (ids: readonly string[]): Promise<FoundMany> => post('/v1/orders/find', { ids })

export interface FoundRaw {
  readonly raw_id: string
  readonly disposition: string | null
  readonly reason: string | null
  readonly connection_id: string
  readonly received_at: string
}
export interface Found {
  readonly orders: readonly OrderSummary[]
  readonly raw: readonly FoundRaw[]
  readonly shipments: readonly (OrderShipment & { readonly order_id?: string; readonly channel_order_no?: string })[]
}
export const find = (q: string, signal?: AbortSignal): Promise<Found> => get('/v1/find', { q }, signal)

export interface Answer {
  readonly connection_id: string
  readonly answer: 'found' | 'unknown-to-channel' | 'fault' | 'not-asked'
  readonly external_id?: string | null
  readonly hub?: 'stored' | 'held' | 'ignored' | 'not-received' | null
  readonly rule?: string | null
  readonly reason?: string | null
  readonly fault?: { readonly kind: string; readonly code: string | null; readonly message: string } | null
  /** Why it was not asked. */
  readonly why?: string | null
  readonly order_id?: string | null
}

export interface Fetched {
  readonly order: OrderSummary | null
  readonly hub: 'stored' | 'held' | 'ignored' | 'not-received'
  readonly rule: string | null
  readonly reason: string | null
}
export const askChannels = (q: string): Promise<{ readonly answers: readonly Answer[] }> => post('/v1/find/ask', { q })
export const fetchFromChannel = (connection: string, externalId: string): Promise<Fetched> =>
  post('/v1/find/fetch', { connection, external_id: externalId })
