import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { signDay } from '../../src/store/edit/ledger-asks.ts'
import { createPool } from '../../src/store/db.ts'
import { readLedgerDays, type LedgerDay } from '../../src/store/read/ledger-days.ts'
import { readLedgerEntries } from '../../src/store/read/ledger-entries.ts'
import type { Db } from '../../src/store/read/scope.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

/** Three connections, five days, 600 orders each day: every way to agree and to differ, in two currencies. */
const FILL = `
insert into connections (id, channel, name, state, timezone, currency, created_at) select 'c_' || n, 'x', 'C' || n, 'active', 'Asia/Shanghai', 'CNY', '2026-01-01' from generate_series(1, 3) n;
insert into orders (connection_id, channel, channel_order_no, external_id, version, raw_id, mapping, source_time, authoritative, read_started_at, content_hash, doc, source_status,
  payment, fulfilment, after_sale, approval, cancelled, cancel_requested, closed, reserves, currency, total_minor, paid_minor, refunded_minor, line_count, unit_count, placed_at, first_seen_at)
select 'c_' || 1 + n % 3, 'x', 'N' || n, 'N' || n, 1, n, 'x', '2026-11-20', true, now(), '', json_build_object('pad', repeat(md5(n::text), 40)), 'x',
  'paid', 'delivered', 'none', 'approved', false, false, false, false, case when n % 9 = 0 then 'USD' else 'CNY' end, n, 1, 0, 1, 1,
  timestamptz '2026-11-10 00:00+08' + n * interval '144 seconds', case when n % 50 = 0 then timestamptz '2026-11-25' else '2026-11-16' end
from generate_series(0, 2999) n order by n;
insert into ledger_asks (connection_id, day, window_from, window_to, state, asked_at, how) select c.id, d::date, d, d, 'done', '2026-11-20', 'list'
  from connections c, generate_series(timestamp '2026-11-10', timestamp '2026-11-14', interval '1 day') d;
insert into ledger_listed (connection_id, day, external_id, outcome, currency, total_minor, source_time)
select connection_id, (placed_at at time zone 'Asia/Shanghai')::date, external_id, case when id % 31 = 0 then 'held' else 'order' end, currency,
  total_minor + case when id % 41 = 0 then 1 else 0 end, source_time + case when id % 43 = 0 then interval '1 hour' else interval '0' end from orders where id % 17 > 0;
insert into raw_heads (connection_id, kind, external_id, raw_id, sha256, source_time, authoritative, read_started_at)
  select 'c_1', 'order', 'L' || n, 10000 + n, '', now(), true, now() from generate_series(1, 3) n;
insert into raw_dispositions (raw_id, connection_id, disposition) values (10001, 'c_1', 'held'), (10002, 'c_1', 'applied');
insert into ledger_listed (connection_id, day, external_id, outcome) select 'c_1', '2026-11-12', 'L' || n, case when n = 5 then 'ignored' else 'order' end from generate_series(1, 5) n;
insert into consumers (name) values ('erp'), ('late'), ('gone');
update consumers set connections = '{c_2}' where name = 'late';
update consumers set expired_at = now() where name = 'gone';
insert into feed (kind, order_id, connection_id, version, cause, sandbox) select 'order', id, connection_id, 1, 'created', false from orders order by id;
update consumers set acked_seq = (select max(seq) from feed) - case when name = 'late' then 900 else 30 end;
insert into order_acks (consumer, order_id, version, status) select 'erp', id, 1, case when id % 23 = 0 then 'rejected' else 'accepted' end from orders where id % 5 > 0;`

const SPAN = { from: '2026-11-10', to: '2026-11-14', visible: null } as const

let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url, { max: 1 })
  await pool.query(FILL)
  await pool.query('analyze')
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const one = async (connection: string, day: string): Promise<LedgerDay> => {
  const [found] = await readLedgerDays(pool, { from: day, to: day, connection, visible: null })
  if (!found) throw new Error('no day')
  return found
}
/** The same figures, put together from the entries one by one. */
async function told({ connection_id: connection, day }: LedgerDay): Promise<unknown> {
  const entries = await readLedgerEntries(pool, { from: day, to: day, connection, visible: null, limit: 10_000 })
  const count = (of: (entry: (typeof entries)[number]) => string | null, minor?: 'listed_minor' | 'total_minor'): Record<string, number> => {
    const sums: Record<string, number> = {}
    for (const entry of entries) {
      const name = of(entry)
      if (name !== null) sums[name] = (sums[name] ?? 0) + (minor === undefined ? 1 : (entry[minor] ?? 0))
    }
    return sums
  }
  const [listed, canonical] = [count((e) => e.listed_currency, 'listed_minor'), count((e) => e.currency, 'total_minor')]
  return {
    states: count((entry) => entry.state),
    canonical: entries.filter(({ order_id: id }) => id !== null).length,
    sums: [...new Set([...Object.keys(listed), ...Object.keys(canonical)])]
      .toSorted()
      .map((currency) => ({ currency, listed: listed[currency] ?? null, canonical: canonical[currency] ?? 0 })),
  }
}

