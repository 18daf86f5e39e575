import type pg from 'pg'
import { coverShortages } from '../deliver/cover-shortages.ts'
import { watchIncidents } from '../deliver/incidents.ts'
import { orderByRule } from '../deliver/order-by-rule.ts'
import { withTx } from '../store/db.ts'
import { learnBuffers } from '../store/deliver/learned-buffers.ts'
import { measureOrderLags } from '../store/deliver/order-lags.ts'
import { measureSpeeds } from '../store/deliver/plan-speeds.ts'
import type { ActivityLog } from './failure.ts'
import { lookAgain, type Watch } from './look-again.ts'

export interface StockWatchDeps {
  readonly pool: pg.Pool
  readonly now: () => Date
  readonly log: ActivityLog
}

const LOOK_MS = 15_000
const MEASURE_MS = 60_000

/** Looks all the time for goods of which more was promised than there is, lets orders go on whose goods came, and measures how late orders are seen and how fast goods sell. One per worker process. */
export function startStockWatch(deps: StockWatchDeps): Watch {
  let measuredAt = 0
  const look = async (): Promise<void> => {
    await watchIncidents({ pool: deps.pool, now: deps.now() })
    await coverShortages({ pool: deps.pool, now: deps.now() })
    if (deps.now().getTime() - measuredAt < MEASURE_MS) return
    measuredAt = deps.now().getTime()
    await measureOrderLags(deps.pool, deps.now())
    await withTx(deps.pool, (client) => learnBuffers(client, deps.now()))
    await measureSpeeds(deps.pool, deps.now())
    await orderByRule({ pool: deps.pool, now: deps.now() })
  }
  return lookAgain(look, { everyMs: LOOK_MS, longestMs: LOOK_MS }, { log: deps.log, failing: 'Looking for oversold goods' })
}
