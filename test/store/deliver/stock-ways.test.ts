import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dropArrival, expectArrivals, takeIn } from '../../../src/deliver/arrivals.ts'
import { expireUnpaid } from '../../../src/deliver/expire-unpaid.ts'
import { restock } from '../../../src/deliver/restock.ts'
import { createShipment } from '../../../src/deliver/shipments.ts'
import { bookStockTake } from '../../../src/deliver/stock-takes.ts'
import { moveStock, putAside, setSafety, setStock } from '../../../src/deliver/stock.ts'
import { setBundle } from '../../../src/store/deliver/bundles.ts'
import { addLocation, changeLocation, removeLocation } from '../../../src/store/deliver/locations.ts'
import { setSellsAhead } from '../../../src/store/deliver/sells-ahead.ts'
import { ledgerBalances } from '../../../src/store/read/stock-ledger.ts'
import { stockWorld, wrongBooks, type StockWorld } from './stock-world.ts'

let world: StockWorld
beforeAll(async () => {
  world = await stockWorld()
})
afterAll(() => world.close())

const T0 = Date.parse('2026-11-20T08:00:00Z')
const by = (actor = 'key:k1', seconds = 0) => ({ pool: world.pool, actor, now: new Date(T0 + seconds * 1000) })
const iso = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString()
const count = (sku: string, onHand: number, location = 'main', seconds = 0) =>
  setStock(by('key:k1', seconds), [{ sku, location, onHand: String(onHand) }])
const place = (id: string, more: { owner?: string; sellable?: boolean } = {}) =>
  addLocation(world.pool, { id, name: id, kind: 'warehouse', sellable: more.sellable ?? true, priority: 50, owner: more.owner ?? null })
const holds = async (no: string) =>
  (await world.rows<{ code: string }>(`select h.code from holds h where h.order_id = $1 and h.released_at is null`, [await world.idOf(no)])).map(
    (row) => row.code,
  )
const arrival = async (ref: string, quantity: string, promisedAt: string | null = null, sku = 'A') =>
  (await expectArrivals(by(), [{ ref, sku, location: 'main', quantity, promisedAt, supplier: 'Works' }]))[0]
const awaited = async (no: string) =>
  (
    await world.rows<{ missing: string; promised_at: string | null }>(
      'select trim_scale(missing)::text as missing, promised_at from stock_awaited($1)',
      [await world.idOf(no)],
    )
  ).map((row) => [row.missing, row.promised_at === null ? null : new Date(row.promised_at).toISOString()])

beforeEach(async () => {
  await world.pool.query(
    `truncate orders, raw_heads, stock_ledger, listings, listing_dirty, arrivals, stock_takes, restocks restart identity cascade; delete from bundle_parts; delete from stock;
     delete from locations where id <> 'main'; delete from skus where sku not in ('A','B','C'); update skus set sells_ahead = false; update connections set unpaid_hold_minutes = null`,
  )
})

describe('a place with an owner', () => {
  it('takes its numbers from that one alone', async () => {
    await place('wms', { owner: 'key:wms' })
    await expect(count('A', 5, 'wms')).rejects.toMatchObject({ code: 'location-owned' })
    await expect(moveStock(by('user:ann'), [{ sku: 'A', location: 'wms', delta: '1', ref: 'x' }])).rejects.toMatchObject({ code: 'location-owned' })
    await expect(putAside(by(), [{ sku: 'A', location: 'wms', delta: '1', ref: 'x', reason: 'broken' }])).rejects.toMatchObject({
      code: 'location-owned',
    })
    expect((await setStock(by('key:wms'), [{ sku: 'A', location: 'wms', onHand: '5' }]))[0]?.result).toBe('set')
    await changeLocation(world.pool, 'wms', { owner: 'console' })
    await expect(setStock(by('key:wms'), [{ sku: 'A', location: 'wms', onHand: '4' }])).rejects.toMatchObject({ code: 'location-owned' })
    expect((await setStock(by('user:ann', 9), [{ sku: 'A', location: 'wms', onHand: '4' }]))[0]?.result).toBe('set')
    await changeLocation(world.pool, 'wms', { owner: null })
    expect((await setStock(by('key:erp', 10), [{ sku: 'A', location: 'wms', onHand: '3' }]))[0]?.result).toBe('set')
  })

  it('goes only while it never held anything; closed for sale its goods are no longer promised', async () => {
    await place('east')
    await count('A', 4, 'east')
    expect(await world.atp('A')).toBe(4)
    await expect(removeLocation(world.pool, 'east')).rejects.toMatchObject({ code: 'location-in-use' })
    await changeLocation(world.pool, 'east', { sellable: false })
    expect(await world.atp('A')).toBe(0)
    await place('empty')
    await removeLocation(world.pool, 'empty')
    await expect(removeLocation(world.pool, 'main')).rejects.toMatchObject({ code: 'location-in-use' })
  })
})

