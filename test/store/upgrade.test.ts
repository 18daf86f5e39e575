import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { MIGRATIONS, migrate } from '../../src/store/migrate.ts'
import { findByContact } from '../../src/store/read/find.ts'
import { DataKeys } from '../../src/store/envelope.ts'
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

/** What today's writer stores, as far as the older schema has columns for it: written to a database of today, and carried over. */
async function filledBy(work: (today: TestHub) => Promise<unknown>): Promise<void> {
  const written = await freshDatabase()
  const today = await testHub(written.url)
  const client = await hub.pool.connect()
  try {
    await stockOf(today.pool, 'TEA', 1000)
    await work({ ...today, box: hub.box, keys: new DataKeys(today.pool, hub.box) })
    await client.query(`set session_replication_role = replica`)
    const { rows } = await client.query<{ name: string; columns: readonly string[] }>(COLUMNS)
    for (const { name, columns } of rows) {
      const known = await today.pool.query<{ column_name: string }>(
        `select column_name from information_schema.columns where table_schema = 'public' and table_name = $1`,
        [name],
      )
      const shared = columns.filter((column) => known.rows.some((row) => row.column_name === column)).map((column) => `"${column}"`)
      const copied = await today.pool.query<{ text: string }>(
        `select coalesce(json_agg(t), '[]')::text as text from (select ${shared.join()} from "${name}") t`,
      )
      await client.query(`delete from "${name}"`)
      await client.query(
        `insert into "${name}" (${shared.join()}) overriding system value select ${shared.join()} from json_populate_recordset(null::"${name}", $1)`,
        [copied.rows[0]?.text],
      )
    }
    for (const { set } of (await client.query<{ set: string }>(SEQUENCES)).rows) await client.query(set)
  } finally {
    await client.query('reset session_replication_role')
    client.release()
    await today.close()
    await written.drop()
  }
}

/** Tables with their columns; of partitioned ones the whole. */
const COLUMNS = `
select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attgenerated = '' and c.relname not like 'migrations%' group by 1 order by 1`
/** Counters go on where the carried rows end. */
const SEQUENCES = `
select format('select setval(%L, coalesce((select max(%I) from %I), 0) + 1, false)', s.oid::regclass, a.attname, t.relname) as set
from pg_class s join pg_depend d on d.objid = s.oid and d.deptype in ('a', 'i') join pg_class t on t.oid = d.refobjid
  join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace`

it('brings a filled database to the newest schema, keeps what it holds and goes on writing', async () => {
  const first = batch(120, '2026-11-01T01:00:00Z', 1)
  await filledBy((today) => ingest(today, today.context, first))
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
