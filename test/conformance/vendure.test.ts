import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { endpointOf } from '../../connectors/vendure/client.ts'
import { vendure as connector } from '../../connectors/vendure/index.ts'
import { vendure as mapping } from '../../mappings/vendure.ts'
import type { Fault } from '../../sandbox/stage/faults.ts'
import type { Inbound, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Order } from '../../src/core/order.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { faultOf, idsOf, pages, recordsOf, SECRET, testShop, type TestShop } from './vendure-shop.ts'

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
  it("brings all orders, each as the shop sent it, and they map to the shop's own ledger", async () => {
    const records = recordsOf(await pages(shop.call(), { stream: 'orders', window: always() }))
    const truths = shop.sim.ledger.orders()
    expect(idsOf(records)).toEqual(truths.map((truth) => truth.orderId).sort())
    for (const truth of truths) {
      const record = records.find((each) => each.externalId === truth.orderId)
      expect(record && JSON.parse(record.payload)).toEqual(record?.doc)
      const order = orderOf(record?.doc)
      expect([order.totals.total.minor, order.totals.refunded.minor, order.sourceStatus]).toEqual([
        truth.totalMinor,
        truth.refundedMinor,
        truth.status,
      ])
      expect(
        order.lines.map((line) => [
          line.channelLineNo,
          line.channelSku,
          Number(line.quantity) - Number(line.cancelled),
          line.net.minor - line.tax.minor,
        ]),
      ).toEqual(truth.lines.map((line) => [line.lineId, line.sku, line.quantity, line.totalMinor]))
      expect(checkOrder(order).filter((hold) => hold.code.endsWith('-mismatch'))).toEqual([])
    }
  })

  it('goes on from every cursor, and five hundred orders of one second are all there', async () => {
    const busy = await testShop({ wholeSeconds: true })
    try {
      busy.sim.control.addVariant({ name: 'Rush', sku: 'RUSH', price: 500, stock: 500 })
      busy.sim.clock.freeze(Math.ceil(busy.sim.clock.now() / 1000) * 1000)
      for (let i = 0; i < 500; i++) busy.sim.control.shop([{ sku: 'RUSH', quantity: 1 }])
      expect(new Set(busy.sim.ledger.orders().map((truth) => truth.modifiedAt)).size).toBe(1)
      busy.sim.clock.release()
      const request = { stream: 'orders', window: { from: '2020-01-01T00:00:00Z', to: iso(busy.sim.clock.now() + 60_000) } }
      const call = busy.call({ pageSize: 90 })
      const whole = await pages(call, request)
      const all = idsOf(recordsOf(whole))
      expect(all).toEqual(
        busy.sim.ledger
          .orders()
          .map((truth) => truth.orderId)
          .sort(),
      )
      for (const [i, page] of whole.entries()) {
        if (page.cursor === null) continue
        const after: NonNullable<typeof page.cursor> = JSON.parse(JSON.stringify(page.cursor))
        const rest = await pages(call, { ...request, after })
        expect(idsOf([...recordsOf(whole.slice(0, i + 1)), ...recordsOf(rest)])).toEqual(all)
      }
    } finally {
      await busy.stop()
    }
  })

  it('misses nobody when orders change and leave the window between two pages', async () => {
    const drifting = await testShop()
    try {
      drifting.sim.control.seedProducts(5)
      drifting.sim.control.seedOrders(60, 2)
      const to = iso(drifting.sim.clock.now() + 500)
      const found: string[] = []
      const moved = new Set<string>()
      for await (const page of connector.pullOrders(drifting.call({ pageSize: 10 }), {
        stream: 'orders',
        window: { from: '2020-01-01T00:00:00Z', to },
      })) {
        found.push(...page.records.map((record) => record.externalId))
        drifting.sim.clock.advance(2000)
        for (const id of [found.at(-1), found.at(-4)]) {
          if (id === undefined || moved.has(id)) continue
          moved.add(id)
          drifting.sim.control.edit(id)
        }
      }
      expect(moved.size).toBeGreaterThan(4)
      expect([...new Set(found)].sort()).toEqual(
        drifting.sim.ledger
          .orders()
          .map((truth) => truth.orderId)
          .sort(),
      )
    } finally {
      await drifting.stop()
    }
  })

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

  it.each([
    ['429', { kind: '429', retryAfter: '7' }, { kind: 'throttled', retryAfterMs: 7000 }],
    ['throttling said with 200', { kind: 'throttle200' }, { kind: 'throttled' }],
    ['a crash', { kind: '500' }, { kind: 'transient' }],
    ['a page for people', { kind: 'html' }, { kind: 'unreadable' }],
    ['half an answer', { kind: 'truncated', clean: true }, { kind: 'unreadable' }],
    ['no answer', { kind: 'timeout', delayMs: 5000 }, { kind: 'transient' }],
    ['a dripping answer', { kind: 'drip', delayMs: 200 }, { kind: 'transient' }],
    ['a reset', { kind: 'reset' }, { kind: 'transient' }],
  ] as const)('names %s by what has to happen next', async (_, fault, expected) => {
    const read = await firstPage({ timeoutMs: 700 })
    arm(fault)
    expect(await faultOf(read())).toMatchObject(expected)
    expect(shop.sim.faults.fired(fault.kind)).toBeGreaterThan(0)
  })

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

  it('passes the connection test, and writes no secret into the log', async () => {
    expect((await connector.check(shop.call())).filter((step) => !step.ok)).toEqual([])
    expect(shop.log.length).toBeGreaterThan(0)
    expect(shop.log.join('\n')).not.toContain(SECRET)
  })
})

