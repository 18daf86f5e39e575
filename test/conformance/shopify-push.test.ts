import { afterEach, describe, expect, it } from 'vitest'
import { shopify } from '../../connectors/shopify/index.ts'
import { faultOf, levelOf, parcel, placed, testShop, type TestShop } from './shopify-shop.ts'

let shop: TestShop
afterEach(() => shop.stop())

const linesOf = (id: string): readonly string[] => (shop.sim.ledger.order(id)?.lines ?? []).map((line) => line.lineId)
const ordered = (...quantities: readonly number[]): string =>
  placed(shop.sim, {
    lines: quantities.map((quantity, n) => ({
      sku: shop.sim.control.addVariant({ name: `Thing ${n}`, sku: `S-${n}`, price: 500, stock: 50 }).sku,
      quantity,
    })),
  })
const created = () => shop.sim.ledger.shipments().filter((fact) => fact.action === 'created')

describe('levels', () => {
  it('Shopify refuses are named, and the rest of the batch is set all the same', async () => {
    shop = await testShop()
    for (const sku of ['A', 'B', 'C', 'D']) shop.sim.control.addVariant({ name: sku, sku, price: 100, stock: 5 })
    shop.sim.control.refuseStock('B')
    const call = shop.call()
    const writes = await Promise.all(['A', 'B', 'C', 'D'].map((sku, n) => levelOf(call, sku, n === 3 ? -1 : 40 + n)))
    const outcomes = await shopify.pushInventory(call, writes)
    expect(outcomes.map((one) => [one.status, 'fault' in one ? one.fault.code : undefined])).toEqual([
      ['applied', undefined],
      ['refused', 'NON_MUTABLE_INVENTORY_ITEM'],
      ['applied', undefined],
      ['refused', 'INVALID_QUANTITY_NEGATIVE'],
    ])
    expect(['A', 'B', 'C', 'D'].map((sku) => shop.sim.control.stockOf(sku))).toEqual([40, 5, 42, 5])
    expect((await shopify.readInventory(call, writes)).map((reading) => reading.quantity)).toEqual([40, 5, 42, 5])
  })

  it('that were expected otherwise are not overwritten', async () => {
    shop = await testShop()
    shop.sim.control.addVariant({ name: 'A', sku: 'A', price: 100, stock: 5 })
    const call = shop.call()
    const write = await levelOf(call, 'A', 9)
    shop.sim.control.setStock('A', 4)
    expect(await shopify.pushInventory(call, [{ ...write, expected: 5 }])).toMatchObject([{ status: 'refused', fault: { code: 'level-changed' } }])
    expect(shop.sim.control.stockOf('A')).toBe(4)
    expect(await shopify.pushInventory(call, [{ ...write, expected: 4, idempotencyKey: 'later' }])).toMatchObject([{ status: 'applied' }])
    expect(shop.sim.control.stockOf('A')).toBe(9)
  })

  it('sent once more under the same key land once, whatever happened in between', async () => {
    shop = await testShop()
    shop.sim.control.addVariant({ name: 'A', sku: 'A', price: 100, stock: 5 })
    const call = shop.call()
    const write = await levelOf(call, 'A', 9)
    await shopify.pushInventory(call, [write])
    shop.sim.control.setStock('A', 7)
    await shopify.pushInventory(call, [write])
    expect(shop.sim.control.stockOf('A')).toBe(7)
  })

  it('of goods at several places wait until a place is chosen, and then go there', async () => {
    shop = await testShop({ locations: 2 })
    shop.sim.control.addVariant({ name: 'A', sku: 'A', price: 100, stock: 5 })
    const write = await levelOf(shop.call(), 'A', 9)
    expect(await shopify.pushInventory(shop.call(), [write])).toMatchObject([{ status: 'refused', fault: { code: 'location-ambiguous' } }])
    const call = shop.call({ locationId: '90000002' })
    const chosen = await levelOf(call, 'A', 9)
    expect(await shopify.pushInventory(call, [chosen])).toMatchObject([{ status: 'applied', proof: { location: '90000002' } }])
    expect(shop.sim.control.stockOf('A')).toBe(5)
    expect(await shopify.readInventory(call, [chosen])).toMatchObject([{ quantity: 9 }])
  })
})

