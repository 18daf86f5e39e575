import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ebay } from '../../connectors/ebay/index.ts'
import type { ChannelListing, Delivery, Inbound, InventoryWrite, ShipmentWrite } from '../../src/core/connector.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { ebay as mapping } from '../../mappings/ebay.ts'
import { openSink } from './kit/sink.ts'
import { pagesOf, recordsOf, testShop, type TestShop } from './ebay-shop.ts'

let shop: TestShop
beforeEach(async () => {
  shop = await testShop()
  shop.sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
})
afterEach(() => shop.stop())

const idOf = (done: { readonly ok: boolean }): string => ('orderId' in done && typeof done.orderId === 'string' ? done.orderId : '')
const placed = (quantity: number): string => {
  shop.sim.control.addItem({ title: 'Tray', sku: `T-${quantity}`, priceMinor: 1200, stock: 50 })
  return idOf(shop.sim.control.shop([{ sku: `T-${quantity}`, quantity }]))
}
const window = () => ({ from: new Date(shop.sim.clock.now() - 3_600_000).toISOString(), to: new Date(shop.sim.clock.now() + 1).toISOString() })

async function listings(): Promise<readonly ChannelListing[]> {
  const found: ChannelListing[] = []
  for await (const page of ebay.pullListings(shop.call(), undefined)) found.push(...page.listings)
  return found
}
const writeOf = ({ key, ids, sku }: ChannelListing, quantity: number): InventoryWrite => ({
  key,
  ids,
  sku,
  quantity,
  idempotencyKey: `${key}-${quantity}`,
})
const parcelOf = (orderId: string, quantity: number, given: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: orderId,
  orderId,
  carrier: { code: 'UPS', name: 'UPS' },
  trackingNo: '1Z 999 AA1 01 2345 6784',
  lines: [{ channelLineNo: shop.sim.ledger.order(orderId)?.lines[0]?.lineId ?? '', quantity }],
  last: true,
  shippedAt: '2026-11-20T03:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: true,
  ...given,
})

describe('orders', () => {
  it('cost a call for each page, and one for its packages or its cancellation where there is one', async () => {
    const [plain, sent, asked] = [placed(1), placed(2), placed(3)]
    shop.sim.control.ship(sent, { lines: [{ lineId: shop.sim.ledger.order(sent)?.lines[0]?.lineId ?? '', quantity: 1 }] })
    shop.sim.control.requestCancel(asked)
    await ebay.check(shop.call())
    shop.called()
    const records = recordsOf(await pagesOf(shop.call(), { stream: 'orders', window: window() }))
    expect(records.map(({ externalId }) => externalId).sort()).toEqual([plain, sent, asked].sort())
    expect([...shop.called()].sort()).toEqual(
      ['GET fulfillment/order', `GET fulfillment/order/${sent}/shipping_fulfillment`, `GET fulfillment/order/${asked}`].sort(),
    )
    const orderOf = (id: string) => {
      const record = records.find(({ externalId }) => externalId === id)
      if (!record) throw new Error('No such record.')
      const { payload, kind, externalId } = record
      const mapped = mapRecord({ kind, externalId, payload }, mapping, { connectionId: 'c_9', timezone: 'UTC', currency: 'USD', config: {} })
      if (mapped.kind !== 'order') throw new Error(`It is ${mapped.kind}.`)
      return mapped.order
    }
    // The stored text alone says it, packages and request among it.
    expect(orderOf(sent).lines[0]).toMatchObject({ quantity: '2', shipped: '1' })
    expect(orderOf(asked).cancelRequest?.id).toMatch(/^\d+$/)
  })

  it('come with a clock that runs ahead of eBay’s, which refuses ranges in its future', async () => {
    const id = placed(1)
    const ahead = 600_000
    const now = shop.sim.clock.now()
    const at = { from: new Date(now - 60_000).toISOString(), to: new Date(now + ahead - 120_000).toISOString() }
    const records = recordsOf(await pagesOf(shop.call({ aheadMs: ahead }), { stream: 'orders', window: at }))
    expect(records.map(({ externalId }) => externalId)).toEqual([id])
    const future = { from: new Date(now + 60_000).toISOString(), to: at.to }
    expect(recordsOf(await pagesOf(shop.call({ aheadMs: ahead }), { stream: 'orders', window: future }))).toEqual([])
  })
})

describe('stock', () => {
  it('goes by the API each listing was made with: SKUs of the Inventory API together, others four a call', async () => {
    shop.sim.control.seedProducts(24)
    const all = await listings()
    const [managed, older] = [all.filter(({ ids }) => ids['offer'] !== undefined), all.filter(({ ids }) => ids['offer'] === undefined)]
    expect([managed.length, older.length].every((count) => count > 4)).toBe(true)
    const writes = [...older.slice(0, 6), ...managed.slice(0, 6)].map((each, i) => writeOf(each, 60 + i))
    shop.called()
    const outcomes = await ebay.pushInventory(shop.call(), writes)
    expect(outcomes.map(({ key, status }) => [key, status])).toEqual(writes.map(({ key }) => [key, 'applied']))
    expect(shop.called()).toEqual([
      'POST inventory/bulk_update_price_quantity',
      'POST /ws/api.dll#ReviseInventoryStatus',
      'POST /ws/api.dll#ReviseInventoryStatus',
    ])
    expect((await ebay.readInventory(shop.call(), writes)).map(({ quantity }) => quantity)).toEqual(writes.map(({ quantity }) => quantity))
  })

  it('tells refused listings of one call apart, in either API', async () => {
    shop.sim.control.seedProducts(24)
    const all = await listings()
    for (const group of [all.filter(({ ids }) => ids['offer'] !== undefined), all.filter(({ ids }) => ids['offer'] === undefined)]) {
      const writes = group.slice(0, 3).map((each, i) => writeOf(each, 70 + i))
      shop.sim.control.refuseStock(writes[1]?.sku ?? '')
      const outcomes = await ebay.pushInventory(shop.call(), writes)
      expect(outcomes.map(({ status }) => status)).toEqual(['applied', 'refused', 'applied'])
    }
  })
})

