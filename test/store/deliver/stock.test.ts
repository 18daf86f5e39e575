import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moveStock, setStock } from '../../../src/deliver/stock.ts'
import { aConnection, anOrder, aSku, at, iso, one, openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
afterAll(() => database.close())

const onHand = async (sku: string): Promise<string> =>
  (await one<{ on_hand: string }>(pool, 'select trim_scale(on_hand)::text as on_hand from stock where sku = $1', [sku])).on_hand
const count = (sku: string, onHandText: string, extra: { asOf?: string; ref?: string } = {}, seconds = 0) =>
  setStock({ pool, actor: 'test', now: at(seconds) }, [{ sku, location: 'main', onHand: onHandText, ...extra }])
const move = (sku: string, delta: string, ref: string, extra: { at?: string } = {}, seconds = 0) =>
  moveStock({ pool, actor: 'test', now: at(seconds) }, [{ sku, location: 'main', delta, ref, ...extra }])

describe('absolute counts', () => {
  it('keeps the newer count when an older one arrives late', async () => {
    const sku = await aSku(pool, [])
    expect((await count(sku, '10', { asOf: iso(20) }))[0]?.result).toBe('set')
    expect((await count(sku, '99', { asOf: iso(10) }))[0]?.result).toBe('stale')
    expect(await onHand(sku)).toBe('10')
  })

  it('does nothing when the same message comes twice, even after a newer one', async () => {
    const sku = await aSku(pool, [])
    await count(sku, '10', { ref: 'm1' }, 1)
    await count(sku, '4', { ref: 'm2' }, 2)
    expect((await count(sku, '10', { ref: 'm1' }, 3))[0]?.result).toBe('duplicate')
    expect(await onHand(sku)).toBe('4')
  })

  it('ends at the same number in whichever order two counts of one instant arrive', async () => {
    const [a, b] = [await aSku(pool, []), await aSku(pool, [])]
    await count(a, '5', { asOf: iso(5) })
    await count(a, '7', { asOf: iso(5) })
    await count(b, '7', { asOf: iso(5) })
    await count(b, '5', { asOf: iso(5) })
    expect([await onHand(a), await onHand(b)]).toEqual(['5', '5'])
  })

  it('adds what was moved after the count was taken to a count that arrives late', async () => {
    const sku = await aSku(pool, [])
    await count(sku, '10', {}, 0)
    await move(sku, '-3', 'r1', {}, 100)
    await count(sku, '20', { asOf: iso(50) }, 200)
    expect(await onHand(sku)).toBe('17')
  })

  it('answers per item and lets a bad item stop no other', async () => {
    const sku = await aSku(pool, [])
    const results = await setStock({ pool, actor: 'test', now: at(0) }, [
      { sku: 'nobody', location: 'main', onHand: '1' },
      { sku, location: 'nowhere', onHand: '1' },
      { sku, location: 'main', onHand: '3.5' },
    ])
    expect(results.map((row) => row.result)).toEqual(['unknown-sku', 'unknown-location', 'set'])
    expect(await onHand(sku)).toBe('3.5')
  })

  it('refuses what is not a quantity before anything is written', async () => {
    const sku = await aSku(pool, [])
    await expect(count(sku, '1e3')).rejects.toMatchObject({ code: 'quantity-unreadable' })
    await expect(count(sku, '-1')).rejects.toMatchObject({ code: 'quantity-unreadable' })
  })

  it('marks the listings of a SKU in the same transaction, and only when the level moved', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    expect((await one<{ n: number }>(pool, 'select count(*) n from listing_dirty where connection_id = $1', [connection])).n).toBe(1)
    await pool.query('delete from listing_dirty')
    await count(sku, '10', {}, 60)
    expect((await one<{ n: number }>(pool, 'select count(*) n from listing_dirty where connection_id = $1', [connection])).n).toBe(0)
  })
})

describe('movements', () => {
  it('applies a reference once', async () => {
    const sku = await aSku(pool, [])
    await count(sku, '10')
    expect((await move(sku, '-2', 'a'))[0]).toMatchObject({ result: 'moved' })
    expect((await move(sku, '-2', 'a'))[0]).toMatchObject({ result: 'duplicate' })
    expect(await onHand(sku)).toBe('8')
  })

  it('does not apply a movement that the last count has already seen', async () => {
    const sku = await aSku(pool, [])
    await count(sku, '10', { asOf: iso(100) })
    expect((await move(sku, '-2', 'late', { at: iso(50) }))[0]).toMatchObject({ result: 'counted' })
    expect(await onHand(sku)).toBe('10')
  })

  it('explains every number: the ledger adds up to what is on hand and reserved', async () => {
    const sku = await aSku(pool, [])
    await count(sku, '10')
    await move(sku, '5', 'in')
    await move(sku, '-1.5', 'out')
    const ledger = await one<{ on_hand: string }>(pool, 'select trim_scale(sum(on_hand_delta))::text as on_hand from stock_ledger where sku = $1', [
      sku,
    ])
    expect(ledger.on_hand).toBe(await onHand(sku))
  })

  it('never deadlocks when messages name the same SKUs in different order', async () => {
    const skus = await Promise.all(Array.from({ length: 20 }, () => aSku(pool, [])))
    const messages = Array.from({ length: 24 }, (_, n) => {
      const order = n % 2 === 0 ? skus : skus.toReversed()
      return moveStock(
        { pool, actor: 'test', now: at(n) },
        order.map((sku) => ({ sku, location: 'main', delta: '1', ref: `d${n}` })),
      )
    })
    await Promise.all(messages)
    expect(await onHand(skus[0] ?? '')).toBe('24')
    expect((await one<{ deadlocks: number }>(pool, 'select deadlocks from pg_stat_database where datname = current_database()')).deadlocks).toBe(0)
  })
})

it('keeps a reservation apart from what is on hand', async () => {
  const connection = await aConnection(pool)
  const sku = await aSku(pool, [connection])
  await anOrder(pool, connection, [{ sku, quantity: 3 }])
  await count(sku, '10')
  expect(
    await one(pool, 'select trim_scale(on_hand)::text as on_hand, trim_scale(reserved)::text as reserved from stock where sku = $1', [sku]),
  ).toEqual({ on_hand: '10', reserved: '3' })
})
