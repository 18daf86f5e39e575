import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createShipment } from '../../../src/deliver/shipments.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { expectArrivals } from '../../../src/deliver/arrivals.ts'
import { measureSpeeds } from '../../../src/store/deliver/plan-speeds.ts'
import { readPlan, type PlanFilter } from '../../../src/store/read/stock-plan.ts'
import { stockWorld, type StockWorld } from './stock-world.ts'

let world: StockWorld
beforeAll(async () => {
  world = await stockWorld()
})
afterAll(() => world.close())

// Whatever is written without a time of its own is written now.
const now = new Date()
const DAY = 86_400_000
const daysAgo = (days: number): Date => new Date(now.getTime() - days * DAY)
const part = (now.getTime() % DAY) / DAY

beforeEach(async () => {
  await world.pool.query(
    `truncate orders, raw_heads, stock_ledger, listings, listing_dirty, arrivals, sku_supply, supply_orders, stock_days, sku_speeds restart identity cascade; delete from suppliers;
     delete from bundle_parts; delete from stock; delete from locations where id <> 'main'; update stock_plan_state set through = null, measured_at = null, took_ms = 0; delete from skus where sku not in ('A','B','C')`,
  )
})

const count = (sku: string, onHand: number, location = 'main') =>
  setStock({ pool: world.pool, actor: 'test', now }, [{ sku, location, onHand: String(onHand) }])
/** Sold and shipped so many days ago, as the books write it. */
const sold = async (sku: string, perDay: readonly (readonly [days: number, pieces: number])[], location = 'main') => {
  for (const [days, pieces] of perDay)
    await world.pool.query(
      `insert into stock_ledger (sku, location, reserved_delta, on_hand_delta, cause, ref, at) values ($1, $2, $3, 0, 'order', 'o', $4), ($1, $2, -$3::numeric, -$3::numeric, 'shipment', 'p', $4)`,
      [sku, location, pieces, daysAgo(days)],
    )
}
const measure = () => measureSpeeds(world.pool, now, 'at once')
const plan = async (filter: Partial<PlanFilter> = {}) =>
  readPlan(world.pool, { view: 'all', before: daysAgo(-30).toISOString(), overDays: 90, limit: 100, now, ...filter })
const one = async (sku: string, filter: Partial<PlanFilter> = {}) => (await plan({ sku, ...filter })).rows[0]?.row
const skus = async (filter: Partial<PlanFilter> = {}) => (await plan(filter)).rows.map(({ row }) => row.sku)

describe('how fast a SKU sells', () => {
  it('is what was sold a day, by seven and by twenty-eight days, and half of each is reckoned with', async () => {
    await sold('A', [[30, 1], ...Array.from({ length: 27 }, (_, i) => [i + 1, i < 6 ? 4 : 2] as const)])
    await count('A', 100)
    await measure()
    const row = await one('A')
    expect(Number(row?.per_day_7)).toBeCloseTo(24 / (6 + part), 4)
    expect(Number(row?.per_day_28)).toBeCloseTo((24 + 42) / (27 + part), 4)
    expect(Number(row?.per_day)).toBeCloseTo((24 / (6 + part) + 66 / (27 + part)) / 2, 4)
    expect(row?.sold_90).toBe('67')
  })

  it('does not take a promotion for an ordinary day, nor one sale for a rush', async () => {
    await sold('A', [[20, 2], [15, 2], [11, 500], [3, 2]]) // prettier-ignore
    await sold('B', [[10, 6]])
    await count('A', 9)
    await count('B', 9)
    await measure()
    expect(Number((await one('A'))?.per_day_28)).toBeCloseTo((2 + 2 + 6 + 2) / (20 + part), 4)
    expect((await one('A'))?.sold_90).toBe('506')
    expect(Number((await one('B'))?.per_day_28)).toBeCloseTo(6 / (10 + part), 4)
  })

  it('counts orders of bundles as their parts, and takes off what was cancelled or came back', async () => {
    await world.pool.query(`insert into skus (sku) values ('BOX'); insert into bundle_parts values ('BOX', 'A', 2), ('BOX', 'B', 1)`)
    await count('A', 20)
    await count('B', 20)
    await world.take({ no: '1', lines: [{ sku: 'BOX', quantity: 3 }] }, { no: '2', lines: [{ sku: 'A', quantity: 4 }] })
    await world.take({ no: '2', lines: [{ sku: 'A', quantity: 4, cancelled: 3 }] })
    await createShipment({ pool: world.pool, orderId: await world.idOf('1'), carrier: 'SF', trackingNo: 'SF1', source: 'api', actor: 'test', now })
    await world.pool.query(`insert into stock_ledger (sku, location, on_hand_delta, cause, ref, at) values ('A', 'main', 2, 'return', 'r', now())`)
    await measure()
    expect([(await one('A'))?.sold_90, (await one('B'))?.sold_90]).toEqual(['5', '3'])
    expect(await skus()).toEqual(['A', 'B'])
  })

  it('is known by place, and turnover by the mean of what was there at the end of each day', async () => {
    await world.pool.query(`insert into locations (id, name) values ('east', 'East')`)
    await world.pool.query(
      `insert into stock_ledger (sku, location, on_hand_delta, cause, at) values ('A', 'main', 100, 'count', $1), ('A', 'east', 50, 'count', $1)`,
      [daysAgo(9)],
    )
    await sold('A', [[4, 40]])
    await sold('A', [[4, 10]], 'east')
    await world.pool.query(`insert into stock (sku, location, on_hand, as_of) values ('A', 'main', 60, $1), ('A', 'east', 40, $1)`, [now])
    await measure()
    // Ten days are known: 150 pieces at the end of five of them, 100 of the others.
    expect(await one('A')).toMatchObject({ sold_90: '50', on_hand_90: '125', turnover: '0.4', known_days: 10, on_hand: '100' })
    expect(await one('A', { location: 'east' })).toMatchObject({ sold_90: '10', on_hand_90: '45', on_hand: '40' })
  })

  it('is measured again only after a while, by one at a time, and again gives the same', async () => {
    await sold('A', [[2, 3]])
    expect(await measureSpeeds(world.pool, now)).toBe(true)
    const before = await world.rows('select * from sku_speeds order by 1, 2')
    await sold('A', [[0, 1]])
    expect(await measureSpeeds(world.pool, now)).toBe(false)
    expect(await world.rows('select * from sku_speeds order by 1, 2')).toEqual(before)
    expect(await Promise.all([measure(), measure()])).toContain(true)
    expect(await world.rows('select sold_90::int as n from sku_speeds where location = $1', ['*'])).toEqual([{ n: 4 }])
    await measure()
    expect(await world.rows('select sum(sold)::int as n from stock_days')).toEqual([{ n: 4 }])
  })
})

