import type pg from 'pg'
import { PUSH_KINDS } from '../core/runs.ts'
import { LEASE_SECONDS } from '../deliver/settle-stock.ts'
import { dueWork, waitingJobs, type DueWork } from '../store/deliver/due-work.ts'
import type { HubWorkflows } from './ensure.ts'
import type { ActivityLog } from './failure.ts'
import { lookAgain, type Watch } from './look-again.ts'

export interface WakerDeps {
  readonly pool: pg.Pool
  readonly workflows: Pick<HubWorkflows, 'wakePush' | 'startJob' | 'revive'>
  readonly now: () => Date
  readonly log: ActivityLog
}

const LOOK_MS = 500
const LONGEST_MS = 10_000
const FIRST_SILENCE_MS = 1_000
/** The same work that is still there is called again after 1 s, 2 s, 4 s … up to this: somebody is at it, or it has to wait. */
const LONGEST_SILENCE_MS = 60_000
const JOB_GRACE_MS = 3_000
/** How often the workflow server is asked whether it still has the workflows that always run. */
const REVIVE_MS = 10_000

interface Called {
  readonly at: number
  readonly silenceMs: number
}

/**
 * Looks in Postgres for outbound work and wakes the workflows concerned, so that every writer only has to commit: no
 * writer needs the workflow server, and nothing waits for a lost signal. One per worker process.
 */
export function startWaker(deps: WakerDeps): Watch {
  const called = new Map<string, Called>()
  let revivedAt = deps.now().getTime()
  const reviveAndLook = async (): Promise<void> => {
    if (deps.now().getTime() - revivedAt >= REVIVE_MS) {
      await deps.workflows.revive()
      revivedAt = deps.now().getTime()
    }
    await look(deps, called)
  }
  return lookAgain(reviveAndLook, { everyMs: LOOK_MS, longestMs: LONGEST_MS }, { log: deps.log, failing: 'Looking for outbound work' })
}

async function look(deps: WakerDeps, called: Map<string, Called>): Promise<void> {
  const now = deps.now().getTime()
  const due = await dueWork(deps.pool, deps.now(), LEASE_SECONDS)
  const jobs = await waitingJobs(deps.pool, new Date(now - JOB_GRACE_MS))
  const present = new Set([...due.map(keyOf), ...jobs.map((id) => `job ${id}`)])
  for (const key of called.keys()) if (!present.has(key)) called.delete(key)
  const turns = due.filter((work) => isTurn(called, keyOf(work), now, Date.parse(work.newestAt)))
  for (const connectionId of new Set(turns.map((work) => work.connectionId))) {
    const kinds = PUSH_KINDS.filter((kind) => turns.some((work) => work.connectionId === connectionId && work.kind === kind))
    await deps.workflows.wakePush([connectionId], kinds)
  }
  for (const id of jobs) if (isTurn(called, `job ${id}`, now, 0)) await deps.workflows.startJob(id)
}

const keyOf = (work: DueWork): string => `${work.connectionId} ${work.kind}`

/** True when this work is to be called now. Work that came since the last call is called soon; each call for the same work doubles the silence. */
function isTurn(called: Map<string, Called>, key: string, now: number, newestAt: number): boolean {
  const before = called.get(key)
  const fresh = before === undefined || newestAt > before.at
  const silenceMs = fresh ? FIRST_SILENCE_MS : before.silenceMs
  if (before && now - before.at < silenceMs) return false
  called.set(key, { at: now, silenceMs: fresh ? FIRST_SILENCE_MS : Math.min(silenceMs * 2, LONGEST_SILENCE_MS) })
  return true
}
