import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome } from '../../../src/core/connector.ts'
import { arm, armPreview, disarm, outboundState, startOutbound, stopOutbound } from '../../../src/deliver/arm.ts'
import { planStockPush, type StockPlan } from '../../../src/deliver/push-stock.ts'
import { recordStockOutcomes } from '../../../src/deliver/record-levels.ts'
import { LEASE_SECONDS, expireSending, planStockReadback, recordStockReadings } from '../../../src/deliver/settle-stock.ts'
import { moveStock, setStock } from '../../../src/deliver/stock.ts'
import { withTx } from '../../../src/store/db.ts'
import { markConnectionDirty } from '../../../src/store/deliver/mark-dirty.ts'
import { aConnection, anOrder, aSku, at, one, openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
afterAll(() => database.close())

const FENCE = 60
const LANDING = { skewSeconds: 10, tMaxSeconds: FENCE - 10 }
const count = (sku: string, onHand: string, seconds = 0) => setStock({ pool, actor: 'test', now: at(seconds) }, [{ sku, location: 'main', onHand }])
const plan = (connection: string, seconds = 0) => planStockPush({ pool, now: at(seconds) }, connection, 100, LANDING)
const record = (connection: string, planned: StockPlan, outcomes: readonly Outcome[], seconds = 0) =>
  recordStockOutcomes({ pool, now: at(seconds) }, { connectionId: connection, writes: planned.writes, ...LANDING }, outcomes)
const listing = (connection: string, key: string) =>
  one<{ push_state: string; push_message: string | null; desired: number | null; confirmed: number | null }>(
    pool,
    'select push_state, push_message, desired, confirmed from listings where connection_id = $1 and listing_key = $2',
    [connection, key],
  )
const told = (planned: StockPlan): readonly number[] => planned.writes.map((write) => write.write.quantity)
const inDoubt = (key: string): Outcome => ({ key, status: 'unknown', fault: { kind: 'in-doubt', message: 'No answer.' } })

describe('planning', () => {
  it('coalesces five hundred changes of one SKU into one write of the newest level', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '1000')
    for (let n = 0; n < 50; n += 1) {
      await moveStock(
        { pool, actor: 'test', now: at(n) },
        Array.from({ length: 10 }, (_, i) => ({ sku, location: 'main', delta: '-1', ref: `m${n}-${i}` })),
      )
    }
    expect(told(await plan(connection))).toEqual([500])
    expect(told(await plan(connection))).toEqual([])
    expect((await one<{ n: number }>(pool, 'select count(*) n from effects_now where connection_id = $1', [connection])).n).toBe(1)
  })

  it('shows each connection its share of the pool, less its buffer and what is reserved', async () => {
    const [whole, half] = [await aConnection(pool), await aConnection(pool, { share: 0.5, buffer: 2 })]
    const sku = await aSku(pool, [whole, half])
    await anOrder(pool, whole, [{ sku, quantity: 4 }])
    await count(sku, '25')
    expect([told(await plan(whole)), told(await plan(half))]).toEqual([[21], [8]])
  })

  it('tells nothing about a SKU nobody has counted, although orders have reserved it', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await anOrder(pool, connection, [{ sku, quantity: 1 }])
    await withTx(pool, (client) => markConnectionDirty(client, connection))
    expect((await plan(connection)).writes).toEqual([])
    expect(await listing(connection, sku)).toMatchObject({ push_state: 'blocked', push_message: 'not-counted', desired: null })
  })

  it('says why a listing is told nothing', async () => {
    const connection = await aConnection(pool)
    const [unbound, inactive, paused] = [await aSku(pool, [connection]), await aSku(pool, [connection]), await aSku(pool, [connection])]
    await Promise.all([count(unbound, '1'), count(inactive, '1'), count(paused, '1')])
    await pool.query('update listings set sku = null where listing_key = $1', [unbound])
    await pool.query('update listings set active = false where listing_key = $1', [inactive])
    await pool.query('update listings set paused = true where listing_key = $1', [paused])
    expect((await plan(connection)).writes).toEqual([])
    const reasons = await Promise.all([unbound, inactive, paused].map(async (key) => (await listing(connection, key)).push_message))
    expect(reasons).toEqual(['unbound', 'inactive', 'paused'])
  })

  it('leaves a listing alone that the channel deliberately does not count', async () => {
    const connection = await aConnection(pool)
    const [counted, uncounted] = [await aSku(pool, [connection]), await aSku(pool, [connection])]
    await pool.query('update listings set shown = null where listing_key = $1', [uncounted])
    await Promise.all([count(counted, '4'), count(uncounted, '4')])
    expect((await plan(connection)).writes.map((write) => write.write.key)).toEqual([counted])
    expect(await listing(connection, uncounted)).toMatchObject({ push_state: 'blocked', push_message: 'not-managed' })
  })

  it('tells all listings of a channel that names no quantities at all', async () => {
    const connection = await aConnection(pool)
    const [a, b] = [await aSku(pool, [connection]), await aSku(pool, [connection])]
    await pool.query('update listings set shown = null where connection_id = $1', [connection])
    await count(a, '4')
    await record(connection, await plan(connection), [{ key: a, status: 'applied' }])
    await count(b, '5', 1)
    expect(told(await plan(connection, 2))).toEqual([5])
  })

  it('plans a change that arrives while a write is on the wire afterwards, at its newest value', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    const first = await plan(connection)
    await count(sku, '7', 5)
    expect((await plan(connection, 6)).writes).toEqual([])
    await record(connection, first, [{ key: sku, status: 'applied' }], 7)
    expect(told(await plan(connection, 8))).toEqual([7])
  })

  it('never takes a mark together with the old level of a writer that has not committed yet', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    const writer = await pool.connect()
    await writer.query('begin')
    await writer.query('update stock set on_hand = 3 where sku = $1', [sku])
    await writer.query('insert into listing_dirty (connection_id, listing_key) values ($1, $2) on conflict do nothing', [connection, sku])
    const planning = plan(connection)
    await new Promise((resolve) => setTimeout(resolve, 150))
    await writer.query('commit')
    writer.release()
    expect(told(await planning)).toEqual([3])
  })

  it('tells the newest level of a listing that a writer marks anew while the plan waits for its stock', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    const writer = await pool.connect()
    await writer.query('begin')
    await writer.query('update stock set on_hand = 4 where sku = $1', [sku])
    await writer.query('update listing_dirty set at = now() where connection_id = $1', [connection])
    const planning = plan(connection)
    await new Promise((resolve) => setTimeout(resolve, 150))
    await writer.query('commit')
    writer.release()
    expect(told(await planning)).toEqual([4])
  })
})

