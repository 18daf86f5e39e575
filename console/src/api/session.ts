import { queryOptions, useQuery } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { call, get, post, remove } from './http.ts'

export type Role = 'admin' | 'ops' | 'support' | 'finance' | 'viewer' | 'dealer'

export interface User {
  readonly id: string
  readonly name: string
  readonly roles: readonly Role[]
  readonly scopes: readonly string[]
  /** null = every connection. */
  readonly connections: readonly string[] | null
  /** The password was generated; a new one has to be chosen. */
  readonly must_change: boolean
  /** Whether a code is asked for beside the password. */
  readonly second_factor: boolean
  /** A role asks for one, and there is none yet. */
  readonly must_enrol: boolean
}

export interface Session {
  readonly user: User
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => get<Session>('/v1/session', undefined, signal),
  staleTime: 60_000,
})

export const fetchSession = (): Promise<Session> => get<Session>('/v1/session')
export const useSession = (): UseQueryResult<Session> => useQuery(sessionQuery)

/** @throws HubProblem 401 for wrong credentials (`code-needed`, `code-wrong` once the password is right), 429 after too many tries. */
export const signIn = (name: string, password: string, code?: string): Promise<Session> =>
  call('POST', '/v1/session', { body: { name, password, ...(code !== undefined && { code }) } })
export const signOut = (): Promise<void> => remove('/v1/session')
export const changePassword = (current: string, next: string): Promise<void> => post('/v1/session/password', { current, next })

/** Whether this person has a scope; the hub decides again at every call. */
export const useScope = (wanted: string): boolean => {
  const { data } = useSession()
  return data?.user.scopes.some((scope) => scope === wanted || scope === 'admin') ?? false
}

/** Whether this person may change connections. */
export const useCanWrite = (): boolean => useScope('connections:write')
