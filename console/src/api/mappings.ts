import type { UseQueryResult } from '@tanstack/react-query'
import { useQuery } from '@tanstack/react-query'
import type { MoneyText } from '../format/money.ts'
import { call, get, post } from './http.ts'
import type { Job } from './jobs.ts'
import { isOver } from './jobs.ts'
import type { List, ListPage } from './lists.ts'
import { useList, useOne } from './lists.ts'
import type { OrderDoc } from './orders.ts'
import type { RowProblem } from './rows.ts'

/** A rule as people write it. */
export interface MappingRule {
  readonly kind: 'word' | 'field' | 'carrier' | 'place'
  readonly field: string
  readonly entity: string
  readonly from: string
  readonly to: string
  readonly reason?: string | null
}
export interface MappingSet {
  readonly rules: readonly MappingRule[]
  readonly settings: Readonly<Record<string, unknown>>
}
export interface MappingDraft extends MappingSet {
  /** Rises with every save. */
  readonly version: number
  /** The published version it began at. */
  readonly base: number
  readonly updated_by: string
  readonly updated_at: string
}
export interface Mapping extends MappingSet {
  readonly connection_id: string
  readonly name: string
  readonly channel: string
  readonly version: number
  readonly setting_names: readonly string[]
  /** Settings that name a preset, written out. */
  readonly written_out: Readonly<Record<string, unknown>>
  readonly draft: MappingDraft | null
}
export interface MappingRow {
  readonly connection_id: string
  readonly name: string
  readonly channel: string
  readonly version: number
  readonly rules: number
  readonly draft_by: string | null
  readonly draft_at: string | null
  readonly last_at: string | null
  readonly last_by: string | null
}
interface PastDocument {
  /** `order/4711` */
  readonly entity: string
  readonly channel_order_no: string | null
  readonly source_status: string | null
  readonly placed_at: string | null
  readonly problem: string | null
}
export interface ValueChange {
  readonly path: string
  readonly from: string
  readonly to: string
}
export interface Reading {
  readonly kind: 'order' | 'refund' | 'ignored' | 'held' | 'expired'
  readonly doc: OrderDoc | null
  readonly problem: string | null
}
export const outcomes = ['changed', 'newly_fails', 'newly_passes', 'still_fails', 'unchanged', 'expired'] as const
export type Outcome = (typeof outcomes)[number]
export interface Preview {
  readonly entity: string
  readonly number: string
  readonly outcome: Outcome
  readonly changes: readonly ValueChange[]
  readonly live: Reading
  readonly draft: Reading
}
export interface DryRunView {
  readonly job: Job
  /** Version of the draft it ran. */
  readonly draft: number
  readonly counts: Readonly<Record<Outcome, number>> | null
  readonly fields: readonly (ValueChange & { readonly orders: number; readonly sums: readonly MoneyText[] })[]
  readonly more_fields: number
}
interface RunDocument {
  readonly entity: string
  readonly outcome: Outcome
  readonly number: string
  readonly problem: string | null
  readonly changes: readonly ValueChange[]
}
export interface MappingVersion {
  readonly version: number
  readonly parent: number
  readonly origin: 'rule' | 'draft' | 'rollback' | 'settings'
  readonly restored: number | null
  readonly reason: string
  readonly author: string
  readonly at: string
  readonly failing: readonly { readonly number: string; readonly reason: string }[] | null
  readonly override_reason: string | null
}
interface VersionDifference {
  readonly against: number
  readonly added: readonly MappingRule[]
  readonly removed: readonly MappingRule[]
  readonly changed: readonly { readonly before: MappingRule; readonly after: MappingRule }[]
  readonly settings_changed: readonly { readonly name: string; readonly before: unknown; readonly after: unknown }[]
}

export const mappingsPath = '/v1/mappings'
const path = (id: string): string => `${mappingsPath}/${encodeURIComponent(id)}`

export const useMappings = (): UseQueryResult<{ readonly items: readonly MappingRow[] }> => useOne(mappingsPath, { every: 15_000 })
export const useMapping = (id: string): UseQueryResult<Mapping> => useOne(path(id))
export const usePastDocuments = (id: string): UseQueryResult<{ readonly items: readonly PastDocument[] }> => useOne(`${path(id)}/documents`)
export const usePastDocument = (id: string, entity: string | undefined): UseQueryResult<{ readonly text: string }> =>
  useOne(`${path(id)}/document`, { query: { entity }, enabled: entity !== undefined })