describe('stock', () => {
  it('lists every variant once', async () => {
    const keys: string[] = []
    for await (const page of connector.pullListings(shop.call(), undefined)) keys.push(...page.listings.map((listing) => listing.key))
    expect(keys.length).toBeGreaterThanOrEqual(20)
    expect(new Set(keys).size).toBe(keys.length)
  })

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

  it('calls a write whose answer is lost unknown, and reading back settles it', async () => {
    const own = variant(50)
    const call = shop.call()
    await call.renew({})
    arm({ kind: 'accept-then-drop', match: { body: 'updateProductVariants' }, times: 1 })
    expect(await connector.pushInventory(call, [own.write(8)])).toMatchObject([{ status: 'unknown', fault: { kind: 'in-doubt' } }])
    expect(shop.sim.faults.fired('accept-then-drop')).toBeGreaterThan(0)
    expect((await connector.readInventory(call, [own.write(0)]))[0]?.quantity).toBe(8)
    expect(shop.sim.ledger.stockWrites().filter((fact) => fact.sku === own.sku && fact.cause === 'set')).toHaveLength(1)
  })

  it('refuses the whole batch when the shop refuses it, and none is lost', async () => {
    const own = [variant(5), variant(5)]
    const call = shop.call()
    await call.renew({})
    arm({ kind: '429', match: { body: 'updateProductVariants' } })
    const outcomes = await connector.pushInventory(
      call,
      own.map((one) => one.write(1)),
    )
    expect(outcomes).toMatchObject([
      { status: 'refused', fault: { kind: 'throttled' } },
      { status: 'refused', fault: { kind: 'throttled' } },
    ])
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
  const body = JSON.stringify({ type: 'order.PaymentSettled', at: '2026-11-22T08:00:00.000Z', data: { id: 12, code: 'ABC' } })
  const signed = (text: string, key: string): Inbound => ({
    method: 'POST',
    url: '/hooks/x',
    query: {},
    body: Buffer.from(text),
    headers: { 'x-signature': createHmac('sha256', key).update(text).digest('hex') },
  })
  const secrets = { username: 'u', password: 'p', webhookSecret: 'hook-secret' }
  const verify = (inbound: Inbound, given = secrets) => connector.verifyWebhook(inbound, given, new Date())

  it('takes a good signature, and the same delivery has the same id', () => {
    const [first, again] = [verify(signed(body, 'hook-secret')), verify(signed(body, 'hook-secret'))]
    expect(first).toMatchObject({ type: 'event', reply: { status: 200 } })
    expect(again.deliveryId).toBe(first.deliveryId)
    expect(connector.readWebhook(body, first.meta)).toEqual({ records: [], fetch: [{ kind: 'order', externalId: '12' }] })
  })

  it.each([
    ['a flipped byte', { ...signed(body, 'hook-secret'), body: Buffer.from(body.replace('12', '13')) }, secrets],
    ['no signature', { ...signed(body, 'hook-secret'), headers: {} }, secrets],
    ['a short signature', { ...signed(body, 'hook-secret'), headers: { 'x-signature': 'ab' } }, secrets],
    ['another key', signed(body, 'other'), secrets],
    ['no secret of our own', signed(body, ''), { ...secrets, webhookSecret: '' }],
  ])('refuses %s', (_, inbound, given) => {
    expect(() => verify(inbound, given)).toThrow(ChannelError)
  })

  it('asks for the orders of a fulfilment, and for nothing where a cart or a shelf changed', () => {
    const content = (type: string, data: unknown) =>
      connector.readWebhook(JSON.stringify({ type, at: 'x', data }), {}).fetch.map((each) => each.externalId)
    expect(content('fulfillment.Shipped', { id: '4', orderIds: ['7', '7', '8'] })).toEqual(['7', '8'])
    expect(content('order.ArrangingPayment', { id: 7 })).toEqual([])
    expect(content('stock.SALE', [{ variant: 1, qty: -1 }])).toEqual([])
    expect(() => connector.readWebhook('{"type":1}', {})).toThrow(ChannelError)
  })
})
