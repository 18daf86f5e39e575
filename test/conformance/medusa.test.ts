import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { medusa } from '../../connectors/medusa/index.ts'
import type { MedusaCall } from '../../connectors/medusa/manifest.ts'
import type { MarketControl } from '../../sandbox/stage/market/control.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { ShipmentWrite } from '../../src/core/connector.ts'
import { openStage, type CallGiven, type Stage } from './kit/stage.ts'
import { subjectOf } from './kit/subject.ts'

let stage: Stage
let control: MarketControl
const call = (given?: CallGiven): MedusaCall => stage.call(given) as MedusaCall
const iso = (ms: number): string => new Date(ms).toISOString()

beforeEach(async () => {
  stage = await openStage(subjectOf('medusa'), { products: 12 })
  control = (stage.sim as MarketSim).control
})
afterEach(() => stage.stop())

const skuOf = (): string => {
  const done = control.shop()
  return done.ok ? (stage.sim.ledger.order(done.orderId)?.lines[0]?.sku ?? '') : ''
}
function sold(quantity: number, unpaid = false): { readonly id: string; readonly line: string; readonly sku: string } {
  const sku = skuOf()
  control.setStock(sku, 500)
  const done = control.placeOrder({ lines: [{ sku, quantity }], unpaid })
  if (!done.ok) throw new Error(done.reason)
  return { id: done.orderId, line: stage.sim.ledger.order(done.orderId)?.lines[0]?.lineId ?? '', sku }
}
const parcel = (order: { readonly id: string; readonly line: string }, trackingNo: string, quantity: number): ShipmentWrite => ({
  key: `p-${trackingNo}`,
  channelOrderNo: order.id,
  orderId: order.id,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo,
  lines: [{ channelLineNo: order.line, quantity }],
  last: false,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: trackingNo,
  notifyBuyer: false,
})
const packages = async (id: string) =>
  (await medusa.readShipments(call(), id)).map(({ trackingNo, state, lines }) => [trackingNo, state, lines[0]?.quantity])

describe('a package of two calls', () => {
  it.each([
    ['accept-then-drop', 1],
    ['reset', 0],
  ] as const)('whose second answer is lost (%s) is unknown and gone on with, never made twice', async (kind, made) => {
    const order = sold(3)
    stage.sim.control.setFault({ kind, match: { path: '/shipments', write: true }, times: 1 })
    expect(await medusa.pushShipment(call(), parcel(order, 'SF1', 2))).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt' } })
    expect((await packages(order.id)).length).toBe(1)
    expect(stage.sim.ledger.shipments().length).toBe(made)
    expect(['applied', 'unchanged']).toContain((await medusa.pushShipment(call(), parcel(order, 'SF1', 2))).status)
    expect(await packages(order.id)).toEqual([['SF1', 'shipped', '2']])
  })

  it('whose first answer is lost is gone on with too', async () => {
    const order = sold(3)
    stage.sim.control.setFault({ kind: 'accept-then-drop', match: { path: '/fulfillments', write: true }, times: 1 })
    expect(await medusa.pushShipment(call(), parcel(order, 'SF1', 2))).toMatchObject({ status: 'unknown' })
    expect(await packages(order.id)).toEqual([[undefined, 'pending', '2']])
    expect(await medusa.pushShipment(call(), parcel(order, 'SF1', 2))).toMatchObject({ status: 'applied' })
    expect(await packages(order.id)).toEqual([['SF1', 'shipped', '2']])
  })

  it('of which two hold the same units is sent twice when both are told: each has a number of its own', async () => {
    const order = sold(2)
    expect(await medusa.pushShipment(call(), parcel(order, 'SF1', 1))).toMatchObject({ status: 'applied' })
    expect(await medusa.pushShipment(call(), parcel(order, 'SF2', 1))).toMatchObject({ status: 'applied' })
    expect(await medusa.pushShipment(call(), parcel(order, 'SF3', 1))).toMatchObject({ status: 'unchanged' })
    expect((await packages(order.id)).map(([no]) => no)).toEqual(['SF1', 'SF2'])
  })

  it('is refused when it holds more than is left', async () => {
    const order = sold(2)
    expect(await medusa.pushShipment(call(), parcel(order, 'SF1', 3))).toMatchObject({
      status: 'refused',
      fault: { code: 'invalid_data', message: expect.stringMatching(/exceeds the reserved/) },
    })
    expect(await packages(order.id)).toEqual([])
  })
})

