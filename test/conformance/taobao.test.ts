import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { taobao as connector } from '../../connectors/taobao/index.ts'
import { taobao as mapping } from '../../mappings/taobao.ts'
import type { ChannelListing, InventoryWrite, RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { faultOf, idsOf, pages, recordsOf, testShop, type TestShop } from './taobao-shop.ts'

let shop: TestShop
const iso = (ms: number): string => new Date(ms).toISOString()
const lastDay = () => ({ from: iso(shop.sim.clock.now() - 86_000_000), to: iso(shop.sim.clock.now() + 1000) })
const mapOf = (record: RawRecord) =>
  mapping.map({ ...record, doc: parseJson(record.payload) }, { connectionId: 'c_9', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} })
const orderOf = (record: RawRecord | undefined): Order => {
  const mapped = record && mapOf(record)
  if (mapped?.kind !== 'order') throw new Error('No order.')
  return mapped.order
}

const placed = (input: Parameters<TestShop['sim']['control']['placeOrder']>[0]): string => {
  const result = shop.sim.control.placeOrder(input)
  if (!result.ok) throw new Error(result.reason)
  return result.orderId
}

beforeAll(async () => {
  shop = await testShop()
  shop.sim.control.seedProducts(30)
  shop.sim.control.seedOrders(120, 0.9)
})
afterAll(() => shop.stop())
beforeEach(() => {
  shop.sim.control.clearFaults()
  shop.sim.control.oddPaging('none')
  shop.sim.clock.release()
  shop.called()
})

