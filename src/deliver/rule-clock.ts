import type pg from 'pg'
import { withTx } from '../store/db.ts'
import { passBoundaries } from '../store/deliver/write-rules.ts'
import { readRuleState } from '../store/read/stock-rules.ts'

/** Lets rules begin and end whose time has come; answers how many listings were marked to be told anew. One look at one row while nothing is due. */
export async function passRuleTime(pool: pg.Pool, now: Date): Promise<number> {
  const { next_at: next } = await readRuleState(pool)
  if (next === null || Date.parse(next) > now.getTime()) return 0
  return withTx(pool, (client) => passBoundaries(client, now))
}
