import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { shopee } from '../../connectors/shopee/index.ts'
import { shopee as mapping } from '../../mappings/shopee.ts'
import { createShopee } from '../../sandbox/shopee/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createChannels, type Channels } from '../../src/activities/connection-call.ts'
import { fetchOrders } from '../../src/activities/fetch.ts'
import { pullRound, type PullDeps, type PullReport } from '../../src/activities/pull.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let pool: pg.Pool
let channels: Channels
let deps: PullDeps
let sandbox: Sandbox
let sim: MarketSim

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url)
  sim = createShopee()
  sim.control.seedProducts(20)
  sim.control.seedOrders(90, 0.035)
  sandbox = await start({ shops: [{ name: 'shopee-1', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const box = new SecretBox(randomBytes(32))
  await pool.query(
    `insert into connections (id, channel, name, config, secrets, timezone, currency) values ('c_sp', 'shopee', 'Shop', $1, $2, 'Asia/Singapore', 'SGD')`,
    [JSON.stringify({ ...sim.settings?.(url), pageSize: 20 }), sealSecrets(box, 'c_sp', sim.credentials)],
  )
  const now = (): Date => new Date(sim.clock.now())
  channels = createChannels({ pool, box, registry: new Map([['shopee', shopee]]), now, allowPrivate: [new URL(url).host], folderOf: () => '' })
  deps = {
    pool,
    box,
    keys: new DataKeys(pool, box),
    mappings: new Map([['shopee', mapping]]),
    now,
    open: (id, signal) => channels.open(id, signal),
  }
})
afterAll(async () => {
  channels.close()
  await sandbox.stop()
  await pool.end()
  await database.drop()
})

const round = (): Promise<PullReport> =>
  pullRound(deps, 'c_sp', { signal: new AbortController().signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
/** More than the channel's lag. */
const rounds = async (): Promise<void> => {
  sim.clock.advance(200_000)
  for (let n = 0; n < 4; n += 1) await round()
}
const rows = async (sql: string): Promise<readonly Record<string, unknown>[]> => (await pool.query(sql)).rows

it('brings the last hour of a shop into the store, line by line as its ledger has it, with its refunds, and nothing twice', async () => {
  await rounds()
  const stored = await rows(
    `select o.channel_order_no no, o.total_minor::int total,
       (select json_agg(json_build_array(l.channel_line_no, l.quantity::int, l.net_minor::int) order by l.line_no) from order_lines l where l.order_id = o.id) lines
     from orders o order by 1`,
  )
  const truths = sim.ledger.orders().map((truth) => ({
    no: truth.orderId,
    total: truth.totalMinor,
    lines: truth.lines.map((line) => [line.lineId, line.quantity, line.totalMinor]),
  }))
  expect(stored).toEqual(truths.sort((a, b) => (a.no < b.no ? -1 : 1)))
  expect(await rows(`select count(*)::int n from raw_dispositions where disposition = 'held'`)).toEqual([{ n: 0 }])
  const refunds = sim.ledger.orders().flatMap((truth) => truth.refunds.map(({ refundId, minor }) => ({ no: refundId, minor })))
  expect(refunds.length).toBeGreaterThan(0)
  expect(await rows('select channel_refund_no no, amount_minor::int minor from refunds order by 1')).toEqual(
    refunds.sort((a, b) => (a.no < b.no ? -1 : 1)),
  )
  const counts = 'select count(*)::int raws, (select count(*)::int from feed) feed from raw_events'
  const before = await rows(counts)
  await rounds()
  expect(await rows(counts)).toEqual(before)
})

it('brings what a message names with its after-sales, and what the poll brings later is the same', async () => {
  const done = sim.control.shop()
  const id = done.ok ? done.orderId : ''
  sim.control.refund(id, 50)
  await fetchOrders(deps, await channels.open('c_sp', new AbortController().signal), [id])
  const stored = `select o.payment, r.amount_minor::int minor, r.state from orders o join refunds r on r.order_id = o.id where o.channel_order_no = '${id}'`
  expect(await rows(stored)).toEqual([{ payment: 'partially_refunded', minor: 50, state: 'done' }])
  const versions = `select count(*)::int n from order_versions v join orders o on o.id = v.order_id where o.channel_order_no = '${id}'`
  const before = await rows(versions)
  await rounds()
  expect(await rows(versions)).toEqual(before)
  expect(await rows(stored)).toHaveLength(1)
})

it('makes a token of its own at first, and renews one that ended once', async () => {
  expect(sim.control.renewals()).toBe(1)
  sim.control.expireTokens()
  const done = sim.control.shop()
  await rounds()
  expect(await rows(`select count(*)::int n from orders where channel_order_no = '${done.ok ? done.orderId : ''}'`)).toEqual([{ n: 1 }])
  expect(sim.control.renewals()).toBe(2)
})
