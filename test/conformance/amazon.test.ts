import { afterEach, describe, expect, it } from 'vitest'
import { amazon } from '../../connectors/amazon/index.ts'
import { amazon as mapping } from '../../mappings/amazon.ts'
import type { Outcome, RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Mapped } from '../../src/core/mapping.ts'
import type { Order } from '../../src/core/order.ts'
import { pagesOf, recordsOf, testShop, type TestShop } from './amazon-shop.ts'

let shop: TestShop
afterEach(() => shop.stop())

const mappedOf = (record: RawRecord, config = {}): Mapped =>
  mapping.map(
    { kind: record.kind, externalId: record.externalId, doc: record.doc },
    { connectionId: 'c_9', timezone: 'UTC', currency: 'USD', config },
  )
const orderOf = (record: RawRecord | undefined, config = {}): Order => {
  const mapped = record && mappedOf(record, config)
  if (mapped?.kind !== 'order') throw new Error(`That is ${mapped?.kind ?? 'nothing'}.`)
  return mapped.order
}
const place = (input: Parameters<TestShop['sim']['control']['placeOrder']>[0]): string => {
  const done = shop.sim.control.placeOrder(input)
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}
const sell = (...skus: readonly string[]): void => {
  for (const sku of skus) shop.sim.control.addItem({ title: `Cup ${sku}`, sku, priceMinor: 1990, stock: 50 })
}
const window = (hours: number): { readonly from: string; readonly to: string } => {
  const now = shop.sim.clock.now()
  return { from: new Date(now - hours * 3_600_000).toISOString(), to: new Date(now + 1000).toISOString() }
}

const parcel = (order: Order, given: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: order.channelOrderNo,
  orderId: order.channelOrderNo,
  carrier: { code: 'UPS', name: 'UPS' },
  trackingNo: '1Z999AA10123456784',
  lines: order.lines.map((line) => ({ channelLineNo: line.channelLineNo, quantity: Number(line.quantity) })),
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: false,
  ...given,
})

describe('orders of Amazon', () => {
  it('shows people only where somebody wants to see them, and takes the older interface for the same orders', async () => {
    shop = await testShop()
    sell('A', 'B')
    const id = place({
      lines: [
        { sku: 'A', quantity: 2 },
        { sku: 'B', quantity: 1 },
      ],
      shippingMinor: 500,
      orderDiscountMinor: 200,
    })
    const [newer] = await amazon.fetchOrder(shop.call(), [id])
    const [older] = await amazon.fetchOrder(shop.call({ orders: 'v0' }), [id])
    const [hidden] = await amazon.fetchOrder(shop.call({ personalData: false }), [id])
    const [hiddenV0] = await amazon.fetchOrder(shop.call({ personalData: false, orders: 'v0' }), [id])
    const [a, b] = [orderOf(newer), orderOf(older)]
    expect([a.piiMode, a.totals.total.minor, a.totals.discount.minor, a.recipient?.country]).toEqual(['plain', 6270, 200, expect.any(String)])
    expect([b.piiMode, b.totals, b.lines.map((line) => line.net), b.recipient?.address]).toEqual([
      'plain',
      a.totals,
      a.lines.map((line) => line.net),
      a.recipient?.address,
    ])
    for (const record of [hidden, hiddenV0]) {
      expect(record?.payload).not.toContain('@marketplace.amazon.com')
      expect(orderOf(record, { personalData: false })).toMatchObject({ piiMode: 'mask' })
    }
  })

  it('asks for a token for people once a page, and never where nobody wants to see them', async () => {
    shop = await testShop()
    sell('A')
    for (let n = 0; n < 5; n += 1) place({ lines: [{ sku: 'A', quantity: 1 }] })
    const pull = async (personalData: boolean): Promise<number> => {
      await pagesOf(shop.call({ orders: 'v0', personalData }), { stream: 'orders', window: window(1) })
      return shop.called().filter((path) => path.endsWith('/restrictedDataToken')).length
    }
    expect([await pull(true), await pull(false)]).toEqual([1, 0])
  })

  it('takes pending orders with their pieces, without amounts and people, and FBA as sent by the channel', async () => {
    shop = await testShop()
    sell('A')
    const [pending, fba] = [place({ lines: [{ sku: 'A', quantity: 3 }], unpaid: true }), place({ lines: [{ sku: 'A', quantity: 1 }], kind: 'fba' })]
    const found = new Map((await amazon.fetchOrder(shop.call(), [pending, fba])).map((record) => [record.externalId, orderOf(record)]))
    expect(found.get(pending)).toMatchObject({
      payment: 'pending',
      piiMode: 'mask',
      totals: { total: { minor: 0 } },
      extra: { heldByChannel: 'PENDING' },
    })
    expect(found.get(pending)?.lines.map((line) => [line.quantity, line.cancelled])).toEqual([['3', '0']])
    expect(found.get(fba)).toMatchObject({ fulfilmentBy: 'channel', piiMode: 'mask', payment: 'paid' })
    expect(await amazon.pushShipment(shop.call(), parcel(orderOf((await amazon.fetchOrder(shop.call(), [fba]))[0])))).toMatchObject({
      status: 'refused',
      fault: { code: 'channel-ships' },
    })
  })

  it('holds an order whose buyer wants to cancel, with his reason', async () => {
    shop = await testShop()
    sell('A')
    const id = place({ lines: [{ sku: 'A', quantity: 1 }] })
    shop.sim.control.requestCancel(id)
    for (const orders of ['2026-01-01', 'v0'] as const)
      expect(orderOf((await amazon.fetchOrder(shop.call({ orders }), [id]))[0]).cancelRequest).toEqual({ reason: 'Ordered by mistake' })
  })

  it('begins a window anew when its position is older than the channel keeps it', async () => {
    shop = await testShop()
    sell('A')
    for (let n = 0; n < 25; n += 1) place({ lines: [{ sku: 'A', quantity: 1 }] })
    const request = { stream: 'orders', window: window(1) }
    const [first] = await pagesOf(shop.call({ pageSize: 10 }), request)
    const cursor = first?.cursor
    if (!cursor) throw new Error('There is one page only.')
    shop.sim.clock.advance(25 * 3_600_000)
    expect(recordsOf(await pagesOf(shop.call({ pageSize: 10 }), { ...request, after: cursor }))).toHaveLength(25)
  })

  it('reads what went back from the transactions, without the fees that come back to the seller', async () => {
    shop = await testShop()
    sell('A')
    const id = place({ lines: [{ sku: 'A', quantity: 2 }] })
    shop.sim.control.ship(id)
    shop.sim.control.refund(id, 1000)
    shop.sim.clock.advance(600_000)
    const records = recordsOf(await pagesOf(shop.call(), { stream: 'refunds', window: window(48) }))
    expect(records.map((record) => [record.kind, record.parentId])).toEqual([['refund', id]])
    expect(records.map((record) => mappedOf(record))).toMatchObject([
      { refund: { channelOrderNo: id, state: 'done', amount: { minor: 1000, currency: 'USD' } } },
    ])
  })
})

