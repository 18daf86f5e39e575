import { afterAll, beforeAll, expect, it } from 'vitest'
import { dropArrival, expectArrivals, takeIn } from '../../../src/deliver/arrivals.ts'
import { expireUnpaid } from '../../../src/deliver/expire-unpaid.ts'
import { restock } from '../../../src/deliver/restock.ts'
import { createShipment } from '../../../src/deliver/shipments.ts'
import { bookStockTake } from '../../../src/deliver/stock-takes.ts'
import { moveStock, putAside, setSafety, setStock } from '../../../src/deliver/stock.ts'
import { setBundle } from '../../../src/store/deliver/bundles.ts'
import { addLocation, changeLocation } from '../../../src/store/deliver/locations.ts'
import { stockWorld, wrongBooks, type StockWorld, type WorldOrder } from './stock-world.ts'

let world: StockWorld
beforeAll(async () => {
  world = await stockWorld()
  await world.pool.query(
    `insert into skus (sku) values ('SET'), ('DUO'); update connections set unpaid_hold_minutes = 30; update skus set sells_ahead = true where sku = 'B'`,
  )
  await addLocation(world.pool, { id: 'east', name: 'East', kind: 'store', sellable: true, priority: 5, owner: null })
  await addLocation(world.pool, { id: 'far', name: 'Far', kind: 'warehouse', sellable: true, priority: 90, owner: null })
})
afterAll(() => world.close())

/** The same numbers for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

const T0 = Date.parse('2026-11-20T08:00:00Z')
const goods = ['A', 'B', 'C'] as const
const sold = ['A', 'B', 'C', 'SET', 'DUO'] as const
const places = ['main', 'east', 'far'] as const

/** One random thing that happens to orders or stock. Whatever is refused for a reason of the trade changes nothing. */
async function happen(roll: (sides: number) => number, orders: Map<string, WorldOrder>, step: number, seed: number): Promise<string> {
  const sku = goods[roll(3)] ?? 'A'
  const location = places[roll(3)] ?? 'main'
  const context = { pool: world.pool, actor: 'test', now: new Date(T0 + step * 60_000) }
  const ref = `${seed}/${step}`
  const some = [...orders.values()][roll(Math.max(1, orders.size))]
  const take = async (...changed: readonly WorldOrder[]): Promise<string> => {
    for (const order of changed) orders.set(order.no, order)
    await world.take(...changed)
    return `took ${JSON.stringify(changed)}`
  }
  const fresh = (n: number): WorldOrder => ({
    no: `${seed}-${step}-${n}`,
    lines: Array.from({ length: 1 + roll(3) }, () => ({ sku: sold[roll(5)] ?? 'A', quantity: 1 + roll(3) })),
    payment: roll(4) === 0 ? 'pending' : 'paid',
    placedAt: new Date(T0 + step * 60_000).toISOString(),
  })
  switch (roll(16)) {
    case 0:
    case 1:
    case 2: // prettier-ignore
      return take(...Array.from({ length: 1 + roll(4) }, (_, n) => fresh(n)))
    case 3:
      return some ? take({ ...some, cancelled: true }) : 'nothing'
    case 4:
      return some ? take({ ...some, payment: 'paid', lines: some.lines.map((line) => ({ ...line, cancelled: roll(line.quantity + 1) })) }) : 'nothing'
    case 5:
      return some ? take({ ...some, fulfilment: roll(2) === 0 ? 'shipped' : 'partial', lines: some.lines.map((line) => ({ ...line, shipped: roll(line.quantity + 1 - (line.cancelled ?? 0)) })) }) : 'nothing' // prettier-ignore
    case 6:
      return some ? take({ ...some, lines: [...some.lines, { sku: sold[roll(5)] ?? 'A', quantity: 2 }] }) : 'nothing'
    case 7: {
      if (!some) return 'nothing'
      const shipped = createShipment({ ...context, orderId: await world.idOf(some.no), carrier: 'SF', trackingNo: ref, force: true, forceReason: 'x', source: 'api', ...(roll(2) === 0 && { lines: [{ lineNo: 1, quantity: '1' }] }) }) // prettier-ignore
      return shipped.then(() => `shipped ${some.no}`, (error: { code: string }) => error.code) // prettier-ignore
    }
    case 8:
      await setStock(context, [{ sku, location, onHand: String(roll(12)), ...(roll(2) === 0 && { asOf: new Date(T0 + roll(step + 1) * 60_000).toISOString() }) }]) // prettier-ignore
      return 'counted'
    case 9:
      await moveStock(context, [{ sku, location, delta: String(roll(9) - 4 + 0.5), ref }])
      return 'moved'
    case 10:
      await putAside(context, [{ sku, location, delta: String(roll(5) - 2), ref, reason: 'x' }])
      await setSafety(context, [{ sku, location, safety: String(roll(3)) }])
      return 'kept back'
    case 11: {
      const [noted] = await expectArrivals(context, [{ ref: `PO${roll(4)}-${seed}`, sku, location, quantity: String(1 + roll(9)), promisedAt: null, supplier: null }]) // prettier-ignore
      if (noted?.id && roll(3) > 0)
        await takeIn(context, noted.id, { ref, ...(roll(2) === 0 && { quantity: String(1 + roll(5)) }), last: roll(3) === 0 }).catch(() => undefined)
      if (noted?.id && roll(4) === 0) await dropArrival(context, noted.id)
      return 'arrival'
    }
    case 12:
      await expireUnpaid(world.pool, new Date(T0 + (step + roll(60)) * 60_000))
      return 'expired'
    case 13:
      await bookStockTake(context, {
        ref,
        location,
        asOf: context.now.toISOString(),
        whole: roll(2) === 0,
        lines: [{ sku, counted: String(roll(9)) }],
      })
      return 'stock-take'
    case 14: {
      if (!some) return 'nothing'
      const back = restock(context, { orderId: await world.idOf(some.no), ref, location, held: roll(2) === 0, lines: [{ lineNo: 1, quantity: '1' }] })
      return back.then(() => `restocked ${some.no}`, (error: { code: string }) => error.code) // prettier-ignore
    }
    default:
      if (roll(2) === 0) await changeLocation(world.pool, 'far', { sellable: roll(2) === 0, priority: roll(100) })
      else await setBundle(world.pool, 'SET', [{ sku: 'A', quantity: String(1 + roll(3)) }, { sku: 'C', quantity: '0.5' }]) // prettier-ignore
      return 'terms changed'
  }
}