describe('a level', () => {
  const listingOf = async (sku: string) => {
    for await (const page of medusa.pullListings(call(), undefined)) {
      const found = page.listings.find((listing) => listing.sku === sku)
      if (found) return found
    }
    throw new Error('No such listing.')
  }
  const write = async (sku: string, quantity: number) => {
    const { key, ids } = await listingOf(sku)
    return { key, ids, sku, quantity, idempotencyKey: `${key}/${quantity}` }
  }

  it('is what can still be sold: reserved units are added to what is written', async () => {
    const { sku } = sold(3)
    const [outcome] = await medusa.pushInventory(call(), [await write(sku, 40)])
    const proof: Readonly<Record<string, string>> = outcome?.status === 'applied' ? (outcome.proof ?? {}) : {}
    expect(Number(proof['reserved'])).toBeGreaterThanOrEqual(3)
    expect(Number(proof['stocked']) - Number(proof['reserved'])).toBe(40)
    expect([control.stockOf(sku), (await listingOf(sku)).quantity]).toEqual([40, '40'])
    expect(await medusa.pushInventory(call(), [await write(sku, 40)])).toMatchObject([{ status: 'unchanged' }])
  })

  it('that came out too high, because an order was cancelled while it was written, is lowered at once', async () => {
    const { id, sku } = sold(5)
    const one = await write(sku, 40)
    let isFirst = true
    const plain = call()
    const racing: MedusaCall = {
      ...plain,
      http: async (request) => {
        if (request.method === 'POST' && isFirst) {
          isFirst = false
          control.cancelOrder(id)
        }
        return plain.http(request)
      },
    }
    expect(await medusa.pushInventory(racing, [one])).toMatchObject([{ status: 'applied' }])
    expect(control.stockOf(sku)).toBe(40)
  })

  it('whose reading back fails is unknown', async () => {
    const { sku } = sold(1)
    const one = await write(sku, 40)
    const plain = call()
    let written = false
    const blind: MedusaCall = {
      ...plain,
      http: async (request) => {
        if (written) stage.sim.control.setFault({ kind: '500', match: { method: 'GET' } })
        written = request.method === 'POST'
        return plain.http(request)
      },
    }
    expect(await medusa.pushInventory(blind, [one])).toMatchObject([{ status: 'unknown', fault: { code: 'stock-moved' } }])
  })
})

describe('a payment that is captured', () => {
  it('moves nothing in the list by change time; the sweep over open orders brings it', async () => {
    const { id } = sold(1, true)
    stage.sim.clock.advance(600_000)
    const from = stage.now()
    control.pay(id)
    stage.sim.clock.advance(5000)
    const ids: string[] = []
    for await (const page of medusa.pullOrders(call(), { stream: 'orders', window: { from: iso(from), to: iso(stage.now()) } }))
      ids.push(...page.records.map((record) => record.externalId))
    expect(ids).not.toContain(id)
    const [record] = await (async () => {
      for await (const page of medusa.pullOrders(call(), { stream: 'open', openOrders: [id] })) return page.records
      return []
    })()
    expect([record?.externalId, record?.sourceTime]).toEqual([id, iso(from)])
    expect(Object(record?.doc).payment_status).toBe('captured')
  })

  it('finds an order by the number people see, and nothing by a part of it', async () => {
    for (let n = 0; n < 12; n += 1) sold(1)
    const [one] = await medusa.findOrders(call(), '#2')
    expect(Object(one?.doc).display_id).toBe(2)
    expect((await medusa.findOrders(call(), '2')).length).toBe(1)
    expect(await medusa.findOrders(call(), '99')).toEqual([])
  })
})