export const useVersions = (id: string): List<MappingVersion> => useList(`${path(id)}/versions`, { limit: 50 })
export const useDifference = (id: string, version: number, enabled: boolean): UseQueryResult<VersionDifference> =>
  useOne(`${path(id)}/versions/${version}`, { enabled })

/** The number in a rule about one value is the hub's to read; only rules it knows already carry it. */
export const saveDraft = (id: string, set: MappingSet, expected: number): Promise<Mapping> =>
  call('PATCH', `${path(id)}/draft`, { body: bodyOf(set), headers: { 'if-match': `"${expected}"` } })
export const dropDraft = (id: string): Promise<null> => call('DELETE', `${path(id)}/draft`)
export const rebaseDraft = (id: string): Promise<Mapping> => post(`${path(id)}/draft/rebase`)
export const previewMapping = (id: string, set: MappingSet, entity: string, signal?: AbortSignal): Promise<Preview> =>
  call('POST', `${path(id)}/preview`, { body: { ...bodyOf(set), entity }, signal })
export const startDryRun = (id: string, scope: { readonly last: number } | { readonly days: number }): Promise<Job> =>
  post(`${path(id)}/dry-runs`, scope)
export const publishMapping = (id: string, expected: number, body: PublishBody): Promise<{ readonly version: number }> =>
  call('POST', `${path(id)}/publish`, { body, headers: { 'if-match': `"${expected}"` } })
export const rollbackMapping = (id: string, version: number, body: PublishBody): Promise<{ readonly version: number }> =>
  post(`${path(id)}/rollback`, { version, ...body })

export interface PublishBody {
  readonly reason: string
  readonly override_reason?: string
}

const bodyOf = ({ rules, settings }: MappingSet): object => ({
  rules: rules.map(({ kind, field, entity, from, to, reason }) => ({
    kind,
    to,
    from,
    ...(kind === 'carrier' || kind === 'place' ? {} : { field }),
    ...(kind === 'field' ? { entity } : {}),
    ...(reason === undefined || reason === null ? {} : { reason }),
  })),
  settings,
})

/** One lookup table: the words of a member, the names of carriers, or which of our places those of the channel are. */
export type TableName = { readonly kind: 'word'; readonly field: string } | { readonly kind: 'carrier' | 'place' }
export interface TableFile {
  readonly rules: readonly MappingRule[]
  readonly rows: number
  readonly refused: readonly RowProblem[]
  readonly added: readonly { readonly from: string; readonly to: string }[]
  readonly changed: readonly { readonly from: string; readonly before: string; readonly to: string }[]
  readonly removed: readonly { readonly from: string; readonly to: string }[]
  readonly unchanged: number
}
export const tableHref = (id: string, table: TableName, format: 'csv' | 'xlsx'): string =>
  `${path(id)}/table?${new URLSearchParams({ ...table, format }).toString()}`
/** Reads a file beside the draft; nothing is stored. */
export const parseTable = (id: string, table: TableName, file: File, replace: boolean): Promise<TableFile> => {
  const form = new FormData()
  form.set('file', file)
  return call('POST', `${path(id)}/table/parse`, { form, query: { ...table, replace: replace ? '1' : undefined } })
}

/** A dry run, asked for every second until it is over. */
export const useDryRun = (id: string, job: string | undefined): UseQueryResult<DryRunView> =>
  useQuery({
    queryKey: [path(id), 'dry-run', job],
    queryFn: ({ signal }) => get<DryRunView>(`${path(id)}/dry-runs/${encodeURIComponent(job ?? '')}`, undefined, signal),
    enabled: job !== undefined,
    refetchInterval: (query) => (query.state.data !== undefined && isOver(query.state.data.job) ? false : 1_000),
  })
export const useRunDocuments = (
  id: string,
  job: string,
  filter: { readonly path?: string | undefined; readonly outcome?: string | undefined },
): List<RunDocument> => useList(`${path(id)}/dry-runs/${encodeURIComponent(job)}/documents`, { ...filter, limit: 20 })

/** Dry runs of a connection, newest first. */
export const useDryRuns = (connection: string): UseQueryResult<ListPage<Job>> =>
  useOne('/v1/jobs', { query: { kind: 'mapping', connection, limit: 1 } })
