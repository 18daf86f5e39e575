import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChannelShipment } from '../../../src/core/order.ts'
import { cancelEffect, decideCancel, requestReadBack, retryEffect } from '../../../src/deliver/effects.ts'
import { placeHold, releaseHold } from '../../../src/deliver/holds.ts'
import {
  leaveToPerson,
  planEffectReadback,
  planEffects,
  recordEffectOutcome,
  recordShipmentReading,
  settleDecision,
} from '../../../src/deliver/settle-effects.ts'
import { LEASE_SECONDS, expireSending } from '../../../src/deliver/settle-stock.ts'
import { createShipment, type ShipmentInput } from '../../../src/deliver/shipments.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { claimShipments } from '../../../src/store/deliver/claim-effects.ts'
import { aConnection, anOrder, aSku, at, one, openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
afterAll(() => database.close())

const FENCE = { skewSeconds: 10, tMaxSeconds: 50 }
const ship = (orderId: number, extra: Partial<ShipmentInput> = {}) =>
  createShipment({ pool, orderId, carrier: 'SF', trackingNo: 'SF1234567890123', source: 'api', actor: 'key:1', now: at(0), ...extra })
const plan = (connection: string, seconds: number) => planEffects({ pool, now: at(seconds) }, connection, 10)
const order = (id: number) =>
  one<{ fulfilment: string; sync: string; approval: string; version: number }>(
    pool,
    'select fulfilment, sync, approval, version from orders where id = $1',
    [id],
  )
const shown = (trackingNo: string): ChannelShipment => ({ channelShipmentNo: '1', trackingNo, state: 'shipped', lines: [] })
const stock = (sku: string) =>
  one(pool, 'select trim_scale(on_hand)::text as on_hand, trim_scale(reserved)::text as reserved from stock where sku = $1', [sku])
const effectOf = (orderId: number) =>
  one<{ id: number; state: string; message: string | null; code: string | null }>(
    pool,
    'select id, state, message, code from effects where order_id = $1 order by id desc limit 1',
    [orderId],
  )

async function stocked(quantity = 3): Promise<{ readonly connection: string; readonly sku: string; readonly orderId: number }> {
  const connection = await aConnection(pool)
  const sku = await aSku(pool, [connection])
  await setStock({ pool, actor: 'test', now: at(-10) }, [{ sku, location: 'main', onHand: '10' }])
  return { connection, sku, orderId: await anOrder(pool, connection, [{ sku, quantity }]) }
}

describe('recording a package', () => {
  it('moves the goods, the fact, the version and the feed in one step, and records the intent', async () => {
    const { connection, sku, orderId } = await stocked()
    await pool.query('delete from listing_dirty where connection_id = $1', [connection])
    const made = await ship(orderId)
    expect(made).toMatchObject({
      repeated: false,
      version: 2,
      shipment: { package_no: 'SF1234567890123', carrier: 'SF', lines: [{ line_no: 1, quantity: '3' }], effect_state: 'pending' },
    })
    expect(await stock(sku)).toEqual({ on_hand: '7', reserved: '0' })
    expect(await order(orderId)).toMatchObject({ fulfilment: 'shipped', sync: 'writeback_pending', version: 2 })
    expect(await one(pool, 'select kind, cause, version from feed where order_id = $1', [orderId])).toEqual({
      kind: 'order',
      cause: 'shipment',
      version: 2,
    })
    expect(await one(pool, `select code, source from order_facts where order_id = $1 and code = 'shipped'`, [orderId])).toEqual({
      code: 'shipped',
      source: 'hub',
    })
    expect(await one(pool, 'select count(*)::int as n from listing_dirty where connection_id = $1', [connection])).toEqual({ n: 0 })
  })

  it('marks the listings when more leaves the shelf than was reserved', async () => {
    const { connection, orderId } = await stocked()
    await pool.query('delete from listing_dirty where connection_id = $1', [connection])
    await pool.query('update order_lines set reserved = 1 where order_id = $1', [orderId])
    await ship(orderId)
    expect(await one(pool, 'select count(*)::int as n from listing_dirty where connection_id = $1', [connection])).toEqual({ n: 1 })
  })

  it('ships a part, then the rest, and marks only the second package as the last', async () => {
    const { connection, sku, orderId } = await stocked()
    await ship(orderId, { trackingNo: 'A1', lines: [{ lineNo: 1, quantity: '1' }] })
    expect(await order(orderId)).toMatchObject({ fulfilment: 'partial' })
    expect(await stock(sku)).toEqual({ on_hand: '9', reserved: '2' })
    await ship(orderId, { trackingNo: 'A2' })
    expect(await order(orderId)).toMatchObject({ fulfilment: 'shipped' })
    const first = await plan(connection, 1)
    expect(first.shipments.map((claimed) => [claimed.tracking_no, claimed.last])).toEqual([['A1', false]])
    await recordEffectOutcome({ pool, now: at(2) }, connection, { ...first.shipments[0]!, ...FENCE }, { key: 'A1', status: 'applied' })
    expect((await plan(connection, 3)).shipments.map((claimed) => [claimed.tracking_no, claimed.last, claimed.lines])).toEqual([
      ['A2', true, [{ channel_line_no: 'L1', quantity: '2' }]],
    ])
  })

  it('answers the same package again without doing anything, and refuses other contents under its number', async () => {
    const { sku, orderId } = await stocked()
    await ship(orderId, { packageNo: 'P1' })
    expect(await ship(orderId, { packageNo: 'P1' })).toMatchObject({ repeated: true, version: 2 })
    expect(await stock(sku)).toEqual({ on_hand: '7', reserved: '0' })
    await expect(ship(orderId, { packageNo: 'P1', trackingNo: 'OTHER' })).rejects.toMatchObject({ code: 'package-conflict' })
  })

  it('records one package when the same request arrives eight times at once', async () => {
    const { sku, orderId } = await stocked()
    const made = await Promise.all(Array.from({ length: 8 }, () => ship(orderId)))
    expect(made.filter((result) => !result.repeated)).toHaveLength(1)
    expect(await stock(sku)).toEqual({ on_hand: '7', reserved: '0' })
  })

  it('never ships more than was ordered, less what was cancelled and shipped already', async () => {
    const { orderId } = await stocked()
    await pool.query('update order_lines set cancelled = 1 where order_id = $1', [orderId])
    await expect(ship(orderId, { lines: [{ lineNo: 1, quantity: '3' }] })).rejects.toMatchObject({
      code: 'quantity-exceeds-remaining',
      details: { remaining: '2' },
    })
    await expect(ship(orderId, { lines: [{ lineNo: 9, quantity: '1' }] })).rejects.toMatchObject({ code: 'line-unknown' })
    await ship(orderId)
    await expect(ship(orderId, { trackingNo: 'B2' })).rejects.toMatchObject({ code: 'nothing-to-ship' })
  })

  it('suggests the carrier somebody meant', async () => {
    const { orderId } = await stocked()
    await expect(ship(orderId, { carrier: 'fedx' })).rejects.toMatchObject({ code: 'carrier-unknown', details: { suggestions: ['FEDEX'] } })
    expect((await ship(orderId, { carrier: '顺丰' })).shipment.carrier).toBe('SF')
  })
})

describe('an order on hold', () => {
  it('is not shipped when its buyer asks to cancel, unless by force with a reason', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    const orderId = await anOrder(pool, connection, [{ sku, quantity: 1 }], { cancelRequest: 'r1' })
    await expect(ship(orderId)).rejects.toMatchObject({ code: 'order-held', details: { codes: ['cancel-requested'] } })
    await expect(ship(orderId, { force: true })).rejects.toMatchObject({ code: 'force-reason-required' })
    expect((await ship(orderId, { force: true, forceReason: 'Already on the van.' })).shipment.forced).toBe(true)
    expect(await one(pool, `select ref from order_facts where order_id = $1 and code = 'shipped_by_force'`, [orderId])).toEqual({
      ref: 'Already on the van.',
    })
    expect((await plan(connection, 1)).shipments).toHaveLength(1)
  })

  it('has a package that was not forced wait when the request comes before it was sent', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    await pool.query(`insert into holds (order_id, code, message) values ($1, 'cancel-requested', 'test')`, [orderId])
    expect((await plan(connection, 1)).shipments).toEqual([])
  })

  it('is held by hand and released again, with a version and a feed row each', async () => {
    const { orderId } = await stocked()
    await placeHold({ pool, orderId, reason: 'Address looks odd.', actor: 'user:1', now: at(0) })
    expect(await order(orderId)).toMatchObject({ approval: 'held', version: 2 })
    await expect(ship(orderId)).rejects.toMatchObject({ code: 'order-held' })
    const hold = await one<{ id: number }>(pool, 'select id from holds where order_id = $1', [orderId])
    await releaseHold({ pool, orderId, holdId: hold.id, reason: 'Asked the buyer.', actor: 'user:1', now: at(1) })
    expect(await order(orderId)).toMatchObject({ approval: 'approved', version: 3 })
    expect(await one(pool, `select count(*)::int as n from feed where order_id = $1 and cause = 'hold'`, [orderId])).toEqual({ n: 2 })
  })
})