describe('reading', () => {
  it('brings every trade in full, last page first, and they map to the shop’s own ledger', async () => {
    const found = await pages(shop.call(), { stream: 'orders', window: lastDay() })
    const truths = shop.sim.ledger.orders()
    expect(idsOf(recordsOf(found))).toEqual(truths.map((truth) => truth.orderId).sort())
    expect(found.length).toBeGreaterThanOrEqual(3)
    const times = recordsOf(found).map((record) => record.sourceTime ?? '')
    expect(times[0]! < times.at(-1)!).toBe(true)
    for (const record of recordsOf(found)) {
      const order = orderOf(record)
      const truth = truths.find((each) => each.orderId === order.channelOrderNo)
      expect([order.totals.total.minor, order.totals.refunded.minor, order.totals.discount.minor]).toEqual([
        truth?.totalMinor,
        order.closed ? truth?.refundedMinor : 0,
        truth?.discountMinor,
      ])
      expect(order.lines.map((line) => [line.channelLineNo, line.channelSku, line.quantity, line.net.minor, line.shipped])).toEqual(
        truth?.lines.map((line) => [line.lineId, line.sku, String(line.quantity), line.totalMinor, String(line.shippedQuantity)]),
      )
      expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
      expect(order.placedAt).toBe(truth?.placedAt.replace('.000Z', 'Z'))
    }
    // An order is the same however it was found.
    const some = recordsOf(found).slice(0, 30)
    const asked = await connector.fetchOrder(
      shop.call(),
      some.map((record) => record.externalId),
    )
    expect(asked.map(orderOf)).toEqual(some.map(orderOf))
  })

  it('asks for more only where a trade has more, and the note comes with it', async () => {
    const { control } = shop.sim
    control.addItem({ title: '杯', sku: 'Q-PLAIN', priceMinor: 1000, stock: 50 })
    const ids = [
      placed({ lines: [{ sku: 'Q-PLAIN', quantity: 1 }] }),
      placed({ lines: [{ sku: 'Q-PLAIN', quantity: 1 }] }),
      placed({ lines: [{ sku: 'Q-PLAIN', quantity: 2 }], orderDiscountMinor: 333, promotionName: '店铺优惠券' }),
    ]
    control.edit(ids[1] ?? '')
    shop.called()
    const window = { from: iso(shop.sim.clock.now() - 5000), to: iso(shop.sim.clock.now() + 5000) }
    const found = recordsOf(await pages(shop.call(), { stream: 'orders', window })).filter((record) => ids.includes(record.externalId))
    expect(shop.called().filter((method) => method === 'taobao.trade.fullinfo.get')).toHaveLength(2)
    const byId = new Map(found.map((record) => [record.externalId, orderOf(record)]))
    expect(byId.get(ids[1] ?? '')?.sellerNote).toMatch(/^加急/)
    expect(byId.get(ids[2] ?? '')).toMatchObject({ discounts: [{ title: '店铺优惠券', amount: { minor: 333 } }], couponCodes: [expect.any(String)] })
    const again = await connector.fetchOrder(shop.call(), ids)
    expect(again.map(orderOf)).toEqual(ids.map((id) => byId.get(id)))
  })

  it('keeps a trade as listed when its details are refused, and reads one of a type lists leave out by themselves', async () => {
    shop.sim.control.addItem({ title: '杯', sku: 'Q-O2O', priceMinor: 1000, stock: 50 })
    const id = placed({ lines: [{ sku: 'Q-O2O', quantity: 1 }], kind: 'o2o_offlinetrade', orderDiscountMinor: 5 })
    const call = shop.call()
    const refusing: typeof call = {
      ...call,
      http: (request) =>
        request.body?.includes('fullinfo')
          ? Promise.reject(new ChannelError({ kind: 'refused', code: '15:isv.trade-service-rejection', message: 'no' }))
          : call.http(request),
    }
    const window = { from: iso(shop.sim.clock.now() - 5000), to: iso(shop.sim.clock.now() + 5000) }
    const record = recordsOf(await pages(refusing, { stream: 'orders', window })).find((each) => each.externalId === id)
    expect(orderOf(record)).toMatchObject({ channelOrderNo: id, totals: { total: { minor: 995 } } })
  })

  it('reads a window again that grew while it was read, and leaves one that never stops growing', async () => {
    const start = Math.ceil(shop.sim.clock.now() / 1000) * 1000 + 3_600_000
    shop.sim.clock.freeze(start)
    shop.sim.control.addItem({ title: '杯', sku: 'Q-GROW', priceMinor: 1000, stock: 500 })
    for (let n = 0; n < 12; n += 1) placed({ lines: [{ sku: 'Q-GROW', quantity: 1 }] })
    const request = { stream: 'orders', window: { from: iso(start - 1000), to: iso(start + 60_000) } }
    const late = async (times: number) => {
      const found: RawRecord[] = []
      let [page, left] = [0, times]
      for await (const each of connector.pullOrders(shop.call({ pageSize: 5 }), request)) {
        found.push(...each.records)
        page += 1
        // Shows up in the lists only now although it was changed before, and so moves others to pages read already.
        if (page % 2 === 1 && left-- > 0) placed({ lines: [{ sku: 'Q-GROW', quantity: 1 }] })
      }
      return found
    }
    const found = await late(1)
    expect(idsOf(found)).toEqual(idsOf(recordsOf(await pages(shop.call({ pageSize: 100 }), request))))
    await expect(late(1000)).rejects.toMatchObject({ fault: { kind: 'unreadable', code: 'endless-pages' } })
  })

  it('reads refunds by their change, however they stand', async () => {
    shop.sim.clock.release()
    const { control } = shop.sim
    control.addItem({ title: '杯', sku: 'Q-BACK', priceMinor: 1000, stock: 50 })
    const id = placed({ lines: [{ sku: 'Q-BACK', quantity: 3 }], shippingMinor: 600 })
    control.requestCancel(id)
    const [asked] = await connector.fetchOrder(shop.call(), [id])
    expect(orderOf(asked)).toMatchObject({ afterSale: 'requested', cancelRequest: { id: expect.stringMatching(/^15\d+$/) } })
    control.refund(id)
    const window = { from: iso(shop.sim.clock.now() - 60_000), to: iso(shop.sim.clock.now() + 5000) }
    const found = recordsOf(await pages(shop.call(), { stream: 'refunds', window })).filter((record) => record.parentId === id)
    expect(found.map((record) => mapOf(record))).toMatchObject(
      [
        { kind: 'refund', refund: { state: 'requested', amount: { minor: 3600 } } },
        { kind: 'refund', refund: { state: 'done', kind: 'cancellation', amount: { minor: 3600 }, channelOrderNo: id } },
      ].reverse(),
    )
    const [closed] = await connector.fetchOrder(shop.call(), [id])
    expect(orderOf(closed)).toMatchObject({
      payment: 'refunded',
      closed: true,
      totals: { refunded: { minor: 3600 } },
      cancelled: { reason: 'refunded' },
    })
  })

  it('follows a presale and cash on delivery', async () => {
    const { control } = shop.sim
    control.addItem({ title: '杯', sku: 'Q-PRE', priceMinor: 30_000, stock: 50 })
    const presale = placed({ lines: [{ sku: 'Q-PRE', quantity: 1 }], depositMinor: 5000 })
    const cod = placed({ lines: [{ sku: 'Q-PRE', quantity: 1 }], cod: true, otherFeeMinor: 300 })
    const read = async (id: string) => orderOf((await connector.fetchOrder(shop.call(), [id]))[0])
    expect(await read(presale)).toMatchObject({
      type: 'presale',
      payment: 'partially_paid',
      totals: { paid: { minor: 5000 }, total: { minor: 30_000 } },
    })
    control.pay(presale)
    expect(await read(presale)).toMatchObject({ payment: 'paid', totals: { paid: { minor: 30_000 } } })
    expect(await read(cod)).toMatchObject({ isCod: true, payment: 'pending', fulfilment: 'unallocated', totals: { fees: { minor: 300 } } })
  })
})

