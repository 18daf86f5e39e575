import { useQuery } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { get, post } from './http.ts'
import type { Query } from './http.ts'
import type { ListPage } from './lists.ts'

export interface Job {
  readonly id: string
  readonly kind: string
  readonly connection_id?: string | null
  readonly state: 'planned' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly done: number
  readonly total: number | null
  /** Items per second. */
  readonly rate?: number | null
  /** What the job did, in figures of its kind. */
  readonly result?: Readonly<Record<string, unknown>>
  readonly message?: string | null
  readonly params?: Readonly<Record<string, unknown>>
  readonly created_by?: string | null
  readonly created_at?: string
  readonly started_at?: string | null
  readonly finished_at?: string | null
}

export interface ReplayFilter {
  readonly group?: string
  readonly groups?: readonly string[]
  readonly order_ids?: readonly string[]
  /** The filters of the list of orders. */
  readonly orders?: Query
  readonly raw_ids?: readonly string[]
  readonly connection?: string
  readonly from?: string
  readonly to?: string
  readonly disposition?: string
}

const over: readonly Job['state'][] = ['done', 'failed', 'cancelled']
export const isOver = (job: Job): boolean => over.includes(job.state)

/** A job's progress, asked for every second until it is over. It goes on when the page is left. */
export const useJob = (id: string | undefined): UseQueryResult<Job> =>
  useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => get<Job>(`/v1/jobs/${encodeURIComponent(id ?? '')}`, undefined, signal),
    enabled: id !== undefined && id !== '',
    refetchInterval: (query) => (query.state.data !== undefined && isOver(query.state.data) ? false : 1_000),
  })

export const useJobs = (): UseQueryResult<ListPage<Job>> =>
  useQuery({ queryKey: ['jobs'], queryFn: ({ signal }) => get<ListPage<Job>>('/v1/jobs', undefined, signal), refetchInterval: 5_000 })

/** Replays and dry runs, newest first. */
export const useReplays = (): UseQueryResult<ListPage<Job>> =>
  useQuery({
    queryKey: ['jobs', 'replay'],
    queryFn: ({ signal }) => get<ListPage<Job>>('/v1/jobs', { kind: 'replay', limit: 30 }, signal),
    refetchInterval: 5_000,
  })

export const cancelJob = (id: string): Promise<Job> => post(`/v1/jobs/${encodeURIComponent(id)}/cancel`)
export const startReplay = (filter: ReplayFilter, dryRun: boolean): Promise<Job> => post('/v1/replays', { filter, dry_run: dryRun })