describe('telling the channel', () => {
  it('waits for arming', async () => {
    const connection = await aConnection(pool, { armed: false })
    const sku = await aSku(pool, [connection])
    const orderId = await anOrder(pool, connection, [{ sku, quantity: 1 }])
    await ship(orderId)
    expect(await effectOf(orderId)).toMatchObject({ state: 'pending', message: 'not-armed' })
    expect(await plan(connection, 1)).toMatchObject({ shipments: [], standstill: 'not-armed' })
  })

  it('claims a package once, however many workers ask', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    const claims = await Promise.all(Array.from({ length: 6 }, () => plan(connection, 1)))
    expect(claims.flatMap((claim) => claim.shipments)).toHaveLength(1)
  })

  it('is not claimed again by a worker that looked while another was still claiming it', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    const first = await pool.connect()
    await first.query('begin')
    expect(await claimShipments(first, connection, 10, at(1))).toHaveLength(1)
    const second = plan(connection, 1)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await first.query('commit')
    first.release()
    expect((await second).shipments).toEqual([])
  })

  it('confirms, and notes it on the timeline', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    const claimed = (await plan(connection, 1)).shipments[0]!
    expect(
      await recordEffectOutcome({ pool, now: at(2) }, connection, { ...claimed, ...FENCE }, { key: claimed.package_no, status: 'unchanged' }),
    ).toBe('done')
    expect(await order(orderId)).toMatchObject({ sync: 'current' })
    expect(await one(pool, `select ref from order_facts where order_id = $1 and code = 'channel_confirmed'`, [orderId])).toEqual({
      ref: 'SF1234567890123',
    })
  })

  it('waits longer before a package that was certainly not taken goes again', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    const claimed = (await plan(connection, 1)).shipments[0]!
    await recordEffectOutcome(
      { pool, now: at(2) },
      connection,
      { ...claimed, ...FENCE },
      { key: 'x', status: 'refused', fault: { kind: 'throttled', message: 'Slow down.', retryAfterMs: 90_000 } },
    )
    expect((await plan(connection, 60)).shipments).toEqual([])
    expect((await plan(connection, 93)).shipments).toHaveLength(1)
  })

  it('puts a refusal into the failure queue; a person sends it again or gives it up', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    const claimed = (await plan(connection, 1)).shipments[0]!
    await recordEffectOutcome(
      { pool, now: at(2) },
      connection,
      { ...claimed, ...FENCE },
      { key: 'x', status: 'refused', fault: { kind: 'refused', code: 'bad-carrier', message: 'Unknown carrier.' } },
    )
    const open = () => one(pool, 'select count(*)::int as n from failures where order_id = $1 and resolved_at is null', [orderId])
    expect([await open(), await order(orderId)]).toMatchObject([{ n: 1 }, { sync: 'writeback_failed' }])
    await retryEffect({ pool, effectId: claimed.effect_id, reason: 'Fixed the map.', actor: 'user:1', now: at(3) })
    expect([await open(), await effectOf(orderId)]).toMatchObject([{ n: 0 }, { state: 'pending' }])
    await cancelEffect({ pool, effectId: claimed.effect_id, reason: 'Entered by hand.', actor: 'user:1', now: at(4) })
    expect([await effectOf(orderId), await order(orderId)]).toMatchObject([{ state: 'cancelled' }, { sync: 'current' }])
  })
})

