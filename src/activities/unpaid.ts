import type pg from 'pg'
import { expireUnpaid } from '../deliver/expire-unpaid.ts'
import type { ActivityLog } from './failure.ts'

const EVERY_MS = 30_000

/** Looks twice a minute for unpaid orders whose time is over. Any number of processes may do so: each order is taken by one of them. */
export function watchUnpaid(deps: { readonly pool: pg.Pool; readonly now: () => Date; readonly log: ActivityLog }): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    try {
      while ((await expireUnpaid(deps.pool, deps.now())).more);
    } catch (error) {
      deps.log.warn('Giving back what unpaid orders hold failed; it is tried again.', { error: error instanceof Error ? error.name : 'unknown' })
    }
  }
  const timer = setInterval(() => {
    running = running.then(look)
  }, EVERY_MS)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
