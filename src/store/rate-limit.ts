import type pg from 'pg'
import { ChannelError } from '../core/fault.ts'

/** How fast one limit may be used: `calls` per `perSeconds`, with `burst` at once (default = calls). */
export interface LimitRate {
  readonly calls: number
  readonly perSeconds: number
  readonly burst?: number
}

export interface PostgresLimiterOptions {
  readonly pool: pg.Pool
  /** Ends every wait at once (shutdown); the waiting call then fails as transient, for certain not sent. */
  readonly signal?: AbortSignal
  /** For writes: refused, for certain not sent, while all outbound writes are stopped. Seen with the last look, right before a request goes out. */
  readonly stoppable?: boolean
}

/**
 * Token bucket (GCRA) shared by all workers: one statement on the server's clock, each on its own in autocommit, never
 * inside a batch transaction. A refused caller learns in the same statement how long to wait, so nobody spins.
 */
export function postgresLimiter(options: PostgresLimiterOptions): {
  take(key: string, cost: number, rate: LimitRate): Promise<void>
  block(key: string, ms: number): Promise<void>
} {
  const { pool, signal, stoppable = false } = options
  return {
    async take(key, cost, rate) {
      for (;;) {
        const { waitMs, stopped } = await look(pool, key, cost, rate)
        if (waitMs === 0) {
          if (stoppable && stopped) throw allStopped()
          return
        }
        await pause(waitMs, signal)
      }
    },
    async block(key, ms) {
      if (ms <= 0) return
      await pool.query(
        `insert into rate_limits (key, tat, blocked_until) values ($1, clock_timestamp(), clock_timestamp() + make_interval(secs => $2::float8 / 1000))
         on conflict (key) do update set blocked_until = greatest(rate_limits.blocked_until, excluded.blocked_until)`,
        [key, ms],
      )
    },
  }
}

/**
 * Takes `cost` calls of `key` now, or answers the milliseconds after which it is worth asking again (0 = taken). A cost
 * above the burst counts as the burst: it could never be taken otherwise.
 */
export async function tryTake(pool: pg.Pool | pg.ClientBase, key: string, cost: number, rate: LimitRate): Promise<number> {
  return (await look(pool, key, cost, rate)).waitMs
}

async function look(
  pool: pg.Pool | pg.ClientBase,
  key: string,
  cost: number,
  rate: LimitRate,
): Promise<{ readonly waitMs: number; readonly stopped: boolean }> {
  const burst = Math.max(1, rate.burst ?? rate.calls)
  const spacing = rate.perSeconds / rate.calls
  const values = [key, spacing * Math.min(cost, burst), spacing * burst]
  const { rows } = await pool.query<{ wait: number; stopped: boolean }>({ name: 'take-limit', text: TAKE, values })
  return { waitMs: Math.ceil(rows[0]?.wait ?? 0), stopped: rows[0]?.stopped ?? false }
}

const TAKE = `
with n as materialized (select clock_timestamp() as now, make_interval(secs => $2::float8) as cost, make_interval(secs => $3::float8) as tolerance),
taken as (
  insert into rate_limits as r (key, tat) select $1, n.now + n.cost from n
  on conflict (key) do update set tat = greatest(r.tat, (select now from n)) + (select cost from n), blocked_until = null
  where greatest(r.tat, (select now from n)) + (select cost - tolerance from n) <= (select now from n)
    and (r.blocked_until is null or r.blocked_until <= (select now from n))
  returning 1)
select case when exists (select 1 from taken) then 0
  else greatest(1, 1000 * extract(epoch from greatest(r.tat + n.cost - n.tolerance, r.blocked_until) - n.now))::float8 end as wait,
  coalesce((select value ->> 'state' from settings where key = 'outbound'), 'running') = 'stopped' as stopped
from n left join rate_limits r on r.key = $1`

/** Never sleeps long in one piece: a block that is lifted or a stopped worker is noticed soon. */
const LONGEST_NAP_MS = 5_000

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) throw notSent()
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, Math.min(ms, LONGEST_NAP_MS))
    function done(): void {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    function stop(): void {
      clearTimeout(timer)
      reject(notSent())
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}

const notSent = (): ChannelError =>
  new ChannelError({ kind: 'transient', code: 'not-sent', message: 'The work ended while it waited for its turn; nothing was sent.' })

const allStopped = (): ChannelError =>
  new ChannelError({ kind: 'transient', code: 'outbound-stopped', message: 'All outbound writes are stopped; nothing was sent.' })
