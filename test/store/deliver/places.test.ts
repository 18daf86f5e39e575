import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createShipment } from '../../../src/deliver/shipments.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { stockWorld, wrongBooks, type StockWorld } from './stock-world.ts'

let world: StockWorld
beforeAll(async () => {
  world = await stockWorld()
})
afterAll(() => world.close())

const count = (sku: string, location: string, onHand: number) =>
  setStock({ pool: world.pool, actor: 'test', now: new Date() }, [{ sku, location, onHand: String(onHand) }])
const ship = async (no: string, lines?: readonly { lineNo: number; quantity: string }[]) =>
  createShipment({
    pool: world.pool,
    orderId: await world.idOf(no),
    carrier: 'SF',
    trackingNo: `SF${no}${lines?.[0]?.quantity ?? ''}`,
    ...(lines && { lines }),
    source: 'api',
    actor: 'test',
    now: new Date(),
  })
const holds = async (no: string) =>
  (await world.rows<{ code: string }>(`select h.code from holds h where h.order_id = $1 and h.released_at is null`, [await world.idOf(no)])).map(
    (row) => row.code,
  )

beforeEach(async () => {
  await world.pool.query(
    `truncate orders, raw_heads, stock_ledger, listings, listing_dirty restart identity cascade; delete from bundle_parts; delete from stock; delete from locations where id <> 'main';
     update locations set sellable = true, priority = 10; delete from skus where sku not in ('A','B','C')`,
  )
})

describe('goods in several places', () => {
  beforeEach(async () => {
    await world.pool.query(`insert into locations (id, name, priority) values ('east', 'East', 5), ('far', 'Far', 50)`)
    await count('A', 'main', 3)
    await count('A', 'east', 2)
    await count('A', 'far', 10)
  })

  it('are taken from the places by their order, as far as each has them', async () => {
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 4 }] })
    expect(await world.shelves()).toEqual({ 'A@east': '2/2', 'A@far': '10/0', 'A@main': '3/2' })
    await world.take({ no: '2', lines: [{ sku: 'A', quantity: 1 }] }, { no: '3', lines: [{ sku: 'A', quantity: 2 }] })
    expect(await world.shelves()).toEqual({ 'A@east': '2/2', 'A@far': '10/2', 'A@main': '3/3' })
    expect([await world.atp('A'), await world.atp('A', 'main'), await world.atp('A', 'far')]).toEqual([8, 0, 8])
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('stay where an order has them, whatever is counted meanwhile; less is given back from the last place first', async () => {
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 4 }] })
    await count('A', 'east', 9)
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 4 }], payment: 'partially_paid' })
    expect(await world.shelves()).toEqual({ 'A@east': '9/2', 'A@far': '10/0', 'A@main': '3/2' })
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 4, cancelled: 1 }] })
    expect(await world.shelves()).toEqual({ 'A@east': '9/2', 'A@far': '10/0', 'A@main': '3/1' })
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 4, cancelled: 1 }], cancelled: true })
    expect(await world.shelves()).toEqual({ 'A@east': '9/0', 'A@far': '10/0', 'A@main': '3/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('leave the places they were reserved at, whoever ships them', async () => {
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 4 }] }, { no: '2', lines: [{ sku: 'A', quantity: 2 }] })
    await ship('1', [{ lineNo: 1, quantity: '3' }])
    expect(await world.shelves()).toEqual({ 'A@far': '10/1', 'A@main': '2/2' })
    await world.take({ no: '2', lines: [{ sku: 'A', quantity: 2 }], fulfilment: 'shipped' })
    expect(await world.shelves()).toEqual({ 'A@far': '9/0', 'A@main': '1/1' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('are none where nothing may be sold: an order of goods in a closed place is owed and held', async () => {
    await world.pool.query(`update locations set sellable = false where id = 'far'`)
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 6 }] })
    expect(await world.atp('A')).toBe(-1)
    expect(await holds('1')).toEqual(['stock-short'])
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('are promised once, however many writers take them at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => world.take({ no: `p${n}`, lines: [{ sku: 'A', quantity: 1 }] })))
    expect(await world.atp('A')).toBe(-5)
    const short = await world.rows(`select distinct order_id from holds where code = 'stock-short'`)
    expect(short).toHaveLength(5)
    expect(await wrongBooks(world.pool)).toEqual([])
  })
})

