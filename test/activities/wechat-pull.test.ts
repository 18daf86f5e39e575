import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createWechatMini } from '../../sandbox/wechat-mini/index.ts'
import { createWechatShop } from '../../sandbox/wechat-shop/index.ts'
import { openShop, placedId, rounds, type OpenedShop } from './opened-shop.ts'

describe.each([createWechatShop, createWechatMini])('WeChat (%o)', (create) => {
  let shop: OpenedShop<MarketSim>
  beforeAll(async () => {
    const sim = create()
    // Whole seconds apart from the machine's, so that both tell the same time.
    sim.clock.freeze(Math.floor(Date.now() / 1000) * 1000)
    sim.control.seedProducts(20)
    sim.control.seedOrders(60, 0.03)
    shop = await openShop(sim, { pageSize: 20 })
  })
  afterAll(() => shop.stop())

  async function expectAsLedger(): Promise<void> {
    const stored = await shop.rows(
      `select o.channel_order_no no, o.total_minor::int total, o.source_status status,
         (select json_agg(json_build_array(l.channel_line_no, l.quantity::int, l.net_minor::int) order by l.line_no) from order_lines l where l.order_id = o.id) lines
       from orders o order by 1`,
    )
    const truths = shop.sim.ledger.orders().map((truth) => ({
      no: truth.number,
      total: truth.totalMinor,
      status: truth.status,
      lines: truth.lines.map((line) => [line.lineId, line.quantity, line.totalMinor]),
    }))
    expect(stored).toEqual(truths.toSorted((a, b) => (a.no < b.no ? -1 : 1)))
  }

  it('comes into the store as its ledger has it, nothing twice', async () => {
    await rounds(shop)
    await expectAsLedger()
    expect(await shop.rows(`select count(*)::int n from raw_dispositions where disposition = 'held'`)).toEqual([{ n: 0 }])
    const counts = 'select count(*)::int raws, (select count(*)::int from feed) feed from raw_events'
    const before = await shop.rows(counts)
    await rounds(shop)
    expect(await shop.rows(counts)).toEqual(before)
  })

  it('is followed through its states, also where the channel shows no time of change', async () => {
    const { control } = shop.sim
    const id = placedId(control.shop())
    for (const act of [() => ({ ok: true }), () => control.ship(id), () => control.finish(id)]) {
      expect(act().ok).toBe(true)
      await rounds(shop)
      await expectAsLedger()
    }
    const other = placedId(control.shop())
    await rounds(shop)
    control.refund(other)
    await rounds(shop)
    await expectAsLedger()
  })
})