describe('messages', () => {
  it('become the documents they are about, and are confirmed once these are safe', async () => {
    const sim = shop.sim
    const call = shop.call({ messages: true })
    const drain = async () => {
      const found = await pages(call, { stream: 'messages' })
      await connector.commitPull(call, 'messages')
      return idsOf(recordsOf(found))
    }
    await drain()
    sim.control.addItem({ title: '杯', sku: 'Q-TMC', priceMinor: 1000, stock: 50 })
    const id = placed({ lines: [{ sku: 'Q-TMC', quantity: 1 }] })
    sim.control.refund(id, 100)
    const first = recordsOf(await pages(call, { stream: 'messages' }))
    expect([...new Set(first.map((record) => record.kind))].sort()).toEqual(['order', 'refund'])
    // Nothing was confirmed: after ten minutes the channel sends it again.
    sim.clock.freeze(sim.clock.now() + 601_000)
    expect(await drain()).toContain(id)
    sim.clock.advance(601_000)
    expect(await drain()).toEqual([])
  })

  it('are left alone unless the connection reads them', async () => {
    shop.called()
    expect(await pages(shop.call(), { stream: 'messages' })).toEqual([{ records: [], cursor: null }])
    expect(shop.called()).toEqual([])
  })
})

describe('signing in', () => {
  it('works with each signing method, and says what is wrong', async () => {
    for (const signMethod of ['md5', 'hmac', 'hmac-sha256'] as const) {
      expect((await connector.check(shop.call({ signMethod, messages: true }))).map((step) => step.ok)).toEqual([true, true, true, true, true, true])
    }
    expect(await faultOf(connector.fetchOrder(shop.call({}, { appSecret: 'another' }), ['1']))).toMatchObject({ kind: 'misconfigured', code: '25' })
    expect(await connector.check(shop.call({}, { appKey: '1' }))).toMatchObject([{ ok: false, detail: expect.stringContaining('app key') }])
  })

  it('ends after one call where the app cannot renew, and reads on where it can', async () => {
    const fresh = await testShop()
    try {
      fresh.sim.control.seedProducts(3)
      fresh.sim.control.shop()
      const call = fresh.call()
      fresh.sim.control.expireTokens()
      fresh.called()
      const [id = ''] = fresh.sim.ledger.orders().map((order) => order.orderId)
      expect(await faultOf(connector.fetchOrder(fresh.call({}, { refresh: false }), [id]))).toMatchObject({
        kind: 'unauthorized',
        code: '27:invalid-sessionkey',
      })
      expect(fresh.called()).toHaveLength(1)
      expect((await connector.fetchOrder(call, [id])).map((record) => record.externalId)).toEqual([id])
      expect(fresh.sim.control.renewals()).toBe(1)
      fresh.sim.control.revoke(true)
      expect(await faultOf(connector.fetchOrder(call, [id]))).toMatchObject({ kind: 'unauthorized' })
    } finally {
      await fresh.stop()
    }
  })
})