it('every number is the sum of its ledger and of its orders, whatever happens in whatever order', async () => {
  await setBundle(world.pool, 'DUO', [{ sku: 'B', quantity: '1' }, { sku: 'C', quantity: '1' }]) // prettier-ignore
  await setBundle(world.pool, 'SET', [{ sku: 'A', quantity: '2' }])
  const said: Record<string, number> = {}
  const all: WorldOrder[] = []
  for (const seed of [11, 12, 13, 14]) {
    const roll = dice(seed)
    const orders = new Map<string, WorldOrder>()
    const history: string[] = []
    for (let step = 0; step < 60; step += 1) {
      const what = await happen(roll, orders, step, seed)
      history.push(what)
      const kind = what.split(' ')[0] ?? ''
      said[kind] = (said[kind] ?? 0) + 1
      const wrong = await wrongBooks(world.pool)
      expect(wrong, `${seed}/${step}\n${history.slice(-3).join('\n')}`).toEqual([])
    }
    all.push(...orders.values())
  }
  // The histories are worth something: most kinds of things did happen.
  expect(Object.keys(said).length).toBeGreaterThan(8)
  expect(said['shipped']).toBeGreaterThan(2)
  // All orders written once more say the same: nothing is reserved twice, nothing leaves twice.
  const sums = () =>
    world.rows('select sku, trim_scale(sum(on_hand))::text as on_hand, trim_scale(sum(reserved))::text as reserved from stock group by 1 order by 1')
  const before = await sums()
  await world.pool.query(`update orders set content_hash = '\\x00'`)
  await world.take(...all)
  expect(await sums()).toEqual(before)
  expect(await wrongBooks(world.pool)).toEqual([])
}, 240_000)
