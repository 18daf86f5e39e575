import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pinduoduo as connector } from '../../connectors/pinduoduo/index.ts'
import { pinduoduo as mapping } from '../../mappings/pinduoduo.ts'
import type { RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import type { Order, Refund } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { pages, recordsOf, testShop, type TestShop } from './pinduoduo-shop.ts'

let shop: TestShop
const iso = (ms: number): string => new Date(ms).toISOString()
const lately = () => ({ from: iso(shop.sim.clock.now() - 1_700_000), to: iso(shop.sim.clock.now() + 1000) })
const mapOf = (record: RawRecord | undefined) =>
  record &&
  mapping.map({ ...record, doc: parseJson(record.payload) }, { connectionId: 'c_9', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} })
const orderOf = (record: RawRecord | undefined): Order => {
  const mapped = mapOf(record)
  if (mapped?.kind !== 'order') throw new Error('No order.')
  return mapped.order
}
const refundOf = (record: RawRecord | undefined): Refund => {
  const mapped = mapOf(record)
  if (mapped?.kind !== 'refund') throw new Error('No refund.')
  return mapped.refund
}
const placed = (input: Parameters<TestShop['sim']['control']['placeOrder']>[0]): string => {
  const result = shop.sim.control.placeOrder(input)
  if (!result.ok) throw new Error(result.reason)
  return result.orderId
}
const readOrder = async (id: string): Promise<Order> => orderOf((await connector.fetchOrder(shop.call(), [id]))[0])

beforeAll(async () => {
  shop = await testShop()
  shop.sim.control.seedProducts(30)
  shop.sim.control.seedOrders(120, 0.019)
  shop.sim.control.addItem({ title: '杯', sku: 'Q-CUP', priceMinor: 1000, stock: 500 })
})
afterAll(() => shop.stop())
beforeEach(() => {
  shop.sim.control.clearFaults()
  shop.called()
})

describe('reading', () => {
  it('brings every order, last page first, to the fen of each line as the shop’s own ledger has it', async () => {
    const found = await pages(shop.call({ pageSize: 30 }), { stream: 'orders', window: lately() })
    const truths = shop.sim.ledger.orders()
    expect(recordsOf(found).length).toBe(truths.length)
    expect(found.length).toBe(4)
    const times = recordsOf(found).map((record) => record.sourceTime ?? '')
    expect(times[0]! < times.at(-1)!).toBe(true)
    for (const record of recordsOf(found)) {
      const order = orderOf(record)
      const truth = truths.find((each) => each.orderId === order.channelOrderNo)
      expect([order.totals.total.minor, order.totals.refunded.minor, order.totals.shipping.minor]).toEqual([
        truth?.totalMinor,
        truth?.refundedMinor,
        truth?.shippingMinor,
      ])
      expect(order.lines.map((line) => [line.channelLineNo, line.channelSku, line.quantity, line.net.minor])).toEqual(
        truth?.lines.map((line) => [line.lineId, line.sku, String(line.quantity), line.totalMinor]),
      )
      expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
    }
    // An order is the same however it was found.
    const some = recordsOf(found).slice(0, 20)
    const asked = await connector.fetchOrder(
      shop.call(),
      some.map((record) => record.externalId),
    )
    expect(asked.map(orderOf)).toEqual(some.map(orderOf))
  })

  it('costs one call for a window that fits on a page, and one more to count for one that does not', async () => {
    const window = lately()
    await pages(shop.call({ pageSize: 50 }), { stream: 'orders', window })
    expect(shop.called()).toEqual(Array(4).fill('pdd.order.number.list.increment.get'))
    const end = shop.sim.clock.now() - 1_700_000
    await pages(shop.call(), { stream: 'orders', window: { from: iso(end - 60_000), to: iso(end) } })
    expect(shop.called()).toEqual(['pdd.order.number.list.increment.get'])
  })

  it('brings after-sales documents with their order and line', async () => {
    const id = placed({ lines: [{ sku: 'Q-CUP', quantity: 3 }], shippingMinor: 600 })
    shop.sim.control.requestRefund(id, 1)
    expect((await readOrder(id)).cancelRequest).toBeDefined()
    shop.sim.control.decideRefunds(id, 'settle')
    const found = recordsOf(await pages(shop.call(), { stream: 'refunds', window: lately() })).filter((record) => record.parentId === id)
    expect(found.map(refundOf)).toMatchObject([
      { channelOrderNo: id, kind: 'refund', state: 'done', amount: { minor: 3000 }, lines: [{ channelSku: 'Q-CUP', quantity: '3' }] },
    ])
  })

  it('does not let an order go while its group forms or the channel reviews it', async () => {
    const [forming, review] = ['forming', 'review'].map((kind) => placed({ lines: [{ sku: 'Q-CUP', quantity: 1 }], kind }))
    for (const [id, why, code] of [
      [forming ?? '', 'group-forming', 'not-formed'],
      [review ?? '', 'under-review', 'under-review'],
    ] as const) {
      const order = await readOrder(id)
      expect([order.payment, order.extra['heldByChannel'], order.piiMode]).toEqual(['authorised', why, 'mask'])
      expect(await connector.pushShipment(shop.call(), parcelOf(order, 'SF7000000000001'))).toMatchObject({ status: 'refused', fault: { code } })
      shop.sim.levers?.['clear']?.({ orderId: id }, shop.sim)
      expect(await readOrder(id)).toMatchObject({ payment: 'paid', piiMode: 'cipher' })
    }
  })
})

