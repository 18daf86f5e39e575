import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lazada } from '../../connectors/lazada/index.ts'
import { lazada as mapping } from '../../mappings/lazada.ts'
import { createLazada } from '../../sandbox/lazada/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createChannels, type Channels } from '../../src/activities/connection-call.ts'
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
  // A country without a minor unit.
  sim = createLazada({ country: 'vn' })
  sim.control.seedProducts(20)
  sim.control.seedOrders(90, 0.03)
  sandbox = await start({ shops: [{ name: 'lazada-1', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const box = new SecretBox(randomBytes(32))
  await pool.query(
    `insert into connections (id, channel, name, config, secrets, timezone, currency) values ('c_lz', 'lazada', 'Shop', $1, $2, 'Asia/Ho_Chi_Minh', 'VND')`,
    [JSON.stringify(sim.settings?.(url)), sealSecrets(box, 'c_lz', sim.credentials)],
  )
  const now = (): Date => new Date(sim.clock.now())
  channels = createChannels({ pool, box, registry: new Map([['lazada', lazada]]), now, allowPrivate: [new URL(url).host], folderOf: () => '' })
  deps = {
    pool,
    box,
    keys: new DataKeys(pool, box),
    mappings: new Map([['lazada', mapping]]),
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
  pullRound(deps, 'c_lz', { signal: new AbortController().signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
const rounds = async (): Promise<void> => {
  sim.clock.advance(600_000)
  for (let n = 0; n < 2; n += 1) await round()
}
const rows = async (sql: string): Promise<readonly Record<string, unknown>[]> => (await pool.query(sql)).rows

it('brings the last hour of a shop in dong into the store, line by line and refund by refund as its ledger has it, and nothing twice', async () => {
  await rounds()
  const stored = await rows(
    `select o.channel_order_no no, o.total_minor::int total, o.currency,
       (select json_agg(json_build_array(l.channel_line_no, l.quantity::int, l.net_minor::int) order by l.line_no) from order_lines l where l.order_id = o.id) lines
     from orders o order by 1`,
  )
  const truths = sim.ledger.orders().map((truth) => ({
    no: truth.orderId,
    total: truth.totalMinor,
    currency: 'VND',
    lines: truth.lines.map((line) => [line.lineId, line.quantity, line.totalMinor]),
  }))
  expect(stored).toEqual(truths.sort((a, b) => (a.no < b.no ? -1 : 1)))
  expect(await rows(`select count(*)::int n from raw_dispositions where disposition = 'held'`)).toEqual([{ n: 0 }])
  const refunds = sim.ledger.orders().flatMap(({ orderId, refunds: all }) => all.map(({ refundId, minor }) => ({ id: refundId, no: orderId, minor })))
  expect(refunds.length).toBeGreaterThan(5)
  expect(
    await rows(
      `select r.channel_refund_no id, o.channel_order_no no, r.amount_minor::int minor from refunds r join orders o on o.id = r.order_id order by 1`,
    ),
  ).toEqual(refunds.sort((a, b) => (a.id < b.id ? -1 : 1)))
  const counts = 'select count(*)::int raws, (select count(*)::int from feed) feed from raw_events'
  const before = await rows(counts)
  await rounds()
  expect(await rows(counts)).toEqual(before)
})

it('renews a token that ended once, and goes on', async () => {
  sim.control.expireTokens()
  const done = sim.control.shop()
  await rounds()
  expect(await rows(`select count(*)::int n from orders where channel_order_no = '${done.ok ? done.orderId : ''}'`)).toEqual([{ n: 1 }])
  expect(sim.control.renewals()).toBe(1)
})