describe('packages', () => {
  it('in two parts leave the rest open, and a repeated one is not sent again', async () => {
    shop = await testShop()
    const id = ordered(3, 2)
    const [a = '', b = ''] = linesOf(id)
    const call = shop.call()
    const first = parcel(id, [{ channelLineNo: a, quantity: 2 }])
    expect(await shopify.pushShipment(call, first)).toMatchObject({ status: 'applied' })
    expect(await shopify.pushShipment(call, first)).toMatchObject({ status: 'unchanged' })
    const second = parcel(
      id,
      [
        { channelLineNo: a, quantity: 1 },
        { channelLineNo: b, quantity: 2 },
      ],
      { key: 'p2', trackingNo: '1Z998', last: true },
    )
    expect(await shopify.pushShipment(call, second)).toMatchObject({ status: 'applied' })
    expect(created().map((fact) => fact.lines.map((line) => line.quantity))).toEqual([[2], [1, 2]])
    expect(await shopify.readShipments(call, id)).toMatchObject([
      { trackingNo: '1Z999', carrier: 'UPS', state: 'shipped', lines: [{ channelLineNo: a, quantity: '2' }] },
      { trackingNo: '1Z998', state: 'shipped' },
    ])
  })

  it('from two places become a fulfilment at each, under one number', async () => {
    shop = await testShop({ locations: 2 })
    const [one, two] = ['X', 'Y'].map((sku) => shop.sim.control.addVariant({ name: sku, sku, price: 100, stock: 5 }))
    one?.available.set('90000002', 0)
    two?.available.set('90000001', 0)
    const id = placed(shop.sim, {
      lines: [
        { sku: 'X', quantity: 2 },
        { sku: 'Y', quantity: 2 },
      ],
    })
    const lines = linesOf(id).map((channelLineNo) => ({ channelLineNo, quantity: 2 }))
    expect(await shopify.pushShipment(shop.call(), parcel(id, lines))).toMatchObject({ status: 'applied' })
    expect(created().map((fact) => fact.trackingNumber)).toEqual(['1Z999', '1Z999'])
    expect(await shopify.pushShipment(shop.call(), parcel(id, lines))).toMatchObject({ status: 'unchanged' })
  })

  it('whose answer got lost are found by their number', async () => {
    shop = await testShop()
    const id = ordered(2)
    const lines = linesOf(id).map((channelLineNo) => ({ channelLineNo, quantity: 2 }))
    shop.sim.control.setFault({ kind: 'accept-then-drop', times: 1, match: { body: 'fulfillmentCreate' } })
    expect(await shopify.pushShipment(shop.call(), parcel(id, lines))).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt' } })
    expect(await shopify.pushShipment(shop.call(), parcel(id, lines))).toMatchObject({ status: 'unchanged' })
    expect(created()).toHaveLength(1)
  })

  it('of goods that are held back are refused until they are let go', async () => {
    shop = await testShop()
    const id = ordered(1)
    const lines = linesOf(id).map((channelLineNo) => ({ channelLineNo, quantity: 1 }))
    shop.sim.control.hold(id, true)
    expect(await shopify.pushShipment(shop.call(), parcel(id, lines))).toMatchObject({ status: 'refused', fault: { code: 'fulfillment-on-hold' } })
    shop.sim.control.hold(id, false)
    expect(await shopify.pushShipment(shop.call(), parcel(id, lines))).toMatchObject({ status: 'applied' })
  })

  it('give their number to units that were marked as sent without one; under another number they are left alone', async () => {
    shop = await testShop()
    const [marked, sent] = [ordered(1), ordered(1)]
    shop.sim.control.ship(marked, { trackingNumber: '', carrier: '' })
    shop.sim.control.ship(sent, { trackingNumber: 'OTHER-1' })
    const of = (id: string) =>
      parcel(
        id,
        linesOf(id).map((channelLineNo) => ({ channelLineNo, quantity: 1 })),
      )
    expect(await shopify.pushShipment(shop.call(), of(marked))).toMatchObject({ status: 'applied' })
    expect(await shopify.readShipments(shop.call(), marked)).toMatchObject([{ trackingNo: '1Z999', carrier: 'UPS' }])
    expect(await shopify.pushShipment(shop.call(), of(sent))).toMatchObject({ status: 'unchanged' })
    expect(await shopify.readShipments(shop.call(), sent)).toMatchObject([{ trackingNo: 'OTHER-1' }])
  })

  it('with more units than are left, or of a cancelled order, are refused', async () => {
    shop = await testShop()
    const id = ordered(1)
    const lines = linesOf(id).map((channelLineNo) => ({ channelLineNo, quantity: 2 }))
    expect(await shopify.pushShipment(shop.call(), parcel(id, lines))).toMatchObject({ status: 'refused', fault: { code: 'nothing-to-fulfill' } })
    shop.sim.control.cancelOrder(id)
    expect(await shopify.pushShipment(shop.call(), parcel(id, lines))).toMatchObject({ status: 'refused', fault: { code: 'order-cancelled' } })
    expect(created()).toEqual([])
  })
})

