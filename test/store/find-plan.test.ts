import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findByNumbers, findBySku, findRaw } from '../../src/store/read/find.ts'
import type { Db } from '../../src/store/read/scope.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let client: pg.Client

beforeAll(async () => {
  database = await freshDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  // An empty table is read whole, whatever its indexes are: forbidden, that is left only to a look that no index serves.
  await client.query('set enable_seqscan = off')
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

/** Tables a look reads from end to end because nothing leads to the row. */
async function readWhole(look: (db: Db) => Promise<unknown>): Promise<readonly string[]> {
  const plans: string[] = []
  const asked = new Proxy(client, {
    get: (_, name) =>
      name !== 'query'
        ? undefined
        : async (sql: string, values: readonly unknown[]) => {
            const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, [...values])
            plans.push(...rows.map((row) => row['QUERY PLAN']))
            return { rows: [] }
          },
  })
  await look(asked)
  expect(plans.length).toBeGreaterThan(0)
  return plans.flatMap((line) => /(?:Seq|Full) Scan on (\w+)/.exec(line)?.[1] ?? [])
}

it('looks an order up by any of its numbers without reading all orders', async () => {
  expect(await readWhole((db) => findByNumbers(db, ['5100005000', '#1001'], null))).not.toContain('orders')
})

it('looks a document up by its id without reading all of them', async () => {
  expect(await readWhole((db) => findRaw(db, '5100005000', null))).not.toContain('raw_heads')
})

it('looks orders up by a SKU without reading all lines', async () => {
  expect(await readWhole((db) => findBySku(db, 'TEA', null, 50))).not.toContain('order_lines')
})
