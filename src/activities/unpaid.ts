import type pg from 'pg'
import { expireUnpaid } from '../deliver/expire-unpaid.ts'
import type { ActivityLog } from './failure.ts'
import { lookAgain, type Watch } from './look-again.ts'

const EVERY_MS = 30_000

/** Looks twice a minute for unpaid orders whose time is over. Any number of processes may do so: each order is taken by one of them. */
export const watchUnpaid = (deps: { readonly pool: pg.Pool; readonly now: () => Date; readonly log: ActivityLog }): Watch =>
  lookAgain(
    async () => {
      while ((await expireUnpaid(deps.pool, deps.now())).more);
    },
    { everyMs: EVERY_MS, longestMs: EVERY_MS },
    { log: deps.log, failing: 'Giving back what unpaid orders hold' },
  )
