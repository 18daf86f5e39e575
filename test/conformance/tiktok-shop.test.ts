import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tiktokShop } from '../../connectors/tiktok-shop/index.ts'
import type { TikTokCall } from '../../connectors/tiktok-shop/manifest.ts'
import type { MarketControl } from '../../sandbox/stage/market/control.ts'
import type { Market, MarketSim } from '../../sandbox/stage/market/index.ts'
import { decideRefund } from '../../sandbox/stage/market/refunds.ts'
import type { Inbound, Page, PullRequest, RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { Order, Refund } from '../../src/core/order.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { openStage, type CallGiven, type Stage } from './kit/stage.ts'
import { subjectOf } from './kit/subject.ts'

let stage: Stage
let control: MarketControl
let market: Market
const call = (given?: CallGiven): TikTokCall => stage.call(given) as TikTokCall
const called = (): readonly string[] => stage.sim.ledger.requests().map(({ method, path }) => `${method} ${path}`)
const writes = (): readonly string[] => called().filter((name) => /\/(?:packages|ship|approve|reject|update)$/.test(name))

beforeEach(async () => {
  stage = await openStage(subjectOf('tiktok-shop'), { products: 12 })
  ;({ control, market } = stage.sim as MarketSim)
})
afterEach(() => stage.stop())

const idOf = (done: ReturnType<MarketControl['shop']>): string => {
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}
const skus = (): readonly string[] => [...market.items.values()].flatMap((item) => item.skus.map(({ code }) => code))
const place = (quantities: readonly number[] = [3, 1], kind = ''): string => {
  const lines = quantities.map((quantity, i) => ({ sku: skus()[i] ?? '', quantity }))
  for (const { sku } of lines) control.setStock(sku, 100)
  return idOf(control.placeOrder({ lines, kind, shippingMinor: 500 }))
}
const mapped = (record: RawRecord) => mapRecord(record, stage.subject.mapping, stage.context)
const orderOf = (record: RawRecord | undefined): Order => {
  const found = record && mapped(record)
  if (found?.kind !== 'order') throw new Error(`That is ${found?.kind ?? 'nothing'}.`)
  return found.order
}
const refundsOf = (records: readonly RawRecord[]): readonly Refund[] =>
  records.flatMap((record) => {
    const found = mapped(record)
    return found.kind === 'refund' ? [found.refund] : []
  })
const read = async (id: string): Promise<Order> => orderOf((await tiktokShop.fetchOrder(call(), [id]))[0])
async function pulled(stream: string, given: Partial<PullRequest> = {}): Promise<readonly Page[]> {
  const now = market.clock.now()
  const window = { from: new Date(now - 3_000_000).toISOString(), to: new Date(now + 1000).toISOString() }
  const found: Page[] = []
  for await (const page of tiktokShop.pullOrders(call(), { stream, window, ...given })) found.push(page)
  return found
}
const recordsOf = (pages: readonly Page[]): readonly RawRecord[] => pages.flatMap((page) => page.records)
async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work
  } catch (error) {
    if (error instanceof ChannelError) return error.fault
    throw error
  }
  throw new Error('The call succeeded where it had to fail.')
}
const parcel = (orderId: string, change: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: orderId,
  orderId,
  carrier: { code: 'USPS', name: 'USPS' },
  trackingNo: '9400111899560000000001',
  lines: [],
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: false,
  ...change,
})

