import type { UseQueryResult } from '@tanstack/react-query'
import type { MoneyText } from '../format/money.ts'
import { call, post } from './http.ts'
import type { Job } from './jobs.ts'
import { useList, useOne } from './lists.ts'
import type { List } from './lists.ts'

export type LedgerState = 'green' | 'red' | 'running' | 'unasked' | 'no-list'

interface Side {
  readonly orders: number | null
  readonly set_hash: string | null
  readonly sums: readonly MoneyText[]
}

/** One business day of one connection, the channel and the hub side by side. */
export interface LedgerDay {
  readonly connection_id: string
  readonly day: string
  readonly from: string
  readonly to: string
  readonly state: LedgerState
  readonly differences: number
  readonly channel: Side & {
    readonly can_be_asked: boolean
    readonly asked_at: string | null
    readonly how: string | null
    readonly fault: string | null
  }
  readonly hub: Side
  readonly orders_by_state: Readonly<Record<string, number>>
  readonly consumers: readonly {
    readonly name: string
    readonly read: number
    readonly accepted: number
    readonly rejected: number
    readonly open: number
  }[]
  readonly signature: { readonly by: string; readonly at: string; readonly state: string; readonly note: string | null } | null
  readonly changed_since: number
}

export interface LedgerDetail extends LedgerDay {
  readonly documents: Readonly<Record<'received' | 'applied' | 'superseded' | 'duplicate' | 'held' | 'ignored' | 'waiting' | 'unchanged', number>>
  readonly cut_off: string
  readonly timezone: string
}

export interface LedgerOrder {
  readonly external_id: string
  readonly order_id: string | null
  readonly channel_order_no: string | null
  readonly state: string
  readonly channel_total: MoneyText | null
  readonly hub_total: MoneyText | null
  readonly signed_total: MoneyText | null
  readonly version: number | null
  readonly signed_version: number | null
  readonly changed: boolean
}

const path = (connection: string, day: string): string => `/v1/ledger/${encodeURIComponent(connection)}/${day}`

export const useLedger = (query: {
  readonly from: string
  readonly to: string
  readonly connection: string | undefined
}): UseQueryResult<{ readonly items: readonly LedgerDay[] }> => useOne('/v1/ledger', { query, every: 30_000 })
export const useLedgerDay = (connection: string, day: string): UseQueryResult<LedgerDetail> => useOne(path(connection, day), { every: 5_000 })
export const useLedgerOrders = (connection: string, day: string, filter: { readonly state?: string; readonly changed?: number }): List<LedgerOrder> =>
  useList(`${path(connection, day)}/orders`, filter, { every: 10_000 })
export const askChannel = (connection: string, day: string): Promise<Job> => post(`${path(connection, day)}/ask`)
export const repullDay = (connection: string, day: string): Promise<{ readonly requested: number }> => post(`${path(connection, day)}/repull`)
export const signDay = (connection: string, day: string, body: { readonly set_hash: string; readonly note?: string }): Promise<unknown> =>
  post(`${path(connection, day)}/sign`, body)
export const setCutOff = (connection: string, cutOff: string): Promise<unknown> =>
  call('PATCH', `/v1/ledger/${encodeURIComponent(connection)}`, { body: { cut_off: cutOff } })
export const statementUrl = (connection: string, day: string, format: 'xlsx' | 'pdf', language: string): string =>
  `${path(connection, day)}/statement?format=${format}&language=${language}`
