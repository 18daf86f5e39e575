import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { vendure as mapping } from '../../../mappings/vendure.ts'
import type { Call, Inbound, Page, PullRequest, RawRecord, ShipmentWrite } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import type { Order } from '../../../src/core/order.ts'
import type { Config, Secrets } from '../../../connectors/vendure/manifest.ts'
import { connect } from './connection.ts'
import { startPeer, type Peer } from './peer.ts'
import { placeOrder, signIn, type ShopOrder, type Staff } from './shop.ts'

const HOOK_SECRET = 'peer-hook-secret'
const ALL = { from: '2020-01-01T00:00:00.000Z', to: '2099-01-01T00:00:00.000Z' }

let hooks: Server
const inbound: Inbound[] = []
let peer: Peer
let staff: Staff
let vendure: ReturnType<typeof connect>['vendure']
let call: Call<Config, Secrets>

beforeAll(async () => {
  hooks = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      inbound.push({ method: 'POST', url: request.url ?? '', headers, query: {}, body: Buffer.concat(chunks) })
      response.end('ok')
    })
  })
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve))
  const address = hooks.address()
  const port = typeof address === 'object' && address ? address.port : 0
  peer = await startPeer({ hookUrl: `http://127.0.0.1:${port}/vendure`, hookSecret: HOOK_SECRET })
  staff = await signIn(peer)
  await staff.administrator('hub@example.com', 'hub-password', ['ReadOrder', 'UpdateOrder', 'ReadCatalog', 'UpdateCatalog', 'ReadStockLocation'])
  ;({ vendure, call } = connect({ ...peer, username: 'hub@example.com', password: 'hub-password' }, { pageSize: 7 }))
})

afterAll(async () => {
  await peer?.stop()
  hooks?.close()
})

async function pagesOf(request: PullRequest): Promise<readonly Page[]> {
  const pages: Page[] = []
  for await (const page of vendure.pullOrders(call, request)) pages.push(page)
  return pages
}
const pull = async (request: PullRequest): Promise<readonly RawRecord[]> => (await pagesOf(request)).flatMap((page) => page.records)

async function read(code: string): Promise<Order> {
  const [record] = await vendure.findOrders(call, code)
  if (!record) throw new Error(`Order ${code} was not found.`)
  const mapped = mapping.map({ kind: 'order', externalId: record.externalId, doc: record.doc }, { connectionId: 'peer', timezone: 'UTC', currency: 'USD', config: {} })
  if (mapped.kind !== 'order') throw new Error(`Order ${code} was ${mapped.kind}.`)
  return mapped.order
}

/** Shop and canonical order side by side: lines, quantities, minor units, status. */
function expectSame(order: Order, shop: ShopOrder): void {
  expect(order.channelOrderNo).toBe(shop.code)
  expect(order.sourceStatus).toBe(shop.state)
  expect(order.totals.total).toEqual({ minor: shop.totalWithTax, currency: shop.currencyCode })
  expect(order.lines.map((l) => [l.channelLineNo, l.channelSku, Number(l.quantity) - Number(l.cancelled), l.net.minor])).toEqual(
    shop.lines.map((l) => [l.id, l.productVariant.sku, l.quantity, l.proratedLinePriceWithTax]),
  )
}

/** The id of one of its lines. */
const lineOf = (order: ShopOrder, at = 0): string => order.lines[at]?.id ?? ''
const shipment = (order: ShopOrder, lines: ShipmentWrite['lines'], trackingNo: string, last = false): ShipmentWrite => ({
  key: trackingNo, channelOrderNo: order.code, orderId: order.id, carrier: { code: 'SF', name: 'SF Express' }, trackingNo, lines, last,
  shippedAt: new Date().toISOString(), idempotencyKey: trackingNo, notifyBuyer: false,
})
const write = (variant: string, quantity: number) => ({ key: `x:${variant}`, ids: { variant }, sku: '', quantity, idempotencyKey: `${variant}-${quantity}` })