describe('packages', () => {
  it('names some pieces of a line, keeps the line’s name, and sends the others later', async () => {
    const id = place([3, 1])
    const [line, other] = (await read(id)).lines
    const two = parcel(id, { lines: [{ channelLineNo: line?.channelLineNo ?? '', quantity: 2 }], last: false })
    expect(await tiktokShop.pushShipment(call(), two)).toMatchObject({ status: 'applied', proof: { tracking: two.trackingNo } })
    expect(await tiktokShop.pushShipment(call(), two)).toMatchObject({ status: 'unchanged' })
    const between = await read(id)
    expect(between).toMatchObject({ sourceStatus: 'PARTIALLY_SHIPPING', fulfilment: 'partial' })
    expect(between.lines.map((each) => [each.channelLineNo, each.quantity, each.shipped])).toEqual([
      [line?.channelLineNo, '3', '2'],
      [other?.channelLineNo, '1', '0'],
    ])
    const again = parcel(id, { key: 'p-2', trackingNo: 'SECOND', lines: two.lines })
    expect(await tiktokShop.pushShipment(call(), again)).toMatchObject({ status: 'refused', fault: { code: 'shipped-otherwise' } })
    expect(await tiktokShop.pushShipment(call(), parcel(id, { key: 'p-3', trackingNo: 'REST' }))).toMatchObject({ status: 'applied' })
    expect((await tiktokShop.readShipments(call(), id)).map((each) => [each.trackingNo, each.carrier, each.lines])).toEqual([
      [two.trackingNo, 'USPS', [{ channelLineNo: line?.channelLineNo, quantity: '2' }]],
      [
        'REST',
        'USPS',
        [
          { channelLineNo: line?.channelLineNo, quantity: '1' },
          { channelLineNo: other?.channelLineNo, quantity: '1' },
        ],
      ],
    ])
    expect((await read(id)).shipments.map((each) => each.lines)).toEqual((await tiktokShop.readShipments(call(), id)).map((each) => each.lines))
    expect(writes()).toEqual([`POST /fulfillment/202309/orders/${id}/packages`, `POST /fulfillment/202309/orders/${id}/packages`])
  })

  it('hands over a package of TikTok’s own shipping as it stands, and no part of it', async () => {
    const id = place([2, 1], 'platform')
    const order = await read(id)
    expect(order).toMatchObject({ piiMode: 'mask', extra: { shippingType: 'TIKTOK' } })
    const part = parcel(id, { lines: [{ channelLineNo: order.lines[0]?.channelLineNo ?? '', quantity: 1 }], last: false })
    expect(await tiktokShop.pushShipment(call(), part)).toMatchObject({ status: 'refused', fault: { code: 'package-otherwise' } })
    expect(await tiktokShop.pushShipment(call(), parcel(id))).toMatchObject({ status: 'applied', proof: { handover: 'PICKUP' } })
    expect(writes()).toEqual([expect.stringMatching(/^POST \/fulfillment\/202309\/packages\/\d+\/ship$/)])
    expect((await read(id)).fulfilment).toBe('in_transit')
    expect(await tiktokShop.pushShipment(call(), parcel(id))).toMatchObject({ status: 'unchanged' })
    expect(writes().length).toBe(1)
  })

  it('tells a package that stands already its number, where it holds just that, and makes one of a part', async () => {
    const [whole, split] = [place([2, 1], 'packed'), place([2, 1], 'packed')]
    expect(await tiktokShop.pushShipment(call(), parcel(whole))).toMatchObject({ status: 'applied' })
    const [line] = (await read(split)).lines
    const part = parcel(split, { trackingNo: 'PART', lines: [{ channelLineNo: line?.channelLineNo ?? '', quantity: 2 }], last: false })
    expect(await tiktokShop.pushShipment(call(), part)).toMatchObject({ status: 'applied' })
    expect(writes()).toEqual([`POST /fulfillment/202309/packages/9${whole}/ship`, `POST /fulfillment/202309/orders/${split}/packages`])
    expect((await tiktokShop.readShipments(call(), whole)).map(({ trackingNo }) => trackingNo)).toEqual(['9400111899560000000001'])
  })

  it('refuses what must not leave before anything is written: held back, unpaid, cancelled, unknown carrier', async () => {
    const [held, cancelled, open] = [place(), place(), place()]
    control.setStatus(held, 'ON_HOLD')
    control.cancelOrder(cancelled)
    const unpaid = idOf(control.placeOrder({ lines: [{ sku: skus()[0] ?? '', quantity: 1 }], unpaid: true }))
    const codes = []
    for (const each of [held, cancelled, unpaid]) codes.push(await tiktokShop.pushShipment(call(), parcel(each)))
    codes.push(await tiktokShop.pushShipment(call(), parcel(open, { carrier: { code: 'PIGEON', name: 'Pigeons Ltd' } })))
    expect(codes.map((each) => ('fault' in each ? each.fault.code : each.status))).toEqual(['on_hold', 'closed', 'unpaid', 'carrier-unknown'])
    expect(writes()).toEqual([])
  })
})

