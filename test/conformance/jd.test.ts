import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { jd as connector } from '../../connectors/jd/index.ts'
import { jd as mapping } from '../../mappings/jd.ts'
import type { CancelDecision, ChannelListing, Page, RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import type { Order, Refund } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { faultOf, pages, testShop, type TestShop } from './jd-shop.ts'

let shop: TestShop
const iso = (ms: number): string => new Date(ms).toISOString()
const lastDay = () => ({ from: iso(shop.sim.clock.now() - 86_400_000), to: iso(shop.sim.clock.now() + 1000) })
const recordsOf = (found: readonly Page[]): readonly RawRecord[] => found.flatMap((page) => page.records)
const mapOf = (record: RawRecord) =>
  mapping.map({ ...record, doc: parseJson(record.payload) }, { connectionId: 'c_9', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} })
const orderOf = (record: RawRecord | undefined): Order => {
  const mapped = record && mapOf(record)
  if (mapped?.kind !== 'order') throw new Error('No order.')
  return mapped.order
}
const refundOf = (record: RawRecord): Refund => {
  const mapped = mapOf(record)
  if (mapped.kind !== 'refund') throw new Error('No refund.')
  return mapped.refund
}
const readAgain = async (id: string): Promise<Order> => orderOf((await connector.fetchOrder(shop.call(), [id]))[0])

const placed = (input: Parameters<TestShop['sim']['control']['placeOrder']>[0]): string => {
  const result = shop.sim.control.placeOrder(input)
  if (!result.ok) throw new Error(result.reason)
  return result.orderId
}
const cup = { lines: [{ sku: 'CUP', quantity: 2 }] }
const parcel = (orderId: string, change: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: orderId,
  orderId,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo: 'SF1000000000001',
  lines: [],
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'p-1',
  notifyBuyer: false,
  ...change,
})

beforeAll(async () => {
  shop = await testShop()
  shop.sim.control.seedProducts(30)
  shop.sim.control.seedOrders(160, 0.9)
  shop.sim.control.addItem({ title: '茶杯', sku: 'CUP', priceMinor: 990, stock: 5000 })
  shop.sim.control.addItem({ title: '茶壶', sku: 'POT', priceMinor: 12_345, stock: 5000 })
})
afterAll(() => shop.stop())
beforeEach(() => {
  shop.sim.control.clearFaults()
  shop.called()
})

