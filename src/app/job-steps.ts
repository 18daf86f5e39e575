import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobBudget, JobSteps } from '../activities/jobs.ts'
import type { RawRecord } from '../core/connector.ts'
import { DomainError } from '../core/fault.ts'
import { importFile, type RowReport } from '../intake/files/import-file.ts'
import { pathSource } from '../kit/files/source.ts'
import { ingest, type IngestDeps } from '../normalize/ingest.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import { noteReport } from '../store/edit/files.ts'
import { removeSandbox } from '../store/edit/remove-sandbox.ts'
import { finishJob, loadJob, progressJob } from '../store/jobs.ts'
import { openImport } from './files.ts'

export interface JobStepDeps extends IngestDeps {
  readonly contextOf: (connectionId: string) => Promise<ConnectionContext>
  /** Called once the simulated connections are gone. */
  readonly sandboxRemoved: (connections: readonly string[]) => Promise<void>
}

/** Row reports kept with the job: all that went wrong, up to this many. */
const MAX_ROWS = 2000

/** The kinds of jobs that need more than channels and the store. */
export function jobSteps(deps: JobStepDeps): JobSteps {
  return {
    import: (jobId, budget) => importStep(deps, jobId, budget),
    'sandbox-remove': (jobId) => sandboxStep(deps, jobId),
  }
}

/** Reads an uploaded file to its end; a repeat after a crash appends nothing twice. */
async function importStep(deps: JobStepDeps, jobId: string, budget: JobBudget): Promise<{ readonly more: boolean }> {
  const job = await loadJob(deps.pool, jobId)
  const path = job?.params['path']
  const fileId = job?.params['file_id']
  if (!job || job.connection_id === null || typeof path !== 'string' || typeof fileId !== 'string')
    throw new DomainError('job-unknown', `Import ${jobId} names no file.`)
  const context = await deps.contextOf(job.connection_id)
  const opened = await openImport({ ...pathSource(path), name: String(job.params['name']) }, context)
  if (!(await progressJob(deps.pool, jobId, { done: 0, total: opened.rows }))) return { more: false }
  const problems: RowReport[] = []
  const flow = new Progress(deps, jobId)
  const report = await importFile({
    read: opened.read,
    append: (records) => append(deps, context, records, budget.signal),
    progress: ({ rows }) => {
      budget.heartbeat(rows)
      flow.report(rows)
    },
    onRow: (row) => {
      if (row.as === 'held' && problems.length < MAX_ROWS) problems.push(row)
    },
  })
  await flow.settled()
  const result = { ...report, file: opened.scan, problems }
  await noteReport(deps.pool, fileId, { rows: report.rows, report: result })
  if (!(await progressJob(deps.pool, jobId, { done: report.rows, total: report.rows, result }))) return { more: false }
  await finishJob(deps.pool, jobId, 'done')
  await rm(path, { force: true })
  return { more: false }
}

/** Notes progress without making the import wait for it: only the newest figure is written. */
class Progress {
  readonly #deps: JobStepDeps
  readonly #jobId: string
  #writing: Promise<unknown> = Promise.resolve()
  #busy = false

  constructor(deps: JobStepDeps, jobId: string) {
    this.#deps = deps
    this.#jobId = jobId
  }

  report(done: number): void {
    if (this.#busy) return
    this.#busy = true
    this.#writing = progressJob(this.#deps.pool, this.#jobId, { done })
      .catch(() => undefined)
      .finally(() => (this.#busy = false))
  }

  async settled(): Promise<void> {
    await this.#writing
  }
}

async function append(
  deps: JobStepDeps,
  context: ConnectionContext,
  records: readonly RawRecord[],
  signal: AbortSignal,
): Promise<{ readonly appended: number; readonly unchanged: number }> {
  signal.throwIfAborted()
  const at = deps.now().toISOString()
  const result = await ingest(
    deps,
    context,
    records.map((record) => ({ record, source: 'file', receivedAt: at, readStartedAt: at, authoritative: true })),
  )
  return { appended: records.length - result.unchanged, unchanged: result.unchanged }
}

/** How long rounds and deliveries that were under way may go on writing after their workflows were ended. */
const LAST_COMMITS_MS = 5000

async function sandboxStep(deps: JobStepDeps, jobId: string): Promise<{ readonly more: boolean }> {
  if (!(await progressJob(deps.pool, jobId, { done: 0 }))) return { more: false }
  const removed = await removeSandbox(deps.pool)
  await deps.sandboxRemoved(removed.connections)
  await sleep(LAST_COMMITS_MS)
  await removeSandbox(deps.pool, removed.connections)
  await progressJob(deps.pool, jobId, {
    done: removed.orders,
    total: removed.orders,
    result: { connections: removed.connections.length, orders: removed.orders },
  })
  await finishJob(deps.pool, jobId, 'done')
  return { more: false }
}
