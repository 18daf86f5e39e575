import { randomUUID } from 'node:crypto'
import { Context } from '@temporalio/activity'
import type pg from 'pg'
import type { Registry } from '../core/connector.ts'
import type { IngestDeps } from '../normalize/ingest.ts'
import { endTurns, keepTurns, takeTurns } from '../store/deliver/due-stock.ts'
import { liveConnections, loadConnection, loadConnections } from '../store/deliver/open-connection.ts'
import { careFor, keepHouse, sweepConnection, type CareDeps, type SweepReport } from './care.ts'
import type { Channels } from './connection-call.ts'
import { noteReadFault, noteSuccess } from './connection-health.ts'
import { guarded, type ActivityLog } from './failure.ts'
import { drainFetchQueue } from './fetch.ts'
import { askLastDays, ledgerStep } from './ledger-ask.ts'
import { channelJobs, failJob, runJobStep, type JobSteps } from './jobs.ts'
import { pollRound, type RoundReport } from './poll.ts'
import type { DeskDeps } from './push-desk.ts'
import { pushEffects, pushStock, settleDoubt, type PushReport } from './push.ts'
import { ChannelError } from '../core/fault.ts'
import { handOverOrders } from '../deliver/hand-over.ts'

export interface ActivityDeps extends IngestDeps {
  readonly pool: pg.Pool
  readonly registry: Registry
  readonly channels: Channels
  readonly log: ActivityLog
  readonly publicUrl: CareDeps['publicUrl']
  /** Jobs beyond backfill, replay and listings: import, export, sandbox-remove. */
  readonly jobs?: JobSteps
}

/** A poll activity reads pages for this long, then hands back so that signals are heard. */
const POLL_BUDGET_MS = 20_000
const JOB_BUDGET_MS = 45_000

/** Everything workflows may ask for. Arguments and answers are ids and counts; documents stay in Postgres. */
export interface HubActivities {
  pollRound(connectionId: string, options: { readonly force: boolean; readonly probe: boolean }): Promise<RoundReport>
  careFor(connectionId: string): Promise<void>
  pushStock(connectionId: string): Promise<PushReport>
  pushEffects(connectionId: string): Promise<PushReport>
  settleDoubt(connectionId: string): Promise<{ readonly settled: number; readonly more: boolean }>
  drainFetches(connectionId: string): Promise<{ readonly read: number; readonly more: boolean }>
  listConnections(): Promise<readonly string[]>
  sweepConnection(connectionId: string): Promise<SweepReport>
  keepHouse(): Promise<readonly string[]>
  jobStep(jobId: string): Promise<{ readonly more: boolean }>
  failJob(jobId: string, message: string): Promise<void>
}

/** The activities of one worker. */
export function createActivities(deps: ActivityDeps): HubActivities {
  const care = careDeps(deps)
  const jobs: JobSteps = {
    ledger: (id, budget) => ledgerStep(care, id, budget),
    ...channelJobs({ ...care, contextOf: (id) => deps.channels.contextOf(id), sleep }),
    ...deps.jobs,
  }
  const tills = [...deps.registry.values()].filter(({ manifest }) => manifest.kind === 'pos').map(({ manifest }) => manifest.id)
  const signal = (): AbortSignal => Context.current().cancellationSignal
  const beat = (details: unknown): void => Context.current().heartbeat(details)
  const activities: HubActivities = {
    pollRound: (id, options) => beating(() => pollRound(care, id, options, { signal: signal(), budgetMs: POLL_BUDGET_MS, heartbeat: beat })),
    careFor: (id) => beating(() => careFor(care, id, signal(), () => beat('care'))),
    pushStock: (id) => beating(() => pushInTurn(care, id, signal())),
    pushEffects: (id) => beating(() => pushEffects(care, id, signal())),
    settleDoubt: (id) => beating(() => settleDoubt(care, id, signal())),
    drainFetches: (id) => beating(() => drainFetches(care, tills, id, signal())),
    listConnections: async () => (await liveConnections(deps.pool)).filter((row) => row.state === 'active').map((row) => row.id),
    sweepConnection: (id) =>
      beating(async () => {
        const report = await sweepConnection(care, id, signal(), beat)
        await askLastDays(care, id, signal(), beat)
        return report
      }),
    keepHouse: () => keepHouse(deps),
    jobStep: (id) => beating(() => runJobStep(care, jobs, id, { signal: signal(), budgetMs: JOB_BUDGET_MS, heartbeat: beat })),
    failJob: (id, message) => failJob(deps, id, message),
  }
  return guardAll(deps.log, activities)
}

