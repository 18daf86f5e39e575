import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { meituan } from '../../connectors/meituan/index.ts'
import type { MeituanCall } from '../../connectors/meituan/manifest.ts'
import type { MarketControl } from '../../sandbox/stage/market/control.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { Page, PullRequest, ShipmentWrite } from '../../src/core/connector.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { openStage, type CallGiven, type Stage } from './kit/stage.ts'
import { subjectOf } from './kit/subject.ts'

let stage: Stage
let control: MarketControl
const call = (given?: CallGiven): MeituanCall => stage.call(given) as MeituanCall
const called = (): readonly string[] => stage.sim.ledger.requests().map(({ path }) => path)

beforeEach(async () => {
  stage = await openStage(subjectOf('meituan'), { products: 12 })
  control = (stage.sim as MarketSim).control
})
afterEach(() => stage.stop())

async function pulled(request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of meituan.pullOrders(call(), request)) found.push(page)
  return found
}
const place = (kind = ''): string => {
  const sku = stage.sim.ledger.order(idOf(control.shop()))?.lines[0]?.sku ?? ''
  control.setStock(sku, 100)
  return idOf(control.placeOrder({ lines: [{ sku, quantity: 2 }], kind, shippingMinor: 600 }))
}
const idOf = (done: ReturnType<MarketControl['shop']>): string => {
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}
const parcel = (orderId: string, change: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: orderId,
  orderId,
  carrier: { code: 'DADA', name: '达达' },
  trackingNo: 'DD0001',
  lines: [],
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: false,
  ...change,
})

describe('deliveries', () => {
  it('accepts an order nobody has accepted, tells courier and number, and may be told again', async () => {
    let id = place()
    for (let tries = 0; stage.sim.ledger.order(id)?.status !== '2' && tries < 9; tries += 1) id = place()
    expect(stage.sim.ledger.order(id)?.status).toBe('2')
    expect(await meituan.pushShipment(call(), parcel(id))).toMatchObject({ status: 'applied', proof: { provider: '10002', tracking: 'DD0001' } })
    expect(called().slice(-2)).toEqual(['order/confirm', 'ecommerce/order/logistics/sync'])
    expect(await meituan.pushShipment(call(), parcel(id))).toMatchObject({ status: 'applied' })
    expect(stage.sim.ledger.shipments().filter((fact) => fact.orderId === id)).toMatchObject([{ action: 'created', trackingNumber: 'DD0001' }])
    const [record] = await meituan.fetchOrder(call(), [id])
    expect(record && mapRecord(record, stage.subject.mapping, stage.context)).toMatchObject({ order: { fulfilment: 'shipped' } })
  })

  it('tells that a pickup is ready, and nothing of a courier', async () => {
    const id = place('pickup')
    expect(await meituan.pushShipment(call(), parcel(id, { carrier: { code: '', name: '' }, trackingNo: '' }))).toMatchObject({
      status: 'applied',
      proof: { ready: 'pickup' },
    })
    expect(called().at(-1)).toBe('order/preparationMealComplete')
  })

  it('tells no courier of an order a rider of the channel fetches', async () => {
    const id = place()
    const given: CallGiven = { rewrite: (body) => body.replace('"logistics_code":"0000"', '"logistics_code":"1001"') }
    expect(await meituan.pushShipment(call(given), parcel(id))).toMatchObject({ status: 'applied', proof: { ready: 'rider' } })
    expect(called()).not.toContain('ecommerce/order/logistics/sync')
  })

  it('refuses an unknown courier, a part of an order, and a cancelled one, before anything is written', async () => {
    const id = place()
    const refusals = [parcel(id, { carrier: { code: 'YTO', name: '圆通' } }), parcel(id, { last: false })]
    for (const each of refusals) expect(await meituan.pushShipment(call(), each)).toMatchObject({ status: 'refused' })
    control.cancelOrder(id)
    expect(await meituan.pushShipment(call(), parcel(id))).toMatchObject({ status: 'refused', fault: { code: 'not-sendable' } })
    expect(called().filter((path) => /sync|confirm/.test(path))).toEqual([])
  })

  it('leaves a delivery whose answer got lost unknown', async () => {
    const id = place()
    stage.sim.control.setFault({ kind: 'accept-then-drop', match: { path: 'logistics/sync' }, times: 1 })
    expect(await meituan.pushShipment(call(), parcel(id))).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt' } })
    expect(await meituan.pushShipment(call(), parcel(id))).toMatchObject({ status: 'applied' })
    expect(stage.sim.ledger.shipments().filter((fact) => fact.orderId === id && fact.action === 'created')).toHaveLength(1)
  })
})

