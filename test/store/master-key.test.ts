import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { backup, restore } from '../../src/store/backup.ts'
import { openSecrets, sealSecrets } from '../../src/store/connection-secrets.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, rawAad } from '../../src/store/envelope.ts'
import { rotateMasterKey, unlock } from '../../src/store/master-key.ts'
import { incoming, plainMapping } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

const first = randomBytes(32)
const second = randomBytes(32)
let database: TestDatabase
let pool: ReturnType<typeof createPool>

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const open = async (key: Buffer, on = pool) => {
  const box = await unlock(on, key)
  return { box, keys: new DataKeys(on, box) }
}
const context = { connectionId: 'c_k', channel: 'plain', timezone: 'UTC', currency: 'CNY', config: {}, sandbox: false }
const document = async (key: Buffer, on = pool): Promise<string> => {
  const { keys } = await open(key, on)
  const {
    rows: [row],
  } = await on.query(`select key_id as "keyId", row_key as "rowKey", body from raw_events where external_id = 'K1'`)
  return keys.open(row, rawAad('c_k', 'order', 'K1'))
}

it('opens documents, credentials and phone look-ups under a new master key, and nothing under the old one', async () => {
  const { box, keys } = await open(first)
  await pool.query(`insert into connections (id, channel, name, secrets) values ('c_k', 'plain', 'k', $1)`, [
    sealSecrets(box, 'c_k', { key: 'canary-secret' }),
  ])
  await ingest({ pool, box, keys, mappings: new Map([['plain', plainMapping]]), now: () => new Date() }, context, [
    incoming({ no: 'K1', at: '2026-11-01T00:00:00Z' }),
  ])
  expect(await rotateMasterKey(pool, first, second)).toEqual({ dataKeys: 1, connections: 1 })
  await expect(unlock(pool, first)).rejects.toMatchObject({ code: 'master-key-wrong' })
  expect(JSON.parse(await document(second))).toMatchObject({ no: 'K1' })
  const after = await open(second)
  const {
    rows: [row],
  } = await pool.query(`select secrets from connections where id = 'c_k'`)
  expect(openSecrets(after.box, 'c_k', row.secrets)).toEqual({ key: 'canary-secret' })
  const found = await pool.query('select 1 from order_parties where phone4 = $1', [after.box.index('phone4', '8000')])
  expect(found.rowCount).toBe(1)
})

it('restores a backup into an empty database, readable with the same key and not one row short', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-backup-'))
  const copy = await freshDatabase()
  const other = createPool(copy.url)
  try {
    const file = join(folder, 'hub.gz')
    await backup(database.url, file, () => undefined)
    await restore(copy.url, file, () => undefined)
    const counts = `select (select count(*) from orders) o, (select md5(string_agg(x::text, '' order by x.id)) from orders x) h, (select count(*) from feed) f, (select last_value from raw_events_id_seq) s`
    expect((await other.query(counts)).rows).toEqual((await pool.query(counts)).rows)
    expect(JSON.parse(await document(second, other))).toMatchObject({ no: 'K1' })
    await expect(restore(copy.url, file, () => undefined)).rejects.toMatchObject({ code: 'database-not-empty' })
  } finally {
    await other.end()
    await copy.drop()
    await rm(folder, { recursive: true })
  }
})
