import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTaobao, type TaobaoSim } from '../../sandbox/taobao/index.ts'
import { openShop, placedId, type OpenedShop } from './opened-shop.ts'

let shop: OpenedShop<TaobaoSim>

beforeAll(async () => {
  const sim = createTaobao()
  sim.control.seedProducts(20)
  sim.control.seedOrders(90, 0.035)
  shop = await openShop(sim, { messages: true, pageSize: 20 })
})
afterAll(() => shop.stop())

it('brings the last hour of a shop into the store, order by order as its ledger has it, and nothing twice', async () => {
  const { sim, round, rows } = shop
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
  expect(stored).toEqual(truths.toSorted((a, b) => (a.no < b.no ? -1 : 1)))
  expect(await rows(`select count(*)::int n from raw_dispositions where disposition = 'held'`)).toEqual([{ n: 0 }])
  const counts = 'select count(*)::int raws, (select count(*)::int from feed) feed from raw_events'
  const before = await rows(counts)
  await round()
  expect(await rows(counts)).toEqual(before)
})

it('confirms notices only after their documents are stored', async () => {
  const { sim, round, rows, pool } = shop
  const confirmed = () =>
    sim.ledger.requests().filter((request) => request.query === 'taobao.tmc.messages.confirm' && request.returned.length > 0).length
  await round()
  const id = placedId(sim.control.shop())
  await pool.query('alter table raw_heads rename to raw_heads_away')
  await expect(round()).rejects.toThrow()
  await pool.query('alter table raw_heads_away rename to raw_heads')
  expect(confirmed()).toBe(0)
  sim.clock.advance(601_000)
  await round()
  expect(await rows(`select channel_order_no no from orders where channel_order_no = '${id}'`)).toEqual([{ no: id }])
  expect(confirmed()).toBeGreaterThan(0)
})
