import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assertSafePostgres } from '../../src/app/services/assert-safe-postgres.ts'
import { freshDatabase } from '../support/db.ts'
import type { TestDatabase } from '../support/db.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('accepts a server that writes every commit to disk', async () => {
  expect(await query('show fsync')).toEqual([{ fsync: 'on' }])
  await expect(assertSafePostgres(database.url)).resolves.toBeUndefined()
})

test('refuses a database where a commit may be lost, and names the setting', async () => {
  const name = new URL(database.url).pathname.slice(1)
  await query(`alter database ${name} set synchronous_commit = off`)
  await expect(assertSafePostgres(database.url)).rejects.toThrow('synchronous_commit = off')
  await query(`alter database ${name} reset synchronous_commit`)
})

test('gives each test file a migrated database of its own', async () => {
  const other = await freshDatabase()
  expect(new URL(other.url).pathname).not.toBe(new URL(database.url).pathname)
  const tables = await query("select count(*)::int as n from information_schema.tables where table_schema = 'public'")
  expect(tables[0]?.['n']).toBeGreaterThan(0)
  await other.drop()
})