describe('reading', () => {
  it('brings every order, and each maps to the shop’s own ledger line by line, to the fen', async () => {
    const found = recordsOf(await pages(shop.call(), { stream: 'orders', window: lastDay() }))
    const truths = shop.sim.ledger.orders()
    expect(found.map((record) => record.externalId).sort()).toEqual(truths.map((truth) => truth.orderId).sort())
    for (const record of found) {
      const order = orderOf(record)
      const truth = truths.find((each) => each.orderId === order.channelOrderNo)
      expect([order.totals.total.minor, order.totals.refunded.minor, order.totals.discount.minor]).toEqual([
        truth?.totalMinor,
        truth?.refundedMinor,
        truth?.discountMinor,
      ])
      expect(order.lines.map((line) => [line.channelLineNo, line.channelSku, line.quantity, line.net.minor])).toEqual(
        truth?.lines.map((line) => [line.lineId, line.sku, String(line.quantity), line.totalMinor]),
      )
      expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
    }
  })

  it('divides every sort of reduction as the shop does', async () => {
    const lines = [
      { sku: 'CUP', quantity: 3 },
      { sku: 'POT', quantity: 1 },
    ]
    const id = placed({ lines, lineDiscountMinor: 7, orderDiscountMinor: 501, channelDiscountMinor: 333, adjustMinor: -11, shippingMinor: 600 })
    const [order, truth] = [await readAgain(id), shop.sim.ledger.order(id)]
    expect(order.lines.map(({ net }) => net.minor)).toEqual(truth?.lines.map(({ totalMinor }) => totalMinor))
    expect(order.discounts.map(({ scope, funder, kind, amount }) => [scope, funder, kind, amount.minor])).toEqual([
      ['line', 'seller', 'promotion', 7],
      ['line', 'seller', 'promotion', 7],
      ['order', 'seller', 'promotion', 501],
      ['order', 'seller', 'manual', 11],
      ['order', 'channel', 'coupon', 333],
    ])
    expect(order.totals.total.minor).toBe(truth?.totalMinor)
  })

  it('sees an order when it may be sent, not before: paid, or with cash at the door', async () => {
    const [unpaid, cash] = [placed({ ...cup, unpaid: true }), placed({ ...cup, cod: true })]
    expect((await connector.fetchOrder(shop.call(), [unpaid, cash])).map(({ externalId }) => externalId)).toEqual([cash])
    expect(await readAgain(cash)).toMatchObject({ isCod: true, payment: 'pending', fulfilment: 'unallocated' })
    shop.sim.control.pay(unpaid)
    expect(await readAgain(unpaid)).toMatchObject({ payment: 'paid' })
  })

  it('keeps recipients as ciphertext, or in clear where the app may read them so', async () => {
    const id = placed(cup)
    const [closed] = await connector.fetchOrder(shop.call(), [id])
    const [open] = await connector.fetchOrder(shop.call({ config: { orderApi: 'plain' } }), [id])
    expect([orderOf(closed).piiMode, orderOf(open).piiMode]).toEqual(['cipher', 'plain'])
    expect(shop.called()).toEqual(['jingdong.pop.order.enGet', 'jingdong.pop.order.get'])
  })

  it('reads answers with bare control characters in them', async () => {
    const id = placed({ ...cup, buyerNote: '第一行第二行' })
    const call = shop.call({ rewrite: (body) => body.replace('第一行第二行', '第一行\u0001\u000b第二行') })
    expect(orderOf((await connector.fetchOrder(call, [id]))[0]).buyerNote).toBe('第一行  第二行')
  })

  it('takes the channel’s time when the gateway finds its own stamp wrong, and remembers it', async () => {
    const [id, call] = [placed(cup), shop.call({ skewMs: 900_000 })]
    shop.called()
    expect(await connector.fetchOrder(call, [id])).toHaveLength(1)
    expect(shop.called()).toHaveLength(2)
    expect(await connector.fetchOrder(call, [id])).toHaveLength(1)
    expect(shop.called()).toHaveLength(1)
    const outcome = await connector.pushShipment(shop.call({ skewMs: -900_000 }), parcel(id))
    expect(outcome.status).toBe('applied')
    expect(shop.sim.ledger.shipments().filter(({ orderId }) => orderId === id)).toHaveLength(1)
  })

  it('gives the month’s limit of a window as the service’s own refusal', async () => {
    const window = { from: iso(shop.sim.clock.now() - 40 * 86_400_000), to: iso(shop.sim.clock.now()) }
    expect(await faultOf(pages(shop.call(), { stream: 'orders', window }))).toMatchObject({ kind: 'refused', code: '10300010' })
  })

  it('tries again what the service behind could not do, and does not take its silence for success', async () => {
    const failing = (result: string) => shop.call({ rewrite: (body) => body.replace(/"apiResult":\{[^}]*\}/, `"apiResult":${result}`) })
    const read = (result: string) => faultOf(pages(failing(result), { stream: 'orders', window: lastDay() }))
    expect(await read('{"success":false,"numberCode":999999}')).toMatchObject({ kind: 'transient', code: '999999' })
    expect(await read('{"numberCode":0}')).toMatchObject({ kind: 'unreadable' })
    const coded = shop.call({ rewrite: (body) => body.replace('"code":"0"', '"code":"67"') })
    expect(await faultOf(pages(coded, { stream: 'orders', window: lastDay() }))).toMatchObject({ kind: 'transient', code: '67' })
  })
})

describe('money that goes back', () => {
  const recent = (stream: string) =>
    pages(shop.call(), { stream, window: { from: iso(shop.sim.clock.now() - 60_000), to: iso(shop.sim.clock.now() + 1000) } })

  it('locks an order the buyer wants to cancel, and accepting it gives the money back', async () => {
    const id = placed(cup)
    shop.sim.control.requestCancel(id)
    expect(await readAgain(id)).toMatchObject({ sourceStatus: 'LOCKED', cancelRequest: {}, payment: 'paid' })
    const asked = recordsOf(await recent('cancellations')).find(({ parentId }) => parentId === id)
    expect(asked && refundOf(asked)).toMatchObject({
      state: 'requested',
      kind: 'cancellation',
      amount: { minor: shop.sim.ledger.order(id)?.totalMinor },
    })
    const decision: CancelDecision = { key: 'd-1', channelOrderNo: id, orderId: id, decision: 'accept', reason: 'asked' }
    expect(await connector.pushShipment(shop.call(), parcel(id))).toMatchObject({ status: 'refused', fault: { code: 'not-sendable' } })
    expect(await connector.decideCancel(shop.call(), decision)).toMatchObject({ status: 'applied' })
    expect(await connector.decideCancel(shop.call(), decision)).toMatchObject({ status: 'unchanged' })
    expect(await readAgain(id)).toMatchObject({ payment: 'refunded', closed: true, sourceStatus: 'TRADE_CANCELED' })
    const done = recordsOf(await recent('cancellations')).find(({ parentId }) => parentId === id)
    expect(done && refundOf(done).state).toBe('done')
  })

  it('refuses to accept what nobody asked for', async () => {
    const id = placed(cup)
    const decision: CancelDecision = { key: 'd-2', channelOrderNo: id, orderId: id, decision: 'accept', reason: '' }
    expect(await connector.decideCancel(shop.call(), decision)).toMatchObject({ status: 'refused', fault: { code: 'no-application' } })
  })

  it('reads cases after delivery as a whole, over pages and both lists, and goes on from any of them', async () => {
    const ids = Array.from({ length: 60 }, () => placed(cup))
    for (const id of ids) {
      shop.sim.control.ship(id)
      shop.sim.clock.advance(1000)
      shop.sim.control.refund(id, 100)
    }
    const whole = await pages(shop.call(), { stream: 'returns' })
    const mine = recordsOf(whole).filter(({ parentId }) => ids.includes(parentId ?? ''))
    expect(new Set(mine.map(({ externalId }) => externalId)).size).toBe(60)
    expect(mine.map(refundOf).every(({ state, kind, amount }) => state === 'done' && kind === 'return' && amount.minor === 100)).toBe(true)
    expect(whole.length).toBeGreaterThanOrEqual(4)
    const rest = await pages(shop.call(), { stream: 'returns', after: { ...whole[0]?.cursor } })
    expect(rest.length).toBe(whole.length - 1)
    expect(recordsOf(await recent('cancellations')).filter(({ parentId }) => ids.includes(parentId ?? ''))).toEqual([])
  })
})