describe('arming', () => {
  it('tells an unarmed connection nothing, but works out what it would say', async () => {
    const connection = await aConnection(pool, { armed: false })
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    expect(await plan(connection)).toMatchObject({ writes: [], standstill: 'not-armed' })
    expect(await listing(connection, sku)).toMatchObject({ push_state: 'blocked', push_message: 'not-armed', desired: 10 })
  })

  it('starts only with the hash of the preview that was looked at', async () => {
    const connection = await aConnection(pool, { armed: false })
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    const preview = await armPreview(pool, connection, 'stock')
    expect(preview.items).toEqual([{ listingKey: sku, sku, title: sku, shown: '0', wouldSet: 10, change: 'raise' }])
    await count(sku, '9', 5)
    const request = { pool, connectionId: connection, what: ['stock'] as const, confirmZero: false, actor: 'user:1', now: at(6) }
    await expect(arm({ ...request, previewHash: preview.hash })).rejects.toMatchObject({ code: 'preview-outdated' })
    expect((await plan(connection, 7)).writes).toEqual([])
    await arm({ ...request, previewHash: (await armPreview(pool, connection, 'stock')).hash })
    expect(told(await plan(connection, 8))).toEqual([9])
  })

  it('does not arm a connection that would be told zero without a second word', async () => {
    const connection = await aConnection(pool, { armed: false })
    const sku = await aSku(pool, [connection])
    await pool.query('update listings set shown = 12 where connection_id = $1', [connection])
    await count(sku, '0')
    const preview = await armPreview(pool, connection, 'stock')
    expect(preview.counts).toMatchObject({ zero: 1 })
    const request = { pool, connectionId: connection, what: ['stock'] as const, previewHash: preview.hash, actor: 'user:1', now: at(1) }
    await expect(arm({ ...request, confirmZero: false })).rejects.toMatchObject({ code: 'zero-not-confirmed' })
    await arm({ ...request, confirmZero: true })
    expect(told(await plan(connection, 2))).toEqual([0])
    await disarm({ pool, connectionId: connection, what: ['stock'], actor: 'user:1', now: at(3) })
    await count(sku, '5', 4)
    expect((await plan(connection, 5)).writes).toEqual([])
  })

  it('halts every connection at once and sends what moved meanwhile once, at its newest level', async () => {
    const [a, b] = [await aConnection(pool), await aConnection(pool)]
    const sku = await aSku(pool, [a, b])
    await stopOutbound({ pool, actor: 'user:1', reason: 'stock-taking', now: at(0) })
    await count(sku, '10')
    await count(sku, '6', 5)
    expect([await plan(a, 6), await plan(b, 6)]).toMatchObject([
      { writes: [], standstill: 'outbound-stopped' },
      { writes: [], standstill: 'outbound-stopped' },
    ])
    expect(await outboundState(pool, at(6))).toMatchObject({ state: 'stopped', by: 'user:1', reason: 'stock-taking' })
    await startOutbound({ pool, actor: 'user:1', now: at(7) })
    expect([told(await plan(a, 8)), told(await plan(b, 8))]).toEqual([[6], [6]])
  })
})

