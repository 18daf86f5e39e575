import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tiktokShop } from '../../connectors/tiktok-shop/index.ts'
import { tiktokShop as mapping } from '../../mappings/tiktok-shop.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createTikTokShop } from '../../sandbox/tiktok-shop/index.ts'
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
  sim = createTikTokShop()
  sim.control.seedProducts(20)
  sim.control.seedOrders(90, 0.035)
  sandbox = await start({ shops: [{ name: 'tiktok-1', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const box = new SecretBox(randomBytes(32))
  await pool.query(
    `insert into connections (id, channel, name, config, secrets, timezone, currency) values ('c_tt', 'tiktok-shop', 'Shop', $1, $2, 'America/Los_Angeles', 'USD')`,
    [JSON.stringify({ ...sim.settings?.(url), pageSize: 20 }), sealSecrets(box, 'c_tt', sim.credentials)],
  )
  const now = (): Date => new Date(sim.clock.now())
  channels = createChannels({
    pool,
    box,
    registry: new Map([['tiktok-shop', tiktokShop]]),
    now,
    allowPrivate: [new URL(url).host],
    folderOf: () => '',
  })
  deps = {
    pool,
    box,
    keys: new DataKeys(pool, box),
    mappings: new Map([['tiktok-shop', mapping]]),
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
  pullRound(deps, 'c_tt', { signal: new AbortController().signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
/** Past the lag of both streams. */
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
  const refunds = sim.ledger.orders().flatMap((truth) => truth.refunds.map(({ refundId, minor }) => ({ no: refundId, minor })))
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

it('keeps a cancellation as a refund of its order, and a return by the line its pieces belong to', async () => {
  const ids: string[] = []
  for (const act of ['cancel', 'return'] as const) {
    const placed = sim.control.shop()
    const id = placed.ok ? placed.orderId : ''
    ids.push(id)
    await rounds()
    if (act === 'return') sim.control.ship(id)
    sim.clock.advance(2000)
    sim.control.refund(id)
    await rounds()
  }
  const [cancelled, returned] = ids.map((id) => sim.ledger.order(id))
  expect(
    await rows(
      `select o.channel_order_no no, o.payment, r.kind, r.state, r.amount_minor::int amount
       from orders o join refunds r on r.order_id = o.id where o.channel_order_no in ('${ids.join("','")}') order by o.channel_order_no collate "C"`,
    ),
  ).toEqual([
    { no: ids[0], payment: 'refunded', kind: 'cancellation', state: 'done', amount: cancelled?.totalMinor },
    { no: ids[1], payment: 'paid', kind: 'return', state: 'done', amount: returned?.refundedMinor },
  ])
})
