import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { coverShortages } from '../../../src/deliver/cover-shortages.ts'
import { removeLocation } from '../../../src/store/deliver/locations.ts'
import { createShipment } from '../../../src/deliver/shipments.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { stockWorld, wrongBooks, type StockWorld, type WorldOrder } from './stock-world.ts'

let world: StockWorld
beforeAll(async () => {
  world = await stockWorld()
  await world.pool.query(
    `insert into locations (id, name, priority) values ('east', 'East', 50), ('west', 'West', 60); insert into skus (sku) values ('SET'); insert into bundle_parts values ('SET', 'A', 2), ('SET', 'B', 1)`,
  )
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.pool.query('truncate orders, raw_heads, stock_ledger, failure_groups restart identity cascade; delete from stock')
  world.bind()
  for (const location of ['main', 'east'])
    await setStock(
      { pool: world.pool, actor: 'test', now: new Date() },
      ['A', 'B'].map((sku) => ({ sku, location, onHand: '10' })),
    )
})

const holds = async (no: string) =>
  (
    await world.rows<{ hold: string }>(`select code || ':' || detail as hold from holds where order_id = $1 and released_at is null order by 1`, [
      await world.idOf(no),
    ])
  ).map(({ hold }) => hold)
const places = async (no: string) =>
  (await world.rows<{ p: unknown }>(`select doc -> 'places' as p from orders where channel_order_no = $1`, [no]))[0]?.p
const one = (no: string, over: Partial<WorldOrder> = {}): WorldOrder => ({ no, lines: [{ sku: 'A', quantity: 2 }], places: ['W2'], ...over })

