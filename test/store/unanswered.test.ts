import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { withTx } from '../../src/store/db.ts'
import { FaultProxy } from '../faults/fault-proxy.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let proxy: FaultProxy
let pool: pg.Pool

beforeAll(async () => {
  database = await freshDatabase()
  const url = new URL(database.url)
  const port = Number(url.port)
  proxy = new FaultProxy(() => port)
  await proxy.start()
  url.port = String(proxy.port)
  pool = new pg.Pool({ connectionString: url.href, query_timeout: 300, max: 1 })
  pool.on('error', () => undefined)
})
afterAll(async () => {
  await proxy.stop()
  await pool.end()
  await database.drop()
})

it('gives up a connection that does not answer at once, instead of waiting for a rollback on it', async () => {
  const sent: unknown[] = []
  const run = withTx(pool, async (client) => {
    const query = vi.spyOn(client, 'query')
    await proxy.set({ kind: 'blackhole' })
    await client.query('select 1').catch((error: unknown) => {
      query.mockImplementation((text: unknown) => void sent.push(text))
      throw error
    })
  })
  await expect(run).rejects.toThrow('Query read timeout')
  expect(sent).toEqual([])
  expect(pool.totalCount).toBe(0)
  await proxy.heal()
  expect(await withTx(pool, async (client) => (await client.query('select 2 as n')).rows)).toEqual([{ n: 2 }])
})
