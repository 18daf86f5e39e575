import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kuaishou } from '../../connectors/kuaishou/index.ts'
import { manifest, type KuaishouCall, type KuaishouConfig } from '../../connectors/kuaishou/manifest.ts'
import type { InventoryWrite, ShipmentWrite } from '../../src/core/connector.ts'
import { faultOf, pages, recordsOf } from './kit/reading.ts'
import { openStage, type CallGiven, type Stage } from './kit/stage.ts'
import { subjectOf } from './kit/subject.ts'

const subject = subjectOf('kuaishou')
let stage: Stage
beforeEach(async () => {
  stage = await openStage(subject)
})
afterEach(() => stage.stop())

/** The stage's call under the connector's own types. */
function call(given: Omit<CallGiven, 'config'> & { readonly config?: Partial<KuaishouConfig> } = {}): KuaishouCall {
  const plain = stage.call(given)
  return { ...plain, config: manifest.config.parse(plain.config), secrets: manifest.secrets.parse(plain.secrets) }
}
const done = (result: { readonly ok: boolean; readonly orderId?: string }): string => {
  if (!result.ok || result.orderId === undefined) throw new Error('It was refused.')
  return result.orderId
}
const CUP = { title: '杯', sku: 'CUP', priceMinor: 1990, stock: 50 }
/** What was asked of an interface, newest last. */
const asked = (path: string): readonly string[] =>
  stage.sim.ledger
    .requests()
    .filter((each) => each.path === path)
    .map(({ query }) => query)
const sell = (): void => void Reflect.get(stage.sim.control, 'addItem').call(stage.sim.control, CUP)
const place = (quantity: number): string => done(stage.sim.control.shop([{ sku: 'CUP', quantity }]))

describe('stock by differences', () => {
  const level = async (quantity: number): Promise<InventoryWrite> => {
    for await (const { listings } of kuaishou.pullListings(call(), undefined)) {
      const [listing] = listings
      if (listing) return { key: listing.key, ids: listing.ids, sku: listing.sku, quantity, idempotencyKey: `k-${quantity}` }
    }
    throw new Error('There is no listing.')
  }
  const path = '/open/item/sku/stock/update'

  it('sends what is missing or too much, and nothing where the level is right', async () => {
    sell()
    const outcomes = []
    for (const quantity of [58, 7, 7]) outcomes.push((await kuaishou.pushInventory(call(), [await level(quantity)]))[0]?.status)
    expect(outcomes).toEqual(['applied', 'applied', 'unchanged'])
    expect(stage.sim.control.stockOf('CUP')).toBe(7)
    expect(asked(path).map((query) => query.slice(query.indexOf('"skuChangeStock"')))).toEqual([
      '"skuChangeStock":8,"changeType":1}',
      '"skuChangeStock":51,"changeType":2}',
    ])
  })

  it('never brings back what was sold between the look and the write', async () => {
    sell()
    const write = await level(40)
    // Three pieces are sold the moment the item was read.
    const rewrite = (body: string): string => {
      if (body.includes('skuInfos')) place(3)
      return body
    }
    expect(await kuaishou.pushInventory(call({ rewrite }), [write])).toMatchObject([{ status: 'applied' }])
    expect(stage.sim.control.stockOf('CUP')).toBe(37)
  })

  it('leaves a difference whose answer was lost in doubt, and after reading sends only what is still missing', async () => {
    sell()
    stage.sim.control.setFault({ kind: 'accept-then-drop', match: { write: true }, times: 1 })
    expect(await kuaishou.pushInventory(call(), [await level(60)])).toMatchObject([{ status: 'unknown', fault: { kind: 'in-doubt' } }])
    expect(asked(path)).toHaveLength(1)
    stage.sim.control.clearFaults()
    expect(await kuaishou.readInventory(call(), [await level(60)])).toMatchObject([{ quantity: 60 }])
    expect(await kuaishou.pushInventory(call(), [await level(60)])).toMatchObject([{ status: 'unchanged' }])
    expect(asked(path)).toHaveLength(1)
  })
})

const parcel = (orderId: string, given: Partial<ShipmentWrite>): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: orderId,
  orderId,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo: 'SF1000000000001',
  lines: [{ channelLineNo: orderId, quantity: 1 }],
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: false,
  ...given,
})

