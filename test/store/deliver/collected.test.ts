import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChannelShipment } from '../../../src/core/order.ts'
import { channelHas } from '../../../src/deliver/channel-has.ts'
import { handOverOrders } from '../../../src/deliver/hand-over.ts'
import { placeHold, releaseHold } from '../../../src/deliver/holds.ts'
import { planEffectReadback, planEffects, recordEffectOutcome } from '../../../src/deliver/settle-effects.ts'
import { createShipment, type ShipmentInput } from '../../../src/deliver/shipments.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { aConnection, anOrder, aSku, at, iso, one, openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
afterAll(() => database.close())

const FENCE = { skewSeconds: 10, tMaxSeconds: 50 }
const collect = (orderId: number, extra: Partial<ShipmentInput> = {}) =>
  createShipment({ pool, orderId, carrier: 'PICKUP', source: 'api', actor: 'key:1', now: at(0), ...extra })
const stock = (sku: string) =>
  one(pool, 'select trim_scale(on_hand)::text as on_hand, trim_scale(reserved)::text as reserved from stock where sku = $1', [sku])
const order = (id: number) =>
  one<{ fulfilment: string; no: string }>(pool, 'select fulfilment, channel_order_no as no from orders where id = $1', [id])

async function stocked(quantity = 3): Promise<{ readonly connection: string; readonly sku: string; readonly orderId: number; readonly no: string }> {
  const connection = await aConnection(pool)
  const sku = await aSku(pool, [connection])
  await setStock({ pool, actor: 'test', now: at(-10) }, [{ sku, location: 'main', onHand: '10' }])
  const orderId = await anOrder(pool, connection, [{ sku, quantity }])
  return { connection, sku, orderId, no: (await order(orderId)).no }
}

describe('goods the buyer collects', () => {
  it('leave as a package without carrier and number, and the order has arrived', async () => {
    const { sku, orderId } = await stocked()
    const made = await collect(orderId, { carrier: '门店自提' })
    expect(made).toMatchObject({ repeated: false, shipment: { package_no: 'pickup', carrier: 'PICKUP', tracking_no: '', effect_state: 'pending' } })
    expect(await stock(sku)).toEqual({ on_hand: '7', reserved: '0' })
    expect(await order(orderId)).toMatchObject({ fulfilment: 'delivered' })
    expect(await one(pool, `select count(*)::int as n from order_facts where order_id = $1 and code in ('shipped', 'received')`, [orderId])).toEqual({
      n: 2,
    })
    expect(await collect(orderId)).toMatchObject({ repeated: true, shipment: { package_no: 'pickup' } })
    expect(await stock(sku)).toEqual({ on_hand: '7', reserved: '0' })
  })

  it('may be collected in parts; a parcel among them has not arrived with them', async () => {
    const { orderId } = await stocked()
    expect(await collect(orderId, { lines: [{ lineNo: 1, quantity: '1' }] })).toMatchObject({ shipment: { package_no: 'pickup' } })
    expect(await order(orderId)).toMatchObject({ fulfilment: 'partial' })
    expect(await collect(orderId)).toMatchObject({ shipment: { package_no: 'pickup-2', lines: [{ line_no: 1, quantity: '2' }] } })
    expect(await order(orderId)).toMatchObject({ fulfilment: 'delivered' })
    const mixed = await stocked()
    await collect(mixed.orderId, { carrier: 'SF', trackingNo: 'SF1', lines: [{ lineNo: 1, quantity: '1' }] })
    await collect(mixed.orderId)
    expect(await order(mixed.orderId)).toMatchObject({ fulfilment: 'shipped' })
  })

  it('need no tracking number, while every carrier does', async () => {
    const { orderId } = await stocked()
    await expect(collect(orderId, { carrier: 'SF' })).rejects.toMatchObject({ code: 'tracking-required' })
  })

  it('are found at the channel by their pieces: all that was told so far and nothing of what was refused', async () => {
    const { connection, orderId } = await stocked()
    await collect(orderId, { lines: [{ lineNo: 1, quantity: '1' }] })
    await collect(orderId)
    const first = (await planEffects({ pool, now: at(1) }, connection, 10)).shipments[0]!
    await recordEffectOutcome({ pool, now: at(2) }, connection, { ...first, ...FENCE }, { key: 'a', status: 'applied' })
    const second = (await planEffects({ pool, now: at(3) }, connection, 10)).shipments[0]!
    expect([first.collected, second.collected]).toEqual([[{ channel_line_no: 'L1', quantity: '1' }], [{ channel_line_no: 'L1', quantity: '3' }]])
    await recordEffectOutcome({ pool, now: at(4) }, connection, { ...second, ...FENCE }, undefined)
    const [doubt] = await planEffectReadback({ pool, now: at(60) }, connection, 10)
    const shows = (quantity: string, more: Partial<ChannelShipment> = {}): ChannelShipment => ({
      channelShipmentNo: quantity,
      state: 'shipped',
      lines: [{ channelLineNo: 'L1', quantity }],
      ...more,
    })
    expect(channelHas([shows('1')], doubt!)).toBe(false)
    expect(channelHas([shows('1'), shows('2', { trackingNo: 'SF9' })], doubt!)).toBe(false)
    expect(channelHas([shows('1'), shows('2', { state: 'pending' })], doubt!)).toBe(false)
    expect(channelHas([shows('1'), shows('2', { state: 'delivered' })], doubt!)).toBe(true)
    expect(channelHas([{ channelShipmentNo: 'all', state: 'delivered', lines: [] }], doubt!)).toBe(true)
  })
})