describe('cancellations and returns', () => {
  const decision = (orderId: string, given: 'accept' | 'reject') => ({
    key: 'd-1',
    channelOrderNo: orderId,
    orderId,
    decision: given,
    reason: 'Packed already',
  })

  it('hears that a buyer wants to cancel from the list of cancellations, order and all, and rejects it with a reason', async () => {
    const id = place()
    idOf(control.requestCancel(id))
    const found = recordsOf(await pulled('cancellations'))
    expect(found.map(({ kind, parentId }) => [kind, parentId])).toEqual([
      ['order', undefined],
      ['refund', id],
    ])
    expect(orderOf(found[0])).toMatchObject({ channelOrderNo: id, cancelRequest: {}, afterSale: 'requested' })
    expect(refundsOf(found)).toMatchObject([{ kind: 'cancellation', state: 'requested', amount: { minor: stage.sim.ledger.order(id)?.totalMinor } }])
    expect(await tiktokShop.decideCancel(call(), decision(id, 'reject'))).toMatchObject({ status: 'applied' })
    expect(await tiktokShop.decideCancel(call(), decision(id, 'reject'))).toMatchObject({ status: 'unchanged' })
    expect((await read(id)).cancelRequest).toBeUndefined()
    expect(await tiktokShop.decideCancel(call(), decision(id, 'accept'))).toMatchObject({ status: 'refused', fault: { code: 'nothing-asked' } })
  })

  it('agrees only for the order it was asked about', async () => {
    const [mine, other] = [place(), place()]
    for (const id of [mine, other]) idOf(control.requestCancel(id))
    expect(await tiktokShop.decideCancel(call(), decision(mine, 'accept'))).toMatchObject({ status: 'applied' })
    expect([(await read(mine)).payment, (await read(other)).payment]).toEqual(['refunded', 'paid'])
    expect(stage.sim.ledger.order(other)?.refundedMinor).toBe(0)
    const unknown = { ...decision(other, 'accept'), requestId: '4035999999999999999' }
    expect(await tiktokShop.decideCancel(call(), unknown)).toMatchObject({ status: 'refused', fault: { code: 'nothing-asked' } })
  })

  it('is in doubt when one of two requests was decided and the other refused', async () => {
    const id = place([1, 1])
    for (const lineNo of [1, 2]) idOf(control.requestRefund(id, lineNo))
    stage.sim.clock.advance(2000)
    const [, second] = market.orders.get(id)?.refunds ?? []
    if (second) decideRefund(market, second, 'settle', 'seller')
    // Decided by somebody else between our look and our call.
    let looks = 0
    const given: CallGiven = {
      rewrite: (body) => (body.includes('"cancellations"') && (looks += 1) === 1 ? body.replaceAll('_REQUEST_COMPLETE', '_REQUEST_PENDING') : body),
    }
    expect(await tiktokShop.decideCancel(call(given), decision(id, 'accept'))).toMatchObject({
      status: 'unknown',
      fault: { kind: 'in-doubt', code: '25021020' },
    })
    expect(await tiktokShop.decideCancel(call(), decision(id, 'accept'))).toMatchObject({ status: 'unchanged' })
  })

  it('gives a return’s pieces back to the line of the order, in the list and beside the order', async () => {
    const id = place([3, 1])
    idOf(control.ship(id))
    stage.sim.clock.advance(2000)
    idOf(control.requestRefund(id, 1))
    idOf(control.decideRefunds(id, 'settle'))
    const truth = stage.sim.ledger.order(id)
    const [line] = (await read(id)).lines
    for (const records of [recordsOf(await pulled('returns')), await tiktokShop.fetchOrder(call(), [id])])
      expect(refundsOf(records)).toMatchObject([
        {
          kind: 'return',
          state: 'done',
          channelOrderNo: id,
          amount: { minor: truth?.refundedMinor },
          lines: [{ channelLineNo: line?.channelLineNo, quantity: '3', amount: { minor: truth?.lines[0]?.totalMinor } }],
        },
      ])
  })
})

