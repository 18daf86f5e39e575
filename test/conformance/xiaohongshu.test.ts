import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { xiaohongshu } from '../../connectors/xiaohongshu/index.ts'
import { manifest, type XhsCall, type XhsConfig } from '../../connectors/xiaohongshu/manifest.ts'
import type { InventoryWrite, ShipmentWrite } from '../../src/core/connector.ts'
import { faultOf, pages, recordsOf } from './kit/reading.ts'
import { openStage, type CallGiven, type Stage } from './kit/stage.ts'
import { subjectOf } from './kit/subject.ts'

const subject = subjectOf('xiaohongshu')
let stage: Stage
beforeEach(async () => {
  stage = await openStage(subject)
})
afterEach(() => stage.stop())

/** The stage's call under the connector's own types. */
function call(given: Omit<CallGiven, 'config'> & { readonly config?: Partial<XhsConfig> } = {}): XhsCall {
  const plain = stage.call(given)
  return { ...plain, config: manifest.config.parse(plain.config), secrets: manifest.secrets.parse(plain.secrets) }
}
const done = (result: { readonly ok: boolean; readonly orderId?: string }): string => {
  if (!result.ok || result.orderId === undefined) throw new Error('It was refused.')
  return result.orderId
}
/** What was asked of an interface, oldest first. */
const asked = (method: string): readonly unknown[] =>
  stage.sim.ledger
    .requests()
    .filter((each) => each.path === method)
    .map(({ query }): unknown => JSON.parse(query))
const sell = (sku: string): void =>
  void Reflect.get(stage.sim.control, 'addItem').call(stage.sim.control, { title: sku, sku, priceMinor: 1990, stock: 50 })
const place = (...skus: readonly string[]): string => done(stage.sim.control.shop(skus.map((sku) => ({ sku, quantity: 2 }))))
const linesOf = (id: string) => (stage.sim.ledger.order(id)?.lines ?? []).map((line) => ({ channelLineNo: line.lineId, quantity: line.quantity }))

const parcel = (orderId: string, given: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: orderId,
  orderId,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo: 'SF1000000000001',
  lines: [],
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: false,
  ...given,
})

describe('reading Xiaohongshu', () => {
  it('asks for no more than half an hour, whatever the page size, and loses nothing at the seams', async () => {
    sell('CUP')
    const ids = [place('CUP'), place('CUP'), place('CUP')]
    const now = stage.sim.clock.now()
    const to = new Date(Math.ceil(now / 1000) * 1000 + 1000).toISOString()
    const window = { from: new Date(Date.parse(to) - 0.49 * 3_600_000).toISOString(), to }
    const found = recordsOf(await pages(subject, stage.call({ config: { pageSize: 2 } }), { stream: 'orders', window }))
    expect(
      found
        .map(({ externalId }) => externalId)
        .filter((id) => ids.includes(id))
        .sort(),
    ).toEqual([...ids].sort())
    const windows = asked('order.getOrderList').map(
      (each) => Number(Reflect.get(Object(each), 'endTime')) - Number(Reflect.get(Object(each), 'startTime')),
    )
    expect(Math.max(...windows)).toBeLessThanOrEqual(1800)
  })

  it('keeps an order that is listed and cannot be read alone, for a person to see', async () => {
    sell('CUP')
    const id = place('CUP')
    const now = stage.sim.clock.now()
    const window = { from: new Date(now - 600_000).toISOString(), to: new Date(now + 60_000).toISOString() }
    const rewrite = (body: string): string => body.replace(id, 'P768291112062499999')
    const found = recordsOf(await pages(subject, stage.call({ rewrite }), { stream: 'orders', window }))
    expect(found.map(({ externalId }) => externalId)).toContain('P768291112062499999')
  })

  it('looks for errors in all three places', () => {
    const kind = (data: unknown) => xiaohongshu.classify?.(200, JSON.stringify({ error_code: 0, success: true, data }), {})?.kind
    expect(kind({ success: false, code: -9013, msg: '限流', data: null })).toBe('throttled')
    expect(kind({ response: { success: false, code: -1, message: '规格不存在' } })).toBe('missing')
    expect(kind({ success: true, code: 0, data: { response: { success: false, code: -1, msg: '库存不足' } } })).toBe('refused')
    expect(kind({ response: { success: false, code: -9028, message: '同步成功，但有占用库存未扣减' } })).toBeUndefined()
    expect(kind({ orderId: 'P1' })).toBeUndefined()
  })
})

