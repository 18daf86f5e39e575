import { DomainError } from '../core/fault.ts'
import { finishJob, loadJob, progressJob, type Job, type JobKind } from '../store/jobs.ts'
import { refreshListings } from './care.ts'
import { pullRange, type OpenedConnection } from './pull.ts'
import type { PushDeps } from './push.ts'
import { mappingDryRunStep } from './mapping-dry-run.ts'
import { replayStep, type ReplayDeps } from './replay.ts'

/** One slice of a job, at most `budgetMs` long; its position is kept in the job's row, so that any worker may go on. */
export type JobStep = (jobId: string, budget: JobBudget) => Promise<{ readonly more: boolean }>
export interface JobBudget {
  readonly signal: AbortSignal
  readonly budgetMs: number
  readonly heartbeat: (done: number) => void
}
export type JobSteps = Partial<Readonly<Record<JobKind, JobStep>>>

/** The kinds of jobs that need nothing but channels and the store; the composition root adds the others. */
export function channelJobs(deps: PushDeps & ReplayDeps): JobSteps {
  return {
    backfill: (jobId, budget) => backfillStep(deps, jobId, budget),
    replay: (jobId, budget) => replayStep(deps, jobId, budget),
    mapping: (jobId, budget) => mappingDryRunStep(deps, jobId, budget),
    listings: (jobId, budget) => listingsStep(deps, jobId, budget),
  }
}

/** Runs one slice of a job. A fault of the job's own ends it as failed with its reason; a fault of the moment is retried by the workflow. */
export async function runJobStep(deps: PushDeps, steps: JobSteps, jobId: string, budget: JobBudget): Promise<{ readonly more: boolean }> {
  const job = await loadJob(deps.pool, jobId)
  if (!job || (job.state !== 'planned' && job.state !== 'running')) return { more: false }
  const step = steps[job.kind]
  if (!step) {
    await finishJob(deps.pool, jobId, 'failed', `This hub cannot run ${job.kind} jobs.`)
    return { more: false }
  }
  return step(jobId, budget)
}

/** The workflow gave up on a job. */
export const failJob = (deps: Pick<PushDeps, 'pool'>, jobId: string, message: string): Promise<void> => finishJob(deps.pool, jobId, 'failed', message)

async function startedJob(deps: PushDeps, jobId: string): Promise<{ readonly job: Job; readonly connectionId: string }> {
  const job = await loadJob(deps.pool, jobId)
  if (!job || job.connection_id === null) throw new DomainError('job-unknown', `Job ${jobId} does not exist or names no connection.`)
  return { job, connectionId: job.connection_id }
}

/** Parameters were written by our own API: `{from, to}` as instants. */
async function backfillStep(deps: PushDeps, jobId: string, budget: JobBudget): Promise<{ readonly more: boolean }> {
  const { job, connectionId } = await startedJob(deps, jobId)
  const { from, to } = job.params
  if (typeof from !== 'string' || typeof to !== 'string' || !(Date.parse(from) < Date.parse(to)))
    throw new DomainError('range-invalid', `Backfill ${jobId} has no valid range.`)
  let done = job.done
  const range = { jobId, from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  if (!(await progressJob(deps.pool, jobId, { done }))) return { more: false }
  const report = await pullRange(deps, connectionId, range, {
    signal: budget.signal,
    budgetMs: budget.budgetMs,
    heartbeat: ({ seen }) => budget.heartbeat(done + seen),
  })
  done += report.seen
  const before = readCounts(job.result)
  const result = {
    created: before.created + report.created,
    changed: before.changed + report.changed,
    held: before.held + report.held,
    watermark: report.watermark,
  }
  if (!(await progressJob(deps.pool, jobId, { done, result }))) return { more: false }
  if (report.more) return { more: true }
  await finishJob(deps.pool, jobId, 'done')
  return { more: false }
}

const readCounts = (result: Job['result']): { readonly created: number; readonly changed: number; readonly held: number } => {
  const count = (name: string): number => (typeof result[name] === 'number' ? result[name] : 0)
  return { created: count('created'), changed: count('changed'), held: count('held') }
}

async function listingsStep(deps: PushDeps, jobId: string, budget: JobBudget): Promise<{ readonly more: boolean }> {
  const { connectionId } = await startedJob(deps, jobId)
  if (!(await progressJob(deps.pool, jobId, { done: 0 }))) return { more: false }
  const opened: OpenedConnection = await deps.open(connectionId, budget.signal)
  const report = await refreshListings(deps, opened, budget.heartbeat)
  await progressJob(deps.pool, jobId, { done: report.saved, total: report.saved, result: { ...report } })
  await finishJob(deps.pool, jobId, 'done')
  return { more: false }
}
