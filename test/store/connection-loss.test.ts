import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPool, withTx } from '../../src/store/db.ts'
import { FaultProxy } from '../faults/fault-proxy.ts'
import { freshDatabase } from '../support/db.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let proxy: FaultProxy
let url: URL
beforeAll(async () => {
  database = await freshDatabase()
  url = new URL(database.url)
  proxy = new FaultProxy(() => Number(new URL(database.url).port))
  await proxy.start()
  url.port = String(proxy.port)
})
afterAll(async () => {
  await proxy.stop()
  await database.drop()
})

it('a connection that is cut off in the middle of a transaction fails that transaction and nothing else', async () => {
  const pool = createPool(url.href, { max: 2 })
  const cut = withTx(pool, async (client) => {
    await client.query('select 1')
    proxy.resetAll()
    await new Promise((resolve) => client.once('end', resolve))
    await client.query('select 2')
  })
  // A process that ends over the 'error' event of the connection would fail this run as an unhandled error.
  await expect(cut).rejects.toThrow()
  expect((await pool.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
  await pool.end()
})