/** The desks tell levels by themselves; this looks after one connection at once when a person asked, and from time to time should every desk be gone. */
async function pushInTurn(deps: CareDeps, connectionId: string, signal: AbortSignal): Promise<PushReport> {
  const owner = randomUUID()
  const turn = await takeTurns(deps.pool, owner, [connectionId], true)
  if (turn.length === 0) return { sent: 0, done: 0, refused: 0, unknown: 0, more: false }
  const keeping = setInterval(() => void keepTurns(deps.pool, owner, turn).catch(() => undefined), HEARTBEAT_MS)
  try {
    return await pushStock(deps, connectionId, signal)
  } finally {
    clearInterval(keeping)
    await endTurns(deps.pool, owner, [{ connectionId, restMs: 0 }])
  }
}

/** What a desk needs of a worker's parts. */
export const deskDeps = (deps: ActivityDeps, wake: DeskDeps['wake']): DeskDeps => ({
  ...careDeps(deps),
  wake,
  log: deps.log,
  loadAll: (ids) => loadConnections(deps.pool, ids),
  openLoaded: (stored, signal) => deps.channels.openLoaded(stored, signal),
})

function careDeps(deps: ActivityDeps): CareDeps {
  return {
    pool: deps.pool,
    box: deps.box,
    keys: deps.keys,
    mappings: deps.mappings,
    now: deps.now,
    drift: deps.drift,
    publicUrl: deps.publicUrl,
    open: (id, signal, purpose) => deps.channels.open(id, signal, purpose),
    openStored: (id, signal) => deps.channels.open(id, signal),
    findConnection: (id) => loadConnection(deps.pool, id),
  }
}

/** What came in and still has something to be done: sales that hand over an order are brought to it, orders are read again. */
async function drainFetches(
  deps: CareDeps,
  tills: readonly string[],
  connectionId: string,
  signal: AbortSignal,
): Promise<{ readonly read: number; readonly more: boolean }> {
  const stored = await deps.findConnection(connectionId)
  if (stored?.state !== 'active') return { read: 0, more: false }
  const handed = await handOverOrders({ pool: deps.pool, now: deps.now(), tills }, connectionId)
  try {
    const report = await drainFetchQueue(deps, await deps.open(connectionId, signal))
    if (report.read > 0) await noteSuccess(deps, connectionId, 'fetch')
    return { ...report, more: report.more || handed.more }
  } catch (error) {
    if (error instanceof ChannelError) await noteReadFault(deps, stored, 'fetch', error.fault)
    throw error
  }
}

const HEARTBEAT_MS = 5_000

/** A wait for the rate limit or a slow page may be long: this heartbeat says that the process lives; calls have deadlines of their own. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current()
  const timer = setInterval(() => context.heartbeat(), HEARTBEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function guardAll(log: ActivityLog, a: HubActivities): HubActivities {
  return {
    pollRound: guarded(log, 'pollRound', a.pollRound),
    careFor: guarded(log, 'careFor', a.careFor),
    pushStock: guarded(log, 'pushStock', a.pushStock),
    pushEffects: guarded(log, 'pushEffects', a.pushEffects),
    settleDoubt: guarded(log, 'settleDoubt', a.settleDoubt),
    drainFetches: guarded(log, 'drainFetches', a.drainFetches),
    listConnections: guarded(log, 'listConnections', a.listConnections),
    sweepConnection: guarded(log, 'sweepConnection', a.sweepConnection),
    keepHouse: guarded(log, 'keepHouse', a.keepHouse),
    jobStep: guarded(log, 'jobStep', a.jobStep),
    failJob: guarded(log, 'failJob', a.failJob),
  }
}