describe('a package in doubt', () => {
  it('is not sent again when the channel already has it', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    await plan(connection, 1)
    expect(await expireSending({ pool, now: at(LEASE_SECONDS + 2) }, connection, FENCE)).toBe(1)
    expect((await plan(connection, LEASE_SECONDS + 3)).shipments).toEqual([])
    const [doubt] = await planEffectReadback({ pool, now: at(LEASE_SECONDS + 3) }, connection, 10)
    expect(await recordShipmentReading({ pool, now: at(LEASE_SECONDS + 4) }, connection, doubt!, [shown('sf 1234567890123')], FENCE)).toBe('done')
    expect(await effectOf(orderId)).toMatchObject({ state: 'done' })
  })

  it('is sent again once only after the fence, when the channel does not have it', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    const claimed = (await plan(connection, 1)).shipments[0]!
    await recordEffectOutcome({ pool, now: at(2) }, connection, { ...claimed, ...FENCE }, undefined)
    expect(await order(orderId)).toMatchObject({ sync: 'in_doubt' })
    await expect(retryEffect({ pool, effectId: claimed.effect_id, reason: 'x', actor: 'u', now: at(3) })).rejects.toMatchObject({
      code: 'effect-in-doubt',
    })
    await requestReadBack({ pool, effectId: claimed.effect_id, now: at(10) })
    const [early] = await planEffectReadback({ pool, now: at(10) }, connection, 10)
    expect(await recordShipmentReading({ pool, now: at(10) }, connection, early!, [], FENCE)).toBe('unknown')
    const [late] = await planEffectReadback({ pool, now: at(62) }, connection, 10)
    expect(await recordShipmentReading({ pool, now: at(62) }, connection, late!, [], FENCE)).toBe('pending')
    expect((await plan(connection, 63)).shipments).toHaveLength(1)
  })

  it('goes to a person where the channel cannot be read', async () => {
    const { connection, orderId } = await stocked()
    await ship(orderId)
    const claimed = (await plan(connection, 1)).shipments[0]!
    await recordEffectOutcome({ pool, now: at(2) }, connection, { ...claimed, ...FENCE }, undefined)
    const [doubt] = await planEffectReadback({ pool, now: at(63) }, connection, 10)
    await leaveToPerson({ pool, now: at(63) }, connection, doubt!)
    expect(await effectOf(orderId)).toMatchObject({ state: 'refused', code: 'not-readable' })
  })
})

