import type { UseQueryResult } from '@tanstack/react-query'
import { call, post, remove } from './http.ts'
import type { ListPage } from './lists.ts'
import { useOne } from './lists.ts'

export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly string[]
  readonly connections: readonly string[] | null
  readonly created_at: string
  readonly last_used_at: string | null
  readonly expires_at: string | null
  readonly revoked_at: string | null
}
/** The only answer that ever carries the key itself. */
export interface NewKey extends ApiKey {
  readonly secret: string
}
export const scopes = [
  'orders:read',
  'orders:read_pii',
  'orders:write',
  'orders:push',
  'stock:read',
  'stock:write',
  'shipments:write',
  'feed:read',
  'failures:read',
  'replay',
  'connections:read',
  'connections:write',
  'listings:bind',
  'connections:renew',
  'privacy',
  'admin',
] as const

export const useKeys = (): UseQueryResult<ListPage<ApiKey>> => useOne('/v1/keys')
export const createKey = (draft: {
  readonly name: string
  readonly scopes: readonly string[]
  readonly connections?: readonly string[] | null
}): Promise<NewKey> => post('/v1/keys', draft)
export const revokeKey = (id: string): Promise<void> => remove(`/v1/keys/${encodeURIComponent(id)}`)

export interface Consumer {
  readonly name: string
  readonly connections: readonly string[] | null
  readonly include_sandbox: boolean
  readonly acked_seq: string | number
  readonly acked_at: string | null
  readonly created_at?: string
  readonly lag?: number | null
}
export const useConsumers = (): UseQueryResult<ListPage<Consumer>> => useOne('/v1/consumers', { every: 10_000 })
export const createConsumer = (draft: { readonly name: string; readonly include_sandbox: boolean }): Promise<Consumer> => post('/v1/consumers', draft)
export const removeConsumer = (name: string): Promise<void> => remove(`/v1/consumers/${encodeURIComponent(name)}`)

/** Deletes the practice connections and everything that came from them, as a job. */
export const removeSandbox = (): Promise<{ readonly id?: string }> => call('POST', '/v1/sandbox/remove', { body: {} })