describe('lists', () => {
  it('reads a changing list without a gap: each page begins at the last second shown', async () => {
    control.seedOrders(60, 0.03)
    const window = { from: new Date(market.clock.now() - 3_000_000).toISOString(), to: new Date(market.clock.now() + 1000).toISOString() }
    const before = new Set([...market.orders.values()].filter(({ modifiedAt }) => modifiedAt >= Date.parse(window.from)).map(({ id }) => id))
    const seen = new Set<string>()
    for await (const page of tiktokShop.pullOrders(call(), { stream: 'orders', window })) {
      for (const { externalId } of page.records) seen.add(externalId)
      // One that was shown changes and leaves the window; the others move up.
      stage.sim.clock.advance(120_000)
      const shown = page.records[0]?.externalId
      if (shown !== undefined) control.edit(shown)
    }
    expect(before.size).toBeGreaterThan(20)
    expect([...before].filter((id) => !seen.has(id))).toEqual([])
  })

  it.each(['empty-middle', 'repeat'] as const)('finds all after-sales of many orders, whatever their pages look like (%s)', async (kind) => {
    const ids = Array.from({ length: 26 }, () => place([1]))
    for (const id of ids) {
      stage.sim.clock.advance(1000)
      idOf(control.refund(id))
    }
    control.oddPaging(kind)
    const found = refundsOf(await tiktokShop.fetchOrder(call(), ids))
    expect([...new Set(found.map(({ channelOrderNo }) => channelOrderNo ?? ''))].sort()).toEqual([...ids].sort())
  })

  it('takes no position of another window', async () => {
    control.seedOrders(40, 0.03)
    const [first] = await pulled('orders')
    const after = first?.cursor ?? {}
    const now = market.clock.now()
    const other = { from: new Date(now - 7_200_000).toISOString(), to: new Date(now - 3_600_000).toISOString() }
    expect(await faultOf(pulled('orders', { window: other, after }))).toMatchObject({ code: 'cursor-invalid' })
    expect(await faultOf(pulled('orders', { after: { ...after, token: 7 } }))).toMatchObject({ code: 'cursor-invalid' })
  })

  it('answers with a clock four minutes behind, and says what is wrong with one six minutes behind', async () => {
    const id = place()
    expect((await tiktokShop.fetchOrder(call({ skewMs: -240_000 }), [id])).length).toBe(1)
    expect(await faultOf(tiktokShop.fetchOrder(call({ skewMs: -360_000 }), [id]))).toMatchObject({ kind: 'misconfigured', code: '36009004' })
  })
})

