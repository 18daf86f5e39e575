import { expect, it } from 'vitest'
import { createKuaishou } from '../../sandbox/kuaishou/index.ts'
import { createPinduoduo } from '../../sandbox/pinduoduo/index.ts'
import { pullRound } from '../../src/activities/pull.ts'
import { DriftSentinel } from '../../src/normalize/drift/drift-sentinel.ts'
import { budget, openShop } from './opened-shop.ts'

it.each([createKuaishou(), createPinduoduo()])('$channel: what orders of a shop usually differ in is no news', async (sim) => {
  sim.control.seedProducts(20)
  sim.control.seedOrders(300, 0.035)
  const shop = await openShop(sim, { pageSize: 20 })
  const drift = new DriftSentinel({ pool: shop.pool, now: shop.deps.now }, 1)
  const round = async (): Promise<void> => {
    sim.clock.advance(240_000)
    for (let n = 0, more = true; n < 3 || more; n += 1) {
      more = (await pullRound({ ...shop.deps, drift }, shop.id, budget, true)).more
      await drift.flush()
    }
  }
  try {
    await round()
    for (let batch = 0; batch < 3; batch += 1) {
      for (let order = 0; order < 20; order += 1) sim.control.shop()
      sim.control.seedOrders(40, 0.035)
      await round()
    }
    expect(await shop.rows(`select kind, seen >= 200 as learned from drift_shapes where kind = 'order'`)).toEqual([{ kind: 'order', learned: true }])
    expect(await shop.rows('select what, path, detail from drift_notices')).toEqual([])
  } finally {
    await shop.stop()
  }
})
