import { afterEach, describe, expect, it } from 'vitest'
import { square } from '../../connectors/square/index.ts'
import { square as mapping } from '../../mappings/square.ts'
import type { RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { faultOf, pagesOf, recordsOf, testShop, type TestShop } from './square-shop.ts'

let shop: TestShop
const open = async (...given: Parameters<typeof testShop>): Promise<TestShop> => (shop = await testShop(...given))
afterEach(() => shop.stop())

const window = (from: number, to: number) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })
const orderOf = (record: RawRecord | undefined): Order => {
  if (!record) throw new Error('No record.')
  const raw = { kind: record.kind, externalId: record.externalId, doc: parseJson(record.payload) }
  const found = mapping.map(raw, { connectionId: 'c_9', timezone: 'UTC', currency: 'GBP', config: {} })
  if (found.kind !== 'order') throw new Error(`${record.externalId} is ${found.kind}`)
  return found.order
}
const done = (what: ReturnType<TestShop['sim']['control']['shop']>): string => {
  if (!what.ok) throw new Error(what.reason)
  return what.orderId
}
const parcel = (order: Order, lines: readonly number[], trackingNo = 'AB123456789GB'): ShipmentWrite => ({
  key: `p-${trackingNo}`,
  channelOrderNo: order.channelOrderNo,
  orderId: order.channelOrderNo,
  carrier: { code: 'ROYALMAIL', name: 'Royal Mail', trackingUrl: 'https://www.royalmail.com/track-your-item' },
  trackingNo,
  lines: lines.flatMap((n) => {
    const line = order.lines[n]
    return line ? [{ channelLineNo: line.channelLineNo, quantity: Number(line.quantity) }] : []
  }),
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: `ship-${trackingNo}`,
  notifyBuyer: false,
})

