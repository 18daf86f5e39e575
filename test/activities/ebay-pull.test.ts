import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ebay } from '../../connectors/ebay/index.ts'
import { ebay as mapping } from '../../mappings/ebay.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createEbay } from '../../sandbox/ebay/index.ts'
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
  sim = createEbay()
  sim.control.seedProducts(20)
  sim.control.seedOrders(90, 0.035)
  sandbox = await start({ shops: [{ name: 'ebay-1', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const box = new SecretBox(randomBytes(32))
  await pool.query(
    `insert into connections (id, channel, name, config, secrets, timezone, currency) values ('c_eb', 'ebay', 'Shop', $1, $2, 'UTC', 'USD')`,
    [JSON.stringify({ url, pageSize: 20 }), sealSecrets(box, 'c_eb', sim.credentials)],
  )
  const now = (): Date => new Date(sim.clock.now())
  channels = createChannels({ pool, box, registry: new Map([['ebay', ebay]]), now, allowPrivate: [new URL(url).host], folderOf: () => '' })
  deps = {
    pool,
    box,
    keys: new DataKeys(pool, box),
    mappings: new Map([['ebay', mapping]]),
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
  pullRound(deps, 'c_eb', { signal: new AbortController().signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
/** Past the two minutes eBay is given. */
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
     from orders o order by o.channel_order_no collate "C"`,
  )
  const truths = sim.ledger.orders().map((truth) => ({
    no: truth.orderId,
    total: truth.totalMinor,
    lines: truth.lines.map((line) => [line.lineId, line.quantity, line.totalMinor]),
  }))
  expect(stored).toEqual(truths.sort((a, b) => (a.no < b.no ? -1 : 1)))
  expect(await rows(`select count(*)::int n from raw_dispositions where disposition = 'held'`)).toEqual([{ n: 0 }])
  // What was only asked for is no refund at eBay.
  const refunds = [...sim.market.refunds.values()].flatMap(({ id, minor, state }) => (state === 'done' ? [{ no: id, minor }] : []))
  expect(refunds.length).toBeGreaterThan(0)
  expect(await rows('select channel_refund_no no, amount_minor::int minor from refunds order by channel_refund_no collate "C"')).toEqual(
    refunds.sort((a, b) => (a.no < b.no ? -1 : 1)),
  )
  const counts = 'select count(*)::int raws, (select count(*)::int from feed) feed from raw_events'
  const before = await rows(counts)
  await rounds()
  expect(await rows(counts)).toEqual(before)
})

it('renews an access token that ended, once, and keeps the new one', async () => {
  const before = sim.control.renewals()
  sim.control.expireTokens()
  const done = sim.control.shop()
  await rounds()
  expect(await rows(`select count(*)::int n from orders where channel_order_no = '${done.ok ? done.orderId : ''}'`)).toEqual([{ n: 1 }])
  expect(sim.control.renewals()).toBe(before + 1)
})

it('knows how many pieces left by hand, and that an order was cancelled, its money given back', async () => {
  sim.control.addItem({ title: 'Tray', sku: 'TRAY', priceMinor: 1200, stock: 50 })
  const [parted, cancelled] = [3, 2].map((quantity) => {
    const placed = sim.control.shop([{ sku: 'TRAY', quantity }])
    return placed.ok ? placed.orderId : ''
  })
  await rounds()
  sim.control.ship(parted ?? '', { lines: [{ lineId: sim.ledger.order(parted ?? '')?.lines[0]?.lineId ?? '', quantity: 2 }] })
  sim.control.requestCancel(cancelled ?? '')
  await rounds()
  expect(
    await rows(
      `select o.fulfilment, l.quantity::int quantity, l.shipped::int shipped from orders o join order_lines l on l.order_id = o.id where o.channel_order_no = '${parted ?? ''}'`,
    ),
  ).toEqual([{ fulfilment: 'partial', quantity: 3, shipped: 2 }])
  expect(
    await rows(
      `select code from holds h join orders o on o.id = h.order_id where o.channel_order_no = '${cancelled ?? ''}' and h.released_at is null and h.code <> 'sku-unbound'`,
    ),
  ).toEqual([{ code: 'cancel-requested' }])
  sim.control.decideRefunds(cancelled ?? '', 'settle')
  await rounds()
  expect(
    await rows(`select o.payment, o.refunded_minor::int back, o.cancelled from orders o where o.channel_order_no = '${cancelled ?? ''}'`),
  ).toEqual([{ payment: 'refunded', back: 2400, cancelled: true }])
})