describe('writing to Amazon', () => {
  it('sends a line in parts, changes nothing when told again, and tells what is left', async () => {
    shop = await testShop()
    sell('A')
    const order = orderOf((await amazon.fetchOrder(shop.call(), [place({ lines: [{ sku: 'A', quantity: 3 }] })]))[0])
    const lines = [{ channelLineNo: order.lines[0]?.channelLineNo ?? '', quantity: 2 }]
    const first = parcel(order, { lines, last: false })
    expect([(await amazon.pushShipment(shop.call(), first)).status, (await amazon.pushShipment(shop.call(), first)).status]).toEqual([
      'applied',
      'unchanged',
    ])
    const tooMuch = await amazon.pushShipment(shop.call(), parcel(order, { key: 'p-2', trackingNo: '1Z2', lines }))
    expect(tooMuch).toMatchObject({ status: 'refused', fault: { code: 'shipped-otherwise' } })
    const [shown] = await amazon.readShipments(shop.call(), order.channelOrderNo)
    expect(shown).toMatchObject({
      carrier: 'UPS',
      trackingNo: '1Z999AA10123456784',
      state: 'shipped',
      channelShipmentNo: expect.stringMatching(/^[1-9]\d*$/),
    })
  })

  it('doubles no package of the older interface, which shows none: the same number changes it', async () => {
    shop = await testShop()
    sell('A')
    const call = shop.call({ orders: 'v0' })
    const order = orderOf((await amazon.fetchOrder(call, [place({ lines: [{ sku: 'A', quantity: 4 }] })]))[0])
    const half = parcel(order, { lines: [{ channelLineNo: order.lines[0]?.channelLineNo ?? '', quantity: 2 }], last: false })
    const outcomes: Outcome[] = [await amazon.pushShipment(call, half), await amazon.pushShipment(call, half)]
    expect(outcomes.map(({ status }) => status)).toEqual(['applied', 'applied'])
    expect(shop.sim.ledger.shipments().map(({ action }) => action)).toEqual(['created', 'updated'])
    expect(shop.sim.ledger.order(order.channelOrderNo)?.lines[0]?.shippedQuantity).toBe(2)
  })

  it('sets a level by SKU whatever letters it has, and refuses what the channel keeps itself', async () => {
    shop = await testShop()
    sell('A4/3 青#1')
    const write = { key: 'A4/3 青#1', sku: 'A4/3 青#1', quantity: 7, idempotencyKey: 'k' }
    const [own, fba] = await amazon.pushInventory(shop.call(), [
      { ...write, ids: { sku: write.sku, network: 'DEFAULT' } },
      { ...write, key: 'F', ids: { sku: 'F', network: 'AMAZON_NA' } },
    ])
    expect([own, fba]).toMatchObject([{ status: 'applied' }, { status: 'refused', fault: { code: 'channel-stock' } }])
    expect(shop.sim.control.stockOf(write.sku)).toBe(7)
    expect(await amazon.readInventory(shop.call(), [{ ...write, ids: { sku: write.sku } }])).toEqual([{ key: write.key, quantity: 7 }])
  })

  it('keeps a missing role apart from a token that ended: only the second is renewed', async () => {
    shop = await testShop()
    const call = shop.call({ sellerId: 'A9SOMEBODYELSE' })
    const iterator = amazon.pullListings(call, undefined)[Symbol.asyncIterator]()
    const error = await iterator.next().catch((problem: unknown) => problem)
    expect(error instanceof ChannelError ? error.fault : error).toMatchObject({ kind: 'misconfigured', code: 'Unauthorized' })
    expect(shop.sim.control.renewals()).toBe(1)
    expect(shop.log.join('\n')).not.toContain('CANARY')
  })
})