it('counts every day as its entries say, in every state, for each consumer', async () => {
  const days = await readLedgerDays(pool, SPAN)
  expect(days.map(({ day, connection_id: id }) => `${day} ${id}`).slice(0, 4)).toEqual([
    '2026-11-14 c_1',
    '2026-11-14 c_2',
    '2026-11-14 c_3',
    '2026-11-13 c_1',
  ])
  const seen = new Set(days.flatMap(({ states }) => Object.keys(states)))
  expect([...seen].toSorted()).toEqual(['amount', 'elsewhere', 'extra', 'held', 'ignored', 'matched', 'missing', 'stale', 'unlisted', 'waiting'])
  for (const row of days) {
    const { states, canonical, sums } = row
    expect([row.day, row.connection_id, { states, canonical, sums }]).toEqual([row.day, row.connection_id, await told(row)])
  }
  const { rows } = await pool.query(
    `select sum(case when id > (select max(id) from orders) - 30 then 0 else 1 end)::int as read,
       (select count(*)::int from order_acks where status = 'accepted') as accepted, (select count(*)::int from order_acks where status = 'rejected') as rejected from orders`,
  )
  const erp = days.flatMap(({ consumers }) => consumers.filter(({ name }) => name === 'erp'))
  const sum = (of: 'read' | 'accepted' | 'rejected'): number => erp.reduce((total, share) => total + share[of], 0)
  expect({ read: sum('read'), accepted: sum('accepted'), rejected: sum('rejected') }).toEqual(rows[0])
  expect(days.filter(({ consumers }) => consumers.some(({ name }) => name === 'late')).every(({ connection_id: id }) => id === 'c_2')).toBe(true)
})

it('sees at once what changes an order of an old day, and what was signed', async () => {
  const before = await one('c_2', '2026-11-11')
  const window = { from: before.window_from, to: before.window_to }
  const signed = { connectionId: 'c_2', day: '2026-11-11', window, state: 'red', note: 'x', by: 'mei', at: new Date(), statement: {} }
  await signDay(pool, signed)
  expect((await one('c_2', '2026-11-11')).changed_since).toBe(0)
  const { rows } = await pool.query<{ id: number }>(
    `update orders set total_minor = total_minor + 500, version = 2 where id = (select min(id) from orders where connection_id = 'c_2' and placed_at >= $1 and currency = 'CNY' and id % 41 > 0 and id % 17 > 0 and id % 31 > 0 and id % 43 > 0) returning id`,
    [before.window_from],
  )
  const after = await one('c_2', '2026-11-11')
  const cny = (day: LedgerDay): number => day.sums.find(({ currency }) => currency === 'CNY')?.canonical ?? 0
  expect([after.changed_since, cny(after) - cny(before), (after.states['amount'] ?? 0) - (before.states['amount'] ?? 0)]).toEqual([1, 500, 1])
  await pool.query('delete from orders where id = $1', [rows[0]?.id])
  const gone = await one('c_2', '2026-11-11')
  expect([gone.changed_since, gone.canonical - before.canonical, gone.canonical_hash === before.canonical_hash]).toEqual([1, -1, false])
})

it('costs less than a block of work per order, and writes nothing aside', async () => {
  let asked: readonly [string, readonly unknown[]] | undefined
  const spy: Db = new Proxy(pool, {
    get: (_, name) =>
      name !== 'query'
        ? undefined
        : (sql: string, values: readonly unknown[]) => {
            asked = [sql, values]
            return Promise.resolve({ rows: [] })
          },
  })
  await readLedgerDays(spy, SPAN)
  const { rows } = await pool.query<{ 'QUERY PLAN': readonly { Plan: Record<string, number> }[] }>(
    `explain (analyze, buffers, format json) ${asked?.[0]}`,
    [...(asked?.[1] ?? [])],
  )
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan ?? {}
  const blocks = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
  expect(blocks).toBeGreaterThan(0)
  expect([blocks < 3000, plan['Temp Written Blocks']]).toEqual([true, 0])
})
