import { createHash } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest, type IncomingRaw } from '../../src/normalize/ingest.ts'
import { eraseOrders } from '../../src/store/privacy/erase.ts'
import { standing } from '../../src/store/raw/standing.ts'
import { incoming, stockOf, testHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await freshDatabase()
  pool = new pg.Pool({ connectionString: database.url, max: 1 })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const ORDERS = 300
const LINES = 5

/** One in so many changes, twice: as a day's changes lie among all orders. A page has room for both, also while a look from before (an analyze of the server's own) keeps the first from being cleared away. */
const ONE_IN = 20
const some = <T>(list: readonly T[]): readonly T[] => list.filter((_, i) => i % ONE_IN === 0)
const numbers = Array.from({ length: ORDERS }, (_, i) => `P${i}`)

it('changes orders, their lines and personal data on the pages they stand on, without new index entries', async () => {
  const hub = await testHub(database.url)
  try {
    await stockOf(hub.pool, 'TEA', 10_000)
    const all = numbers.map((no) => incoming({ no, at: '2026-11-01T01:00:00Z', lines: LINES }))
    expect(await ingest(hub, hub.context, all)).toMatchObject({ created: ORDERS })
    const changed = some(numbers).map((no) => incoming({ no, at: '2026-11-01T02:00:00Z', lines: LINES, qty: 2 }))
    expect(await ingest(hub, hub.context, changed)).toMatchObject({ changed: ORDERS / ONE_IN })
    const moved = some(numbers).map((no) => incoming({ no, at: '2026-11-01T03:00:00Z', lines: LINES, qty: 2, city: '中山路 1 号' }))
    expect(await ingest(hub, hub.context, moved)).toMatchObject({ changed: ORDERS / ONE_IN })
  } finally {
    await hub.close() // a session tells what it counted when it ends
  }
  const counted = async (): Promise<unknown> =>
    (
      await pool.query(
        `select relname, n_tup_upd::int as updated, n_tup_hot_upd::int as in_place, n_tup_del::int as deleted from pg_stat_user_tables
          where relname in ('order_lines', 'order_parties', 'orders', 'raw_heads') order by relname`,
      )
    ).rows
  const inPlace = (relname: string, rows: number): unknown => ({ relname, updated: rows, in_place: rows, deleted: 0 })
  const n = ORDERS / ONE_IN
  await expect
    .poll(counted, { timeout: 10_000 })
    .toEqual([inPlace('order_lines', 2 * n * LINES), inPlace('order_parties', n), inPlace('orders', 2 * n), inPlace('raw_heads', 2 * n)])
})

it('writes personal data anew when any of it changed or none is there, and leaves it alone otherwise', async () => {
  const hub = await testHub(database.url, 'c_person')
  const document = (hour: number, city?: string): IncomingRaw =>
    incoming({ no: 'P1', at: `2026-11-01T0${hour}:00:00Z`, qty: hour, ...(city !== undefined && { city }) })
  const sealed = async (): Promise<string | undefined> =>
    (
      await pool.query<{ body: string }>(
        `select encode(p.body, 'hex') as body from order_parties p join orders o on o.id = p.order_id where o.connection_id = 'c_person' and p.row_key is not null`,
      )
    ).rows[0]?.body
  try {
    await ingest(hub, hub.context, [document(1)])
    const first = await sealed()
    for (const hour of [2, 3]) await ingest(hub, hub.context, [document(hour)])
    expect(await sealed()).toBe(first)
    await ingest(hub, hub.context, [document(4, '中山路 1 号')])
    const second = await sealed()
    expect(second).not.toBe(first)
    await ingest(hub, hub.context, [document(5, '中山路 1 号')])
    expect(await sealed()).toBe(second)
    const { rows } = await pool.query<{ id: number }>(`select id from orders where connection_id = 'c_person'`)
    await eraseOrders(
      pool,
      rows.map(({ id }) => id),
      { why: 'request', actor: 'tester' },
    )
    expect([await sealed(), (await pool.query(`select 1 from orders where connection_id = 'c_person' and party_mark is not null`)).rowCount]).toEqual(
      [undefined, 0],
    )
    // What comes after an erasure is kept until somebody erases it again.
    await ingest(hub, hub.context, [document(6, '中山路 1 号')])
    expect(await sealed()).not.toBe(second)
    expect(await sealed()).toBeDefined()
  } finally {
    await hub.close()
  }
})

it('takes away lines that are gone, adds new ones, and reserves for those that stand', async () => {
  const hub = await testHub(database.url, 'c_two') // with keys of its own
  try {
    await ingest(hub, hub.context, [incoming({ no: 'P1', at: '2026-11-01T01:00:00Z', lines: LINES })])
    const look = async (): Promise<unknown> =>
      (
        await pool.query(
          `select array_agg(l.line_no order by l.line_no) as lines, sum(l.reserved)::int as reserved,
             (select sum(reserved_delta)::int from stock_ledger where ref = o.id::text) as ledger
             from orders o join order_lines l on l.order_id = o.id where o.connection_id = 'c_two' and o.channel_order_no = 'P1' group by o.id`,
        )
      ).rows[0]
    expect(await look()).toEqual({ lines: [1, 2, 3, 4, 5], reserved: 5, ledger: 5 })
    await ingest(hub, hub.context, [incoming({ no: 'P1', at: '2026-11-01T03:00:00Z', lines: 2, qty: 3 })])
    expect(await look()).toEqual({ lines: [1, 2], reserved: 6, ledger: 6 })
    const many = numbers.slice(1, 100).map((no) => incoming({ no, at: '2026-11-01T04:00:00Z', lines: 3, qty: 1 }))
    await ingest(hub, hub.context, many)
    expect(await look()).toEqual({ lines: [1, 2, 3], reserved: 3, ledger: 3 })
    await ingest(hub, hub.context, [incoming({ no: 'P1', at: '2026-11-01T05:00:00Z', lines: 3, status: 'cancelled' })])
    expect(await look()).toEqual({ lines: [1, 2, 3], reserved: 0, ledger: 0 })
  } finally {
    await hub.close()
  }
})

it('compares a page with what stands by its keys, however many documents stand', async () => {
  await pool.query(
    `insert into raw_heads (connection_id, kind, external_id, raw_id, sha256, source_time, authoritative, read_started_at)
     select 'c_many', 'order', i::text, i, sha256(i::text::bytea), now(), true, now() from generate_series(1, 20000) i`,
  )
  await pool.query('analyze raw_heads')
  const page = Array.from({ length: 250 }, (_, i) => `${i * 50 + 1}`)
  const documents = page.map((externalId, i) => ({
    ...{ kind: 'order', externalId, authoritative: true },
    sha256: createHash('sha256')
      .update(i % 2 === 0 ? externalId : 'changed')
      .digest(),
  }))
  expect([...(await standing(pool, 'c_many', documents)).values()].filter((said) => said === 'unchanged').length).toBe(125)
  const plans: string[] = []
  const explained = new Proxy(pool, {
    get: (_, name) =>
      name !== 'query'
        ? undefined
        : async ({ text, values }: { readonly text: string; readonly values: unknown[] }) => {
            const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
            plans.push(...rows.map((row) => row['QUERY PLAN']))
            return { rows: [] }
          },
  })
  await standing(explained, 'c_many', documents)
  expect(plans.join('\n')).toContain('raw_heads_pkey')
  expect(plans.join('\n')).not.toContain('Seq Scan on raw_heads')
})