describe('stock', () => {
  const write = (n: number, change: object = {}) => {
    const item = [...market.items.values()][n]
    const sku = item?.skus[0]
    const ids = { product: item?.id ?? '', sku: sku?.id ?? '', warehouses: '7068517275539719942' }
    return { key: `${item?.id}:${sku?.id}`, ids, sku: sku?.code ?? '', quantity: 7, idempotencyKey: `k-${n}`, ...change }
  }

  it('refuses a SKU of several warehouses or of another one, and levels the channel has no room for', async () => {
    const several = write(0, { ids: { ...write(0).ids, warehouses: '1,2' } })
    const codes = (await tiktokShop.pushInventory(call(), [several, write(1, { quantity: 100_000 }), write(3, { quantity: 1.5 })])).map((each) =>
      'fault' in each ? each.fault.code : each.status,
    )
    expect(codes).toEqual(['several-warehouses', 'quantity-too-large', 'quantity-not-whole'])
    const elsewhere = await tiktokShop.pushInventory(call({ config: { warehouse: '1' } }), [write(0)])
    expect(elsewhere).toMatchObject([{ status: 'refused', fault: { code: 'other-warehouse' } }])
    expect(writes()).toEqual([])
    expect(await tiktokShop.readInventory(call({ config: { warehouse: '1' } }), [write(0)])).toMatchObject([{ quantity: undefined }])
  })

  it.each([
    ['names no SKU', '{"errors":[{"code":12052201,"message":"failed"}]}', ['unknown', 'unknown']],
    ['was an accident', '{"errors":[{"code":36009003,"message":"Internal error","detail":{"sku_id":"#"}}]}', ['unknown', 'applied']],
    ['was a refusal', '{"errors":[{"code":12052201,"message":"Locked","detail":{"sku_id":"#"}}]}', ['refused', 'applied']],
  ])('says of each level what is known when an error inside a success %s', async (_, data, statuses) => {
    const item = [...market.items.values()].find(({ skus: { length } }) => length > 1)
    if (!item) throw new Error('No variants.')
    const both = item.skus
      .slice(0, 2)
      .map((sku) => ({ ...write(0), key: sku.id, ids: { product: item.id, sku: sku.id, warehouses: '' }, sku: sku.code }))
    const said = `"data":${data.replace('#', both[0]?.ids.sku ?? '')}`
    const outcomes = await tiktokShop.pushInventory(call({ rewrite: (body) => body.replace('"data":{}', said) }), both)
    expect(outcomes.map(({ status }) => status)).toEqual(statuses)
  })
})

describe('deliveries', () => {
  it('turns every topic to this hub, once, and repairs what points elsewhere', async () => {
    const url = 'https://hub.example/hooks/c_kit'
    expect(await tiktokShop.ensureWebhooks(call(), { url, secret: '' })).toMatchObject({ healthy: true, repaired: true })
    expect(await tiktokShop.ensureWebhooks(call(), { url, secret: '' })).toMatchObject({ healthy: true, repaired: false })
    const [first] = market.webhooks.subscriptions.values()
    if (first) market.webhooks.subscriptions.set(first.id, { ...first, url: 'https://other.example/' })
    market.webhooks.add({ url, secret: '', topics: ['PRODUCT_CREATION'] })
    expect(await tiktokShop.ensureWebhooks(call(), { url, secret: '' })).toMatchObject({ repaired: true })
    expect([...market.webhooks.subscriptions.values()].map((each) => `${each.url} ${each.topics[0]}`).sort()).toEqual(
      ['CANCELLATION_STATUS_CHANGE', 'ORDER_STATUS_CHANGE', 'PACKAGE_UPDATE', 'RECIPIENT_ADDRESS_UPDATE', 'RETURN_STATUS_CHANGE'].map(
        (topic) => `${url} ${topic}`,
      ),
    )
  })

  it('leaves deliveries about another shop of the app aside, and reads the orders of a package', () => {
    const { secrets, config } = call()
    const deliver = (doc: object): Inbound => {
      const body = Buffer.from(JSON.stringify(doc))
      const authorization =
        tiktokShop.signing?.sign({ app_key: secrets.appKey, app_secret: secrets.appSecret, body: body.toString() }).signature ?? ''
      return { method: 'POST', url: 'https://hub.example/', headers: { authorization }, query: {}, body }
    }
    const about = {
      type: 4,
      tts_notification_id: '7327',
      shop_id: config.shopId,
      data: { package_list: [{ package_id: '1', order_id_list: ['5764', '5765'] }] },
    }
    const verify = (doc: object) => tiktokShop.verifyWebhook(deliver(doc), secrets, new Date(), config)
    expect(verify(about)).toMatchObject({ type: 'event', deliveryId: '7327', meta: { topic: 'PACKAGE_UPDATE' } })
    expect(verify({ ...about, shop_id: '1' })).toMatchObject({ type: 'ping' })
    expect(tiktokShop.readWebhook(JSON.stringify(about), {}).fetch.map(({ externalId }) => externalId)).toEqual(['5764', '5765'])
    expect(tiktokShop.readWebhook('{"type":14,"data":{}}', {})).toEqual({ records: [], fetch: [] })
  })
})