describe('a cancel request', () => {
  it('is rejected once, sent, and then the order may be shipped', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    const orderId = await anOrder(pool, connection, [{ sku, quantity: 1 }], { cancelRequest: 'r1' })
    const input = { pool, orderId, reason: 'Already packed.', actor: 'user:1', now: at(0) }
    const decided = await decideCancel({ ...input, decision: 'reject' })
    expect(await decideCancel({ ...input, decision: 'reject' })).toEqual({ effectId: decided.effectId, repeated: true })
    await expect(decideCancel({ ...input, decision: 'accept' })).rejects.toMatchObject({ code: 'already-decided' })
    const claimed = (await plan(connection, 1)).decisions[0]!
    expect(claimed.intent).toMatchObject({ decision: 'reject', request_id: 'r1' })
    await recordEffectOutcome({ pool, now: at(2) }, connection, { effect_id: claimed.effect_id, ...FENCE }, { key: 'x', status: 'applied' })
    expect((await ship(orderId)).repeated).toBe(false)
  })

  it('in doubt is settled by reading the order, not by sending the decision again', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    const orderId = await anOrder(pool, connection, [{ sku, quantity: 1 }], { cancelRequest: 'r1' })
    await decideCancel({ pool, orderId, decision: 'accept', reason: 'Fine.', actor: 'user:1', now: at(0) })
    const claimed = (await plan(connection, 1)).decisions[0]!
    await recordEffectOutcome({ pool, now: at(2) }, connection, { effect_id: claimed.effect_id, ...FENCE }, undefined)
    const [doubt] = await planEffectReadback({ pool, now: at(63) }, connection, 10)
    expect(await settleDecision({ pool, now: at(63) }, connection, doubt!, FENCE, at(30))).toBe('unknown')
    expect((await plan(connection, 64)).decisions).toEqual([])
    await pool.query('update orders set cancelled = true where id = $1', [orderId])
    const [again] = await planEffectReadback({ pool, now: at(100) }, connection, 10)
    expect(await settleDecision({ pool, now: at(100) }, connection, again!, FENCE, at(99))).toBe('done')
    expect(await one(pool, 'select reason from fetch_queue where connection_id = $1', [connection])).toEqual({ reason: 'cancel-decided' })
  })

  it('needs a request to answer', async () => {
    const { orderId } = await stocked()
    await expect(decideCancel({ pool, orderId, decision: 'accept', reason: 'x', actor: 'u', now: at(0) })).rejects.toMatchObject({
      code: 'no-cancel-request',
    })
  })
})
