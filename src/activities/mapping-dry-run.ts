import type { RuleSpec } from '../core/overrides.ts'
import { compareMappings, draftContext, type ComparedDocument } from '../normalize/compare-mappings.ts'
import { addedUp, noFigures, type DryRunFigures } from '../normalize/dry-run.ts'
import { finishJob, loadJob, progressJob, type Job } from '../store/jobs.ts'
import { headsOf, newestDocuments } from '../store/overrides/documents.ts'
import { liveVersion, standingRules } from '../store/overrides/write-version.ts'
import { keepComparisons, type KeptComparison } from '../store/overrides/dry-run-items.ts'
import { newestHead } from '../store/replay/select-heads.ts'
import type { JobBudget } from './jobs.ts'
import type { ReplayDeps } from './replay.ts'

const BATCH = 250
/** Most changed values kept of one document. */
const MOST_CHANGES = 40

/** Written by our own API when it plans the job. */
interface DryRunParams {
  readonly rules: readonly RuleSpec[]
  readonly settings: Readonly<Record<string, unknown>>
  readonly names: readonly string[]
  readonly base: number
  readonly last: number
  readonly since?: string
}

type Result = DryRunFigures & { readonly after: number; readonly until: number }

/**
 * Reads past documents with the version in force and with a draft, a batch at a time, and adds up what differs. It runs in a worker: ten thousand
 * documents take seconds of work that no request should wait for. Only what differs is kept; the position is in the job, so any worker may go on.
 */
export async function mappingDryRunStep(deps: ReplayDeps, jobId: string, budget: JobBudget): Promise<{ readonly more: boolean }> {
  const job = await loadJob(deps.pool, jobId)
  if (!job || job.connection_id === null || !isParams(job.params)) return failed(deps, jobId, 'This dry run names no draft.')
  const { params, connection_id: connectionId } = job
  const live = await deps.contextOf(connectionId)
  if ((await liveVersion(deps.pool, connectionId)) !== params.base)
    return failed(deps, jobId, 'Another version was published meanwhile. Take it in, then try again.')
  const draft = draftContext(live, await standingRules(deps.pool, connectionId), params, params.names)
  let result: Result = resultOf(job) ?? { ...noFigures(), after: 0, until: await newestHead(deps.pool) }
  const keys = await newestDocuments(deps.pool, connectionId, { ...params, after: result.after, until: result.until })
  let done = job.done
  if (!(await progressJob(deps.pool, jobId, { done, total: done + keys.length, result: { ...result } }))) return { more: false }
  const deadline = deps.now().getTime() + budget.budgetMs
  for (let at = 0; at < keys.length; at += BATCH) {
    if (budget.signal.aborted || deps.now().getTime() > deadline) return { more: true }
    const batch = keys.slice(at, at + BATCH)
    const documents = await compareMappings(deps, live, draft, await headsOf(deps.pool, connectionId, batch))
    await keepComparisons(deps.pool, jobId, documents.flatMap(kept))
    result = { ...addedUp(result, documents), after: batch.at(-1)?.rawId ?? result.after, until: result.until }
    done += batch.length
    if (!(await progressJob(deps.pool, jobId, { done, result: { ...result } }))) return { more: false }
    budget.heartbeat(done)
  }
  await finishJob(deps.pool, jobId, 'done')
  return { more: false }
}

async function failed(deps: ReplayDeps, jobId: string, message: string): Promise<{ readonly more: false }> {
  await finishJob(deps.pool, jobId, 'failed', message)
  return { more: false }
}

const kept = ({ entity, number, outcome, changes, live, draft }: ComparedDocument): readonly KeptComparison[] => {
  if (outcome === 'unchanged') return []
  const problem = draft.problem ?? live.problem
  return [
    {
      item: entity,
      outcome,
      detail: { number, ...(problem !== null && { problem: problem.slice(0, 500) }), changes: changes.slice(0, MOST_CHANGES) },
    },
  ]
}

const isParams = (params: Job['params']): params is Job['params'] & DryRunParams =>
  Array.isArray(params['rules']) && Array.isArray(params['names']) && typeof params['base'] === 'number' && typeof params['last'] === 'number'

const isResult = (value: Job['result']): value is Job['result'] & Result => typeof value['after'] === 'number' && typeof value['until'] === 'number'
const resultOf = ({ result }: Job): Result | undefined => (isResult(result) ? result : undefined)
