import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming, testHub } from '../support/builders.ts'
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

const STANDING = 1500
const COMING = 300

/** Brings held orders, and ends the session: only then does it tell what it counted. */
async function bring(count: number, connection?: string): Promise<void> {
  const hub = await testHub(database.url, connection)
  try {
    const held = Array.from({ length: count }, (_, i) => incoming({ no: `B${i}`, at: '2026-11-01T01:00:00Z', sku: 'LATE' }))
    expect(await ingest(hub, hub.context, held)).toMatchObject({ created: count })
  } finally {
    await hub.close()
  }
}

it('does not look through all holds for a batch of new orders, whatever the planner was told of them', async () => {
  await bring(STANDING)
  // As statistics are that were taken in another hour: hardly a hold is open.
  await pool.query('alter table holds set (autovacuum_enabled = off)')
  await pool.query('update holds set released_at = now()')
  await pool.query('analyze holds')
  await pool.query('update holds set released_at = null')
  const looked = async (): Promise<{ readonly added: number; readonly read: number }> => {
    const { rows } = await pool.query<{ added: number; read: number }>(
      `select s.n_tup_ins::int as added, (s.seq_tup_read + (select sum(i.idx_tup_read) from pg_stat_user_indexes i where i.relid = s.relid))::int as read
       from pg_stat_user_tables s where relname = 'holds'`,
    )
    return rows[0] ?? { added: 0, read: 0 }
  }
  await pool.query('select pg_stat_force_next_flush()')
  await expect.poll(async () => (await looked()).added, { timeout: 10_000 }).toBe(STANDING)
  const before = await looked()
  await bring(COMING, 'c_two') // with keys of its own
  await expect.poll(async () => (await looked()).added, { timeout: 10_000 }).toBe(STANDING + COMING)
  expect((await looked()).read - before.read).toBeLessThan(STANDING)
})
