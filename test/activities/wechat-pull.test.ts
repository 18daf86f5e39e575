import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wechatMini } from '../../connectors/wechat-mini/index.ts'
import { wechatShop } from '../../connectors/wechat-shop/index.ts'
import { wechatMini as miniMapping } from '../../mappings/wechat-mini.ts'
import { wechatShop as shopMapping } from '../../mappings/wechat-shop.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createWechatMini } from '../../sandbox/wechat-mini/index.ts'
import { createWechatShop } from '../../sandbox/wechat-shop/index.ts'
import type { AnyConnector } from '../../src/core/connector.ts'
import { createChannels, type Channels } from '../../src/activities/connection-call.ts'
import { pullRound, type PullDeps } from '../../src/activities/pull.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let pool: pg.Pool
let channels: Channels
let deps: PullDeps
let sandbox: Sandbox
const sims: Readonly<Record<'shop' | 'mini', MarketSim>> = { shop: createWechatShop(), mini: createWechatMini() }

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url)
  // Whole seconds apart from the machine's, so that both tell the same time.
  const at = Math.floor(Date.now() / 1000) * 1000
  for (const sim of Object.values(sims)) {
    sim.clock.freeze(at)
    sim.control.seedProducts(20)
    sim.control.seedOrders(60, 0.03)
  }
  sandbox = await start({ shops: Object.entries(sims).map(([name, sim]) => ({ name, sim })) })
  const box = new SecretBox(randomBytes(32))
  for (const { name, url, sim } of sandbox.shops)
    await pool.query(
      `insert into connections (id, channel, name, config, secrets, timezone, currency) values ($1, $2, $1, $3, $4, 'Asia/Shanghai', 'CNY')`,
      [
        `c_${name}`,
        sim.channel,
        JSON.stringify({ ...(sim.settings?.(url) ?? { url }), pageSize: 20 }),
        sealSecrets(box, `c_${name}`, sim.credentials),
      ],
    )
  const now = (): Date => new Date(sims.shop.clock.now())
  const registry = new Map<string, AnyConnector>([
    ['wechat-shop', wechatShop],
    ['wechat-mini', wechatMini],
  ])
  channels = createChannels({ pool, box, registry, now, allowPrivate: [new URL(sandbox.url).host], folderOf: () => '' })
  const mappings = new Map([
    ['wechat-shop', shopMapping],
    ['wechat-mini', miniMapping],
  ])
  deps = { pool, box, keys: new DataKeys(pool, box), mappings, now, open: (id, signal) => channels.open(id, signal) }
})
afterAll(async () => {
  channels.close()
  await sandbox.stop()
  await pool.end()
  await database.drop()
})

const advance = (ms: number): void => Object.values(sims).forEach((sim) => sim.clock.advance(ms))
/** More than the channel's lag, and than the time between two looks. */
async function rounds(name: 'shop' | 'mini'): Promise<void> {
  advance(200_000)
  for (let n = 0; n < 4; n += 1)
    await pullRound(deps, `c_${name}`, { signal: new AbortController().signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
}
const rows = async (sql: string): Promise<readonly Record<string, unknown>[]> => (await pool.query(sql)).rows

async function expectAsLedger(name: 'shop' | 'mini'): Promise<void> {
  const stored = await rows(
    `select o.channel_order_no no, o.total_minor::int total, o.source_status status,
       (select json_agg(json_build_array(l.channel_line_no, l.quantity::int, l.net_minor::int) order by l.line_no) from order_lines l where l.order_id = o.id) lines
     from orders o where o.connection_id = 'c_${name}' order by 1`,
  )
  const truths = sims[name].ledger.orders().map((truth) => ({
    no: truth.number,
    total: truth.totalMinor,
    status: truth.status,
    lines: truth.lines.map((line) => [line.lineId, line.quantity, line.totalMinor]),
  }))
  expect(stored).toEqual(truths.sort((a, b) => (a.no < b.no ? -1 : 1)))
}

describe.each(['shop', 'mini'] as const)('a WeChat %s', (name) => {
  it('comes into the store as its ledger has it, nothing twice', async () => {
    await rounds(name)
    await expectAsLedger(name)
    expect(await rows(`select count(*)::int n from raw_dispositions where disposition = 'held'`)).toEqual([{ n: 0 }])
    const counts = 'select count(*)::int raws, (select count(*)::int from feed) feed from raw_events'
    const before = await rows(counts)
    await rounds(name)
    expect(await rows(counts)).toEqual(before)
  })

  it('is followed through its states, also where the channel shows no time of change', async () => {
    const { control } = sims[name]
    const placed = control.shop()
    const id = placed.ok ? placed.orderId : ''
    for (const act of [() => placed, () => control.ship(id), () => control.finish(id)]) {
      expect(act().ok).toBe(true)
      await rounds(name)
      await expectAsLedger(name)
    }
    const other = control.shop()
    await rounds(name)
    control.refund(other.ok ? other.orderId : '')
    await rounds(name)
    await expectAsLedger(name)
  })
})