describe('a place the channel names', () => {
  it('says nothing where no place of the connection is bound', async () => {
    await world.take(one('1'))
    expect([await holds('1'), await places('1')]).toEqual([[], null])
    expect((await world.shelves())['A@main']).toBe('10/2')
  })

  it('holds the order where others are bound and it is not, under a failure of its own; bound and replayed, it goes on there', async () => {
    world.bind({ W1: 'main' })
    await world.take(one('1'), one('2', { places: ['W1'] }), one('3', { places: [] }), one('4', { places: ['W1', 'W2'] }))
    expect([await holds('1'), await holds('2'), await holds('3'), await holds('4')]).toEqual([
      ['location-unmapped:W2'],
      [],
      [],
      ['location-unmapped:W2'],
    ])
    expect(await world.rows('select code, subject, operation, sample from failure_groups')).toEqual([
      { code: 'location-unmapped', subject: 'W2', operation: 'normalise', sample: expect.stringContaining('"Depot W2" (W2)') },
    ])
    expect(await places('4')).toEqual([
      { id: 'W1', name: 'Depot W1', location: 'main' },
      { id: 'W2', name: 'Depot W2', location: null, unbound: true },
    ])
    world.bind({ W1: 'main', W2: 'east' })
    await world.take(one('1'), one('4', { places: ['W1', 'W2'] }))
    expect([await holds('1'), await holds('4')]).toEqual([[], []])
    expect(await world.rows(`select status from failure_groups`)).toEqual([{ status: 'resolved' }])
    // Of two places the usual order of ours decides.
    expect(await world.shelves()).toEqual({ 'A@east': '10/2', 'A@main': '10/6', 'B@east': '10/0', 'B@main': '10/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('is bound by the setting that chooses it for levels too, to all of ours', async () => {
    world.bind(undefined, 'gid://channel/Location/W1')
    await world.take(one('1', { places: ['W1'] }), one('2'))
    expect([await holds('1'), await holds('2')]).toEqual([[], ['location-unmapped:W2']])
    expect(await places('1')).toEqual([{ id: 'W1', name: 'Depot W1', location: null }])
  })

  it('holds nothing that needs no goods any more', async () => {
    world.bind({ W1: 'main' })
    await world.take(one('1', { fulfilment: 'shipped' }), one('2', { cancelled: true }))
    expect([await holds('1'), await holds('2')]).toEqual([[], []])
  })
})

describe('an order of a bound place', () => {
  it('takes its goods there, whatever lies there, and gives them back there', async () => {
    world.bind({ W2: 'east' })
    await world.take(one('1', { lines: [{ sku: 'A', quantity: 12 }] }))
    expect(await world.shelves()).toMatchObject({ 'A@east': '10/12', 'A@main': '10/0' })
    await world.take(one('1', { lines: [{ sku: 'A', quantity: 12, cancelled: 9 }] }))
    expect(await world.shelves()).toMatchObject({ 'A@east': '10/3', 'A@main': '10/0' })
    expect(await coverShortages({ pool: world.pool, now: new Date() })).toBe(1)
    await createShipment({
      pool: world.pool,
      orderId: await world.idOf('1'),
      carrier: 'SF',
      trackingNo: 'SF1',
      source: 'api',
      actor: 'test',
      now: new Date(),
    })
    expect(await world.shelves()).toMatchObject({ 'A@east': '7/0', 'A@main': '10/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('moves with the place, from plain goods and back, and with what was shipped at the channel meanwhile', async () => {
    await world.take(one('1'), one('2'), one('3', { lines: [{ sku: 'SET', quantity: 3 }] }))
    expect(await world.shelves()).toMatchObject({ 'A@main': '10/10', 'B@main': '10/3' })
    world.bind({ W2: 'east', W3: 'west' })
    await world.take(one('1'), one('2', { places: ['W3'] }), one('3', { lines: [{ sku: 'SET', quantity: 3 }] }))
    expect(await world.shelves()).toMatchObject({ 'A@east': '10/8', 'A@west': '0/2', 'A@main': '10/0', 'B@east': '10/3', 'B@main': '10/0' })
    await world.take(one('1', { places: ['W3'], fulfilment: 'shipped' }), one('3', { places: ['W3'], lines: [{ sku: 'SET', quantity: 3 }] }))
    expect(await world.shelves()).toMatchObject({ 'A@east': '10/0', 'A@west': '-2/8', 'B@west': '0/3' })
    world.bind()
    await world.take(one('2', { places: ['W3'], payment: 'partially_paid' }))
    // Nothing says another place: it keeps what it has.
    expect(await world.shelves()).toMatchObject({ 'A@west': '-2/8', 'A@main': '10/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('is short where its place is, whatever lies elsewhere, is said so, and goes on when goods come there', async () => {
    world.bind({ W1: 'main', W2: 'east', W3: 'west' })
    const wants = (no: string, quantity: number, place: string): WorldOrder => one(no, { lines: [{ sku: 'A', quantity }], places: [place] })
    await world.take(wants('1', 9, 'W2'), wants('2', 3, 'W2'), wants('3', 4, 'W1'), wants('4', 1, 'W3'), one('5', { lines: [{ sku: 'SET', quantity: 1 }], places: ['W3'] })) // prettier-ignore
    const held = async () =>
      (await world.rows<{ said: string }>(`select o.channel_order_no || ' ' || split_part(h.message, ',', 1) as said from holds h join orders o on o.id = h.order_id where h.code = 'stock-short' and h.released_at is null order by 1`)).map(({ said }) => said) // prettier-ignore
    // Both of one batch took there; which of them is covered the queue says.
    expect(await held()).toEqual([
      '1 More of "A" is sold than there is at "east"',
      '2 More of "A" is sold than there is at "east"',
      '4 More of "A" is sold than there is at "west"',
      '5 More of "SET" is sold than there is at "west"',
    ])
    const awaits = (no: string) => world.idOf(no).then((id) => world.rows<{ line_no: number; sku: string; missing: string }>('select line_no, sku, trim_scale(missing)::text as missing from stock_awaited($1)', [id])) // prettier-ignore
    expect([await awaits('1'), await awaits('2'), await awaits('4')]).toEqual([[], [{ line_no: 1, sku: 'A', missing: '2' }], [{ line_no: 1, sku: 'A', missing: '1' }]]) // prettier-ignore
    expect(await coverShortages({ pool: world.pool, now: new Date() })).toBe(1)
    await world.take(one('6', { lines: [{ sku: 'A', quantity: 1 }], places: ['W1'] }))
    await setStock({ pool: world.pool, actor: 'test', now: new Date() }, [{ sku: 'A', location: 'main', onHand: '99' }, { sku: 'A', location: 'east', onHand: '12' }]) // prettier-ignore
    expect(await coverShortages({ pool: world.pool, now: new Date() })).toBe(1)
    expect(await held()).toEqual(['4 More of "A" is sold than there is at "west"', '5 More of "SET" is sold than there is at "west"'])
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('takes each line from the place the channel names for it', async () => {
    world.bind({ W1: 'main', W2: 'east', W3: 'west' })
    const lines = [{ sku: 'A', quantity: 2, place: 'W1' }, { sku: 'A', quantity: 3, place: 'W2' }, { sku: 'SET', quantity: 1, place: 'W2' }, { sku: 'B', quantity: 4, place: 'W3' }] // prettier-ignore
    await world.take({ no: '1', lines })
    expect(await world.shelves()).toEqual({ 'A@east': '10/5', 'A@main': '10/2', 'B@east': '10/1', 'B@main': '10/0', 'B@west': '0/4' })
    expect(await places('1')).toEqual([
      { id: 'W1', name: 'Depot W1', lines: [1], location: 'main' },
      { id: 'W2', name: 'Depot W2', lines: [2, 3], location: 'east' },
      { id: 'W3', name: 'Depot W3', lines: [4], location: 'west' },
    ])
    // Both sides are looked at by themselves, and the one that is short is said.
    expect(await holds('1')).toEqual(['stock-short:B'])
    await world.take({ no: '1', lines: lines.map((line) => ({ ...line, place: line.place === 'W1' ? 'W2' : 'W1' })) })
    expect(await world.shelves()).toEqual({ 'A@east': '10/2', 'A@main': '10/5', 'B@east': '10/0', 'B@main': '10/5' })
    // A line whose place nobody bound waits, the others stand where they belong.
    await world.take({ no: '2', lines: [{ sku: 'A', quantity: 1, place: 'W2' }, { sku: 'A', quantity: 1, place: 'W9' }] }) // prettier-ignore
    expect([await holds('2'), (await world.shelves())['A@east']]).toEqual([['location-unmapped:W9'], '10/3'])
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('keeps the books right in batches of any size, by many writers, whatever changes', async () => {
    let seed = 20261123
    const pick = (n: number): number => ((seed = (seed * 1103515245 + 12345) % 2147483648) >> 8) % n
    const bindings = [undefined, { W1: 'main' }, { W1: 'main', W2: 'east' }, { W1: 'west', W2: 'east' }]
    const random = (no: string): WorldOrder => ({
      no,
      lines: [
        { sku: ['A', 'B', 'SET'][pick(3)] ?? 'A', quantity: 4, cancelled: pick(3), shipped: pick(2) },
        { sku: ['A', 'B', 'SET'][pick(3)] ?? 'A', quantity: 1 },
      ],
      places: [[], ['W1'], ['W2'], ['W1', 'W2']][pick(4)] ?? [],
      ...(pick(6) === 0 && { cancelled: true }),
      ...(pick(6) === 0 && { fulfilment: 'shipped' as const }),
    })
    await world.take(...Array.from({ length: 60 }, (_, i) => random(`r${i}`)))
    expect(await wrongBooks(world.pool)).toEqual([])
    for (let round = 0; round < 8; round += 1) {
      world.bind(bindings[pick(4)])
      await Promise.all(Array.from({ length: 4 }, () => world.take(...[...new Set(Array.from({ length: 8 }, () => `r${pick(70)}`))].map(random))))
      expect(await wrongBooks(world.pool)).toEqual([])
    }
    world.bind({ W1: 'west', W2: 'east' })
    await world.take(
      ...Array.from({ length: 70 }, (_, i) => ({ no: `r${i}`, lines: [{ sku: 'SET', quantity: 2 }], places: [i % 2 === 0 ? 'W1' : 'W2'] })),
    )
    const stand = await world.rows(
      `select distinct x.location, substr(o.channel_order_no, 2)::int % 2 as odd, x.sku, x.quantity::int as n from line_stock x join orders o on o.id = x.order_id order by 2, 3`,
    )
    expect(stand).toEqual([
      { location: 'west', odd: 0, sku: 'A', n: 4 },
      { location: 'west', odd: 0, sku: 'B', n: 2 },
      { location: 'east', odd: 1, sku: 'A', n: 4 },
      { location: 'east', odd: 1, sku: 'B', n: 2 },
    ])
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('keeps its location: one that a rule names is not removed', async () => {
    await world.pool.query(
      `insert into locations (id, name) values ('south', 'South'); insert into overrides (connection_id, kind, from_value, to_value, reason, author, version) values ('c_plain', 'place', 'W9', 'south', 'x', 'user:x', 1)`,
    )
    await expect(removeLocation(world.pool, 'south')).rejects.toMatchObject({ code: 'location-in-use' })
  })
})