describe('a sale at a till that hands over an order', () => {
  const sale = (till: string, document: string, number: string): Promise<unknown> =>
    pool.query(`insert into hand_overs (connection_id, external_id, number, at, raw_id, first_seen, not_before) values ($1, $2, $3, $4, 7, $4, $4)`, [
      till,
      document,
      number,
      iso(0),
    ])
  const run = (till: string, seconds: number, tills: readonly string[] = []) => handOverOrders({ pool, now: at(seconds), tills }, till)
  const state = (till: string) => one(pool, 'select state, code from hand_overs where connection_id = $1', [till])
  const openFailure = (till: string) =>
    one(
      pool,
      'select g.code, f.subject_kind, f.subject_id from failures f join failure_groups g on g.id = f.group_id where f.connection_id = $1 and f.resolved_at is null',
      [till],
    )

  it('is a package of that order, once however often it is brought to it', async () => {
    const { sku, orderId, no } = await stocked()
    const till = await aConnection(pool)
    await sale(till, 'T1', no)
    expect(await run(till, 1)).toEqual({ linked: 1, failed: 0, more: false })
    expect(await order(orderId)).toMatchObject({ fulfilment: 'delivered' })
    expect(await one(pool, 'select package_no, carrier, source, created_by, shipped_at from shipments where order_id = $1', [orderId])).toEqual({
      package_no: 'pickup/T1',
      carrier: 'PICKUP',
      source: 'till',
      created_by: `till:${till}`,
      shipped_at: iso(0),
    })
    await pool.query(`update hand_overs set state = 'pending' where connection_id = $1`, [till])
    expect(await run(till, 2)).toEqual({ linked: 1, failed: 0, more: false })
    expect(await state(till)).toEqual({ state: 'linked', code: null })
    expect(await stock(sku)).toEqual({ on_hand: '7', reserved: '0' })
  })

  it('waits for an order that is not here yet, visibly, and the failure ends with its arrival', async () => {
    const till = await aConnection(pool)
    await sale(till, 'T2', 'late-1')
    expect(await run(till, 1)).toEqual({ linked: 0, failed: 1, more: false })
    expect(await openFailure(till)).toEqual({ code: 'pickup-unknown', subject_kind: 'raw', subject_id: `${till}/order/T2` })
    expect(await run(till, 30)).toEqual({ linked: 0, failed: 0, more: false })
    const { orderId } = await stocked()
    await pool.query(`update orders set display_no = '#late-1' where id = $1`, [orderId])
    expect(await run(till, 62)).toEqual({ linked: 1, failed: 0, more: false })
    expect(await openFailure(till)).toBeUndefined()
    await sale(till, 'T3', 'never')
    await run(till, 100)
    expect(await run(till, 8 * 24 * 3600)).toMatchObject({ failed: 1 })
    expect(await one(pool, `select state from hand_overs where external_id = 'T3'`)).toEqual({ state: 'failed' })
  })

  it('names what stands against it: cancelled, shipped before, two orders of that number, a hold', async () => {
    const cancelled = await stocked()
    await pool.query('update orders set cancelled = true where id = $1', [cancelled.orderId])
    const shipped = await stocked()
    await collect(shipped.orderId, { carrier: 'SF', trackingNo: 'SF1' })
    const [one1, other] = [await stocked(), await stocked()]
    await pool.query(`update orders set display_no = 'twice' where id = any($1)`, [[one1.orderId, other.orderId]])
    const cases = [
      ['pickup-cancelled', cancelled.no],
      ['pickup-already-shipped', shipped.no],
      ['pickup-ambiguous', 'twice'],
    ] as const
    for (const [code, number] of cases) {
      const till = await aConnection(pool)
      await sale(till, code, number)
      await run(till, 1)
      expect(await state(till)).toEqual({ state: 'failed', code })
      expect(await openFailure(till)).toMatchObject({ code })
    }
    expect(await stock(one1.sku)).toEqual({ on_hand: '10', reserved: '3' })
    const held = await stocked()
    await placeHold({ pool, orderId: held.orderId, reason: 'look', actor: 'me', now: at(0) })
    const till = await aConnection(pool)
    await sale(till, 'held', held.no)
    await run(till, 1)
    expect(await state(till)).toEqual({ state: 'pending', code: 'order-held' })
    const { id } = await one<{ id: number }>(pool, 'select id from holds where order_id = $1', [held.orderId])
    await releaseHold({ pool, orderId: held.orderId, holdId: id, reason: 'fine', actor: 'me', now: at(2) })
    expect(await run(till, 70)).toMatchObject({ linked: 1 })
  })

  it('never means an order of its own connection or of another till', async () => {
    const own = await stocked()
    await sale(own.connection, 'own', own.no)
    await run(own.connection, 1)
    expect(await state(own.connection)).toMatchObject({ code: 'pickup-unknown' })
    const other = await stocked()
    const till = await aConnection(pool)
    await sale(till, 'other', other.no)
    await run(till, 1, ['demo'])
    expect(await state(till)).toMatchObject({ code: 'pickup-unknown' })
  })
})
