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

interface Look {
  readonly waitMs: number
  readonly stopped: boolean
}

interface Asked {
  readonly key: string
  readonly cost: number
  readonly tolerance: number
  readonly resolve: (found: Look) => void
  readonly reject: (error: unknown) => void
}

/** Who asks in the same moment: a change that goes to twenty channels asks for twenty limits. */
const asked = new WeakMap<pg.Pool | pg.ClientBase, Asked[]>()

function look(pool: pg.Pool | pg.ClientBase, key: string, cost: number, rate: LimitRate): Promise<Look> {
  const burst = Math.max(1, rate.burst ?? rate.calls)
  const spacing = rate.perSeconds / rate.calls
  return new Promise((resolve, reject) => {
    const one = { key, cost: spacing * Math.min(cost, burst), tolerance: spacing * burst, resolve, reject }
    const others = asked.get(pool)
    if (others) others.push(one)
    else {
      asked.set(pool, [one])
      setImmediate(() => askTogether(pool))
    }
  })
}

/** One statement for all, in the order of their keys; who asks for a key twice goes the next time round. */
function askTogether(pool: pg.Pool | pg.ClientBase): void {
  const all = asked.get(pool) ?? []
  const now = new Map<string, Asked>()
  const later: Asked[] = []
  for (const one of all)
    if (now.size < MOST_TOGETHER && !now.has(one.key)) now.set(one.key, one)
    else later.push(one)
  if (later.length === 0) asked.delete(pool)
  else {
    asked.set(pool, later)
    setImmediate(() => askTogether(pool))
  }
  void takeAll(
    pool,
    [...now.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  )
}

const MOST_TOGETHER = 100

async function takeAll(pool: pg.Pool | pg.ClientBase, all: readonly Asked[]): Promise<void> {
  try {
    const values = [all.map(({ key }) => key), all.map(({ cost }) => cost), all.map(({ tolerance }) => tolerance)]
    const { rows } = await pool.query<{ key: string; wait: number; stopped: boolean }>({ name: 'take-limits', text: TAKE, values })
    const found = new Map(rows.map((row) => [row.key, row]))
    for (const { key, resolve } of all) resolve({ waitMs: Math.ceil(found.get(key)?.wait ?? 0), stopped: found.get(key)?.stopped ?? false })
  } catch (error) {
    for (const { reject } of all) reject(error)
  }
}

const TAKE = `
with n as materialized (
  select x.key, clock_timestamp() as now, make_interval(secs => x.cost) as cost, make_interval(secs => x.tolerance) as tolerance
  from unnest($1::text[], $2::float8[], $3::float8[]) x(key, cost, tolerance)),
taken as (
  insert into rate_limits as r (key, tat) select n.key, n.now + n.cost from n
  on conflict (key) do update set tat = greatest(r.tat, (select now from n where n.key = r.key)) + (select cost from n where n.key = r.key), blocked_until = null
  where greatest(r.tat, (select now from n where n.key = r.key)) + (select cost - tolerance from n where n.key = r.key) <= (select now from n where n.key = r.key)
    and (r.blocked_until is null or r.blocked_until <= (select now from n where n.key = r.key))
  returning r.key)
select n.key, case when t.key is not null then 0
  else greatest(1, 1000 * extract(epoch from greatest(r.tat + n.cost - n.tolerance, r.blocked_until) - n.now))::float8 end as wait,
  coalesce((select value ->> 'state' from settings where key = 'outbound'), 'running') = 'stopped' as stopped
from n left join taken t on t.key = n.key left join rate_limits r on r.key = n.key`

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
