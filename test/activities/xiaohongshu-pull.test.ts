import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { xiaohongshu } from '../../connectors/xiaohongshu/index.ts'
import { xiaohongshu as mapping } from '../../mappings/xiaohongshu.ts'
import { createXiaohongshu } from '../../sandbox/xiaohongshu/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createChannels, type Channels } from '../../src/activities/connection-call.ts'
import { pullRound, type PullReport } from '../../src/activities/pull.ts'
import { pushStock, settleDoubt, type PushDeps } from '../../src/activities/push.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let pool: pg.Pool
let channels: Channels
let deps: PushDeps
let sandbox: Sandbox
let sim: MarketSim

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url)
  sim = createXiaohongshu()
  sim.control.seedProducts(20)
  sim.control.seedOrders(90, 0.035)
  sandbox = await start({ shops: [{ name: 'xhs-1', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const box = new SecretBox(randomBytes(32))
  await pool.query(
    `insert into connections (id, channel, name, config, secrets, timezone, currency, armed_stock) values ('c_xhs', 'xiaohongshu', 'Shop', $1, $2, 'Asia/Shanghai', 'CNY', true)`,
    [JSON.stringify({ url: `${url}/ark/open_api/v3/common_controller`, pageSize: 20 }), sealSecrets(box, 'c_xhs', sim.credentials)],
  )
  const now = (): Date => new Date(sim.clock.now())
  channels = createChannels({
    pool,
    box,
    registry: new Map([['xiaohongshu', xiaohongshu]]),
    now,
    allowPrivate: [new URL(url).host],
    folderOf: () => '',
  })
  deps = {
    pool,
    box,
    keys: new DataKeys(pool, box),
    mappings: new Map([['xiaohongshu', mapping]]),
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

const { signal } = new AbortController()
const round = (): Promise<PullReport> => pullRound(deps, 'c_xhs', { signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
const rounds = async (): Promise<void> => {
  sim.clock.advance(200_000)
  for (let n = 0; n < 3; n += 1) await round()
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

it('renews an access token that ended, once, and keeps the new pair', async () => {
  sim.control.expireTokens()
  const done = sim.control.shop()
  await rounds()
  expect(await rows(`select count(*)::int n from orders where channel_order_no = '${done.ok ? done.orderId : ''}'`)).toEqual([{ n: 1 }])
  expect(sim.control.renewals()).toBe(1)
})

it('tells the channel its levels, and settles a lost one by reading, without sending it again', async () => {
  sim.control.addItem({ title: '杯', sku: 'CUP', priceMinor: 1990, stock: 12 })
  const item = [...sim.market.items.values()].find((each) => each.code === 'CUP')
  const ids = { sku: item?.skus[0]?.id ?? '' }
  await pool.query(`insert into skus (sku) values ('CUP')`)
  await pool.query(
    `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, ids) values ('c_xhs', $1, 'CUP', '杯', 'CUP', 'code', $2)`,
    [ids.sku, JSON.stringify(ids)],
  )
  const count = (onHand: string) => setStock({ pool, actor: 'test', now: deps.now() }, [{ sku: 'CUP', location: 'main', onHand }])
  await count('30')
  expect(await pushStock(deps, 'c_xhs', signal)).toMatchObject({ sent: 1, done: 1 })
  expect(sim.control.stockOf('CUP')).toBe(30)
  sim.control.setFault({ kind: 'accept-then-drop', match: { write: true } })
  await count('21')
  expect(await pushStock(deps, 'c_xhs', signal)).toMatchObject({ sent: 1, unknown: 1 })
  sim.control.clearFaults()
  expect(await pushStock(deps, 'c_xhs', signal)).toMatchObject({ sent: 0 })
  sim.clock.advance(200_000)
  await settleDoubt(deps, 'c_xhs', signal)
  expect(await pushStock(deps, 'c_xhs', signal)).toMatchObject({ sent: 0 })
  expect(sim.control.stockOf('CUP')).toBe(21)
  expect(sim.ledger.stockWrites().filter(({ sku }) => sku === 'CUP')).toHaveLength(2)
})
