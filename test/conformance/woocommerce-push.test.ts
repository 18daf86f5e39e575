import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { woocommerce as connector } from '../../connectors/woocommerce/index.ts'
import type { ChannelListing, InventoryWrite, ShipmentWrite } from '../../src/core/connector.ts'
import { faultOf, testShop, type TestShop } from './woo-shop.ts'

let shop: TestShop
let listings: readonly ChannelListing[]
const setsSince = (seq: number) => shop.sim.ledger.stockWrites().filter((entry) => entry.seq > seq)
const now = (): number => shop.sim.ledger.entries().at(-1)?.seq ?? 0
const write = (listing: ChannelListing | undefined, quantity: number): InventoryWrite => ({
  key: listing?.key ?? '',
  ids: listing?.ids ?? {},
  sku: listing?.sku ?? '',
  quantity,
  idempotencyKey: `k-${listing?.key ?? ''}-${quantity}`,
})

beforeAll(async () => {
  shop = await testShop()
  shop.sim.control.seedProducts(60)
  const found: ChannelListing[] = []
  for await (const page of connector.pullListings(shop.call(), undefined)) found.push(...page.listings)
  listings = found
})
afterAll(() => shop.stop())
beforeEach(() => {
  shop.sim.control.clearFaults()
  shop.sim.control.configure({ fulfilments: false, shipmentTracking: false })
})

const simple = () => listings.filter((listing) => !listing.key.includes(':') && listing.quantity !== undefined)
const variations = () => listings.filter((listing) => listing.key.includes(':'))

describe('listings', () => {
  it('are all simple products and variations with their numbers', () => {
    expect(simple().length).toBeGreaterThan(20)
    expect(variations().length).toBeGreaterThan(9)
    for (const listing of listings) {
      expect(listing.quantity ?? null).toEqual(shop.sim.control.stockOf(listing.sku) === null ? null : String(shop.sim.control.stockOf(listing.sku)))
      expect(listing.active).toBe(true)
      expect(listing.title).not.toBe('')
    }
    expect(listings.some((listing) => listing.barcode?.startsWith('69'))).toBe(true)
    expect(new Set(listings.map((listing) => listing.key)).size).toBe(listings.length)
  })
})

describe('stock', () => {
  it('sets simple products and variations in as few calls as possible and reads them back', async () => {
    const seq = now()
    const writes = [...simple().slice(0, 5), ...variations().slice(0, 6)].map((listing, i) => write(listing, 40 + i))
    const outcomes = await connector.pushInventory(shop.call(), writes)
    expect(outcomes.map((outcome) => [outcome.key, outcome.status])).toEqual(writes.map((each) => [each.key, 'applied']))
    expect(setsSince(seq).map((entry) => [entry.sku, entry.to])).toEqual(writes.map((each) => [each.sku, each.quantity]))
    const calls = shop.sim.ledger.requests().filter((entry) => entry.seq > seq && entry.method === 'POST')
    expect(calls.length).toBe(
      1 +
        new Set(
          variations()
            .slice(0, 6)
            .map((listing) => listing.ids['product']),
        ).size,
    )
    expect(await connector.readInventory(shop.call(), writes)).toEqual(writes.map((each) => ({ key: each.key, quantity: each.quantity })))
    expect((await connector.pushInventory(shop.call(), writes)).every((outcome) => outcome.status === 'applied')).toBe(true)
  })

  it('knows nothing about products that are not counted or not there', async () => {
    const uncounted = listings.find((listing) => listing.quantity === undefined)
    const missing = { key: '999999', ids: { product: '999999' }, sku: 'x' }
    expect(
      await connector.readInventory(shop.call(), [write(uncounted, 0), missing, { key: '9:8', ids: { product: '9', variation: '8' }, sku: 'y' }]),
    ).toEqual([
      { key: uncounted?.key, quantity: undefined },
      { key: '999999', quantity: undefined },
      { key: '9:8', quantity: undefined },
    ])
  })

  it('gives every item of a mixed batch its own outcome', async () => {
    const [first, second] = simple()
    const writes = [
      write(first, 11),
      { ...write(second, 12), key: '999999', ids: { product: '999999' } },
      { ...write(second, 13), key: 'odd', ids: {} },
      { ...write(variations()[0], 14), key: '999998:5', ids: { product: '999998', variation: '5' } },
      { ...write(variations()[1], 15), key: 'shared', ids: { ...variations()[1]?.ids, stock: 'parent' } },
      write(second, 16),
    ]
    const outcomes = await connector.pushInventory(shop.call(), writes)
    expect(outcomes.map((outcome) => [outcome.key, outcome.status, 'fault' in outcome ? outcome.fault.kind : ''])).toEqual([
      [first?.key, 'applied', ''],
      ['999999', 'refused', 'missing'],
      ['odd', 'refused', 'refused'],
      ['999998:5', 'refused', 'missing'],
      ['shared', 'refused', 'refused'],
      [second?.key, 'applied', ''],
    ])
  })

  it('lets a fault out when nothing was sent, and marks what is left when something was', async () => {
    const [a, b] = [write(simple()[0], 61), write(simple()[1], 62)]
    shop.sim.control.setFault({ kind: '429', retryAfter: '9' })
    expect(await faultOf(connector.pushInventory(shop.call(), [a, b]))).toMatchObject({ kind: 'throttled', retryAfterMs: 9000 })
    shop.sim.control.clearFaults()
    shop.sim.control.setFault({ kind: '429', retryAfter: '9', match: { path: '/variations/batch' } })
    const variation = write(variations()[0], 63)
    const outcomes = await connector.pushInventory(shop.call(), [a, variation])
    expect(outcomes.map((outcome) => [outcome.status, 'fault' in outcome ? outcome.fault.kind : ''])).toEqual([
      ['applied', ''],
      ['refused', 'throttled'],
    ])
  })
})