describe('a bundle', () => {
  beforeEach(async () => {
    await world.pool.query(`insert into skus (sku) values ('SET'); insert into bundle_parts values ('SET', 'A', 2), ('SET', 'B', 1)`)
    await count('A', 'main', 7)
    await count('B', 'main', 10)
  })

  it('is there as often as its scarcest part', async () => {
    expect(await world.atp('SET')).toBe(3)
    await count('B', 'main', 2)
    expect(await world.atp('SET')).toBe(2)
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 4 }] })
    expect(await world.atp('SET')).toBe(1)
  })

  it('reserves, gives back and ships its parts', async () => {
    await world.take({ no: '1', lines: [{ sku: 'SET', quantity: 2 }, { sku: 'A', quantity: 1 }] }) // prettier-ignore
    expect(await world.shelves()).toEqual({ 'A@main': '7/5', 'B@main': '10/2' })
    await world.take({ no: '1', lines: [{ sku: 'SET', quantity: 2, cancelled: 1 }, { sku: 'A', quantity: 1 }] }) // prettier-ignore
    expect(await world.shelves()).toEqual({ 'A@main': '7/3', 'B@main': '10/1' })
    await ship('1')
    expect(await world.shelves()).toEqual({ 'A@main': '4/0', 'B@main': '9/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('that was sold keeps the parts it was sold with', async () => {
    await world.take({ no: '1', lines: [{ sku: 'SET', quantity: 1 }] })
    await world.pool.query(`update bundle_parts set quantity = 5 where sku = 'A'`)
    await world.take({ no: '1', lines: [{ sku: 'SET', quantity: 1 }], payment: 'partially_paid' })
    expect(await world.shelves()).toEqual({ 'A@main': '7/2', 'B@main': '10/1' })
    await world.take({ no: '1', lines: [{ sku: 'SET', quantity: 1 }], fulfilment: 'shipped' })
    expect(await world.shelves()).toEqual({ 'A@main': '5/0', 'B@main': '9/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('moves with each of its parts at every channel', async () => {
    await world.pool.query(`insert into listings (connection_id, listing_key, channel_sku, title, sku, bound) values ('c_plain', 'L-SET', 'SET', 'Set', 'SET', 'code'), ('c_plain', 'L-B', 'B', 'B', 'B', 'code')`) // prettier-ignore
    await world.pool.query('delete from listing_dirty')
    await world.take({ no: '1', lines: [{ sku: 'A', quantity: 1 }] })
    expect(await world.rows('select listing_key from listing_dirty order by 1')).toEqual([{ listing_key: 'L-SET' }])
    await world.pool.query('delete from listing_dirty')
    await count('B', 'main', 1)
    expect(await world.rows('select listing_key from listing_dirty order by 1')).toEqual([{ listing_key: 'L-B' }, { listing_key: 'L-SET' }])
  })

  it('and its parts never get the same piece for their listings, however close they ask', async () => {
    const begin = (listing: string, units: number) =>
      world.rows<{ said: string }>(`select escrow_begin('c_plain', $1, 'absolute', $2, null, now(), interval '1 second') as said`, [listing, units])
    for (let round = 0; round < 10; round += 1) {
      await world.pool.query(
        `delete from escrows; insert into escrows (connection_id, listing_key, sku) values ('c_plain', 'L-SET', 'SET'), ('c_plain', 'L-A', 'A')`,
      )
      // Seven pieces of A: three sets need six, four of A alone four.
      const said = (await Promise.all([begin('L-SET', 3), begin('L-A', 4)])).flatMap((rows) => rows.map((row) => row.said))
      expect(said.toSorted()).toEqual(['ok', 'short'])
      expect((await world.rows<{ free: number }>(`select min(stock_free(sku))::int as free from skus`))[0]?.free).toBeGreaterThanOrEqual(0)
    }
    await world.pool.query('delete from escrows')
  })

  it('of which too many were sold is held', async () => {
    await world.take({ no: '1', lines: [{ sku: 'SET', quantity: 4 }] })
    expect(await holds('1')).toEqual(['stock-short'])
    expect(await world.atp('SET')).toBe(-1)
  })
})