describe('stock', () => {
  const listings = async (config = {}) => {
    const found: ChannelListing[] = []
    for await (const page of connector.pullListings(shop.call(config), undefined)) found.push(...page.listings)
    return found
  }
  const writeOf = (listing: ChannelListing, quantity: number): InventoryWrite => ({
    ...listing,
    quantity,
    idempotencyKey: `k-${listing.key}-${quantity}`,
  })

  it.each(['taobao', 'tmall'] as const)('writes the variants of an item in one call (%s)', async (stockApi) => {
    const variants = (await listings()).filter((each) => each.key.includes(':'))
    const item = variants[0]?.ids['item']
    const group = variants.filter((each) => each.ids['item'] === item)
    expect(group.length).toBeGreaterThan(1)
    shop.called()
    const quantity = stockApi === 'taobao' ? 41 : 42
    const outcomes = await connector.pushInventory(
      shop.call({ stockApi }),
      group.map((each) => writeOf(each, quantity)),
    )
    expect(outcomes.map((each) => each.status)).toEqual(group.map(() => 'applied'))
    expect(shop.called()).toEqual([stockApi === 'tmall' ? 'tmall.item.quantity.update' : 'taobao.skus.quantity.update'])
    expect(group.map((each) => shop.sim.control.stockOf(each.sku))).toEqual(group.map(() => quantity))
    const reading = await connector.readInventory(shop.call(), group)
    expect(reading.map((each) => each.quantity)).toEqual(group.map(() => quantity))
  })

  it('writes the variants of a refused call alone, so that one bad one does not hold the others', async () => {
    const variants = (await listings()).filter((each) => each.key.includes(':'))
    const group = variants.filter((each) => each.ids['item'] === variants[0]?.ids['item'])
    shop.sim.control.refuseStock(group[0]?.sku ?? '')
    const outcomes = await connector.pushInventory(
      shop.call(),
      group.map((each) => writeOf(each, 7)),
    )
    expect(outcomes.map((each) => each.status)).toEqual(['refused', ...group.slice(1).map(() => 'applied')])
    expect(outcomes[0]).toMatchObject({ fault: { code: '15:isv.item-update-service-error:ITEM_IS_LOCKED' } })
  })

  it('is in doubt when the service behind the gateway timed out', async () => {
    const [listing] = (await listings()).filter((each) => !each.key.includes(':'))
    const call = shop.call()
    const busy = '{"error_response":{"code":15,"msg":"Remote service error","sub_code":"isp.remote-service-timeout","sub_msg":"x"}}'
    const late: typeof call = {
      ...call,
      http: async () => Promise.reject(new ChannelError(connector.classify?.(200, busy, {}) ?? { kind: 'missing', message: '' })),
    }
    const outcomes = listing ? await connector.pushInventory(late, [writeOf(listing, 3)]) : []
    expect(outcomes).toMatchObject([{ status: 'unknown', fault: { kind: 'in-doubt' } }])
  })

  it('shows what lies in the warehouse as not for sale, and options in words', async () => {
    const found = await listings()
    expect(found.some((each) => !each.active)).toBe(true)
    expect(found.find((each) => each.title.includes('青花:大'))?.price).toMatch(/^\d+\.\d\d$/)
  })
})