describe('cancelling', () => {
  it('puts units back, and gives money back only where that is set', async () => {
    for (const refundOnCancel of [false, true]) {
      shop = await testShop()
      const id = ordered(3)
      const decision = { key: 'd', channelOrderNo: id, orderId: id, decision: 'accept', reason: 'Bought twice' } as const
      expect(await shopify.decideCancel(shop.call({ refundOnCancel }), decision)).toMatchObject({ status: 'applied' })
      expect(shop.sim.control.stockOf('S-0')).toBe(50)
      expect((shop.sim.ledger.order(id)?.refundedMinor ?? 0) > 0).toBe(refundOnCancel)
      if (!refundOnCancel) await shop.stop()
    }
  })

  it('of an order that was sent is refused in Shopify’s words; there is nothing to reject', async () => {
    shop = await testShop()
    const id = ordered(1)
    shop.sim.control.ship(id)
    const decision = { key: 'd', channelOrderNo: id, orderId: id, decision: 'accept', reason: '' } as const
    expect(await shopify.decideCancel(shop.call(), decision)).toMatchObject({ status: 'refused', fault: { code: 'INVALID' } })
    expect(await shopify.decideCancel(shop.call(), { ...decision, decision: 'reject' })).toMatchObject({
      status: 'refused',
      fault: { code: 'not-supported' },
    })
  })
})

describe('webhooks', () => {
  it('without a client secret are not subscribed to, and say so', async () => {
    shop = await testShop()
    const state = await shopify.ensureWebhooks(shop.call({}, { clientSecret: undefined }), {
      url: 'https://hub.example.com/hooks/abcdefghijklmnop',
      secret: 'x',
    })
    expect(state).toMatchObject({ healthy: false, repaired: false })
    expect(shop.sim.ledger.requests()).toEqual([])
  })

  it('are turned to the hub’s new address, doubled ones removed, somebody else’s left alone', async () => {
    shop = await testShop()
    const call = shop.call()
    const door = 'abcdefghijklmnop0123'
    const first = await shopify.ensureWebhooks(call, { url: `https://old.example.com/hooks/${door}`, secret: '' })
    await shopify.ensureWebhooks(call, { url: 'https://hub.example.com/hooks/another-connection-1', secret: '' })
    const moved = await shopify.ensureWebhooks(call, { url: `https://new.example.com/hooks/${door}`, secret: '' })
    expect(moved).toMatchObject({ healthy: true, repaired: true, ids: first.ids })
    expect(await shopify.ensureWebhooks(call, { url: `https://new.example.com/hooks/${door}`, secret: '' })).toMatchObject({ repaired: false })
    expect(await shopify.ensureWebhooks(call, { url: 'https://hub.example.com/hooks/another-connection-1', secret: '' })).toMatchObject({
      repaired: false,
    })
  })

  it('that the app’s own settings made already are left to them', async () => {
    shop = await testShop()
    const call = shop.call()
    const target = { url: 'https://hub.example.com/hooks/abcdefghijklmnop', secret: '' }
    await shopify.ensureWebhooks(call, target)
    // The API does not list what the app's settings subscribed to.
    const blind: typeof call.http = async (request) => {
      const response = await call.http(request)
      return request.body?.includes('query Subscriptions')
        ? { ...response, body: response.body.replace(/"nodes":\[.*\],"pageInfo"/, '"nodes":[],"pageInfo"') }
        : response
    }
    expect(await shopify.ensureWebhooks({ ...call, http: blind }, target)).toMatchObject({ healthy: true, repaired: false, ids: [] })
  })

  it('to an address Shopify does not take end as misconfigured', async () => {
    shop = await testShop()
    expect(await faultOf(shopify.ensureWebhooks(shop.call(), { url: 'http://hub.example.com/hooks/abcdefghijklmnop', secret: '' }))).toMatchObject({
      kind: 'misconfigured',
    })
  })
})