const parcelOf = (order: Order, trackingNo: string, given: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: `p-${trackingNo}`,
  channelOrderNo: order.channelOrderNo,
  orderId: order.channelOrderNo,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo,
  lines: order.lines.map((line) => ({ channelLineNo: line.channelLineNo, quantity: Number(line.quantity) })),
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: trackingNo,
  notifyBuyer: false,
  ...given,
})

describe('the buyer wants out', () => {
  const accept = (id: string, decision: 'accept' | 'reject' = 'accept') =>
    connector.decideCancel(shop.call(), { key: 'd-1', channelOrderNo: id, orderId: id, decision, reason: 'asked' })

  it('agrees to what was asked of an order that was not sent, once, and nothing else', async () => {
    const id = placed({ lines: [{ sku: 'Q-CUP', quantity: 2 }] })
    expect(await accept(id)).toMatchObject({ status: 'refused', fault: { code: 'nothing-asked' } })
    shop.sim.control.requestCancel(id)
    expect(await accept(id, 'reject')).toMatchObject({ status: 'refused', fault: { code: 'decision-unknown' } })
    shop.called()
    expect(await accept(id)).toMatchObject({ status: 'applied', proof: { requests: shop.sim.ledger.order(id)?.refunds[0]?.refundId } })
    expect(shop.called()).toEqual(['pdd.order.information.get', 'pdd.refund.list.increment.get', 'pdd.refund.agree'])
    expect(await readOrder(id)).toMatchObject({ payment: 'refunded', cancelled: { by: 'buyer' }, totals: { refunded: { minor: 2000 } } })
    expect(await accept(id)).toMatchObject({ status: 'unchanged' })
  })

  it('leaves the return of what was sent to the seller’s back office', async () => {
    const id = placed({ lines: [{ sku: 'Q-CUP', quantity: 1 }] })
    shop.sim.control.ship(id)
    shop.sim.control.requestCancel(id)
    expect(await accept(id)).toMatchObject({ status: 'refused', fault: { code: 'already-sent' } })
  })
})