describe('what is kept back', () => {
  it('is there and not promised: safety, and pieces put aside with a reason', async () => {
    await count('A', 10)
    await setSafety(by(), [{ sku: 'A', location: 'main', safety: '2' }])
    const aside = (delta: string, ref: string) => putAside(by(), [{ sku: 'A', location: 'main', delta, ref, reason: 'water' }])
    expect((await aside('3', 'h1'))[0]).toMatchObject({ result: 'moved', value: '3' })
    expect((await aside('3', 'h1'))[0]?.result).toBe('duplicate')
    expect((await aside('-4', 'h2'))[0]).toMatchObject({ result: 'below-zero', value: '3' })
    expect(await world.atp('A')).toBe(5)
    await aside('-1', 'h3')
    expect(await world.atp('A')).toBe(6)
    expect(await wrongBooks(world.pool)).toEqual([])
  })
})

describe('the ledger', () => {
  it('knows every number of every moment', async () => {
    await count('A', 10, 'main', 0)
    await moveStock(by('key:k1', 100), [{ sku: 'A', location: 'main', delta: '-3', ref: 'm' }])
    await putAside(by('key:k1', 150), [{ sku: 'A', location: 'main', delta: '1', ref: 'h', reason: 'check' }])
    await setStock(by('key:k1', 200), [{ sku: 'A', location: 'main', onHand: '20', asOf: iso(50) }])
    const at = async (seconds: number) => (await ledgerBalances(world.pool, 'A', iso(seconds)))[0]
    expect(await at(-1)).toBeUndefined()
    expect(await at(10)).toMatchObject({ on_hand: '10', held: '0' })
    expect(await at(60)).toMatchObject({ on_hand: '20' })
    expect(await at(120)).toMatchObject({ on_hand: '17', held: '0' })
    expect(await at(500)).toMatchObject({ on_hand: '17', held: '1', reserved: '0', safety: '0', future: '0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })
})

describe('goods on their way', () => {
  it('are promised where the SKU sells ahead, and come once', async () => {
    await count('A', 1)
    const noted = await arrival('PO1', '10')
    expect([noted?.result, await world.atp('A')]).toEqual(['created', 1])
    await setSellsAhead(world.pool, ['A'], true)
    expect(await world.atp('A')).toBe(11)
    expect((await arrival('PO1', '8'))?.result).toBe('changed')
    expect(await world.atp('A')).toBe(9)
    const id = noted?.id ?? ''
    expect((await takeIn(by(), id, { ref: 'd1', quantity: '3' })).repeated).toBe(false)
    expect((await takeIn(by(), id, { ref: 'd1', quantity: '3' })).repeated).toBe(true)
    expect([await world.shelves(), await world.atp('A')]).toEqual([{ 'A@main': '4/0' }, 9])
    expect((await takeIn(by(), id, { ref: 'd2' })).arrival).toMatchObject({ state: 'received', received: '8', remaining: '0' })
    expect((await takeIn(by(), id, { ref: 'd3' })).repeated).toBe(true)
    expect([await world.shelves(), await world.atp('A')]).toEqual([{ 'A@main': '9/0' }, 9])
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('that will not come are promised no longer', async () => {
    await setSellsAhead(world.pool, ['A'], true)
    await count('A', 0)
    const noted = await arrival('PO2', '5')
    await takeIn(by(), noted?.id ?? '', { ref: 'd1', quantity: '2' })
    await dropArrival(by(), noted?.id ?? '')
    expect([await world.atp('A'), (await arrival('PO2', '9'))?.result]).toEqual([2, 'closed'])
    await expect(takeIn(by(), noted?.id ?? '', { ref: 'd2', quantity: '1' })).rejects.toMatchObject({ code: 'arrival-closed-conflict' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('tell an order when its goods come, first come first served', async () => {
    await setSellsAhead(world.pool, ['A'], true)
    await count('A', 2)
    await arrival('PO3', '3', iso(86_400))
    await arrival('PO4', '5', iso(10 * 86_400))
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 2 }] })
    await world.take({ no: '2', lines: [{ sku: 'A', quantity: 2 }] })
    await world.take({ no: '3', lines: [{ sku: 'A', quantity: 4 }] })
    await world.take({ no: '4', lines: [{ sku: 'A', quantity: 9 }] })
    expect(await awaited('1')).toEqual([])
    expect(await awaited('2')).toEqual([['2', iso(86_400)]])
    expect(await awaited('3')).toEqual([['4', iso(10 * 86_400)]])
    expect([await awaited('4'), await holds('4'), await holds('3')]).toEqual([[['9', null]], ['stock-short'], []])
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 2 }], cancelled: true })
    expect(await awaited('2')).toEqual([])
  })
})

describe('an unpaid order', () => {
  const unpaid = { no: 'U1', lines: [{ sku: 'A', quantity: 2 }], payment: 'pending' as const, placedAt: iso(0) }

  it('gives its goods back when its time is over, and takes them again once it is paid', async () => {
    await count('A', 2)
    await world.take(unpaid)
    expect(await world.atp('A')).toBe(0)
    expect((await expireUnpaid(world.pool, new Date(T0 + 3_600_000))).expired).toBe(0)
    await world.pool.query('update connections set unpaid_hold_minutes = 30')
    expect((await expireUnpaid(world.pool, new Date(T0 + 29 * 60_000))).expired).toBe(0)
    expect((await expireUnpaid(world.pool, new Date(T0 + 31 * 60_000))).expired).toBe(1)
    expect((await expireUnpaid(world.pool, new Date(T0 + 31 * 60_000))).expired).toBe(0)
    expect(await world.atp('A')).toBe(2)
    expect(await world.rows(`select cause, trim_scale(reserved_delta)::text as q from stock_ledger where cause = 'expired'`)).toEqual([
      { cause: 'expired', q: '-2' },
    ])
    // Something else of it changes: it is still not paid.
    await world.take({ ...unpaid, lines: [{ sku: 'A', quantity: 1 }] })
    expect(await world.atp('A')).toBe(2)
    await world.take({ no: 'P1', lines: [{ sku: 'A', quantity: 1 }] })
    await world.take({ ...unpaid, payment: 'paid' })
    expect([await world.atp('A'), await holds('U1'), await holds('P1')]).toEqual([-1, ['stock-short'], []])
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('of a bundle gives back its parts', async () => {
    await world.pool.query(`insert into skus (sku) values ('SET')`)
    await setBundle(world.pool, 'SET', [{ sku: 'A', quantity: '2' }, { sku: 'B', quantity: '1' }]) // prettier-ignore
    await count('A', 5)
    await count('B', 5)
    await world.pool.query('update connections set unpaid_hold_minutes = 30')
    await world.take({ ...unpaid, lines: [{ sku: 'SET', quantity: 2 }, { sku: 'B', quantity: 1 }] }) // prettier-ignore
    expect(await world.shelves()).toEqual({ 'A@main': '5/4', 'B@main': '5/3' })
    await expireUnpaid(world.pool, new Date(T0 + 31 * 60_000))
    expect(await world.shelves()).toEqual({ 'A@main': '5/0', 'B@main': '5/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })
})

describe('a stock-take', () => {
  it('is booked once, as of its moment, and says what differed', async () => {
    await count('A', 10)
    await count('B', 4)
    await count('C', 7)
    await moveStock(by('key:k1', 120), [{ sku: 'A', location: 'main', delta: '-2', ref: 'after' }])
    const input = { ref: 'ST-1', location: 'main', asOf: iso(60), whole: true, lines: [{ sku: 'A', counted: '9' }, { sku: 'B', counted: '4' }, { sku: 'NO', counted: '1' }] } // prettier-ignore
    const { take } = await bookStockTake(by('key:k1', 200), input)
    expect(take.lines).toEqual([
      { sku: 'A', counted: '9', result: 'set', delta: '-1' },
      { sku: 'B', counted: '4', result: 'unchanged', delta: '0' },
      { sku: 'NO', counted: '1', result: 'unknown-sku', delta: '0' },
      { sku: 'C', counted: '0', result: 'set', delta: '-7' },
    ])
    expect(await world.shelves()).toEqual({ 'A@main': '7/0', 'B@main': '4/0' })
    expect((await bookStockTake(by('key:k1', 300), { ...input, lines: [{ sku: 'A', counted: '100' }] })).repeated).toBe(true)
    expect(await world.shelves()).toEqual({ 'A@main': '7/0', 'B@main': '4/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })
})

describe('goods that come back', () => {
  it('go where they are put, for sale or aside, and never more than left', async () => {
    await world.pool.query(`insert into skus (sku) values ('SET')`)
    await setBundle(world.pool, 'SET', [{ sku: 'A', quantity: '2' }, { sku: 'B', quantity: '1' }]) // prettier-ignore
    await place('returns')
    await count('A', 10)
    await count('B', 10)
    await world.take({ no: 'R1', lines: [{ sku: 'SET', quantity: 2 }, { sku: 'B', quantity: 1 }] }) // prettier-ignore
    const orderId = await world.idOf('R1')
    const back = (ref: string, lines: readonly { lineNo: number; quantity: string }[], held = false) =>
      restock(by(), { orderId, ref, location: 'returns', held, lines })
    await expect(back('r0', [{ lineNo: 1, quantity: '1' }])).rejects.toMatchObject({ code: 'quantity-exceeds-shipped' })
    await createShipment({ pool: world.pool, orderId, carrier: 'SF', trackingNo: 'SF1', source: 'api', actor: 'test', now: new Date() })
    expect(await world.shelves()).toEqual({ 'A@main': '6/0', 'B@main': '7/0' })
    expect((await back('r1', [{ lineNo: 1, quantity: '1' }])).repeated).toBe(false)
    expect((await back('r1', [{ lineNo: 1, quantity: '1' }])).repeated).toBe(true)
    await back('r2', [{ lineNo: 2, quantity: '1' }], true)
    await expect(back('r3', [{ lineNo: 1, quantity: '2' }])).rejects.toMatchObject({ code: 'quantity-exceeds-shipped' })
    expect(await world.shelves()).toEqual({ 'A@main': '6/0', 'A@returns': '2/0', 'B@main': '7/0', 'B@returns': '2/0' })
    expect([await world.atp('A', 'returns'), await world.atp('B', 'returns')]).toEqual([2, 1])
    expect(await wrongBooks(world.pool)).toEqual([])
  })
})

describe('a bundle', () => {
  it('is made of single goods and has no stock of its own', async () => {
    await world.pool.query(`insert into skus (sku) values ('SET'), ('BIG')`)
    await setBundle(world.pool, 'SET', [{ sku: 'A', quantity: '1' }])
    await expect(setBundle(world.pool, 'BIG', [{ sku: 'SET', quantity: '1' }])).rejects.toMatchObject({ code: 'bundle-nested-conflict' })
    await expect(setBundle(world.pool, 'A', [{ sku: 'B', quantity: '1' }])).rejects.toMatchObject({ code: 'bundle-nested-conflict' })
    await expect(setBundle(world.pool, 'BIG', [{ sku: 'NO', quantity: '1' }])).rejects.toMatchObject({ code: 'sku-unknown' })
    await count('C', 3)
    await expect(setBundle(world.pool, 'C', [{ sku: 'B', quantity: '1' }])).rejects.toMatchObject({ code: 'bundle-stock-conflict' })
    expect((await count('SET', 5))[0]?.result).toBe('bundle')
    expect((await moveStock(by(), [{ sku: 'SET', location: 'main', delta: '1', ref: 'b' }]))[0]?.result).toBe('bundle')
    await setBundle(world.pool, 'SET', [])
    expect((await count('SET', 5))[0]?.result).toBe('set')
  })
})
