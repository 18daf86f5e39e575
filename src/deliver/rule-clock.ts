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

const LOOK_MS = 1_000
const LONGEST_MS = 30_000

/** Looks every second whether a rule begins or ends. One per worker process; who comes first does it. */
export function startRuleClock(deps: {
  readonly pool: pg.Pool
  readonly now: () => Date
  readonly log: { warn(message: string, facts: Readonly<Record<string, unknown>>): void }
}): { stop(): Promise<void> } {
  let stopped = false
  let wakeUp: (() => void) | undefined
  const run = async (): Promise<void> => {
    let faults = 0
    while (!stopped) {
      try {
        await passRuleTime(deps.pool, deps.now())
        faults = 0
      } catch (error) {
        faults += 1
        if (faults === 3)
          deps.log.warn('Looking for rules that begin or end failed; it goes on.', { error: error instanceof Error ? error.name : 'unknown' })
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(LOOK_MS * 2 ** faults, LONGEST_MS))
        wakeUp = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      wakeUp?.()
      await running
    },
  }
}