describe('shipping from Kuaishou', () => {
  it('sends a whole order by the plain call, and parts by the one that names pieces and whether they are all', async () => {
    sell()
    const [whole, parts] = [place(1), place(3)]
    expect(await kuaishou.pushShipment(call(), parcel(whole, {}))).toMatchObject({ status: 'applied', proof: { company: '4' } })
    expect(asked('/open/seller/order/goods/deliver')).toEqual([`{"orderId":${whole},"expressCode":4,"expressNo":"SF1000000000001"}`])
    const piece = { channelLineNo: parts, quantity: 1 }
    expect(await kuaishou.pushShipment(call(), parcel(parts, { lines: [piece], last: false }))).toMatchObject({ status: 'applied' })
    expect(await kuaishou.pushShipment(call(), parcel(parts, { trackingNo: 'SF2', lines: [{ ...piece, quantity: 2 }] }))).toMatchObject({
      status: 'applied',
    })
    expect(asked('/open/order/goods/split/deliver').map((query) => query.slice(query.indexOf('"deliveryStatus"')))).toEqual([
      `"deliveryStatus":[{"oid":${parts},"confirmDeliveryStatus":10}]}`,
      `"deliveryStatus":[{"oid":${parts},"confirmDeliveryStatus":40}]}`,
    ])
    expect((await kuaishou.readShipments(call(), parts)).map((each) => each.trackingNo)).toEqual(['SF1000000000001', 'SF2'])
  })

  it('sends presents along, each by its own number', async () => {
    sell()
    const id = place(1)
    const present = '{"subOrderBaseInfo":{"oid":77000001,"status":30},"subOrderItemInfo":{"num":2},"subOrderDeliveryInfo":{"deliveryNum":0}}'
    const rewrite = (body: string): string => body.replace('"subOrderInfo":[]', `"subOrderInfo":[${present}]`)
    // The simulated shop knows no such present and refuses: what was asked is what counts.
    await kuaishou.pushShipment(call({ rewrite }), parcel(id, { lines: [] }))
    expect(asked('/open/order/goods/split/deliver')[0]).toContain(
      `"deliveryGoodsInfoList":[{"oid":${id},"deliveryNum":1},{"oid":77000001,"deliveryNum":2}]`,
    )
  })

  it('leaves an order that has left under another number to a person, or adds to it, or takes its place, as the connection says', async () => {
    sell()
    const sent = (): string => {
      const id = place(1)
      done(stage.sim.control.ship(id, { trackingNumber: 'SFOTHER' }))
      return id
    }
    const numbers = async (id: string): Promise<readonly unknown[]> => (await kuaishou.readShipments(call(), id)).map((each) => each.trackingNo)
    const [refused, appended, replaced] = [sent(), sent(), sent()]
    expect(await kuaishou.pushShipment(call(), parcel(refused, {}))).toMatchObject({ status: 'refused', fault: { code: 'shipped-otherwise' } })
    const how = (shippedOtherwise: KuaishouConfig['shippedOtherwise']) => call({ config: { shippedOtherwise } })
    expect(await kuaishou.pushShipment(how('append'), parcel(appended, {}))).toMatchObject({ status: 'applied' })
    expect(await kuaishou.pushShipment(how('replace'), parcel(replaced, {}))).toMatchObject({ status: 'applied' })
    expect([await numbers(refused), await numbers(appended), await numbers(replaced)]).toEqual([
      ['SFOTHER'],
      ['SFOTHER', 'SF1000000000001'],
      ['SF1000000000001'],
    ])
  })

  it('takes carriers of the channel’s table by number or name, and refuses any other', async () => {
    sell()
    const sendBy = async (carrier: ShipmentWrite['carrier']) => kuaishou.pushShipment(call(), parcel(place(1), { carrier }))
    expect(await sendBy({ code: '25', name: '' })).toMatchObject({ status: 'applied', proof: { company: '25' } })
    expect(await sendBy({ code: 'OTHER', name: '跨越速运' })).toMatchObject({ status: 'applied', proof: { company: '25' } })
    expect(await sendBy({ code: 'OTHER', name: '张三的车' })).toMatchObject({ status: 'refused', fault: { code: 'carrier-unknown' } })
  })
})

