import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { MIGRATIONS, migrate } from '../../src/store/migrate.ts'
import { findByContact } from '../../src/store/read/find.ts'
import { incoming, stockOf, testHub, type TestHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

/** The newest step that the filled database has; what comes after is the upgrade. */
const FILLED_AT = '0008-order-children'
const later = Object.keys(MIGRATIONS).filter((name) => name > FILLED_AT)

let database: TestDatabase
let hub: TestHub

beforeAll(async () => {
  database = await freshDatabase()
  await emptyAt(database.url, FILLED_AT)
  hub = await testHub(database.url)
  await stockOf(hub.pool, 'TEA', 1000)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

/** The schema as that step left it, with the migrator's own note of the steps taken. */
async function emptyAt(url: string, newest: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; timestamp: string }>('select name, timestamp from migrations where name <= $1', [newest])
    await client.query('drop schema public cascade; create schema public')
    for (const { name } of rows) await client.query(MIGRATIONS[name] ?? '')
    await client.query('create table migrations (name varchar(255) primary key, timestamp varchar(255) not null)')
    for (const { name, timestamp } of rows) await client.query('insert into migrations values ($1, $2)', [name, timestamp])
  } finally {
    await client.end()
  }
}

const batch = (count: number, at: string, qty: number) => Array.from({ length: count }, (_, i) => incoming({ no: `U${i}`, at, qty }))
const stands = async (): Promise<unknown> =>
  (
    await hub.pool.query(
      `select (select count(*)::int from orders) as orders, (select count(*)::int from feed) as feed, (select count(*)::int from order_versions) as versions,
         (select reserved::int from stock) as reserved, (select sum(reserved_delta)::int from stock_ledger) as ledger,
         (select json_object_agg(disposition, n) from (select disposition, count(*)::int as n from raw_dispositions group by 1) d) as dispositions`,
    )
  ).rows[0]

/** Today's writer names what these steps add: lent while the database is filled, and taken back before the upgrade. They only add. */
const LENT = later.filter((name) => name > '0009-lighter-orders')
const OBJECTS = `
select 'alter table ' || quote_ident(table_name) || ' drop column ' || quote_ident(column_name) || ' cascade' as gone from information_schema.columns
  where table_schema = 'public' and table_name in (select relname from pg_class where relkind in ('r', 'p'))
union all select 'drop table ' || quote_ident(tablename) || ' cascade' from pg_tables where schemaname = 'public'
union all select 'drop function ' || oid::regprocedure || ' cascade' from pg_proc where pronamespace = 'public'::regnamespace`

async function withLent(work: () => Promise<unknown>): Promise<void> {
  const objects = async (): Promise<readonly string[]> => (await hub.pool.query<{ gone: string }>(OBJECTS)).rows.map(({ gone }) => gone)
  const before = new Set(await objects())
  for (const name of LENT) await hub.pool.query(MIGRATIONS[name] ?? '')
  await work()
  const gone = (await objects()).filter((statement) => !before.has(statement))
  const tables = gone.filter((statement) => statement.startsWith('drop table'))
  const isOfLent = (statement: string): boolean => tables.some((table) => statement.startsWith(`alter table ${table.split(' ')[2]} `))
  for (const statement of gone.filter((one) => !isOfLent(one)))
    await hub.pool.query(statement.replace(/^drop (table|function) /, 'drop $1 if exists '))
}

it('brings a filled database to the newest schema, keeps what it holds and goes on writing', async () => {
  const first = batch(120, '2026-11-01T01:00:00Z', 1)
  await withLent(() => ingest(hub, hub.context, first))
  const before = await stands()
  expect(before).toEqual({ orders: 120, feed: 120, versions: 120, reserved: 120, ledger: 120, dispositions: { applied: 120 } })

  expect(await migrate(database.url)).toEqual(later)
  expect(await stands()).toEqual(before)
  expect(await migrate(database.url)).toEqual([])

  expect(await ingest(hub, hub.context, first)).toMatchObject({ seen: 120, unchanged: 120, created: 0, changed: 0 })
  expect(await ingest(hub, hub.context, batch(120, '2026-11-01T02:00:00Z', 2))).toMatchObject({ changed: 120, created: 0, held: 0 })
  expect(await stands()).toEqual({ orders: 120, feed: 240, versions: 240, reserved: 240, ledger: 240, dispositions: { applied: 240 } })
  expect(await findByContact(hub.pool, hub.box, '138 0013 8000', null, 500)).toHaveLength(120)
  expect(await findByContact(hub.pool, hub.box, '139 0013 8000', null, 500)).toEqual([])
  expect(await findByContact(hub.pool, hub.box, '8000', null, 500)).toHaveLength(120)
})