describe('writing', () => {
  it('sends an order whole, under several numbers of one company, once', async () => {
    const id = placed(cup)
    const both = parcel(id, { trackingNo: 'SF1000000000001, SF1000000000002' })
    expect(await connector.pushShipment(shop.call(), both)).toMatchObject({ status: 'applied', proof: { company: '467' } })
    expect(await connector.pushShipment(shop.call(), both)).toMatchObject({ status: 'unchanged' })
    expect(shop.called().filter((name) => name === 'jingdong.pop.order.shipment')).toHaveLength(1)
    expect((await readAgain(id)).shipments.map(({ trackingNo, carrier }) => [trackingNo, carrier])).toEqual([
      ['SF1000000000001', 'SF'],
      ['SF1000000000002', 'SF'],
    ])
    expect(await connector.pushShipment(shop.call(), parcel(id, { trackingNo: 'SF1000000000003' }))).toMatchObject({
      status: 'refused',
      fault: { code: 'shipped-otherwise' },
    })
  })

  it('refuses a package that leaves something behind without asking the channel', async () => {
    const id = placed(cup)
    shop.called()
    expect(await connector.pushShipment(shop.call(), parcel(id, { last: false }))).toMatchObject({
      status: 'refused',
      fault: { code: 'whole-order-only' },
    })
    expect(shop.called()).toEqual([])
  })

  it('finds a company that is not in its table among the shop’s own, by name', async () => {
    const id = placed(cup)
    expect(await connector.pushShipment(shop.call(), parcel(id, { carrier: { code: 'UC', name: '优速快递' } }))).toMatchObject({
      status: 'applied',
      proof: { company: '1747' },
    })
  })

  it('leaves a shipment the service could not finish unknown', async () => {
    const id = placed(cup)
    const call = shop.call({
      rewrite: (body) => body.replace(/"sopjosshipment_result":\{[^}]*\}/, '"sopjosshipment_result":{"success":false,"errorCode":"999999"}'),
    })
    expect(await connector.pushShipment(call, parcel(id))).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt', code: '999999' } })
    expect(await connector.readShipments(shop.call(), id)).toMatchObject([{ trackingNo: 'SF1000000000001', carrier: 'SF', state: 'shipped' }])
  })

  it('writes and reads the warehouse it was told', async () => {
    const found: ChannelListing[] = []
    for await (const page of connector.pullListings(shop.call(), undefined)) found.push(...page.listings)
    const [listing] = found.filter(({ sku }) => sku === 'CUP')
    const write = { key: listing?.key ?? '', ids: listing?.ids ?? {}, sku: 'CUP', quantity: 77, idempotencyKey: 'k' }
    expect(await connector.pushInventory(shop.call(), [write])).toMatchObject([{ status: 'applied' }])
    expect(await connector.readInventory(shop.call(), [write])).toEqual([{ key: write.key, quantity: 77 }])
    expect(await connector.readInventory(shop.call({ config: { storeId: '7' } }), [write])).toEqual([{ key: write.key, quantity: undefined }])
    shop.sim.control.setStock('CUP', 5000)
  })

  it('takes a list of SKUs that breaks off for unreadable, not for the end', async () => {
    const call = shop.call({ rewrite: (body) => body.replace(/"totalItem":\d+/, '"totalItem":9000') })
    const read = async (): Promise<void> => {
      for await (const page of connector.pullListings(call, undefined)) expect(page.cursor).not.toBeNull()
    }
    expect(await faultOf(read())).toMatchObject({ kind: 'unreadable' })
  })
})

describe('signing in', () => {
  it('renews both tokens with their end, and says which refusal ended it', async () => {
    const call = shop.call()
    shop.sim.control.expireTokens()
    const tokens = await connector.refreshToken(call)
    expect(Object.keys(tokens.values).sort()).toEqual(['access', 'refresh'])
    expect(Date.parse(tokens.expiresAt ?? '') - shop.sim.clock.now()).toBeGreaterThan(300 * 86_400_000)
    // The refresh token the connection began with is spent now.
    expect(await faultOf(connector.fetchOrder(shop.call(), ['290000000001']))).toMatchObject({ kind: 'unauthorized', code: '10000' })
    expect(await faultOf(connector.fetchOrder(shop.call({ refresh: false }), ['290000000001']))).toMatchObject({ kind: 'unauthorized', code: '19' })
  })
})
