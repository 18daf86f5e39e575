import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPool } from '../../src/store/db.ts'
import { ORDER_STATES, countOrders, listOrders } from '../../src/store/read/orders.ts'
import type { Db } from '../../src/store/read/scope.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url, { max: 1 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

/** More orders than a list is counted to: 11,000 of the first connection and a thousand of the second, in every state. */
const FILL = `
insert into orders (connection_id, channel, channel_order_no, external_id, version, raw_id, mapping, source_time, authoritative, read_started_at, content_hash, doc, source_status,
  payment, fulfilment, after_sale, approval, cancelled, cancel_requested, closed, reserves, currency, total_minor, paid_minor, refunded_minor, line_count, unit_count, placed_at, ship_by)
select case when n % 12 = 0 then 'c_few' else 'c_many' end, 'x', 'N' || n, 'N' || n, 1, n, 'x', now(), true, now(), '', case when n % 5 = 0 then '{"is_cod":true}' else '{}' end::json, 'x',
  case when n % 7 = 0 then 'pending' else 'paid' end, case when n % 3 = 0 then 'unallocated' else 'delivered' end, 'none', case when n % 11 = 0 then 'held' else 'approved' end,
  n % 13 = 0, false, n % 17 = 0, false, 'CNY', 1, 1, 0, 1, 1, now() - n * interval '1 minute', case when n % 2 = 0 then now() + n % 100 * interval '1 hour' end
from generate_series(1, $1::int) n`

it('counts every list as it is, up to 10,000, whether the filters leave few or many', async () => {
  await pool.query(FILL, [12_000])
  const truth = async (connection: string | undefined): Promise<Record<string, number>> => {
    const lists = Object.entries({ all: 'true', ...ORDER_STATES })
    const { rows } = await pool.query<Record<string, number>>(
      `select ${lists.map(([name, condition]) => `least(10000, count(*) filter (where ${condition}))::int as "${name}"`).join(', ')} from orders o where $1::text is null or connection_id = $1`,
      [connection ?? null],
    )
    return rows[0] ?? {}
  }
  const all = await truth(undefined)
  expect(all).toMatchObject({ all: 10_000 })
  expect(Object.values(all).every((count) => count > 0)).toBe(true)
  expect(await countOrders(pool, {}, null)).toEqual(all)
  expect(await countOrders(pool, { connection: 'c_few' }, null)).toEqual(await truth('c_few'))
  expect(await countOrders(pool, { connection: 'c_many', state: 'held' }, null)).toEqual(await truth('c_many'))
  expect(await countOrders(pool, {}, ['c_few'])).toEqual(await truth('c_few'))
  // More to ship than are counted: not all that is open, so it is counted by itself.
  await pool.query(
    `update orders set fulfilment = 'unallocated', closed = false, cancelled = false, approval = case when id % 11 = 0 then 'held' else 'approved' end`,
  )
  const open = await truth(undefined)
  expect(open).toMatchObject({ open: 10_000 })
  expect(await countOrders(pool, {}, null)).toEqual(open)
})

it('lists what is to be shipped along its deadlines, without sorting what is open', async () => {
  const plans: string[] = []
  const explained: Db = new Proxy(pool, {
    get: (_, name) =>
      name !== 'query'
        ? undefined
        : async (sql: string, values: readonly unknown[]) => {
            const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...values])
            plans.push(...rows.map((row) => row['QUERY PLAN']))
            return { rows: [] }
          },
  })
  await pool.query('update orders set closed = true where id % 50 > 0')
  await pool.query('analyze orders')
  await listOrders(explained, { state: 'to_ship' }, null, { sort: 'ship_by', limit: 100 })
  expect(plans.join('\n')).toContain('Index Scan using orders_due')
  expect(plans.slice(0, 3).join('\n')).not.toContain('Sort')
  const first = await listOrders(pool, { state: 'to_ship' }, null, { sort: 'ship_by', limit: 40 })
  const last = first[39]
  const next = await listOrders(pool, { state: 'to_ship' }, null, {
    sort: 'ship_by',
    limit: 40,
    after: { value: last?.sort_value ?? '', id: last?.id ?? '' },
  })
  const both = await listOrders(pool, { state: 'to_ship' }, null, { sort: 'ship_by', limit: 80 })
  expect([...first.slice(0, 40), ...next].map(({ id }) => id)).toEqual(both.slice(0, 81).map(({ id }) => id))
  expect(both.map(({ ship_by: by }) => by ?? '9')).toEqual(both.map(({ ship_by: by }) => by ?? '9').toSorted())
})