describe('when it runs out, and what to order', () => {
  const arrive = (ref: string, sku: string, quantity: number, days: number | null) =>
    expectArrivals({ pool: world.pool, actor: 'test', now }, [
      { ref, sku, location: 'main', quantity: String(quantity), promisedAt: days === null ? null : daysAgo(-days).toISOString(), supplier: null },
    ])
  /** One piece a day, exactly. */
  const steady = async (sku: string) => {
    await measure()
    await world.pool.query(`insert into sku_speeds values ($1, '*', current_date - 40, 1, 1, 90, 30) on conflict (sku, location) do update set per_day_7 = 1, per_day_28 = 1, first_day = current_date - 40`, [sku]) // prettier-ignore
  }
  const days = (at: string | null | undefined): number => Math.round(((Date.parse(at ?? '') - now.getTime()) / DAY) * 100) / 100

  it('is the first day with nothing left before the next delivery; what is late or has no day does not count', async () => {
    await count('A', 10)
    await steady('A')
    expect(days((await one('A'))?.runs_out)).toBe(10)
    await arrive('late', 'A', 5, -2)
    await arrive('some day', 'A', 5, null)
    expect(days((await one('A'))?.runs_out)).toBe(10)
    await arrive('in time', 'A', 4, 9)
    expect(days((await one('A'))?.runs_out)).toBe(14)
    await arrive('too late', 'A', 50, 20)
    expect(await one('A')).toMatchObject({ on_way: '64', overdue: '5', cover_days: '10' })
    expect(days((await one('A'))?.runs_out)).toBe(14)
    await arrive('just in time', 'A', 7, 13)
    expect(days((await one('A'))?.runs_out)).toBe(71)
    expect(await skus({ view: 'out', before: daysAgo(-72).toISOString() })).toEqual(['A'])
    expect(await skus({ view: 'out', before: daysAgo(-70).toISOString() })).toEqual([])
  })

  it('is ordered when what is there and on its way no longer lasts for the time of delivery, in whole packs', async () => {
    await world.pool.query(`insert into suppliers (name, lead_days) values ('Kiln', 10)`)
    await world.pool.query(
      `insert into sku_supply (sku, supplier_id, pack, min_order, target_days) select 'A', id, 12, 30, 20 from suppliers where name = 'Kiln'`,
    )
    await count('A', 15)
    await world.pool.query(`update stock set safety = 3 where sku = 'A'`)
    await steady('A')
    expect(await one('A')).toMatchObject({ reorder_point: '13', proposal: '0', low: false, lead_days: 10, supplier: 'Kiln' })
    await count('A', 12)
    // 10 + 20 days and 3 kept back, less 12 there: 21; no less than 30, in packs of 12.
    expect(await one('A')).toMatchObject({ low: true, proposal: '36' })
    await world.pool.query(`update sku_supply set min_order = null, pack = 4`)
    expect(await one('A')).toMatchObject({ proposal: '24' })
    await arrive('PO', 'A', 24, 9)
    expect(await one('A')).toMatchObject({ low: true, proposal: '0' })
    const totals = (await plan()).totals
    expect(totals).toMatchObject({ all: 1, low: 1, proposals: 0 })
  })

  it('is too much where it lasts longer than asked or does not sell at all, once it has been known for four weeks', async () => {
    await count('A', 100)
    await count('B', 5)
    await steady('A')
    expect(await skus({ view: 'over' })).toEqual(['A'])
    expect(await skus({ view: 'over', overDays: 101 })).toEqual([])
    await world.pool.query(`update sku_speeds set first_day = current_date - 40 where sku = 'B'`)
    expect(await skus({ view: 'over' })).toEqual(['B', 'A'])
  })

  it('says nothing of what nobody counted, and pages without losing any', async () => {
    await world.take({ no: '1', lines: [{ sku: 'C', quantity: 2 }] })
    await measure()
    expect(await one('C')).toMatchObject({ counted: false, low: false, proposal: '0', reorder_point: null, runs_out: null })
    await world.pool.query(`insert into skus (sku) select 'N' || n from generate_series(1, 25) n`)
    await world.pool.query(`insert into stock (sku, location, on_hand, as_of) select 'N' || n, 'main', n % 4, now() from generate_series(1, 25) n`)
    for (const view of ['all', 'over', 'turnover'] as const) {
      const all = await skus({ view })
      const paged: string[] = []
      let after: PlanFilter['after']
      for (;;) {
        const { rows } = await plan({ view, limit: 7, after })
        paged.push(...rows.slice(0, 7).map(({ row }) => row.sku))
        const last = rows[6]
        if (rows.length <= 7 || last === undefined) break
        after = { value: last.sort, sku: last.row.sku }
      }
      expect(paged).toEqual(all)
    }
  })
})
