import { afterAll, beforeAll, expect, it } from 'vitest'
import { measureSpeeds } from '../../src/store/deliver/plan-speeds.ts'
import { PLAN_VIEWS, readPlan } from '../../src/store/read/stock-plan.ts'
import { stockWorld, type StockWorld } from '../store/deliver/stock-world.ts'

const SKUS = 10_000
const DAYS = 90

let world: StockWorld
beforeAll(async () => {
  world = await stockWorld()
  await world.pool.query(
    `set local statement_timeout = 0;
     insert into skus (sku, title) select 'N' || n, 'Item ' || n from generate_series(1, ${SKUS}) n;
     insert into stock (sku, location, on_hand, as_of) select 'N' || n, 'main', n % 200, now() from generate_series(1, ${SKUS}) n;
     insert into suppliers (name, lead_days) values ('Kiln', 10);
     insert into sku_supply (sku, supplier_id, pack) select 'N' || n, 1, 6 from generate_series(1, ${SKUS}) n;
     insert into arrivals (ref, sku, location, quantity, promised_at) select 'A' || n, 'N' || n, 'main', 50, now() + n % 40 * interval '1 day' from generate_series(1, ${SKUS}, 3) n;
     insert into stock_ledger (sku, location, reserved_delta, cause, at)
       select 'N' || n, 'main', 1 + n % 5, 'order', now() - d * interval '1 day' from generate_series(${DAYS - 1}, 0, -1) d, generate_series(1, ${SKUS}) n where (n + d) % 3 > 0`,
  )
  await world.pool.query('analyze')
}, 300_000)
afterAll(() => world.close())

it('plans ten thousand SKUs that sell every day', async () => {
  const now = new Date()
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    const done = await work()
    console.log(`${what}: ${Math.round(performance.now() - began)} ms`)
    return done
  }
  expect(await timed('speeds, all days', () => measureSpeeds(world.pool, now, 'at once'))).toBe(true)
  expect(await timed('speeds, days that may change', () => measureSpeeds(world.pool, now, 'at once'))).toBe(true)
  const { rows } = await world.pool.query<{ n: number }>(`select count(*)::int as n from sku_speeds where location = '*' and per_day_28 > 0`)
  expect(rows).toEqual([{ n: SKUS }])
  for (const view of PLAN_VIEWS) {
    const page = await timed(`view ${view}`, () =>
      readPlan(world.pool, { view, before: new Date(now.getTime() + 14 * 86_400_000).toISOString(), overDays: 90, limit: 100, now }),
    )
    expect(page.totals.all).toBe(SKUS)
    expect(page.rows.length).toBe(Math.min(101, page.totals[view]))
  }
}, 300_000)
