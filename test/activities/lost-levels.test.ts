import { expect, it } from 'vitest'
import { createKuaishou } from '../../sandbox/kuaishou/index.ts'
import { createXiaohongshu } from '../../sandbox/xiaohongshu/index.ts'
import { pushStock, settleDoubt } from '../../src/activities/push.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { budget, openShop } from './opened-shop.ts'

it.each([
  // Only adds and takes away.
  { create: createKuaishou, listing: (item: string, sku: string) => ({ key: `${item}:${sku}`, ids: { item, sku } }) },
  { create: createXiaohongshu, listing: (_item: string, sku: string) => ({ key: sku, ids: { sku } }) },
])('a level whose answer was lost is settled by reading and not sent again (%o)', async ({ create, listing }) => {
  const shop = await openShop(create(), { pageSize: 20 })
  const { sim, deps, pool, id } = shop
  try {
    sim.control.addItem({ title: '杯', sku: 'CUP', priceMinor: 1990, stock: 12 })
    const item = [...sim.market.items.values()].find((each) => each.code === 'CUP')
    const { key, ids } = listing(item?.id ?? '', item?.skus[0]?.id ?? '')
    await pool.query(`insert into skus (sku) values ('CUP')`)
    await pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, ids) values ($1, $2, 'CUP', '杯', 'CUP', 'code', $3)`,
      [id, key, JSON.stringify(ids)],
    )
    const count = (onHand: string) => setStock({ pool, actor: 'test', now: deps.now() }, [{ sku: 'CUP', location: 'main', onHand }])
    const push = () => pushStock(deps, id, budget.signal)
    await count('30')
    expect(await push()).toMatchObject({ sent: 1, done: 1 })
    expect(sim.control.stockOf('CUP')).toBe(30)
    sim.control.setFault({ kind: 'accept-then-drop', match: { write: true } })
    await count('21')
    expect(await push()).toMatchObject({ sent: 1, unknown: 1 })
    sim.control.clearFaults()
    expect(await push()).toMatchObject({ sent: 0 })
    sim.clock.advance(200_000)
    await settleDoubt(deps, id, budget.signal)
    expect(await push()).toMatchObject({ sent: 0 })
    expect(sim.control.stockOf('CUP')).toBe(21)
    expect(sim.ledger.stockWrites().filter(({ sku }) => sku === 'CUP')).toHaveLength(2)
  } finally {
    await shop.stop()
  }
})