describe('sending', () => {
  it('makes the whole order sent with the first package, and adds the numbers of the others once', async () => {
    shop.sim.control.addItem({ title: '碟', sku: 'Q-DISH', priceMinor: 500, stock: 50 })
    const order = await readOrder(
      placed({
        lines: [
          { sku: 'Q-CUP', quantity: 2 },
          { sku: 'Q-DISH', quantity: 1 },
        ],
      }),
    )
    const id = order.channelOrderNo
    const partOf = (line: number, trackingNo: string): ShipmentWrite =>
      parcelOf(order, trackingNo, { lines: [{ channelLineNo: order.lines[line]?.channelLineNo ?? '', quantity: 1 }], last: false })
    const parts = [partOf(0, 'SF6000000000001'), partOf(0, 'SF6000000000002'), partOf(1, 'SF6000000000003')]
    for (const part of parts) expect(await connector.pushShipment(shop.call(), part)).toMatchObject({ status: 'applied' })
    for (const part of parts) expect(await connector.pushShipment(shop.call(), part)).toMatchObject({ status: 'unchanged' })
    const made = shop.sim.ledger.shipments().filter(({ orderId }) => orderId === id)
    expect(made.map(({ trackingNumber }) => trackingNumber)).toEqual(['SF6000000000001', 'SF6000000000002', 'SF6000000000003'])
    expect(await readOrder(id)).toMatchObject({ fulfilment: 'shipped', lines: [{ shipped: '2' }, { shipped: '1' }] })
  })

  it('leaves an order alone that went under another number, whole, and adds the number of a part', async () => {
    const order = await readOrder(placed({ lines: [{ sku: 'Q-CUP', quantity: 2 }] }))
    const [line] = order.lines
    shop.sim.control.ship(order.channelOrderNo, { trackingNumber: 'SF9000000000001' })
    const send = (parcel: ShipmentWrite) => connector.pushShipment(shop.call(), parcel)
    expect(await send(parcelOf(order, 'SF9000000000002'))).toMatchObject({ status: 'refused', fault: { code: 'shipped-otherwise' } })
    const part = { lines: [{ channelLineNo: line?.channelLineNo ?? '', quantity: 1 }] }
    expect(await send(parcelOf(order, 'YT9000000000003', { ...part, carrier: { code: 'YTO', name: 'YTO Express' } }))).toMatchObject({
      status: 'applied',
      proof: { company: '85' },
    })
    expect((await connector.readShipments(shop.call(), order.channelOrderNo)).map(({ trackingNo, lines }) => [trackingNo, lines.length])).toEqual([
      ['SF9000000000001', 1],
      ['YT9000000000003', 0],
    ])
    expect((await readOrder(order.channelOrderNo)).shipments.map(({ trackingNo }) => trackingNo)).toEqual(['SF9000000000001', 'YT9000000000003'])
  })

  it.each([
    [{ code: '中通', name: '中通快递' }, '115'],
    [{ code: 'JD', name: 'JD Logistics' }, '120'],
    [{ code: '44', name: '' }, '44'],
  ])('finds the channel’s number of %j in its own list', async (carrier, company) => {
    const order = await readOrder(placed({ lines: [{ sku: 'Q-CUP', quantity: 1 }] }))
    expect(await connector.pushShipment(shop.call(), parcelOf(order, 'SF8000000000001', { carrier }))).toMatchObject({
      status: 'applied',
      proof: { company },
    })
  })

  it('refuses a carrier that is listed but not available', async () => {
    const order = await readOrder(placed({ lines: [{ sku: 'Q-CUP', quantity: 1 }] }))
    const outcome = await connector.pushShipment(shop.call(), parcelOf(order, 'TT8000000000001', { carrier: { code: 'TT', name: '天天快递' } }))
    expect(outcome).toMatchObject({ status: 'refused', fault: { code: 'carrier-unknown' } })
  })

  it('does not send what was refunded', async () => {
    const order = await readOrder(placed({ lines: [{ sku: 'Q-CUP', quantity: 1 }] }))
    shop.sim.control.refund(order.channelOrderNo)
    expect(await connector.pushShipment(shop.call(), parcelOf(order, 'SF8000000000009'))).toMatchObject({
      status: 'refused',
      fault: { code: 'refunded' },
    })
    expect(await readOrder(order.channelOrderNo)).toMatchObject({ payment: 'refunded', closed: true, totals: { refunded: { minor: 1000 } } })
  })
})