describe('stock as a whole', () => {
  it('sets and reads the level that holds the pieces of unpaid orders', async () => {
    sell('CUP')
    const writes: InventoryWrite[] = []
    for await (const { listings } of xiaohongshu.pullListings(call(), undefined))
      for (const { key, ids, sku } of listings) if (sku === 'CUP') writes.push({ key, ids, sku, quantity: 40, idempotencyKey: 'k' })
    Reflect.get(stage.sim.control, 'placeOrder').call(stage.sim.control, { lines: [{ sku: 'CUP', quantity: 3 }], unpaid: true })
    expect(await xiaohongshu.pushInventory(call(), writes)).toMatchObject([{ status: 'applied', proof: { quantity: '40', total: '40' } }])
    expect(await xiaohongshu.readInventory(call(), writes)).toMatchObject([{ quantity: 40 }])
    // Fewer than unpaid orders hold: the channel stops at what they hold, and only reading it shows where.
    const fewer = writes.map((each) => ({ ...each, quantity: 1 }))
    expect(await xiaohongshu.pushInventory(call(), fewer)).toMatchObject([{ status: 'unknown', fault: { code: 'level-not-reached' } }])
    expect(await xiaohongshu.readInventory(call(), fewer)).toMatchObject([{ quantity: 3 }])
  })
})

describe('shipping from Xiaohongshu', () => {
  it('sends a whole order by the plain call and parts by SKU, all pieces of each', async () => {
    for (const sku of ['CUP', 'TEE']) sell(sku)
    const [whole, parts] = [place('CUP'), place('CUP', 'TEE')]
    expect(await xiaohongshu.pushShipment(call(), parcel(whole))).toMatchObject({ status: 'applied', proof: { company: 'shunfeng' } })
    const [first, second] = linesOf(parts)
    if (!first || !second) throw new Error('The order has two lines.')
    const half = parcel(parts, { lines: [{ ...first, quantity: 1 }], last: false })
    expect(await xiaohongshu.pushShipment(call(), half)).toMatchObject({ status: 'refused', fault: { code: 'whole-skus-only' } })
    expect(await xiaohongshu.pushShipment(call(), parcel(parts, { lines: [first], last: false }))).toMatchObject({ status: 'applied' })
    expect(await xiaohongshu.pushShipment(call(), parcel(parts, { trackingNo: 'SF2', lines: [second] }))).toMatchObject({ status: 'applied' })
    expect(asked('order.orderDeliver').map((each) => Reflect.get(Object(each), 'skuIdList'))).toEqual([
      undefined,
      [first.channelLineNo],
      [second.channelLineNo],
    ])
    expect((await xiaohongshu.readShipments(call(), parts)).map(({ trackingNo, lines }) => [trackingNo, lines.length])).toEqual([
      ['SF1000000000001', 1],
      ['SF2', 1],
    ])
  })

  it('leaves an order that has left under another number to a person, or takes its place, as the connection says', async () => {
    sell('CUP')
    const id = place('CUP')
    done(stage.sim.control.ship(id, { trackingNumber: 'SFOTHER' }))
    expect(await xiaohongshu.pushShipment(call(), parcel(id))).toMatchObject({ status: 'refused', fault: { code: 'shipped-otherwise' } })
    expect(await xiaohongshu.pushShipment(call({ config: { shippedOtherwise: 'replace' } }), parcel(id))).toMatchObject({ status: 'applied' })
    expect((await xiaohongshu.readShipments(call(), id)).map(({ trackingNo }) => trackingNo)).toEqual(['SF1000000000001'])
  })
})

describe('cancellations at Xiaohongshu', () => {
  const decide = (orderId: string, requestId?: string) =>
    xiaohongshu.decideCancel(call(), {
      key: 'c-1',
      channelOrderNo: orderId,
      orderId,
      decision: 'accept',
      reason: 'asked',
      ...(requestId === undefined ? {} : { requestId }),
    })

  it('agrees once, and never to a request of another order or about goods that have left', async () => {
    sell('CUP')
    const [asking, other, sent] = [place('CUP'), place('CUP'), place('CUP')]
    done(stage.sim.control.ship(sent))
    for (const id of [asking, sent]) done(stage.sim.control.requestCancel(id))
    const request = [...stage.sim.ledger.orders()].find(({ orderId }) => orderId === asking)?.refunds[0]?.refundId ?? ''
    expect(await decide(other, request)).toMatchObject({ status: 'refused', fault: { code: 'no-request' } })
    expect((await decide(sent)).status).toBe('refused')
    expect(asked('afterSale.auditReturns')).toEqual([])
    expect(await decide(asking)).toMatchObject({ status: 'applied', proof: { request } })
    expect(await decide(asking, request)).toMatchObject({ status: 'unchanged' })
    expect(asked('afterSale.auditReturns')).toEqual([{ returnsId: request, action: 1 }])
  })

  it('tells a refused token by its number, once renewing did not help', async () => {
    stage.sim.control.revoke?.(true)
    expect(await faultOf(xiaohongshu.fetchOrder(call(), ['P768291112062410001']))).toMatchObject({ kind: 'unauthorized' })
  })
})
