import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { youzan } from '../../connectors/youzan/index.ts'
import { youzan as mapping } from '../../mappings/youzan.ts'
import type { Inbound, PullRequest, RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import type { Order, Refund } from '../../src/core/order.ts'
import { memoryTokens } from '../../src/kit/call.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { faultOf, pagesOf, recordsOf, testShop, type TestShop } from './youzan-shop.ts'

let shop: TestShop
afterEach(() => shop.stop())

const context = { connectionId: 'c_9', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} }
const mapped = (record: RawRecord | undefined): Order => {
  const result = record && mapRecord(record, mapping, context)
  if (result?.kind !== 'order') throw new Error(`That is ${result?.kind ?? 'nothing'}.`)
  return result.order
}
const refundOf = (record: RawRecord | undefined): Refund => {
  const result = record && mapping.map({ kind: record.kind, externalId: record.externalId, doc: record.doc }, context)
  if (result?.kind !== 'refund') throw new Error(`That is ${result?.kind ?? 'nothing'}.`)
  return result.refund
}
const lastHour = (stream: string): PullRequest => {
  const now = shop.sim.clock.now()
  return { stream, window: { from: new Date(now - 3_500_000).toISOString(), to: new Date(now + 5000).toISOString() } }
}
const place = (input: Parameters<TestShop['sim']['control']['placeOrder']>[0]): string => {
  const done = shop.sim.control.placeOrder(input)
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}
const sell = (...skus: readonly string[]): void => {
  for (const sku of skus) shop.sim.control.addItem({ title: `杯 ${sku}`, sku, priceMinor: 1990, stock: 50 })
}
const read = async (id: string): Promise<Order> => mapped((await youzan.fetchOrder(shop.call(), [id]))[0])

const parcel = (order: Order, orderId: string, given: Partial<ShipmentWrite>): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: order.channelOrderNo,
  orderId,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo: 'SF1000000000001',
  lines: order.lines.map((line) => ({ channelLineNo: line.channelLineNo, quantity: Number(line.quantity) })),
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: false,
  ...given,
})