describe('sign-in', () => {
  it('passes every step of the connection test with a role of five permissions', async () => {
    expect((await vendure.check(call)).filter((step) => !step.ok)).toEqual([])
  })

  it('asks a person when the password is wrong, without showing it', async () => {
    const wrong = connect({ ...peer, password: 'not-the-password' })
    const failure = await wrong.vendure.check(wrong.call).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ChannelError)
    expect(failure instanceof ChannelError && failure.fault.kind).toBe('unauthorized')
    expect(JSON.stringify(failure) + String(failure)).not.toContain('not-the-password')
  })

  it('names the permission a role lacks', async () => {
    await staff.administrator('reader@example.com', 'reader-password', ['ReadOrder', 'ReadCatalog', 'ReadStockLocation'])
    const reader = connect({ ...peer, username: 'reader@example.com', password: 'reader-password' })
    const steps = await reader.vendure.check(reader.call)
    expect(steps.filter((step) => !step.ok).map((step) => step.step.en)).toEqual(['May ship and cancel', 'May set stock'])
  })

  it('signs in again when the shop has forgotten the session', async () => {
    await call.renew(await call.tokens())
    const { bearer } = await call.tokens()
    const response = await fetch(peer.adminApi, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` }, body: JSON.stringify({ query: 'mutation { logout { success } }' }),
    })
    expect(response.status).toBe(200)
    expect((await vendure.check(call)).every((step) => step.ok)).toBe(true)
    expect((await call.tokens())['bearer']).not.toBe(bearer)
  })
})

describe('orders', () => {
  it('brings every order of a burst although many share a second, from any page on', async () => {
    await Promise.all(Array.from({ length: 4 }, async (_, worker) => {
      for (let i = 0; i < 6; i++) await placeOrder(peer, { lines: [{ variant: String(1 + ((worker + i) % 5)), quantity: 1 + (i % 3) }] })
    }))
    await placeOrder(peer, { lines: [{ variant: '3', quantity: 1 }], abandon: true })
    const shop = await staff.orders()
    const seconds = new Set(shop.map((order) => order.updatedAt))
    expect(seconds.size).toBeLessThan(shop.length)
    const pages = await pagesOf({ stream: 'orders', window: ALL })
    const ids = shop.map((order) => order.id).sort()
    expect([...new Set(pages.flatMap((page) => page.records.map((r) => r.externalId)))].sort()).toEqual(ids)
    expect(pages.length).toBeGreaterThan(2)
    for (const [i, page] of pages.entries()) {
      if (page.cursor === null) continue
      const after = JSON.parse(JSON.stringify(page.cursor))
      const rest = new Set((await pull({ stream: 'orders', window: ALL, after })).map((r) => r.externalId))
      const later = pages.slice(i + 1).flatMap((p) => p.records.map((r) => r.externalId))
      expect(later.filter((id) => !rest.has(id))).toEqual([])
    }
    const listed: string[] = []
    for await (const batch of vendure.listOrderIds(call, ALL)) listed.push(...batch)
    expect(listed.sort()).toEqual(ids)
  })

  it('keeps each order as the very text the shop sent, and agrees with the shop on every one', async () => {
    const records = await pull({ stream: 'orders', window: ALL })
    for (const shop of await staff.orders()) {
      const record = records.find((r) => r.externalId === shop.id)
      expect(record?.payload.startsWith(`{"id":"${shop.id}"`)).toBe(true)
      expectSame(await read(shop.code), shop)
    }
  })

  it('never hands out what lies at or after the window\'s end', async () => {
    const shop = [...(await staff.orders())].sort((a, b) => (a.updatedAt < b.updatedAt ? -1 : 1))
    const edge = shop[Math.floor(shop.length / 2)]?.updatedAt ?? ''
    const before = (await pull({ stream: 'orders', window: { from: ALL.from, to: edge } })).map((r) => r.externalId)
    const after = (await pull({ stream: 'orders', window: { from: edge, to: ALL.to } })).map((r) => r.externalId)
    expect(before.sort()).toEqual(shop.filter((o) => o.updatedAt < edge).map((o) => o.id).sort())
    expect(shop.filter((o) => o.updatedAt >= edge).every((o) => after.includes(o.id))).toBe(true)
  })

  it('sees a shipment and a refund in the sweeps, where the change time stands still', async () => {
    const { code } = await placeOrder(peer, { lines: [{ variant: '1', quantity: 2 }] })
    const order = await staff.order(code)
    await staff.fulfil([{ orderLineId: lineOf(order), quantity: 1 }], 'SF Express', 'SF9000000000001')
    expect((await staff.order(code)).updatedAt).toBe(order.updatedAt)
    const [open] = await pull({ stream: 'open', openOrders: [order.id] })
    expect(open?.payload).toContain('SF9000000000001')
    expect((await pull({ stream: 'open' })).some((r) => r.externalId === order.id)).toBe(true)
    const refund = await staff.refund(order, { amount: 111 })
    await staff.settleRefund(refund)
    const [finished] = await pull({ stream: 'finished', openOrders: [order.id] })
    expect(finished?.payload).toContain('"total":111')
    expect((await read(code)).totals.refunded.minor).toBe(111)
    expect((await vendure.findOrders(call, 'SF9000000000001')).map((r) => r.externalId)).toEqual([order.id])
  })
})

describe('stock', () => {
  it('lists what the shop sells', async () => {
    const listings = []
    for await (const page of vendure.pullListings(call, undefined)) listings.push(...page.listings)
    expect(listings.map((l) => l.sku)).toContain('TEA-青-01')
    expect(listings.find((l) => l.sku === 'VOUCHER-10')?.quantity).toBeUndefined()
    expect(listings.find((l) => l.sku === 'KETTLE-17')?.price).toBe('89.87')
  })

  it('makes exactly the wanted number saleable, whatever open orders hold', async () => {
    const held = (await staff.variant('1')).stockLevels[0].stockAllocated
    expect(held).toBeGreaterThan(0)
    const outcomes = await vendure.pushInventory(call, [write('1', 33), write('2', 0), write('6', 5), write('404', 5)])
    expect(outcomes.map((o) => o.status)).toEqual(['applied', 'applied', 'refused', 'refused'])
    const [level] = (await staff.variant('1')).stockLevels
    expect(level.stockOnHand - level.stockAllocated).toBe(33)
    await expect(placeOrder(peer, { lines: [{ variant: '2', quantity: 1 }] })).rejects.toThrow('INSUFFICIENT_STOCK')
    const readings = await vendure.readInventory(call, [write('1', 0), write('2', 0), write('6', 0), write('404', 0)])
    expect(readings.map((r) => r.quantity)).toEqual([33, 0, undefined, undefined])
    expect((await vendure.pushInventory(call, [write('1', 33)])).map((o) => o.status)).toEqual(['unchanged'])
  })

  it('lowers a level at once when units were shipped while it was written', async () => {
    const { code } = await placeOrder(peer, { lines: [{ variant: '4', quantity: 4 }] })
    const order = await staff.order(code)
    // Shipments fall exactly between the connector's look at the level and its write.
    const racing = (times: number): Call<Config, Secrets> => {
      let left = times
      return {
        ...call,
        http: async (request) => {
          if (request.body?.includes('updateProductVariants') && left-- > 0) await staff.fulfil([{ orderLineId: lineOf(order), quantity: 1 }], 'SF Express', `SF90000000000${left}`)
          return call.http(request)
        },
      }
    }
    const shown = async (): Promise<number | undefined> => (await vendure.readInventory(call, [write('4', 0)]))[0]?.quantity
    expect(await vendure.pushInventory(racing(1), [write('4', 11)])).toMatchObject([{ status: 'applied' }])
    expect(await shown()).toBe(11)
    expect(await vendure.pushInventory(racing(2), [write('4', 9)])).toMatchObject([{ status: 'unknown', fault: { kind: 'in-doubt', code: 'stock-moved' } }])
    expect(await shown()).toBe(10)
    expect((await vendure.pushInventory(call, [write('4', 9)]))[0]?.status).toBe('applied')
    expect(await shown()).toBe(9)
  })
})

describe('shipments', () => {
  it('ships part and rest, and does nothing twice', async () => {
    const { code } = await placeOrder(peer, { lines: [{ variant: '1', quantity: 2 }, { variant: '5', quantity: 1 }] })
    const order = await staff.order(code)
    const [lamp, cup] = [lineOf(order), lineOf(order, 1)]
    const part = shipment(order, [{ channelLineNo: lamp, quantity: 1 }], 'SF9100000000001')
    expect(await vendure.pushShipment(call, part)).toMatchObject({ status: 'applied' })
    expect((await staff.order(code)).state).toBe('PartiallyShipped')
    expect(await vendure.pushShipment(call, part)).toMatchObject({ status: 'unchanged' })
    expect((await staff.order(code)).fulfillments).toHaveLength(1)
    const rest = shipment(order, [{ channelLineNo: lamp, quantity: 1 }, { channelLineNo: cup, quantity: 1 }], 'SF9100000000002', true)
    expect(await vendure.pushShipment(call, rest)).toMatchObject({ status: 'applied' })
    const shop = await staff.order(code)
    expect(shop.state).toBe('Shipped')
    expect(shop.fulfillments.map((f) => [f.trackingCode, f.method])).toEqual([['SF9100000000001', 'SF Express'], ['SF9100000000002', 'SF Express']])
    expect((await vendure.readShipments(call, order.id)).map((s) => [s.trackingNo, s.state])).toEqual([['SF9100000000001', 'shipped'], ['SF9100000000002', 'shipped']])
    expectSame(await read(code), shop)
    expect(await vendure.pushShipment(call, shipment(order, [{ channelLineNo: lamp, quantity: 1 }], 'SF9100000000003'))).toMatchObject({ status: 'unchanged' })
  })

  it('finishes a package that was left between its two halves', async () => {
    const { code } = await placeOrder(peer, { lines: [{ variant: '5', quantity: 2 }] })
    const order = await staff.order(code)
    const line = lineOf(order)
    await staff.fulfil([{ orderLineId: line, quantity: 1 }], 'SF Express', 'SF9200000000001', 'Pending')
    expect(await vendure.pushShipment(call, shipment(order, [{ channelLineNo: line, quantity: 1 }], 'SF9200000000001'))).toMatchObject({ status: 'applied' })
    const shop = await staff.order(code)
    expect(shop.fulfillments.map((f) => f.state)).toEqual(['Shipped'])
    expect(shop.state).toBe('PartiallyShipped')
  })

  it('reports the shop\'s own refusal of too many units', async () => {
    const { code } = await placeOrder(peer, { lines: [{ variant: '5', quantity: 1 }] })
    const order = await staff.order(code)
    const outcome = await vendure.pushShipment(call, shipment(order, [{ channelLineNo: lineOf(order), quantity: 2 }], 'SF9300000000001'))
    expect(outcome).toMatchObject({ status: 'refused', fault: { kind: 'refused', code: 'ITEMS_ALREADY_FULFILLED_ERROR' } })
  })

  it('calls a write without an answer unknown, and finds out by reading', async () => {
    const { code } = await placeOrder(peer, { lines: [{ variant: '5', quantity: 1 }] })
    const order = await staff.order(code)
    // The shop applies the write; its answer is lost on the way back.
    const deaf: Call<Config, Secrets> = {
      ...call,
      http: async (request) => {
        const response = await call.http(request)
        if (request.body?.includes('addFulfillmentToOrder')) throw new ChannelError({ kind: 'in-doubt', code: 'timeout', message: 'No answer in time.' })
        return response
      },
    }
    const package1 = shipment(order, [{ channelLineNo: lineOf(order), quantity: 1 }], 'SF9400000000001', true)
    expect(await vendure.pushShipment(deaf, package1)).toMatchObject({ status: 'unknown' })
    expect((await vendure.readShipments(call, order.id)).map((s) => s.state)).toEqual(['pending'])
    expect(await vendure.pushShipment(call, package1)).toMatchObject({ status: 'applied' })
    expect((await staff.order(code)).fulfillments).toHaveLength(1)
  })
})

it('cancels an order in the shop and gives its units back', async () => {
  const { code } = await placeOrder(peer, { lines: [{ variant: '5', quantity: 2 }] })
  const order = await staff.order(code)
  const before = (await vendure.readInventory(call, [write('5', 0)]))[0]?.quantity ?? 0
  const decision = { key: 'k', channelOrderNo: code, orderId: order.id, decision: 'accept' as const, reason: 'asked by phone' }
  expect(await vendure.decideCancel(call, decision)).toMatchObject({ status: 'applied' })
  expect(await vendure.decideCancel(call, decision)).toMatchObject({ status: 'unchanged' })
  const shop = await staff.order(code)
  expect(shop.state).toBe('Cancelled')
  expect((await read(code)).cancelled).toBeDefined()
  expect((await vendure.readInventory(call, [write('5', 0)]))[0]?.quantity).toBe(before + 2)
})

describe('events', () => {
  it('takes the plugin\'s signed events and names the orders to fetch', async () => {
    inbound.length = 0
    const { code } = await placeOrder(peer, { lines: [{ variant: '5', quantity: 2 }] })
    const order = await staff.order(code)
    await staff.fulfil([{ orderLineId: lineOf(order), quantity: 1 }], 'SF Express', 'SF9500000000001')
    await expect.poll(() => inbound.some((i) => Buffer.from(i.body).toString().includes('fulfillment.Shipped'))).toBe(true)
    const secrets = { ...call.secrets, webhookSecret: HOOK_SECRET }
    const contents = inbound.map((i) => {
      const delivery = vendure.verifyWebhook(i, secrets, new Date())
      return vendure.readWebhook(Buffer.from(i.body).toString(), delivery.meta)
    })
    expect(new Set(contents.flatMap((c) => c.fetch.map((f) => f.externalId)))).toEqual(new Set([order.id]))
    expect(contents.flatMap((c) => c.records)).toEqual([])
    const [first] = inbound
    if (!first) throw new Error('No event.')
    const flipped = { ...first, body: Buffer.concat([Buffer.from(first.body).subarray(0, -1), Buffer.from(' ')]) }
    expect(() => vendure.verifyWebhook(flipped, secrets, new Date())).toThrow(ChannelError)
  })
})

describe('a shop as it comes out of the box', () => {
  it('hands its session out as a cookie, which is understood', async () => {
    const boxed = await startPeer({ tokenMethod: 'cookie' })
    try {
      const other = connect(boxed)
      expect((await other.vendure.check(other.call)).every((step) => step.ok)).toBe(true)
      expect(Object.keys(await other.call.tokens())).toEqual(['cookie'])
    } finally {
      await boxed.stop()
    }
  })
})
