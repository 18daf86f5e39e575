import { DomainError } from '../core/fault.ts'
import type { IngestDeps } from '../normalize/ingest.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import { dryRun, emptyCounts, replayHeads, type Replayed, type ReplayCounts } from '../normalize/replay.ts'
import { finishJob, loadJob, progressJob } from '../store/jobs.ts'
import { keepReplayItems } from '../store/replay/replay-items.ts'
import { countHeads, newestHead, selectHeads, type HeadDocument, type HeadPosition, type ReplayFilter } from '../store/replay/select-heads.ts'

export interface ReplayDeps extends IngestDeps {
  readonly contextOf: (connectionId: string) => Promise<ConnectionContext>
  readonly sleep: (ms: number) => Promise<void>
}

const BATCH = 500

interface ReplayResult extends ReplayCounts {
  /** Key of the last document; null before the first. */
  readonly after: HeadPosition | null
  readonly until: number
}

/**
 * Works on a replay job for at most `budgetMs`; the position is kept in the job, so any worker may go on. Cancelling
 * stops it within one batch.
 */
export async function replayStep(
  deps: ReplayDeps,
  jobId: string,
  budget: { readonly budgetMs: number; readonly heartbeat: (done: number) => void },
): Promise<{ readonly more: boolean }> {
  const job = await loadJob(deps.pool, jobId)
  if (!job) throw new DomainError('job-unknown', `Replay ${jobId} does not exist.`)
  if (job.state !== 'planned' && job.state !== 'running') return { more: false }
  const params = readParams(job.params)
  const total = job.total ?? (await countHeads(deps.pool, params.filter))
  let result: ReplayResult = isResult(job.result) ? job.result : { ...emptyCounts(), after: null, until: await newestHead(deps.pool) }
  let done = job.done
  if (!(await progressJob(deps.pool, jobId, { done, total, result: { ...result } }))) return { more: false }
  const deadline = deps.now().getTime() + budget.budgetMs
  while (deps.now().getTime() < deadline) {
    const started = deps.now().getTime()
    const heads = await selectHeads(deps.pool, params.filter, result.after, Math.min(BATCH, Math.max(1, params.rate)), result.until)
    if (heads.length === 0) {
      await finishJob(deps.pool, jobId, 'done')
      return { more: false }
    }
    const { counts, items } = await runBatch(deps, heads, result, params.dryRun)
    await keepReplayItems(deps.pool, jobId, items)
    result = { ...counts, after: positionOf(heads) ?? result.after, until: result.until }
    done += heads.length
    if (!(await progressJob(deps.pool, jobId, { done, result: { ...result } }))) return { more: false }
    budget.heartbeat(done)
    const rest = (heads.length / params.rate) * 1000 - (deps.now().getTime() - started)
    if (!params.dryRun && rest > 0) await deps.sleep(Math.min(rest, 5000))
  }
  return { more: true }
}

function positionOf(heads: readonly HeadDocument[]): HeadPosition | undefined {
  const last = heads.at(-1)
  return last && { connectionId: last.connectionId, kind: last.kind, externalId: last.externalId }
}

async function runBatch(deps: ReplayDeps, heads: readonly HeadDocument[], counts: ReplayCounts, dry: boolean): Promise<Replayed> {
  let next: Replayed = { counts, items: [] }
  for (const connectionId of new Set(heads.map((head) => head.connectionId))) {
    const context = await deps.contextOf(connectionId)
    const own = heads.filter((head) => head.connectionId === connectionId)
    const { counts: sum, items } = await (dry ? dryRun : replayHeads)(deps, context, own, next.counts)
    next = { counts: sum, items: [...next.items, ...items] }
  }
  return next
}

interface ReplayParams {
  readonly filter: ReplayFilter
  readonly dryRun: boolean
  /** Documents per second at most. */
  readonly rate: number
}

/** Job parameters were written by our own API: `{filter, dry_run, rate}`. */
function readParams(params: Readonly<Record<string, unknown>>): ReplayParams {
  const filter = typeof params.filter === 'object' && params.filter !== null ? (params.filter as ReplayFilter) : {}
  return { filter, dryRun: params.dry_run === true, rate: typeof params.rate === 'number' ? params.rate : 1000 }
}

const isResult = (value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & ReplayResult =>
  (value.after === null || typeof value.after === 'object') && typeof value.until === 'number'
