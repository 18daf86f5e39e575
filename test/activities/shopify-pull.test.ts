import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { shopify } from '../../connectors/shopify/index.ts'
import { shopify as mapping } from '../../mappings/shopify.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createShopify } from '../../sandbox/shopify/index.ts'
import { createChannels, type Channels } from '../../src/activities/connection-call.ts'
import { pullRange, pullRound, type PullDeps } from '../../src/activities/pull.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

const sim = createShopify()
let sandbox: Sandbox
let database: TestDatabase
let pool: pg.Pool
let channels: Channels
let deps: PullDeps

beforeAll(async () => {
  sandbox = await start({ shops: [{ name: 'shop', sim }] })
  database = await freshDatabase()
  pool = createPool(database.url)
  const box = new SecretBox(randomBytes(32))
  const url = `${sandbox.url}/shop`
  await pool.query(
    `insert into connections (id, channel, name, config, secrets, timezone, currency) values ('c_shop', 'shopify', 'Shop', $1, $2, 'UTC', 'USD')`,
    [JSON.stringify({ url }), sealSecrets(box, 'c_shop', { ...sim.credentials })],
  )
  const now = (): Date => new Date(sim.clock.now())
  channels = createChannels({ pool, box, registry: new Map([['shopify', shopify]]), now, allowPrivate: [new URL(url).host] })
  deps = { pool, box, keys: new DataKeys(pool, box), mappings: new Map([['shopify', mapping]]), now, open: (id, signal) => channels.open(id, signal) }
})
afterAll(async () => {
  channels.close()
  await pool.end()
  await database.drop()
  await sandbox.stop()
})

const budget = { signal: new AbortController().signal, budgetMs: 60_000, heartbeat: () => undefined }
const one = async (sql: string): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries((await pool.query(sql)).rows[0] ?? {}).map(([name, value]) => [name, String(value)]))

it('reads two months by one bulk operation, across crashes in its midst, to exactly what the shop knows', async () => {
  sim.control.seedProducts(15)
  sim.control.seedOrders(40, 55)
  sim.control.seedOrders(180, 2)
  const now = sim.clock.now()
  const range = { jobId: 'j1', from: new Date(now - 60 * 86_400_000).toISOString(), to: new Date(now + 1000).toISOString() }
  // The file breaks off, then the store refuses a commit; the job goes on from where it was each time.
  sim.control.setFault({ kind: 'truncated', times: 3, match: { path: '/bulk/' } })
  await expect(pullRange(deps, 'c_shop', range, budget)).rejects.toThrow()
  expect(sim.faults.fired('truncated')).toBeGreaterThan(0)
  sim.control.clearFaults()
  await pool.query('alter table raw_heads rename to raw_heads_away')
  await expect(pullRange(deps, 'c_shop', range, budget)).rejects.toThrow()
  await pool.query('alter table raw_heads_away rename to raw_heads')
  let report = await pullRange(deps, 'c_shop', range, budget)
  while (report.more) report = await pullRange(deps, 'c_shop', range, budget)
  const truth = sim.ledger.orders()
  expect(truth).toHaveLength(220)
  expect(await one('select count(*) n, sum(total_minor) total from orders')).toEqual({
    n: '220',
    total: String(truth.reduce((sum, order) => sum + order.totalMinor, 0)),
  })
  expect(await one(`select count(*) n from raw_dispositions where disposition = 'held'`)).toEqual({ n: '0' })
  expect(await one(`select count(*) n from holds where code <> 'sku-unbound'`)).toEqual({ n: '0' })
  expect(sim.ledger.requests().filter((request) => request.query === 'mutation BulkRun')).toHaveLength(1)
})

it('polls what happened since, page by page, and nothing twice', async () => {
  await pullRound(deps, 'c_shop', budget, true)
  const before = await one('select count(*) raws, (select count(*) from feed) feed from raw_events')
  expect(await pullRound(deps, 'c_shop', budget, true)).toMatchObject({ created: 0, changed: 0 })
  expect(await one('select count(*) raws, (select count(*) from feed) feed from raw_events')).toEqual(before)
  const placed = sim.control.shop()
  sim.clock.shift(10_000)
  expect(await pullRound(deps, 'c_shop', budget, true)).toMatchObject({ created: 1 })
  expect(await one(`select count(*) n from orders where channel_order_no = '${placed.ok ? placed.orderId : ''}'`)).toEqual({ n: '1' })
})
