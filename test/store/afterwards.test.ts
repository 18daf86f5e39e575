import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPool, withStatement } from '../../src/store/db.ts'
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

const noPreparation = (): Promise<void> => Promise.resolve()
const pid = async (client: pg.PoolClient | pg.Pool): Promise<number | undefined> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid

it('answers before what is done afterwards, and gives nobody the session until that is over', async () => {
  const order: string[] = []
  let over = (): void => undefined
  const open = new Promise<void>((resolve) => (over = resolve))
  const first = await withStatement(pool, pid, noPreparation, async (client) => {
    await open
    await client.query('select 1')
    order.push('afterwards')
  })
  order.push('answered')
  const next = pid(pool).then((found) => (order.push('next'), found))
  expect(pool.waitingCount).toBe(1)
  over()
  expect(await next).toBe(first)
  expect(order).toEqual(['answered', 'afterwards', 'next'])
})

it('gives up a session in which that failed, and keeps the answer', async () => {
  const first = await withStatement(pool, pid, noPreparation, (client) => client.query('select 1 / 0').then(() => undefined))
  expect(first).toBeTypeOf('number')
  expect(await pid(pool)).not.toBe(first)
})