describe('what is read', () => {
  it('brings an offline sale that arrives three days late, under the time it was rung up', async () => {
    const { sim, call } = await open()
    sim.clock.freeze(Date.UTC(2026, 10, 20, 8))
    sim.control.seedProducts(3)
    await sim.levers?.['offline-sale']?.({ hours: 70 }, sim)
    const [id] = sim.market.orders.keys()
    const found = recordsOf(await pagesOf(call(), { stream: 'orders', window: window(sim.clock.now() - 60_000, sim.clock.now() + 1000) }))
    expect(found.map(({ externalId }) => externalId)).toEqual([id])
    expect(orderOf(found[0])).toMatchObject({
      type: 'pos',
      fulfilment: 'delivered',
      placedAt: new Date(sim.clock.now() - 70 * 3_600_000).toISOString(),
    })
  })

  it('keeps returns as refunds of their sale, and reads the sale again when only its refund moved', async () => {
    const { sim, call } = await open()
    sim.control.seedProducts(5)
    const id = done(sim.control.shop())
    done(sim.control.refund(id))
    const span = window(sim.clock.now() - 600_000, sim.clock.now() + 1000)
    for (const stream of ['orders', 'refunds']) {
      const found = recordsOf(await pagesOf(call(), { stream, window: span }))
      expect(found.map(({ kind, parentId }) => `${kind} ${parentId ?? ''}`).sort()).toEqual(['order ', `refund ${id}`])
      const order = orderOf(found.find((record) => record.kind === 'order'))
      expect([order.payment, order.totals.refunded.minor]).toEqual(['refunded', sim.ledger.order(id)?.refundedMinor])
    }
  })

  it('sees an order placed online and picked up at the counter as one order', async () => {
    const { sim, call } = await open()
    sim.control.seedProducts(4)
    const sku = [...sim.market.items.values()][0]?.skus[0]?.code ?? ''
    const from = sim.clock.now() - 1000
    const id = done(sim.control.placeOrder({ lines: [{ sku, quantity: 1 }], kind: 'pickup' }))
    const read = async () => recordsOf(await pagesOf(call(), { stream: 'orders', window: window(from, sim.clock.now() + 1000) })).map(orderOf)
    expect(await read()).toMatchObject([{ channelOrderNo: id, type: 'pickup', payment: 'paid', fulfilment: 'unallocated', closed: false }])
    done(sim.control.finish(id))
    expect(await read()).toMatchObject([{ channelOrderNo: id, type: 'pickup', fulfilment: 'delivered', closed: true, lines: [{ shipped: '1' }] }])
  })

  it('leaves out orders of other locations, and asks for the SKUs of a page in one call', async () => {
    const { sim, call, called } = await open()
    sim.control.seedProducts(20)
    sim.control.seedOrders(30, 1)
    await pagesOf(call(), { stream: 'orders', window: window(sim.clock.now() - 2 * 86_400_000, sim.clock.now() + 1000) })
    expect(called().filter((name) => !name.includes('oauth2'))).toEqual(['POST orders/search', 'POST catalog/batch-retrieve'])
    const elsewhere = call({ config: { locationIds: 'LOTHER' } })
    expect(await square.fetchOrder(elsewhere, sim.control.openOrders().slice(0, 3))).toEqual([])
    expect(await faultOf(pagesOf(elsewhere, { stream: 'orders', window: window(0, 1000) }))).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('works with the token of one’s own application, and says what to do when it ends', async () => {
    const { sim, call } = await open({ refreshToken: '' })
    sim.control.seedProducts(2)
    const id = done(sim.control.shop())
    expect((await square.fetchOrder(call(), [id])).length).toBe(1)
    sim.control.expireTokens()
    expect(await faultOf(square.fetchOrder(call(), [id]))).toMatchObject({ kind: 'unauthorized', code: 'UNAUTHORIZED' })
    expect(await faultOf(square.fetchOrder(call({ secrets: { accessToken: undefined } }), [id]))).toMatchObject({ code: 'no-token' })
  })
})

describe('what is written', () => {
  it('sets the same level again after sales, and sends no count of the future', async () => {
    const { sim, call } = await open()
    sim.control.seedProducts(2)
    const [item] = sim.market.items.values()
    const sku = item?.skus[0]
    const write = { key: sku?.id ?? '', ids: { variation: sku?.id ?? '' }, sku: sku?.code ?? '', quantity: 9, idempotencyKey: 'level-1' }
    expect(await square.pushInventory(call(), [write])).toMatchObject([{ status: 'applied' }])
    sim.clock.advance(1000)
    done(sim.control.shop([{ sku: write.sku, quantity: 4 }]))
    expect(sim.control.stockOf(write.sku)).toBe(5)
    expect(await square.pushInventory(call(), [{ ...write, idempotencyKey: 'level-2' }])).toMatchObject([{ status: 'applied' }])
    expect(sim.control.stockOf(write.sku)).toBe(9)
    const ahead = { ...call(), now: () => new Date(sim.clock.now() + 600_000) }
    expect(await square.pushInventory(ahead, [write])).toMatchObject([{ status: 'refused', fault: { code: 'INVALID_TIME' } }])
  })

  it('takes units off the shelf when a sale is paid, not when it is placed', async () => {
    const { sim } = await open()
    sim.control.seedProducts(2)
    const [item] = sim.market.items.values()
    const sku = item?.skus[0]?.code ?? ''
    const before = sim.control.stockOf(sku) ?? 0
    const id = done(sim.control.placeOrder({ lines: [{ sku, quantity: 2 }], unpaid: true }))
    expect(sim.control.stockOf(sku)).toBe(before)
    done(sim.control.pay(id))
    expect(sim.control.stockOf(sku)).toBe(before - 2)
  })

  it('completes the fulfilments a seller has split, each by the package that holds what it holds', async () => {
    const { sim, call } = await open()
    sim.control.seedProducts(6)
    const [a, b] = [...sim.market.items.values()].map((item) => item.skus[0]?.code ?? '')
    const id = done(
      sim.control.placeOrder({
        lines: [
          { sku: a ?? '', quantity: 2 },
          { sku: b ?? '', quantity: 1 },
        ],
      }),
    )
    const order = orderOf((await square.fetchOrder(call(), [id]))[0])
    expect(await square.pushShipment(call(), parcel(order, [0]))).toMatchObject({ status: 'refused', fault: { code: 'order-in-parts' } })
    await sim.levers?.['split-order']?.({ orderId: id }, sim)
    expect(await square.pushShipment(call(), parcel(order, [0]))).toMatchObject({ status: 'applied' })
    expect(orderOf((await square.fetchOrder(call(), [id]))[0])).toMatchObject({ fulfilment: 'partial', lines: [{ shipped: '2' }, { shipped: '0' }] })
    expect(await square.pushShipment(call(), parcel(order, [1], 'AB000000002GB'))).toMatchObject({ status: 'applied' })
    const whole = orderOf((await square.fetchOrder(call(), [id]))[0])
    expect([whole.fulfilment, whole.shipments.map((each) => each.trackingNo)]).toEqual(['shipped', ['AB123456789GB', 'AB000000002GB']])
    expect(checkOrder(whole).filter((hold) => hold.failure)).toEqual([])
  })

  it('looks once more when the order changed meanwhile, and finds a parcel somebody else has sent', async () => {
    const { sim, call, called } = await open()
    sim.control.seedProducts(6)
    const id = done(sim.control.shop())
    const order = orderOf((await square.fetchOrder(call(), [id]))[0])
    called()
    const plain = call()
    let edits = 0
    const racing = {
      ...plain,
      http: (request: Parameters<typeof plain.http>[0]) => {
        if (request.method === 'PUT' && (edits += 1) === 1) sim.control.edit(id)
        return plain.http(request)
      },
    }
    const all = order.lines.map((_, n) => n)
    expect(await square.pushShipment(racing, parcel(order, all))).toMatchObject({ status: 'applied' })
    expect(called().filter((name) => name.startsWith('PUT')).length).toBe(2)
    expect(sim.ledger.shipments().length).toBe(1)
    expect(await square.pushShipment(call(), parcel(order, all))).toMatchObject({ status: 'unchanged' })
    expect(await square.pushShipment(call(), parcel(order, all, 'OTHER00001'))).toMatchObject({
      status: 'refused',
      fault: { code: 'order-completed' },
    })
  })

  it('refuses to send what was sold over the counter or waits to be picked up', async () => {
    const { sim, call } = await open()
    sim.control.seedProducts(6)
    const sku = [...sim.market.items.values()][0]?.skus[0]?.code ?? ''
    for (const [kind, code] of [
      ['pos', 'no-fulfillment'],
      ['pickup', 'not-a-shipment'],
    ] as const) {
      const id = done(sim.control.placeOrder({ lines: [{ sku, quantity: 1 }], kind }))
      const order = orderOf((await square.fetchOrder(call(), [id]))[0])
      expect(order.type).toBe(kind)
      expect(await square.pushShipment(call(), parcel(order, [0]))).toMatchObject({ status: 'refused', fault: { code } })
    }
  })
})

describe('subscriptions', () => {
  const target = { url: 'https://hub.example/hooks/abc', secret: 'unused' }

  it('are switched on again and given the events they lack; a key that is not ours is told', async () => {
    const { sim, call } = await open()
    const first = await square.ensureWebhooks(call(), target)
    expect(first).toMatchObject({ healthy: true, repaired: true })
    const [hook] = sim.market.webhooks.subscriptions.values()
    if (!hook) throw new Error('Nothing was subscribed.')
    sim.market.webhooks.subscriptions.set(hook.id, { ...hook, topics: ['order.created', 'payment.updated'] })
    expect(await square.ensureWebhooks(call(), target)).toMatchObject({ healthy: true, repaired: true, ids: first.ids })
    expect(sim.market.webhooks.subscriptions.get(hook.id)?.topics).toContain('payment.updated')
    expect(await square.ensureWebhooks(call(), target)).toMatchObject({ repaired: false })
    expect(await square.ensureWebhooks(call({ secrets: { signatureKey: 'another' } }), target)).toMatchObject({ healthy: false, repaired: false })
  })

  it('need the application’s own token', async () => {
    const { call } = await open()
    expect(await square.ensureWebhooks(call({ secrets: { accessToken: undefined } }), target)).toMatchObject({ healthy: false, ids: [] })
    expect(await square.ensureWebhooks(call({ secrets: { accessToken: 'wrong' } }), target)).toMatchObject({ healthy: false })
  })
})