describe('shipments', () => {
  const parcel = (orderId: string, given: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
    key: 'p1',
    orderId,
    channelOrderNo: orderId,
    carrier: { code: 'SF', name: 'SF Express' },
    trackingNo: 'SF1234567890123',
    lines: [],
    last: true,
    shippedAt: iso(shop.sim.clock.now()),
    idempotencyKey: 'i1',
    notifyBuyer: true,
    ...given,
  })
  const twoLines = (): { readonly id: string; readonly oids: readonly string[] } => {
    for (const sku of ['Q-S1', 'Q-S2'])
      if (shop.sim.control.stockOf(sku) === undefined) shop.sim.control.addItem({ title: sku, sku, priceMinor: 500, stock: 500 })
    const id = placed({
      lines: [
        { sku: 'Q-S1', quantity: 2 },
        { sku: 'Q-S2', quantity: 1 },
      ],
    })
    return { id, oids: shop.sim.ledger.order(id)?.lines.map((line) => line.lineId) ?? [] }
  }
  const line = (oid: string | undefined, quantity: number) => ({ channelLineNo: oid ?? '', quantity })

  it('go by sub-orders, each once, and are read back with their lines', async () => {
    const { id, oids } = twoLines()
    const first = parcel(id, { lines: [line(oids[0], 2)], last: false })
    const second = parcel(id, { key: 'p2', trackingNo: '75512345678901', carrier: { code: 'ZTO', name: 'ZTO' }, lines: [line(oids[1], 1)] })
    expect(await connector.pushShipment(shop.call(), first)).toMatchObject({ status: 'applied' })
    expect(shop.sim.ledger.order(id)?.status).toBe('SELLER_CONSIGNED_PART')
    expect(await connector.pushShipment(shop.call(), first)).toMatchObject({ status: 'unchanged' })
    expect(await connector.pushShipment(shop.call(), { ...first, trackingNo: 'SF9999999999999' })).toMatchObject({
      status: 'refused',
      fault: { code: 'shipped-otherwise' },
    })
    expect(await connector.pushShipment(shop.call(), second)).toMatchObject({ status: 'applied' })
    expect(shop.sim.ledger.order(id)?.status).toBe('WAIT_BUYER_CONFIRM_GOODS')
    expect((await connector.readShipments(shop.call(), id)).map((each) => [each.state, each.trackingNo, each.lines])).toEqual([
      ['shipped', 'SF1234567890123', [{ channelLineNo: oids[0], quantity: '2' }]],
      ['shipped', '75512345678901', [{ channelLineNo: oids[1], quantity: '1' }]],
    ])
    const [record] = await connector.fetchOrder(shop.call(), [id])
    expect(orderOf(record)).toMatchObject({ fulfilment: 'shipped', shipments: [{ carrier: '顺丰速运' }, { carrier: '中通快递' }] })
  })

  it.each([
    ['part of a sub-order', (id: string, oid: string) => parcel(id, { lines: [line(oid, 1)] }), 'line-in-parts'],
    ['a line of nobody', (id: string) => parcel(id, { lines: [line('1', 1)] }), 'line-unknown'],
    ['an unknown carrier', (id: string) => parcel(id, { carrier: { code: 'MOON', name: 'Moon Mail' } }), 'carrier-unknown'],
    [
      'a number of another form',
      (id: string) => parcel(id, { carrier: { code: 'ZTO', name: 'ZTO' }, trackingNo: '1' }),
      '15:isv.logistics-offline-service-error:B60',
    ],
  ])('are refused for %s', async (_what, make, code) => {
    const { id, oids } = twoLines()
    expect(await connector.pushShipment(shop.call(), make(id, oids[0] ?? ''))).toMatchObject({ status: 'refused', fault: { code } })
    expect(shop.sim.ledger.shipments().filter((fact) => fact.orderId === id)).toEqual([])
  })

  it('of a closed trade are refused, whoever closed it', async () => {
    const { id } = twoLines()
    shop.sim.control.cancelOrder(id)
    expect(await connector.pushShipment(shop.call(), parcel(id))).toMatchObject({ status: 'refused', fault: { code: 'closed' } })
  })

  it('find a company of the channel’s own list by any of its names', async () => {
    const { id } = twoLines()
    const outcome = await connector.pushShipment(
      shop.call(),
      parcel(id, { carrier: { code: 'JD', name: 'JD Logistics' }, trackingNo: 'JD0012345678901' }),
    )
    expect(outcome).toMatchObject({ status: 'applied', proof: { company: 'LE04284890' } })
  })

  it('of cash on delivery go online; one begun by hand only gets its number', async () => {
    const { control } = shop.sim
    const { id: begun } = twoLines()
    const cod = placed({ lines: [{ sku: 'Q-S1', quantity: 1 }], cod: true })
    control.beginOnline(begun)
    shop.called()
    expect(await connector.pushShipment(shop.call(), parcel(cod))).toMatchObject({ status: 'applied' })
    expect(shop.called()).toContain('taobao.logistics.online.send')
    expect(await connector.pushShipment(shop.call({ shipApi: 'online' }), parcel(begun))).toMatchObject({ status: 'applied' })
    expect(shop.called()).toContain('taobao.logistics.online.confirm')
    expect(shop.sim.ledger.order(begun)?.status).toBe('WAIT_BUYER_CONFIRM_GOODS')
  })
})