describe('outcomes', () => {
  it('settles each write of a batch by itself: done, refused, in doubt', async () => {
    const connection = await aConnection(pool)
    const [ok, bad, doubt] = [await aSku(pool, [connection]), await aSku(pool, [connection]), await aSku(pool, [connection])]
    for (const sku of [ok, bad, doubt]) await count(sku, '10')
    const planned = await plan(connection)
    const counts = await record(connection, planned, [
      { key: ok, status: 'applied', proof: { id: '7' } },
      { key: bad, status: 'refused', fault: { kind: 'refused', code: 'not-managed', message: 'Product 7 does not manage stock.' } },
    ])
    expect(counts).toMatchObject({ done: 1, refused: 1, unknown: 1 })
    expect(await listing(connection, ok)).toMatchObject({ push_state: 'idle', confirmed: 10 })
    expect(await listing(connection, bad)).toMatchObject({ push_state: 'refused', confirmed: null })
    expect(await listing(connection, doubt)).toMatchObject({ push_state: 'unknown', confirmed: null })
    expect(
      await one(
        pool,
        `select operation, code, count(*)::int as open from failures f join failure_groups g on g.id = f.group_id where f.connection_id = $1 and f.resolved_at is null group by 1, 2`,
        [connection],
      ),
    ).toEqual({ operation: 'push-stock', code: 'not-managed', open: 1 })
    await count(bad, '9', 10)
    await record(connection, await plan(connection, 11), [{ key: bad, status: 'applied' }], 12)
    expect(
      await one(
        pool,
        `select g.status, count(*) filter (where f.resolved_at is null)::int as open from failures f join failure_groups g on g.id = f.group_id where f.connection_id = $1 group by 1`,
        [connection],
      ),
    ).toEqual({ status: 'resolved', open: 0 })
  })

  it('plans a write again that certainly was not applied', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    await record(connection, await plan(connection), [{ key: sku, status: 'refused', fault: { kind: 'throttled', message: 'Slow down.' } }])
    expect(told(await plan(connection, 5))).toEqual([10])
  })

  it('takes a server error after sending for doubt, not for permission to send again', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    await record(connection, await plan(connection), [
      { key: sku, status: 'refused', fault: { kind: 'transient', status: 502, message: 'Bad gateway.' } },
    ])
    expect(await listing(connection, sku)).toMatchObject({ push_state: 'unknown' })
  })
})

describe('doubt', () => {
  it('is not resent but read back after the fence; equal means done', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    await record(connection, await plan(connection), [inDoubt(sku)])
    await count(sku, '8', 5)
    expect((await plan(connection, 10)).writes).toEqual([])
    expect(await planStockReadback({ pool, now: at(FENCE - 1) }, connection, 10)).toEqual([])
    const doubtful = await planStockReadback({ pool, now: at(FENCE + 1) }, connection, 10)
    expect(await recordStockReadings({ pool, now: at(FENCE + 1) }, connection, doubtful, [{ key: sku, quantity: 10 }])).toMatchObject({ done: 1 })
    expect(await listing(connection, sku)).toMatchObject({ push_state: 'idle', confirmed: 10 })
    expect(told(await plan(connection, FENCE + 2))).toEqual([8])
  })

  it('plans the newest level again when the channel shows something else', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    await record(connection, await plan(connection), [inDoubt(sku)])
    const doubtful = await planStockReadback({ pool, now: at(FENCE + 1) }, connection, 10)
    expect(await recordStockReadings({ pool, now: at(FENCE + 1) }, connection, doubtful, [{ key: sku, quantity: 3 }])).toMatchObject({
      superseded: 1,
    })
    expect(await listing(connection, sku)).toMatchObject({ confirmed: 3, push_state: 'pending' })
    expect(told(await plan(connection, FENCE + 2))).toEqual([10])
  })

  it('is what a process leaves behind that died between sending and recording', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    const lost = await plan(connection)
    expect(await expireSending({ pool, now: at(LEASE_SECONDS - 1) }, connection, LANDING)).toBe(0)
    expect(await expireSending({ pool, now: at(LEASE_SECONDS + 1) }, connection, LANDING)).toBe(1)
    const doubtful = await planStockReadback({ pool, now: at(LEASE_SECONDS + 2) }, connection, 10)
    expect(doubtful.map((effect) => effect.id)).toEqual(lost.writes.map((write) => write.effectId))
    await recordStockReadings({ pool, now: at(LEASE_SECONDS + 2) }, connection, doubtful, [{ key: sku, quantity: 10 }])
    expect(await record(connection, lost, [{ key: sku, status: 'applied' }], LEASE_SECONDS + 3)).toMatchObject({ done: 0 })
    expect(await listing(connection, sku)).toMatchObject({ push_state: 'idle', confirmed: 10 })
  })
})
