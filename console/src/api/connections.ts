import type { UseQueryResult } from '@tanstack/react-query'
import { call, get, post } from './http.ts'
import type { ConnectionSigns } from './connection-signs.ts'
import type { Job } from './jobs.ts'
import type { ListPage } from './lists.ts'
import { useOne } from './lists.ts'
import type { OrderDoc } from './orders.ts'
import type { JsonSchema } from '../ui/schema-form/schema.ts'

export interface Label {
  readonly en: string
  readonly zh: string
}

export interface Channel {
  readonly id: string
  readonly title: Label
  readonly kind: string
  readonly stability: string
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly config_schema: JsonSchema
  readonly secrets_schema: JsonSchema
  readonly docs?: string
}

export interface Health {
  readonly kind: 'ok' | 'late' | 'attention' | 'failed' | 'paused' | 'waiting'
  readonly code: string
  readonly params: Readonly<Record<string, string | number | null>>
  readonly since?: string | null
}

export interface StreamState {
  readonly id: string
  readonly watermark: string | null
  readonly last_success_at: string | null
  readonly last_record_at: string | null
  readonly lag_seconds: number | null
  readonly fault: { readonly kind: string; readonly code?: string; readonly message: string } | null
}

export interface SeenAfter {
  readonly orders: number
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

export interface Connection extends ConnectionSigns {
  readonly id: string
  readonly channel: string
  readonly name: string
  readonly state: string
  readonly state_reason: string | null
  readonly health: Health
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets_hint: Readonly<Record<string, string>>
  readonly timezone: string
  readonly currency: string
  readonly sandbox: boolean
  readonly armed_stock: boolean
  readonly armed_shipments: boolean
  readonly streams: readonly StreamState[]
  readonly orders_per_hour: readonly number[]
  readonly last_order_at: string | null
  readonly quota: { readonly used_ratio: number | null } | null
  /** shared = a share of one pool; quota = units of its own. */
  readonly stock_mode: 'shared' | 'quota'
  /** Unpaid orders give their goods back after so long; null = when they are cancelled. */
  readonly unpaid_hold_minutes: number | null
  /** Keeps back, of what it shows of the pool, what sells there while a level is on its way. */
  readonly learned_buffer: boolean
  /** Seconds after its time at the channel an order of the last day was first seen. */
  readonly seen_after: Readonly<Record<'poll' | 'hook', SeenAfter | undefined>>
  readonly declared_lag_seconds: number | null
  readonly late_orders: number
  readonly token_expires_at: string | null
  /** The hub renews it by itself before it ends. */
  readonly token_renews: boolean
  readonly webhook: {
    readonly url: string | null
    /** Of channels that send all shops of an app to one address. */
    readonly app_url: string | null
    readonly healthy: boolean | null
    readonly detail: string | null
    readonly checked_at: string | null
  } | null
  readonly open_effects: number
  readonly unknown_effects: number
  readonly listings: { readonly total: number; readonly bound: number; readonly unbound: number }
  readonly version: number
  readonly created_at: string
}

export interface CheckStep {
  readonly step: Label
  readonly ok: boolean
  readonly detail?: string
  /** A setting the channel has a closed list for. */
  readonly offers?: { readonly setting: string; readonly values: readonly { readonly value: string; readonly name: string }[] }
}

/** One of the newest documents as it would be stored, or why it would be held or ignored. */
export interface SampleOrder {
  readonly outcome: string
  readonly order?: OrderDoc
  readonly channel_order_no?: string
  readonly reason?: string
}

export interface CheckResult {
  readonly ok: boolean
  readonly steps: readonly CheckStep[]
  readonly fault?: { readonly kind: string; readonly code?: string; readonly message: string; readonly field?: string }
  readonly sample?: readonly SampleOrder[]
}

export interface ArmRow {
  readonly listing_key: string
  readonly sku: string | null
  readonly title: string
  readonly shown: number | string | null
  readonly would_set: number | string | null
  readonly change: 'same' | 'lower' | 'raise' | 'zero' | 'skip' | 'send'
  readonly reason?: string | null
}

export interface ArmPreview {
  readonly items: readonly ArmRow[]
  readonly counts: Readonly<Record<string, number>>
  readonly hash: string
}

export type ArmTarget = 'stock' | 'shipments'

export interface ConnectionDraft {
  readonly channel: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, unknown>>
  readonly timezone: string
  readonly currency: string
  readonly start_from?: string
}

const path = (id: string): string => `/v1/connections/${encodeURIComponent(id)}`

export const useChannels = (): UseQueryResult<readonly Channel[]> => useOne('/v1/channels')
export const useConnections = (every = 5_000): UseQueryResult<ListPage<Connection>> => useOne('/v1/connections', { every })
export const useConnection = (id: string, enabled = true): UseQueryResult<Connection> => useOne(path(id), { every: 5_000, enabled })

export const checkDraft = (draft: Pick<ConnectionDraft, 'channel' | 'config' | 'secrets'>): Promise<CheckResult> =>
  post('/v1/connections/check', draft)
export const createConnection = (draft: ConnectionDraft): Promise<Connection> => post('/v1/connections', draft)
type ConnectionChange = Partial<Omit<ConnectionDraft, 'channel'> & Pick<Connection, 'unpaid_hold_minutes' | 'stock_mode' | 'learned_buffer'>>
export const changeConnection = (id: string, version: number, change: ConnectionChange): Promise<Connection> =>
  call('PATCH', path(id), { body: change, headers: { 'if-match': `"${version}"` } })
export const removeConnection = (id: string): Promise<void> => call('DELETE', path(id))
export const checkConnection = (id: string): Promise<CheckResult> => post(`${path(id)}/check`)
export const chooseSetting = (id: string, choice: { readonly setting: string; readonly value: string; readonly group: string }): Promise<void> =>
  post(`${path(id)}/choose`, choice)
export const pauseConnection = (id: string, reason: string): Promise<void> => post(`${path(id)}/pause`, { reason })
export const resumeConnection = (id: string): Promise<void> => post(`${path(id)}/resume`)
export const pullNow = (id: string): Promise<void> => post(`${path(id)}/pull`)
export const startBackfill = (id: string, from: string, to: string): Promise<Job> => post(`${path(id)}/backfill`, { from, to })
export const refreshListings = (id: string): Promise<Job> => post(`${path(id)}/listings/refresh`)
export const armPreview = (id: string, what: ArmTarget): Promise<ArmPreview> => get(`${path(id)}/arm-preview`, { what })
export const arm = (id: string, what: readonly ArmTarget[], hash: string, confirmZero: boolean): Promise<void> =>
  post(`${path(id)}/arm`, { what, preview_hash: hash, ...(confirmZero ? { confirm_zero: true } : {}) })
export const disarm = (id: string, what: readonly ArmTarget[]): Promise<void> => post(`${path(id)}/disarm`, { what })
