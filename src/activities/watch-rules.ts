import type pg from 'pg'
import { passRuleTime } from '../deliver/rule-clock.ts'
import type { ActivityLog } from './failure.ts'
import { lookAgain, type Watch } from './look-again.ts'

const LOOK_MS = 1_000
const LONGEST_MS = 30_000

/** Looks every second whether a rule of stock begins or ends. One per worker process; who comes first does it. */
export const startRuleClock = (deps: { readonly pool: pg.Pool; readonly now: () => Date; readonly log: ActivityLog }): Watch =>
  lookAgain(
    async () => void (await passRuleTime(deps.pool, deps.now())),
    { everyMs: LOOK_MS, longestMs: LONGEST_MS },
    { log: deps.log, failing: 'Looking for rules that begin or end' },
  )
