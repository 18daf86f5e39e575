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

/** Today's writer names what later steps made: empty stand-ins while the database is filled, gone before the upgrade. */
const STAND_INS = `
create table hand_overs (connection_id text, external_id text, number text, at timestamptz, raw_id bigint, state text, attempts int, not_before timestamptz, first_seen timestamptz,
  primary key (connection_id, external_id));
create table escrows (connection_id text, listing_key text, sku text);
create function escrow_orders(text, bigint[]) returns void language sql as 'select null';`
const WITHOUT = 'drop table hand_overs, escrows; drop function escrow_orders(text, bigint[])'

it('brings a filled database to the newest schema, keeps what it holds and goes on writing', async () => {
  const first = batch(120, '2026-11-01T01:00:00Z', 1)
  await hub.pool.query(STAND_INS)
  await ingest(hub, hub.context, first)
  await hub.pool.query(WITHOUT)
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