describe('shipments', () => {
  const placed = (): { readonly orderId: string; readonly lines: readonly { readonly lineId: string; readonly quantity: number }[] } => {
    const done = shop.sim.control.placeOrder({
      status: 'processing',
      lines: [
        { name: 'A', quantity: 3, unitPrice: '5.00' },
        { name: 'B', quantity: 1, unitPrice: '2.00' },
      ],
      silent: true,
    })
    const truth = shop.sim.ledger.orders().find((order) => done.ok && order.orderId === done.orderId)
    return { orderId: truth?.orderId ?? '', lines: truth?.lines ?? [] }
  }
  const parcel = (
    orderId: string,
    lines: readonly { readonly channelLineNo: string; readonly quantity: number }[],
    change: Partial<ShipmentWrite> = {},
  ): ShipmentWrite => ({
    key: 'p-1',
    channelOrderNo: orderId,
    orderId,
    carrier: { code: 'sf-express', name: 'SF Express', trackingUrl: 'https://www.sf-express.com/track' },
    trackingNo: `SF${orderId}`,
    lines,
    last: false,
    shippedAt: '2026-11-22T06:00:00Z',
    idempotencyKey: `${orderId}-p-1`,
    notifyBuyer: true,
    ...change,
  })
  const statusOf = (orderId: string): string | undefined => shop.sim.ledger.orders().find((order) => order.orderId === orderId)?.status

  it.each([
    ['core fulfilments', { fulfilments: true, shipmentTracking: true }, 'core'],
    ['the tracking plugin', { shipmentTracking: true }, 'shipment-tracking'],
    ['an order note', {}, 'note'],
  ] as const)('goes to %s in parts, completes the order with the last one, and is read back', async (_, features, mode) => {
    shop.sim.control.configure(features)
    const { orderId, lines } = placed()
    const [a, b] = [lines[0]?.lineId ?? '', lines[1]?.lineId ?? '']
    const first = parcel(orderId, [{ channelLineNo: a, quantity: 2 }])
    expect(await connector.pushShipment(shop.call(), first)).toMatchObject({ key: 'p-1', status: 'applied', proof: { mode } })
    expect(statusOf(orderId)).toBe('processing')
    expect(await connector.pushShipment(shop.call(), first)).toMatchObject({ status: 'unchanged' })
    const last = parcel(
      orderId,
      [
        { channelLineNo: a, quantity: 1 },
        { channelLineNo: b, quantity: 1 },
      ],
      { key: 'p-2', trackingNo: `SF${orderId}-2`, last: true },
    )
    expect(await connector.pushShipment(shop.call(), last)).toMatchObject({ status: 'applied' })
    expect(statusOf(orderId)).toBe('completed')
    const read = await connector.readShipments(shop.call(), orderId)
    expect(read.map((each) => [each.trackingNo, each.state])).toEqual([
      [`SF${orderId}`, 'shipped'],
      [`SF${orderId}-2`, 'shipped'],
    ])
    if (mode === 'core') expect(read[0]?.lines).toEqual([{ channelLineNo: a, quantity: '2' }])
    if (mode !== 'note') expect(shop.sim.ledger.shipments().filter((entry) => entry.orderId === orderId && entry.action === 'created').length).toBe(2)
  })

  it('is refused for an unknown order, too many pieces, or a place the shop does not have', async () => {
    shop.sim.control.configure({ fulfilments: true })
    const { orderId, lines } = placed()
    expect(await connector.pushShipment(shop.call(), parcel('999999', []))).toMatchObject({ status: 'refused', fault: { kind: 'missing' } })
    expect(await connector.pushShipment(shop.call(), parcel(orderId, [{ channelLineNo: lines[0]?.lineId ?? '', quantity: 99 }]))).toMatchObject({
      status: 'refused',
      fault: { kind: 'refused' },
    })
    expect(await connector.pushShipment(shop.call({ fulfilments: 'shipment-tracking' }), parcel(orderId, []))).toMatchObject({
      status: 'refused',
      fault: { code: 'rest_no_route' },
    })
  })
})

describe('a wish to cancel', () => {
  const asked = (): string => {
    const done = shop.sim.control.placeOrder({ status: 'processing', lines: [{ name: 'A', quantity: 1, unitPrice: '5.00' }], silent: true })
    if (done.ok) shop.sim.control.requestCancel(done.orderId)
    return done.ok ? done.orderId : ''
  }
  const statusOf = (orderId: string): string | undefined => shop.sim.ledger.orders().find((order) => order.orderId === orderId)?.status
  const decide = (orderId: string, decision: 'accept' | 'reject') =>
    connector.decideCancel(shop.call(), { key: 'd', channelOrderNo: orderId, orderId, decision, reason: 'too late' })

  it('is accepted by cancelling, once, and rejected by going on', async () => {
    const [yes, no] = [asked(), asked()]
    expect(await decide(yes, 'accept')).toMatchObject({ status: 'applied' })
    expect(await decide(yes, 'accept')).toMatchObject({ status: 'unchanged' })
    expect(await decide(no, 'reject')).toMatchObject({ status: 'applied' })
    expect([statusOf(yes), statusOf(no)]).toEqual(['cancelled', 'processing'])
    expect(await decide('999999', 'accept')).toMatchObject({ status: 'refused', fault: { kind: 'missing' } })
  })
})
