import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { endpointOf } from '../../connectors/vendure/client.ts'
import { vendure as connector } from '../../connectors/vendure/index.ts'
import { vendure as mapping } from '../../mappings/vendure.ts'
import type { Fault } from '../../sandbox/stage/faults.ts'
import type { ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Order } from '../../src/core/order.ts'
import { faultOf, idsOf, pages, recordsOf, testShop, type TestShop } from './vendure-shop.ts'

let shop: TestShop
const iso = (ms: number): string => new Date(ms).toISOString()
const always = () => ({ from: '2020-01-01T00:00:00Z', to: iso(shop.sim.clock.now() + 60_000) })
const orderOf = (doc: unknown, id = '1'): Order => {
  const mapped = mapping.map({ kind: 'order', externalId: id, doc }, { connectionId: 'c_8', timezone: 'UTC', currency: 'USD', config: {} })
  if (mapped.kind !== 'order') throw new Error(`Order ${id} was ${mapped.kind}.`)
  return mapped.order
}
const arm = (fault: Fault): void => shop.sim.control.setFault(fault)

beforeAll(async () => {
  shop = await testShop()
  shop.sim.control.seedProducts(20)
  shop.sim.control.seedOrders(240, 10)
})
afterAll(() => shop.stop())
beforeEach(() => shop.sim.control.clearFaults())

/** A paid order of one SKU, read fresh from the shop. */
async function placed(sku: string, quantity: number): Promise<{ readonly id: string; readonly code: string; readonly line: string }> {
  const done = shop.sim.control.shop([{ sku, quantity }])
  if (!done.ok) throw new Error(done.reason)
  const [record] = await connector.fetchOrder(shop.call(), [done.orderId])
  const order = orderOf(record?.doc, done.orderId)
  return { id: done.orderId, code: order.channelOrderNo, line: order.lines[0]?.channelLineNo ?? '' }
}
const packageOf = (
  order: { readonly id: string; readonly code: string; readonly line: string },
  quantity: number,
  trackingNo: string,
): ShipmentWrite => ({
  key: trackingNo,
  channelOrderNo: order.code,
  orderId: order.id,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo,
  lines: [{ channelLineNo: order.line, quantity }],
  last: false,
  shippedAt: iso(shop.sim.clock.now()),
  idempotencyKey: trackingNo,
  notifyBuyer: false,
})
let fresh = 0
/** A variant of its own for each test, so that they do not take each other's units. */
function variant(stock: number | null): {
  readonly sku: string
  readonly write: (quantity: number) => { key: string; ids: Record<string, string>; sku: string; quantity: number; idempotencyKey: string }
} {
  const sku = `OWN-${(fresh += 1)}`
  const { id, productId } = shop.sim.control.addVariant({ name: sku, sku, price: 1000, stock })
  return {
    sku,
    write: (quantity) => ({
      key: `${productId}:${id}`,
      ids: { product: productId, variant: id },
      sku,
      quantity,
      idempotencyKey: `${id}-${quantity}`,
    }),
  }
}

describe('reading every order', () => {
  it("reads the hub's open orders again, from any of them on", async () => {
    const wanted = shop.sim.ledger
      .orders()
      .slice(0, 23)
      .map((truth) => truth.orderId)
    const call = shop.call({ pageSize: 10 })
    const whole = await pages(call, { stream: 'open', openOrders: [...wanted, 'no-such-order'] })
    expect(idsOf(recordsOf(whole))).toEqual([...wanted].sort())
    const rest = await pages(call, { stream: 'open', openOrders: wanted, ...(whole[0]?.cursor ? { after: whole[0].cursor } : {}) })
    expect(idsOf([...(whole[0]?.records ?? []), ...recordsOf(rest)])).toEqual([...wanted].sort())
    expect(recordsOf(await pages(call, { stream: 'open', openOrders: [] }))).toEqual([])
  })

  it('finds an order by code, id and tracking code, and says nothing of one it does not have', async () => {
    const own = variant(10)
    const order = await placed(own.sku, 2)
    await connector.pushShipment(shop.call(), packageOf(order, 1, 'SF-FIND-1'))
    const call = shop.call()
    for (const text of [order.code, order.id, 'SF-FIND-1'])
      expect((await connector.findOrders(call, text)).map((r) => r.externalId)).toContain(order.id)
    expect(await connector.findOrders(call, 'NO-SUCH-ORDER')).toEqual([])
    expect(await connector.fetchOrder(call, ['999999'])).toEqual([])
  })
})

