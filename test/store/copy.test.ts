import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { copyBinary, copyRows } from '../../src/store/copy.ts'
import { createPool } from '../../src/store/db.ts'
import { freshDatabase } from '../support/db.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let pool: pg.Pool
let client: pg.PoolClient

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url, { max: 1 })
  client = await pool.connect()
})
afterAll(async () => {
  client.release()
  await pool.end()
  await database.drop()
})

const ROWS = [
  [1, 'plain', Buffer.from([0, 255, 92, 10])],
  [-2_147_483_648, 'Zürich 天猫 😀\\N\t\n', undefined],
  [undefined, '', Buffer.alloc(0)],
  [2_147_483_647, undefined, randomBytes(700_000)],
  ...Array.from({ length: 3000 }, (_, n) => [n, 'x'.repeat(n % 500), randomBytes(n % 300)] as const),
]

it.each([
  ['binary', copyBinary],
  ['text', copyRows],
] as const)('brings every cell as it was, in %s form', async (_, copy) => {
  await client.query('create temp table c (at serial, n int4, t text, b bytea)')
  await copy(client, 'c', ['n', 't', 'b'], ROWS)
  await copy(client, 'c', ['n', 't', 'b'], [])
  const { rows } = await client.query<{ n: number | null; t: string | null; b: Buffer | null }>('select n, t, b from c order by at')
  await client.query('drop table c')
  expect(rows.map(({ n, t, b }) => [n, t, b?.toString('hex')])).toEqual(
    ROWS.map(([n, t, b]) => [n ?? null, t ?? null, Buffer.isBuffer(b) ? b.toString('hex') : undefined]),
  )
})

it('says so when the table does not take the rows, and the session goes on', async () => {
  await client.query('create temp table c (n int4 check (n > 0), b bytea)')
  await expect(copyBinary(client, 'c', ['n', 'b'], [[-1, Buffer.alloc(5)]])).rejects.toMatchObject({ code: '23514' })
  expect((await client.query('select count(*)::int as n from c')).rows).toEqual([{ n: 0 }])
})