describe('packages', () => {
  it('go in pieces, once each, under a number of letters and digits', async () => {
    const id = placed(3)
    expect(await ebay.pushShipment(shop.call(), parcelOf(id, 1, { last: false }))).toMatchObject({
      status: 'applied',
      proof: { tracking: '1Z999AA10123456784', carrier: 'UPS', fulfillment: '1Z999AA10123456784' },
    })
    expect((await ebay.pushShipment(shop.call(), parcelOf(id, 1))).status).toBe('unchanged')
    expect(await ebay.pushShipment(shop.call(), parcelOf(id, 3, { trackingNo: 'OTHER1' }))).toMatchObject({
      status: 'refused',
      fault: { code: 'shipped-otherwise' },
    })
    expect(
      (await ebay.pushShipment(shop.call(), parcelOf(id, 2, { trackingNo: 'OTHER2', carrier: { code: 'YAMATO', name: 'Yamato' } }))).status,
    ).toBe('applied')
    expect(await ebay.readShipments(shop.call(), id)).toMatchObject([{ carrier: 'UPS' }, { carrier: 'Other', trackingNo: 'OTHER2' }])
    expect(shop.sim.ledger.order(id)?.status).toBe('FULFILLED')
  })

  it('do not leave for a cancelled order, a foreign line or a carrier nobody knows', async () => {
    const id = placed(1)
    const code = async (parcel: ShipmentWrite): Promise<unknown> => {
      const outcome = await ebay.pushShipment(shop.call(), parcel)
      return 'fault' in outcome ? outcome.fault.code : outcome.status
    }
    expect(await code(parcelOf(id, 1, { lines: [{ channelLineNo: '7', quantity: 1 }] }))).toBe('line-unknown')
    expect(await code(parcelOf(id, 1, { carrier: { code: 'BOB', name: 'Bob' } }))).toBe('carrier-unknown')
    shop.sim.control.cancelOrder(id)
    expect(await code(parcelOf(id, 1))).toBe('cancelled')
  })
})

describe('cancellations', () => {
  it('are approved once, rejected once, and neither after the other', async () => {
    const [yes, no] = [placed(1), placed(2)]
    for (const id of [yes, no]) shop.sim.control.requestCancel(id)
    const decide = (orderId: string, decision: 'accept' | 'reject') =>
      ebay.decideCancel(shop.call(), { key: 'd', channelOrderNo: orderId, orderId, decision, reason: '' })
    expect([(await decide(yes, 'accept')).status, (await decide(yes, 'accept')).status]).toEqual(['applied', 'unchanged'])
    expect(shop.sim.ledger.order(yes)?.refundedMinor).toBe(1200)
    expect((await decide(no, 'reject')).status).toBe('applied')
    expect(await decide(no, 'accept')).toMatchObject({ status: 'refused', fault: { code: 'no-request' } })
  })
})

describe('notifications', () => {
  it('need an address that answers eBay’s challenge; ours does', async () => {
    const secret = 'vt_0123456789012345678901234567890123'
    const call = shop.call({ secrets: { webhookSecret: secret } })
    const door = await openDoor((request) => ebay.verifyWebhook(request, call.secrets, call.now()).reply)
    try {
      const first = await ebay.ensureWebhooks(call, { url: door.url, secret })
      expect(first).toMatchObject({ healthy: true, repaired: true, topics: ['ORDER_CONFIRMATION', 'ITEM_MARKED_SHIPPED'] })
      expect(await ebay.ensureWebhooks(call, { url: door.url, secret })).toMatchObject({ repaired: false, ids: first.ids })
      await expect(ebay.ensureWebhooks(call, { url: `${door.url}/wrong`, secret: 'x'.repeat(40) })).rejects.toThrow(/195020/)
    } finally {
      await door.stop()
    }
  })

  it('are not asked for without a key to check them with', async () => {
    const sink = await openSink()
    const call = shop.call()
    const { notificationKeys: _none, ...secrets } = call.secrets
    expect(await ebay.ensureWebhooks({ ...call, secrets }, { url: sink.url, secret: 's' })).toMatchObject({ healthy: false, ids: [] })
    expect(shop.called()).toEqual([])
    await sink.stop()
  })

  it('are told from others in the connection test, where a key is not eBay’s any more', async () => {
    const [kid = ''] = (shop.sim.credentials['notificationKeys'] ?? '').split('=')
    const steps = await ebay.check(shop.call({ secrets: { notificationKeys: `${kid}=${'A'.repeat(88)}` } }))
    expect(steps.map(({ ok }) => ok)).toEqual([true, true, true, false])
  })
})

/** A door that answers as the hub's does. */
async function openDoor(answer: (request: Inbound) => Delivery['reply']) {
  let base = ''
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', base)
    const { status, body, contentType } = answer({
      method: request.method ?? '',
      url: url.href,
      headers: {},
      query: Object.fromEntries(url.searchParams),
      body: Buffer.alloc(0),
    })
    response.writeHead(status, { 'content-type': contentType ?? 'text/plain' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    url: `${base}/hooks/ebay`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
