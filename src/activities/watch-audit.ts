import type pg from 'pg'
import { enterInterrupted } from '../store/people/audit.ts'
import type { ActivityLog } from './failure.ts'
import { lookAgain, type Watch } from './look-again.ts'

const LOOK_MS = 60_000
const LONGEST_MS = 600_000

/** Enters in the audit log, once a minute, what was begun by a process that died. */
export const startAuditWatch = (deps: { readonly pool: pg.Pool; readonly now: () => Date; readonly log: ActivityLog }): Watch =>
  lookAgain(
    async () => void (await enterInterrupted(deps.pool, deps.now())),
    { everyMs: LOOK_MS, longestMs: LONGEST_MS },
    { log: deps.log, failing: 'Looking for what was begun and not entered in the audit log' },
  )