describe('wishes to cancel', () => {
  const decision = (orderId: string, change = {}) =>
    ({ key: 'd', channelOrderNo: orderId, orderId, decision: 'accept', reason: 'asked', ...change }) as const

  it('are agreed to for the order that was meant alone', async () => {
    const [wanted, other] = [place(), place()]
    control.requestCancel(wanted)
    expect(await meituan.decideCancel(call(), decision(other))).toMatchObject({ status: 'refused', fault: { code: 'no-request' } })
    expect(await meituan.decideCancel(call(), decision(wanted, { requestId: '1' }))).toMatchObject({
      status: 'refused',
      fault: { code: 'not-the-whole' },
    })
    expect(await meituan.decideCancel(call(), decision(wanted, { decision: 'reject' }))).toMatchObject({ status: 'applied' })
    expect(stage.sim.ledger.order(wanted)?.status).not.toBe('9')
  })

  it('of a part are left to a person', async () => {
    const id = place()
    control.requestRefund(id, 1)
    expect(await meituan.decideCancel(call(), decision(id))).toMatchObject({ status: 'refused', fault: { code: 'not-the-whole' } })
    expect(called().filter((path) => path.includes('refund/agree'))).toEqual([])
  })
})

describe('reading', () => {
  it('brings refunds with their order, by sweep and by what the hub knows', async () => {
    const id = place()
    control.refund(id, 137)
    const days = (await pulled({ stream: 'days' })).flatMap(({ records }) => records)
    expect(days.filter(({ kind }) => kind === 'refund')).toMatchObject([{ parentId: id }])
    for (const stream of ['open', 'finished']) {
      const known = (await pulled({ stream, openOrders: [id, '999'] })).flatMap(({ records }) => records)
      expect(known.map(({ kind, externalId }) => [kind, externalId === id])).toEqual([
        ['order', true],
        ['refund', false],
      ])
    }
  })

  it('goes on behind the last order it knows, and takes no position of another kind', async () => {
    const ids = Array.from({ length: 23 }, () => place()).sort()
    const request = { stream: 'open', openOrders: ids }
    const [first, ...rest] = await pulled(request)
    expect(rest.length).toBeGreaterThan(0)
    const resumed = await pulled({ ...request, ...(first?.cursor ? { after: first.cursor } : {}) })
    expect([...(first?.records ?? []), ...resumed.flatMap(({ records }) => records)].map(({ externalId }) => externalId).sort()).toEqual(ids)
    await expect(pulled({ ...request, after: { day: '20261122', seq: 1 } })).rejects.toThrow()
    await expect(pulled({ stream: 'days', after: { behind: '1' } })).rejects.toThrow()
  })

  it('leaves orders of another shop of the app alone', async () => {
    const id = place()
    expect(await meituan.fetchOrder(call({ config: { shopId: 'poi-2' } }), [id])).toEqual([])
  })

  it('refuses an answer about another order, and a refund of one', async () => {
    const [id, other] = [place(), place()]
    control.refund(id, 137)
    const swapped: CallGiven = { rewrite: (body) => body.replaceAll(id, other) }
    await expect(meituan.fetchOrder(call(swapped), [id])).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
  })

  it('maps every order of a busy day, each adding up to its ledger', async () => {
    control.seedOrders(60, 2)
    const records = (await pulled({ stream: 'days' })).flatMap(({ records: found }) => found)
    const orders = records.filter(({ kind }) => kind === 'order')
    expect(orders.length).toBeGreaterThanOrEqual(60)
    for (const record of records) {
      const mapped = mapRecord(record, stage.subject.mapping, stage.context)
      expect(mapped.kind).toBe(record.kind)
      if (mapped.kind !== 'order') continue
      const truth = stage.sim.ledger.order(record.externalId)
      expect(checkOrder(mapped.order).filter(({ failure }) => failure)).toEqual([])
      expect(mapped.order.lines.map((line) => [line.channelLineNo, line.net.minor])).toEqual(
        truth?.lines.map((line) => [line.lineId, line.totalMinor]),
      )
    }
  })
})