describe('shipping from Youzan', () => {
  it('sends line by line, names the lines only while others stay, and tells the channel’s own number of the carrier', async () => {
    shop = await testShop()
    sell('A', 'B')
    const id = place({
      lines: [
        { sku: 'A', quantity: 2 },
        { sku: 'B', quantity: 1 },
      ],
    })
    const order = await read(id)
    const [first, second] = order.lines.map((line) => ({ channelLineNo: line.channelLineNo, quantity: Number(line.quantity) }))
    expect(await youzan.pushShipment(shop.call(), parcel(order, id, { lines: first ? [first] : [], last: false }))).toMatchObject({
      status: 'applied',
      proof: { company: '7' },
    })
    expect(await read(id)).toMatchObject({
      fulfilment: 'partial',
      sourceStatus: 'WAIT_SELLER_SEND_GOODS',
      lines: [{ shipped: '2' }, { shipped: '0' }],
    })
    const rest = parcel(order, id, { key: 'p-2', trackingNo: '75512345678901', carrier: { code: 'ZTO', name: 'ZTO' }, lines: second ? [second] : [] })
    expect(await youzan.pushShipment(shop.call(), rest)).toMatchObject({ status: 'applied' })
    const after = await read(id)
    expect([after.fulfilment, after.shipments.map((each) => [each.carrier, each.trackingNo, each.lines.length])]).toEqual([
      'shipped',
      [
        ['7', 'SF1000000000001', 1],
        ['3', '75512345678901', 1],
      ],
    ])
    expect(await youzan.readShipments(shop.call(), id)).toEqual(after.shipments.map((each) => ({ ...each, at: expect.any(String) })))
  })

  it('refuses what the channel does not do, each with a reason of its own, and sends nothing', async () => {
    shop = await testShop()
    sell('A', 'B')
    const id = place({
      lines: [
        { sku: 'A', quantity: 3 },
        { sku: 'B', quantity: 1 },
      ],
    })
    const order = await read(id)
    const line = order.lines[0]?.channelLineNo ?? ''
    const codeOf = async (given: Partial<ShipmentWrite>): Promise<unknown> => {
      const outcome = await youzan.pushShipment(shop.call(), parcel(order, id, given))
      return outcome.status === 'refused' ? outcome.fault.code : outcome.status
    }
    expect(await codeOf({ lines: [{ channelLineNo: line, quantity: 1 }] })).toBe('line-in-parts')
    expect(await codeOf({ lines: [{ channelLineNo: '1', quantity: 1 }] })).toBe('line-unknown')
    expect(await codeOf({ trackingNo: 'SF 12/3' })).toBe('tracking-form')
    expect(await codeOf({ carrier: { code: 'OTHER', name: 'Onkel Bobs Fahrrad' } })).toBe('carrier-unknown')
    expect(await codeOf({ orderId: '123' })).toBe('order-id')
    expect(shop.sim.ledger.shipments()).toEqual([])
    expect(await codeOf({})).toBe('applied')
    expect(await codeOf({ trackingNo: 'SF9999999999999' })).toBe('shipped-otherwise')
    expect(await codeOf({})).toBe('unchanged')
    expect(shop.sim.ledger.shipments()).toHaveLength(1)
  })

  it('does not send an order that is closed, nor a line whose money went back', async () => {
    shop = await testShop()
    sell('A', 'B')
    const [closed, part] = [
      place({ lines: [{ sku: 'A', quantity: 1 }] }),
      place({
        lines: [
          { sku: 'A', quantity: 1 },
          { sku: 'B', quantity: 1 },
        ],
      }),
    ]
    shop.sim.control.cancelOrder(closed)
    shop.sim.control.requestRefund(part, 1)
    shop.sim.control.decideRefunds(part, 'settle')
    const [a, b] = [await read(closed), await read(part)]
    expect([a.payment, a.closed, b.payment, b.lines.map((line) => line.cancelled)]).toEqual(['refunded', true, 'partially_refunded', ['1', '0']])
    expect(await youzan.pushShipment(shop.call(), parcel(a, closed, {}))).toMatchObject({ status: 'refused', fault: { code: 'closed' } })
    expect(await youzan.pushShipment(shop.call(), parcel(b, part, {}))).toMatchObject({ status: 'refused', fault: { code: 'line-closed' } })
    const rest = b.lines.slice(1).map((line) => ({ channelLineNo: line.channelLineNo, quantity: 1 }))
    expect(await youzan.pushShipment(shop.call(), parcel(b, part, { lines: rest }))).toMatchObject({ status: 'applied' })
  })
})

describe('tills, branches and pickup', () => {
  it('tells a sale at a till and an order fetched in a branch from one that is sent, and where', async () => {
    shop = await testShop()
    sell('A')
    const [till, pickup, sent] = ['pos', 'pickup', ''].map((kind) => place({ lines: [{ sku: 'A', quantity: 1 }], kind }))
    shop.sim.control.finish(till ?? '')
    const [atTill, fetched, usual] = [await read(till ?? ''), await read(pickup ?? ''), await read(sent ?? '')]
    expect([atTill.type, fetched.type, usual.type]).toEqual(['pos', 'pickup', 'normal'])
    expect([atTill.fulfilment, atTill.closed]).toEqual(['delivered', true])
    expect(atTill.extra).toMatchObject({ locationId: '187395218', locationName: '沙箱有赞店', orderMark: 'retail_ipad_cashier' })
    expect(fetched.extra).toMatchObject({ delivery: 'pickup', outletId: '187395218', pickupName: '黄龙万科店' })
    expect(usual.extra['delivery']).toBeUndefined()
  })

  it('reads one branch alone where the connection is set to it', async () => {
    shop = await testShop()
    sell('A')
    place({ lines: [{ sku: 'A', quantity: 1 }] })
    const ids = async (nodeKdtId: string) => recordsOf(await pagesOf(shop.call({ config: { nodeKdtId } }), lastHour('orders'))).length
    expect([await ids(''), await ids('187395218'), await ids('1')]).toEqual([1, 1, 0])
  })
})

