import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { get, post } from './http.ts'
import { useScope } from './session.ts'

export interface Outbound {
  readonly state: 'running' | 'stopped'
  readonly stopped_by?: string | null
  readonly stopped_at?: string | null
  readonly reason?: string | null
  readonly pending: number
  readonly unknown: number
  readonly confirmed_last_hour: number
}

/** Where today's raw documents went; the parts add up to `received`. */
export interface Dispositions {
  readonly received: number
  readonly applied: number
  readonly superseded: number
  readonly duplicate: number
  readonly held: number
  readonly ignored: number
  readonly unprocessed: number
}

export interface Overview {
  readonly outbound: Outbound
  readonly counts: { readonly orders: number; readonly open_failures: number; readonly open_effects: number; readonly connections: number }
  readonly dispositions_today: Dispositions
  readonly sandbox: { readonly on: boolean; readonly connections: number }
  readonly version: string
}

const key = ['overview'] as const

export const useOverview = (): UseQueryResult<Overview> => {
  const enabled = useScope('connections:read')
  return useQuery({ queryKey: key, queryFn: ({ signal }) => get<Overview>('/v1/overview', undefined, signal), refetchInterval: 5_000, enabled })
}

export const useRefreshOverview = (): (() => Promise<void>) => {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: key })
}

export const setOutbound = (stopped: boolean, reason: string): Promise<Outbound> => post(`/v1/outbound/${stopped ? 'stop' : 'start'}`, { reason })
