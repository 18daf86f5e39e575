import { afterAll, beforeAll, expect, it } from 'vitest'
import { createShopify } from '../../sandbox/shopify/index.ts'
import { pullRange } from '../../src/activities/pull.ts'
import { budget, openShop, type OpenedShop } from './opened-shop.ts'

const sim = createShopify()
let shop: OpenedShop

beforeAll(async () => {
  shop = await openShop(sim)
})
afterAll(() => shop.stop())

const one = async (sql: string): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries((await shop.rows(sql))[0] ?? {}).map(([name, value]) => [name, String(value)]))

it('reads two months by one bulk operation, across crashes in its midst, to exactly what the shop knows', async () => {
  sim.control.seedProducts(15)
  sim.control.seedOrders(40, 55)
  sim.control.seedOrders(180, 2)
  const now = sim.clock.now()
  const range = { jobId: 'j1', from: new Date(now - 60 * 86_400_000).toISOString(), to: new Date(now + 1000).toISOString() }
  // The file breaks off, then the store refuses a commit; the job goes on from where it was each time.
  sim.control.setFault({ kind: 'truncated', times: 3, match: { path: '/bulk/' } })
  await expect(pullRange(shop.deps, shop.id, range, budget)).rejects.toThrow()
  expect(sim.faults.fired('truncated')).toBeGreaterThan(0)
  sim.control.clearFaults()
  await shop.pool.query('alter table raw_heads rename to raw_heads_away')
  await expect(pullRange(shop.deps, shop.id, range, budget)).rejects.toThrow()
  await shop.pool.query('alter table raw_heads_away rename to raw_heads')
  let report = await pullRange(shop.deps, shop.id, range, budget)
  while (report.more) report = await pullRange(shop.deps, shop.id, range, budget)
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
  await shop.round()
  const before = await one('select count(*) raws, (select count(*) from feed) feed from raw_events')
  expect(await shop.round()).toMatchObject({ created: 0, changed: 0 })
  expect(await one('select count(*) raws, (select count(*) from feed) feed from raw_events')).toEqual(before)
  const placed = sim.control.shop()
  sim.clock.shift(10_000)
  expect(await shop.round()).toMatchObject({ created: 1 })
  expect(await one(`select count(*) n from orders where channel_order_no = '${placed.ok ? placed.orderId : ''}'`)).toEqual({ n: '1' })
})