describe('gifts', () => {
  it('reads the part of a gift, which messages name, as the order it belongs to', async () => {
    shop = await testShop()
    sell('A')
    const id = place({ lines: [{ sku: 'A', quantity: 1 }] })
    const [record] = await youzan.fetchOrder(shop.call(), [id.replace('E', 'C')])
    expect([record?.externalId, mapped(record).channelOrderNo]).toEqual([id, id])
  })
})

describe('windows', () => {
  it('reads a window with more orders than the channel would show in halves, and resumes in each of them', async () => {
    shop = await testShop()
    sell('A')
    for (let n = 0; n < 130; n += 1) {
      if (n % 10 === 0) shop.sim.clock.advance(60_000)
      shop.sim.control.setStock('A', 50)
      place({ lines: [{ sku: 'A', quantity: 1 }], unpaid: true })
    }
    const truth = shop.sim.ledger.orders().map((order) => order.orderId)
    // A hundred pages of one order each.
    const call = shop.call({ config: { pageSize: 1 } })
    const pages = await pagesOf(call, lastHour('orders'))
    expect(new Set(recordsOf(pages).map((record) => record.externalId))).toEqual(new Set(truth))
    for (const at of [3, 64, 90, 120]) {
      const { cursor } = pages[at] ?? { cursor: null }
      const rest = cursor ? await pagesOf(call, { ...lastHour('orders'), after: JSON.parse(JSON.stringify(cursor)) }) : []
      expect(new Set(recordsOf([...pages.slice(0, at + 1), ...rest]).map((record) => record.externalId))).toEqual(new Set(truth))
    }
  })

  it('reads refunds with their line, and those of an order together with it', async () => {
    shop = await testShop()
    sell('A', 'B')
    const id = place({
      lines: [
        { sku: 'A', quantity: 1 },
        { sku: 'B', quantity: 2 },
      ],
      shippingMinor: 600,
    })
    shop.sim.control.requestRefund(id, 2)
    const [record] = recordsOf(await pagesOf(shop.call(), lastHour('refunds')))
    const truth = shop.sim.ledger.order(id)
    expect(refundOf(record)).toMatchObject({
      channelOrderNo: id,
      state: 'requested',
      kind: 'cancellation',
      amount: { minor: truth?.refunds[0]?.minor },
    })
    expect(refundOf(record).lines.map((line) => line.channelLineNo)).toEqual([truth?.lines[1]?.lineId])
    shop.sim.control.decideRefunds(id, 'settle')
    const both = await youzan.fetchOrder(shop.call(), [id])
    expect(both.map((each) => each.kind)).toEqual(['order', 'refund'])
    expect([mapped(both[0]).totals.refunded.minor, refundOf(both[1]).state]).toEqual([3980, 'done'])
  })

  it('keeps the money of every line to the fen, with postage, reductions and a changed price at once', async () => {
    shop = await testShop()
    sell('A', 'B', 'C')
    const lines = ['A', 'B', 'C'].map((sku, i) => ({ sku, quantity: i + 1 }))
    const ids = [
      place({ lines, shippingMinor: 600 }),
      place({ lines, orderDiscountMinor: 777 }),
      place({ lines, shippingMinor: 600, orderDiscountMinor: 777, lineDiscountMinor: 31 }),
      place({ lines, shippingMinor: 600, adjustMinor: -205 }),
    ]
    for (const id of ids) {
      const [order, truth] = [await read(id), shop.sim.ledger.order(id)]
      expect(order.lines.map((line) => line.net.minor)).toEqual(truth?.lines.map((line) => line.totalMinor))
      expect(order.totals).toMatchObject({
        total: { minor: truth?.totalMinor },
        shipping: { minor: truth?.shippingMinor },
        discount: { minor: truth?.discountMinor },
      })
      expect(order.discounts.flatMap((each) => each.allocations).reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(truth?.discountMinor)
    }
  })
})

describe('cancellations', () => {
  it('gives the money back or refuses, once each, and never decides over somebody else’s decision', async () => {
    shop = await testShop()
    sell('A')
    const [yes, no] = [place({ lines: [{ sku: 'A', quantity: 1 }] }), place({ lines: [{ sku: 'A', quantity: 1 }] })]
    const decide = async (orderId: string, decision: 'accept' | 'reject', given: { readonly requestId?: string } = {}) =>
      youzan.decideCancel(shop.call(), { key: 'd', channelOrderNo: orderId, orderId, decision, reason: '已打包', ...given })
    expect(await decide(yes, 'accept')).toMatchObject({ status: 'refused', fault: { code: 'no-request' } })
    for (const id of [yes, no]) shop.sim.control.requestCancel(id)
    const asked = (await read(yes)).cancelRequest?.id ?? ''
    expect(await decide(no, 'accept', { requestId: asked })).toMatchObject({ status: 'refused', fault: { code: 'request-unknown' } })
    expect([(await decide(yes, 'accept', { requestId: asked })).status, (await decide(yes, 'accept', { requestId: asked })).status]).toEqual([
      'applied',
      'unchanged',
    ])
    expect(await decide(yes, 'reject', { requestId: asked })).toMatchObject({ status: 'refused', fault: { code: 'decided-otherwise' } })
    expect(await decide(no, 'reject')).toMatchObject({ status: 'applied' })
    const [closed, open] = [await read(yes), await read(no)]
    expect([closed.payment, closed.cancelled !== undefined, open.payment, open.afterSale, open.cancelRequest]).toEqual([
      'refunded',
      true,
      'paid',
      'closed',
      undefined,
    ])
  })
})

describe('tokens', () => {
  it('takes the token of now first and makes a new one only for one that was refused', async () => {
    shop = await testShop()
    const tokens = memoryTokens()
    await youzan.check(shop.call({ tokens }))
    const [first, made] = [(await tokens.read())['token'], shop.sim.control.renewals()]
    await youzan.check(shop.call())
    expect(shop.sim.control.renewals()).toBe(made)
    shop.sim.control.expireTokens()
    shop.called()
    expect((await youzan.check(shop.call({ tokens }))).every((step) => step.ok)).toBe(true)
    expect(shop.called().slice(0, 3)).toEqual(['youzan.shop.get/3.0.0', 'auth/token', 'youzan.shop.get/3.0.0'])
    expect((await tokens.read())['token']).not.toBe(first)
  })

  it('says when a token ends', async () => {
    shop = await testShop()
    shop.sim.clock.freeze(Date.parse('2026-11-22T06:00:00.123Z'))
    const { values, expiresAt } = await youzan.refreshToken(shop.call())
    expect(values['token']).toMatch(/^[0-9a-f]{31}$/)
    expect(expiresAt).toBe('2026-11-29T06:00:00.123Z')
  })

  it('spends the refresh token of an app of the market for the next pair, each time', async () => {
    shop = await testShop({ refreshToken: 'r-CANARY-1' })
    const tokens = memoryTokens()
    const ok = async (): Promise<boolean> => (await youzan.check(shop.call({ tokens }))).every((step) => step.ok)
    expect(await ok()).toBe(true)
    const first = await tokens.read()
    shop.sim.control.expireTokens()
    expect([await ok(), shop.sim.control.renewals()]).toEqual([true, 2])
    const second = await tokens.read()
    expect([first['refresh'] === second['refresh'], second['refresh'] === 'r-CANARY-1']).toEqual([false, false])
    expect(await faultOf(youzan.refreshToken(shop.call()))).toMatchObject({ kind: 'unauthorized', code: '1004' })
  })

  it('says so when an app of one’s own is given a refresh token', async () => {
    shop = await testShop()
    expect(await faultOf(youzan.refreshToken(shop.call({ secrets: { refreshToken: 'r-1' } })))).toMatchObject({ kind: 'misconfigured', code: '1105' })
  })

  it('shows no token and no secret in the log, and asks for the grant when there is none', async () => {
    shop = await testShop()
    const tokens = memoryTokens()
    await youzan.check(shop.call({ tokens }))
    const told = shop.log.join('\n')
    expect(told).toContain('/api/youzan.shop.get/3.0.0')
    for (const secret of [(await tokens.read())['token'] ?? '', 'CANARY']) expect(told).not.toContain(secret)
    expect(await faultOf(youzan.fetchOrder(shop.call({ config: { kdtId: '1' } }), ['E20250601100000000000001']))).toMatchObject({
      kind: 'unauthorized',
      code: '1103',
    })
  })
})

describe('messages', () => {
  const secrets = { clientId: 'demo-cid', clientSecret: 'demo-csec' }
  const inboundOf = (doc: unknown): Inbound => {
    const body = Buffer.from(JSON.stringify(doc))
    const sign = createHash('md5').update(secrets.clientId).update(body).update(secrets.clientSecret).digest('hex')
    return { method: 'POST', url: 'https://hub.example/hooks/x', headers: { 'event-sign': sign }, query: {}, body }
  }
  const contentOf = (doc: unknown) => {
    const inbound = inboundOf(doc)
    const delivery = youzan.verifyWebhook(inbound, secrets, new Date(0))
    return { delivery, content: youzan.readWebhook(Buffer.from(inbound.body).toString('utf8'), delivery.meta) }
  }
  const msg = (doc: unknown): string => encodeURIComponent(JSON.stringify(doc))
  const TID = 'E20250601100000000000001'

  it('answers in the channel’s words, keeps a repeated message the same one, and takes a trial for a trial', async () => {
    shop = await testShop()
    const doc = { msg: msg({ tid: TID }), kdt_id: 160, msg_id: 'm-1', type: 'trade_TradePaid', id: TID, version: 1, sendCount: 0, test: false }
    const [first, again] = [contentOf(doc).delivery, contentOf({ ...doc, sendCount: 3, version: 1 }).delivery]
    expect([first.type, first.deliveryId, again.deliveryId, JSON.parse(first.reply.body)]).toEqual([
      'event',
      'm-1',
      'm-1',
      { code: 0, msg: 'success' },
    ])
    expect(contentOf({ ...doc, test: true }).delivery.type).toBe('ping')
    const { msg_id: _gone, ...without } = doc
    expect(contentOf(without).delivery.deliveryId).toBe(`trade_TradePaid/160/${TID}/1`)
    expect(contentOf({ ...without, version: 2 }).delivery.deliveryId).not.toBe(contentOf(without).delivery.deliveryId)
  })

  it.each([
    ['an order by its number alone', { type: 'trade_TradeSellerShip', id: TID, msg: msg({ update_time: '2025-06-01 10:00:00' }) }],
    ['an order in full', { type: 'trade_TradeCreate', id: '1', msg: msg({ full_order_info: { order_info: { tid: TID } } }) }],
    [
      'a refund, URL-encoded with pluses',
      { type: 'trade_refund_BuyerCreated', id: 'R1', msg: msg({ tid: TID, reason: 'a b' }).replaceAll('%20', '+') },
    ],
    [
      'a refund as an object',
      { type: 'youzan_trade_RefundSuccess', id: 'R1', msg: { tid: TID, refund_id: '2025060110000000000001', refunded_fee: '1.00' } },
    ],
  ])('reads %s as a notice about the order', async (_, doc) => {
    shop = await testShop()
    expect(contentOf(doc).content).toEqual({ records: [], fetch: [{ kind: 'order', externalId: TID }] })
  })

  it('leaves messages about items and customers, and says which order is missing in none', async () => {
    shop = await testShop()
    expect(contentOf({ type: 'ITEM_STATE', id: '77', msg: msg({ data: {} }) }).content).toEqual({ records: [], fetch: [] })
    expect(() => contentOf({ type: 'trade_TradePaid', id: '77', msg: 'x' })).toThrow(/names no order/)
  })
})

describe('listings', () => {
  it('shows every item or variant with its code, price in yuan and stock, on sale or not', async () => {
    shop = await testShop()
    sell('A')
    shop.sim.control.seedProducts(250)
    const found = []
    for await (const page of youzan.pullListings(shop.call(), undefined)) found.push(...page.listings)
    expect(new Set(found.map((each) => each.key)).size).toBe(found.length)
    expect(found.length).toBeGreaterThanOrEqual(250)
    expect(found.find((each) => each.sku === 'A')).toMatchObject({ price: '19.90', quantity: '50', active: true })
    expect(found.some((each) => !each.active)).toBe(true)
    expect(found.find((each) => each.key.includes(':'))?.title).toMatch(/ – /)
  })
})