describe('cancel requests at Kuaishou', () => {
  const decide = (orderId: string, requestId?: string) =>
    kuaishou.decideCancel(call(), {
      key: 'd-1',
      channelOrderNo: orderId,
      orderId,
      decision: 'accept',
      reason: 'asked',
      ...(requestId === undefined ? {} : { requestId }),
    })

  it('agrees to the request of this order with its own amount, once, and never to one of another', async () => {
    sell()
    const [mine, other] = [place(2), place(1)]
    for (const id of [mine, other]) done(stage.sim.control.requestCancel(id))
    const requestOf = (id: string): string => stage.sim.ledger.order(id)?.refunds[0]?.refundId ?? ''
    expect(await decide(mine, requestOf(other))).toMatchObject({ status: 'refused', fault: { code: 'request-unknown' } })
    expect(asked('/open/seller/order/refund/approve')).toEqual([])
    expect(await decide(mine)).toMatchObject({ status: 'applied', proof: { refund: requestOf(mine) } })
    expect(asked('/open/seller/order/refund/approve')).toHaveLength(1)
    expect(await decide(mine)).toMatchObject({ status: 'unchanged' })
    expect([stage.sim.ledger.order(mine)?.status, stage.sim.ledger.order(other)?.status]).toEqual(['80', '30'])
  })

  it('says no where nothing waits, and where goods would come back', async () => {
    sell()
    const quiet = place(1)
    expect(await decide(quiet)).toMatchObject({ status: 'refused', fault: { code: 'no-request' } })
    const sent = place(1)
    done(stage.sim.control.ship(sent))
    done(stage.sim.control.requestCancel(sent))
    const request = stage.sim.ledger.order(sent)?.refunds[0]?.refundId
    expect(await decide(sent, request)).toMatchObject({ status: 'refused', fault: { code: 'decided-otherwise' } })
  })
})

describe('lists of Kuaishou', () => {
  const window = (hours: number, ago = 0) => {
    const to = stage.now() - ago + 5000
    return { from: new Date(to - hours * 3_600_000).toISOString(), to: new Date(to).toISOString() }
  }

  it('reads after-sales in stretches as short as the connection says, and goes on where it was', async () => {
    sell()
    for (let n = 0; n < 4; n += 1) {
      done(stage.sim.control.refund(place(1)))
      stage.sim.clock.advance(3_000_000)
    }
    const request = { stream: 'refunds', window: window(5) }
    const short = call({ config: { refundWindowHours: 1 } })
    const whole = await pages(subject, short, request)
    expect(whole.length).toBe(5)
    expect(recordsOf(whole)).toHaveLength(4)
    const second = whole[1]?.cursor ?? undefined
    const rest = await pages(subject, short, { ...request, ...(second ? { after: second } : {}) })
    expect(recordsOf([...whole.slice(0, 2), ...rest])).toHaveLength(4)
    const strange = pages(subject, short, { stream: 'refunds', window: window(4, 60_000), ...(second ? { after: second } : {}) })
    expect(await faultOf(strange)).toMatchObject({ kind: 'misconfigured', code: 'cursor-invalid' })
  })

  it('asks for nothing older than the channel shows, and says so by ending at once', async () => {
    sell()
    place(1)
    const old = await pages(subject, call(), { stream: 'orders', window: window(100, 95 * 86_400_000) })
    expect([recordsOf(old), asked('/open/order/cursor/list')]).toEqual([[], []])
    await pages(subject, call(), { stream: 'orders', window: window(160, 88 * 86_400_000) })
    const begin = Number(/"beginTime":(\d+)/.exec(asked('/open/order/cursor/list')[0] ?? '')?.[1])
    expect(stage.now() - begin).toBeLessThanOrEqual(90 * 86_400_000)
  })

  it('does not take a page that says nothing of what follows for the last one', async () => {
    sell()
    place(1)
    const rewrite = (body: string): string => body.replace('"cursor":"nomore",', '')
    expect(await faultOf(pages(subject, call({ rewrite }), { stream: 'orders', window: window(1) }))).toMatchObject({ kind: 'unreadable' })
  })
})