describe('what goes wrong on the way', () => {
  const firstPage = async (given: Parameters<TestShop['call']>[1] = {}) => {
    const call = shop.call({}, given)
    await call.renew({})
    return async () => {
      for await (const page of connector.pullOrders(call, { stream: 'orders', window: always() })) return page
      return undefined
    }
  }

  it('signs in once more when the session has ended, and asks a person when that does not help', async () => {
    const read = await firstPage()
    shop.sim.control.expireSessions()
    expect((await read())?.records.length).toBeGreaterThan(0)
    arm({ kind: 'unauthorized' })
    expect(await faultOf(read())).toMatchObject({ kind: 'unauthorized' })
    shop.sim.control.clearFaults()
    expect(await faultOf(connector.check(shop.call({}, { password: 'wrong' })))).toMatchObject({
      kind: 'unauthorized',
      code: 'INVALID_CREDENTIALS_ERROR',
    })
  })

  it("takes the shop's address as well as that of its Admin API", () => {
    const at = (url: string): string => endpointOf(shop.call({ url }).config)
    expect(at('https://shop.example.com')).toBe('https://shop.example.com/admin-api')
    expect(at('https://shop.example.com/vendure/')).toBe('https://shop.example.com/vendure/admin-api')
    expect(at('https://shop.example.com/admin-api/')).toBe('https://shop.example.com/admin-api')
    expect(at('https://api.example.com/staff-graphql')).toBe('https://api.example.com/staff-graphql')
    expect(at('https://api.example.com')).toBe('https://api.example.com/admin-api')
  })
})

describe('stock', () => {
  it('writes what makes the wanted number saleable, one outcome per write', async () => {
    const [held, plain, uncounted] = [variant(50), variant(50), variant(null)]
    await placed(held.sku, 4)
    const outcomes = await connector.pushInventory(shop.call(), [
      held.write(9),
      plain.write(0),
      uncounted.write(3),
      { ...plain.write(1), key: 'gone', ids: { variant: '99999' } },
    ])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['applied', 'applied', 'refused', 'refused'])
    expect(shop.sim.control.stockOf(held.sku)).toBe(13)
    const readings = await connector.readInventory(shop.call(), [held.write(0), plain.write(0), uncounted.write(0)])
    expect(readings.map((reading) => reading.quantity)).toEqual([9, 0, undefined])
    const before = shop.sim.ledger.stockWrites().length
    expect((await connector.pushInventory(shop.call(), [held.write(9)]))[0]?.status).toBe('unchanged')
    expect(shop.sim.ledger.stockWrites().length).toBe(before)
  })
})

describe('shipments and cancels', () => {
  it('ships in parts, each once, whatever is repeated', async () => {
    const own = variant(10)
    const order = await placed(own.sku, 3)
    const call = shop.call()
    expect(await connector.pushShipment(call, packageOf(order, 1, 'SF-A'))).toMatchObject({ status: 'applied' })
    expect(await connector.pushShipment(call, packageOf(order, 1, 'SF-A'))).toMatchObject({ status: 'unchanged' })
    expect(await connector.pushShipment(call, packageOf(order, 3, 'SF-B'))).toMatchObject({ status: 'refused', fault: { kind: 'refused' } })
    expect(await connector.pushShipment(call, packageOf(order, 2, 'SF-B'))).toMatchObject({ status: 'applied' })
    expect((await connector.readShipments(call, order.id)).map((s) => [s.trackingNo, s.state, s.lines[0]?.quantity])).toEqual([
      ['SF-A', 'shipped', '1'],
      ['SF-B', 'shipped', '2'],
    ])
    expect(shop.sim.ledger.orders().find((truth) => truth.orderId === order.id)?.status).toBe('Shipped')
  })

  it.each(['addFulfillmentToOrder', 'transitionFulfillmentToState'])(
    'finishes a package whose %s was applied but never answered',
    async (operation) => {
      const own = variant(10)
      const order = await placed(own.sku, 1)
      const call = shop.call()
      await call.renew({})
      arm({ kind: 'accept-then-drop', match: { body: operation }, times: 1 })
      const tracking = `SF-${operation}`
      expect(await connector.pushShipment(call, packageOf(order, 1, tracking))).toMatchObject({ status: 'unknown' })
      expect(['applied', 'unchanged']).toContain((await connector.pushShipment(call, packageOf(order, 1, tracking))).status)
      expect((await connector.readShipments(call, order.id)).map((s) => [s.trackingNo, s.state])).toEqual([[tracking, 'shipped']])
    },
  )

  it('cancels once, and has nothing to reject', async () => {
    const own = variant(10)
    const order = await placed(own.sku, 2)
    const decision = { key: 'd', channelOrderNo: order.code, orderId: order.id, decision: 'accept' as const, reason: 'asked' }
    expect(await connector.decideCancel(shop.call(), decision)).toMatchObject({ status: 'applied' })
    expect(await connector.decideCancel(shop.call(), decision)).toMatchObject({ status: 'unchanged' })
    expect(await connector.decideCancel(shop.call(), { ...decision, decision: 'reject' })).toMatchObject({ status: 'refused' })
    expect(shop.sim.ledger.orders().find((truth) => truth.orderId === order.id)?.status).toBe('Cancelled')
  })
})

describe('events', () => {
  it('asks for the orders of a fulfilment, and for nothing where a cart or a shelf changed', () => {
    const content = (type: string, data: unknown) =>
      connector.readWebhook(JSON.stringify({ type, at: 'x', data }), {}).fetch.map((each) => each.externalId)
    expect(content('fulfillment.Shipped', { id: '4', orderIds: ['7', '7', '8'] })).toEqual(['7', '8'])
    expect(content('order.ArrangingPayment', { id: 7 })).toEqual([])
    expect(content('stock.SALE', [{ variant: 1, qty: -1 }])).toEqual([])
    expect(() => connector.readWebhook('{"type":1}', {})).toThrow(ChannelError)
  })
})
