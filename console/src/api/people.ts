import type { UseQueryResult } from '@tanstack/react-query'
import { call, post, remove } from './http.ts'
import type { List, ListPage } from './lists.ts'
import { useList, useOne } from './lists.ts'

export const roles = ['admin', 'ops', 'support', 'finance', 'viewer', 'dealer'] as const

export interface UserRow {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly connections: readonly string[] | null
  readonly locations: readonly string[] | null
  readonly second_factor_at: string | null
  readonly disabled_at: string | null
}
export const useUsers = (): UseQueryResult<ListPage<UserRow>> => useOne('/v1/users')

export interface Access {
  readonly roles: readonly string[]
  /** null = all. */
  readonly connections: readonly string[] | null
  readonly locations: readonly string[] | null
}
export const createUser = (draft: Access & { readonly name: string; readonly password: string }): Promise<UserRow> => post('/v1/users', draft)
export const changeUser = (id: string, change: Partial<Access> & { readonly disabled?: boolean; readonly password?: string }): Promise<UserRow> =>
  call('PATCH', `/v1/users/${id}`, { body: change })
export const resetSecondFactor = (id: string): Promise<void> => post(`/v1/users/${id}/second-factor/remove`)

export interface AccessPolicy {
  readonly second_factor_roles: readonly string[]
}
export const usePolicy = (): UseQueryResult<AccessPolicy> => useOne('/v1/access-policy')
export const changePolicy = (policy: AccessPolicy): Promise<AccessPolicy> => call('PATCH', '/v1/access-policy', { body: policy })

export interface OwnSession {
  readonly id: string
  readonly created_at: string
  readonly last_seen: string
  readonly ip: string | null
  readonly agent: string | null
  readonly current: boolean
}
export const useSessions = (): UseQueryResult<ListPage<OwnSession>> => useOne('/v1/sessions')
export const endSession = (id: string): Promise<void> => remove(`/v1/sessions/${id}`)
export const endOtherSessions = (): Promise<{ readonly ended: number }> => post('/v1/sessions/end-others')

export const beginSecondFactor = (password: string): Promise<{ readonly secret: string; readonly uri: string }> =>
  post('/v1/session/second-factor', { password })
export const confirmSecondFactor = (code: string): Promise<{ readonly recovery_codes: readonly string[] }> =>
  post('/v1/session/second-factor/confirm', { code })
export const removeSecondFactor = (password: string): Promise<void> => post('/v1/session/second-factor/remove', { password })

export interface AuditRow {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly subject: string | null
  readonly details?: Readonly<Record<string, unknown>> | null
}
export type AuditFilter = Readonly<Partial<Record<'actor' | 'action' | 'subject' | 'from' | 'to', string>>>
export const useAudit = (filter: AuditFilter): List<AuditRow> => useList('/v1/audit', { ...filter, limit: 50 })

export interface AuditCheck {
  readonly whole: boolean
  readonly entries: number
  readonly head: string | null
  readonly first_broken: string | null
}
export const verifyAudit = (): Promise<AuditCheck> => call('GET', '/v1/audit/verify')

export interface Retention {
  readonly connection_id: string
  readonly name: string
  readonly days: number | null
  readonly erased: number
}
export const useRetention = (): UseQueryResult<ListPage<Retention>> => useOne('/v1/privacy/retention')
export const setRetention = (connection: string, days: number | null): Promise<void> =>
  call('PATCH', `/v1/privacy/retention/${encodeURIComponent(connection)}`, { body: { days } })

/** What a channel asks about personal data of its buyers. */
export interface PrivacyRequest {
  readonly id: string
  readonly case: string
  readonly connection: string
  readonly ask: 'erase' | 'erase-all' | 'export'
  readonly reference: string | null
  readonly received_at: string
  readonly due_at: string
  readonly state: 'open' | 'confirmed' | 'done' | 'dismissed'
  readonly decided_by: string | null
  readonly reason: string | null
  readonly erased: number
}
const requestsPath = '/v1/privacy/requests'
export const usePrivacyRequests = (): UseQueryResult<{ readonly items: readonly PrivacyRequest[] }> => useOne(requestsPath, { every: 30_000 })
export const ordersOfRequest = (id: string): Promise<{ readonly orders: readonly Pick<ErasedOrder, 'order_id'>[] }> =>
  call('GET', `${requestsPath}/${id}`)
export const confirmRequest = (id: string): Promise<{ readonly request: PrivacyRequest; readonly erased: number }> =>
  post(`${requestsPath}/${id}/confirm`, {})
export const dismissRequest = (id: string, reason: string): Promise<unknown> => post(`${requestsPath}/${id}/dismiss`, { reason })

export interface ErasedOrder {
  readonly order_id: string
  readonly connection_id: string
  readonly channel_order_no: string
  readonly placed_at: string
  readonly result: 'erased' | 'would-erase' | 'open' | 'already'
}
export type PersonAsked = { readonly reference: string } & (
  | { readonly phone: string }
  | { readonly email: string }
  | { readonly order_ids: readonly string[] }
)
export const erasePerson = (
  person: PersonAsked & { readonly dry_run: boolean },
): Promise<{ readonly items: readonly ErasedOrder[]; readonly erased: number }> => post('/v1/privacy/erase', person)
export const exportPerson = (person: PersonAsked): Promise<unknown> => post('/v1/privacy/export', person)
