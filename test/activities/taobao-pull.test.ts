import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { taobao } from '../../connectors/taobao/index.ts'
import { taobao as mapping } from '../../mappings/taobao.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createTaobao, type TaobaoSim } from '../../sandbox/taobao/index.ts'
import { createChannels, type Channels } from '../../src/activities/connection-call.ts'
import { pullRound, type PullDeps, type PullReport } from '../../src/activities/pull.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let pool: pg.Pool
let channels: Channels
let deps: PullDeps
let sandbox: Sandbox
let sim: TaobaoSim

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url)
  sim = createTaobao()
  sim.control.seedProducts(20)
  sim.control.seedOrders(90, 0.035)
  sandbox = await start({ shops: [{ name: 'taobao-1', sim }] })
  const url = `${sandbox.shops[0]?.url ?? ''}/router/rest`
  const box = new SecretBox(randomBytes(32))
  await pool.query(
    `insert into connections (id, channel, name, config, secrets, timezone, currency) values ('c_tb', 'taobao', 'Shop', $1, $2, 'Asia/Shanghai', 'CNY')`,
    [JSON.stringify({ url, messages: true, pageSize: 20 }), sealSecrets(box, 'c_tb', sim.credentials)],
  )
  const now = (): Date => new Date(sim.clock.now())
  channels = createChannels({ pool, box, registry: new Map([['taobao', taobao]]), now, allowPrivate: [new URL(url).host], folderOf: () => '' })
  deps = { pool, box, keys: new DataKeys(pool, box), mappings: new Map([['taobao', mapping]]), now, open: (id, signal) => channels.open(id, signal) }
})
afterAll(async () => {
  channels.close()
  await sandbox.stop()
  await pool.end()
  await database.drop()
})

const round = (): Promise<PullReport> =>
  pullRound(deps, 'c_tb', { signal: new AbortController().signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
const rows = async (sql: string): Promise<readonly Record<string, unknown>[]> => (await pool.query(sql)).rows

it('brings the last hour of a shop into the store, order by order as its ledger has it, and nothing twice', async () => {
  await round()
  // The newest seconds wait for the channel's lag.
  sim.clock.advance(20_000)
  await round()
  const stored = await rows(
    `select o.channel_order_no no, o.total_minor::int total, o.source_status status,
       (select json_agg(json_build_array(l.channel_line_no, l.quantity::int, l.net_minor::int) order by l.line_no) from order_lines l where l.order_id = o.id) lines
     from orders o order by 1`,
  )
  const truths = sim.ledger.orders().map((truth) => ({
    no: truth.orderId,
    total: truth.totalMinor,
    status: truth.status,
    lines: truth.lines.map((line) => [line.lineId, line.quantity, line.totalMinor]),
  }))
  expect(stored).toEqual(truths.sort((a, b) => (a.no < b.no ? -1 : 1)))
  expect(await rows(`select count(*)::int n from raw_dispositions where disposition = 'held'`)).toEqual([{ n: 0 }])
  const [before] = await rows('select count(*)::int raws, (select count(*)::int from feed) feed from raw_events')
  await round()
  expect(await rows('select count(*)::int raws, (select count(*)::int from feed) feed from raw_events')).toEqual([before])
})

it('confirms notices only after their documents are stored', async () => {
  await round()
  const done = sim.control.shop()
  const id = done.ok ? done.orderId : ''
  await pool.query('alter table raw_heads rename to raw_heads_away')
  await expect(round()).rejects.toThrow()
  await pool.query('alter table raw_heads_away rename to raw_heads')
  expect(sim.ledger.requests().filter((request) => request.query === 'taobao.tmc.messages.confirm' && request.returned.length > 0)).toEqual([])
  sim.clock.advance(601_000)
  await round()
  expect(await rows(`select channel_order_no no from orders where channel_order_no = '${id}'`)).toEqual([{ no: id }])
  expect(
    sim.ledger.requests().filter((request) => request.query === 'taobao.tmc.messages.confirm' && request.returned.length > 0).length,
  ).toBeGreaterThan(0)
})
