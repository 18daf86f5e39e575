import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { woocommerce as connector } from '../../connectors/woocommerce/index.ts'
import { woocommerce as mapping } from '../../mappings/woocommerce.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { faultOf, orderIds, pages, recordsOf, SECRET, testShop, type TestShop } from './woo-shop.ts'

let shop: TestShop
const iso = (ms: number): string => new Date(ms).toISOString()
const always = () => ({ from: '2020-01-01T00:00:00Z', to: iso(shop.sim.clock.now() + 60_000) })
const mapOf = (record: { readonly kind: 'order' | 'refund'; readonly externalId: string; readonly parentId?: string; readonly payload: string }) =>
  mapping.map({ ...record, doc: parseJson(record.payload) }, { connectionId: 'c_7', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} })

beforeAll(async () => {
  shop = await testShop({ timezone: 'Asia/Shanghai', taxBasisPoints: 750 })
  shop.sim.control.seedProducts(30)
  shop.sim.control.seedOrders(260, 20)
})
afterAll(() => shop.stop())
beforeEach(() => {
  shop.sim.control.clearFaults()
  shop.sim.clock.release()
})

describe('reading every order', () => {
  it('brings all orders and refunds, each as the shop sent it, and they map to the shop’s own ledger', async () => {
    const found = await pages(shop.call(), { stream: 'orders', window: always() })
    expect(JSON.stringify(found)).not.toContain(SECRET)
    const records = recordsOf(found)
    const truths = shop.sim.ledger.orders()
    expect(orderIds(records)).toEqual(truths.map((truth) => truth.orderId).sort())
    let refunds = 0
    for (const record of records) {
      const mapped = mapOf(record)
      if (mapped.kind === 'refund') {
        refunds++
        const truth = truths
          .find((each) => each.orderId === mapped.refund.channelOrderNo)
          ?.refunds.find((each) => each.refundId === mapped.refund.channelRefundNo)
        expect(mapped.refund.amount).toEqual({ minor: truth?.minor, currency: 'USD' })
      }
      if (mapped.kind !== 'order') continue
      const { order } = mapped
      const truth = truths.find((each) => each.orderId === order.channelOrderNo)
      expect([order.totals.total.minor, order.totals.refunded.minor, order.sourceStatus]).toEqual([
        truth?.totalMinor,
        truth?.refundedMinor,
        truth?.status,
      ])
      expect(order.lines.map((line) => [line.channelLineNo, line.quantity, line.net.minor, line.tax.minor])).toEqual(
        truth?.lines.map((line) => [line.lineId, String(line.quantity), line.totalMinor, line.taxMinor]),
      )
      expect(checkOrder(order).filter((hold) => hold.code.endsWith('-mismatch'))).toEqual([])
    }
    expect(refunds).toBe(truths.reduce((sum, truth) => sum + truth.refunds.length, 0))
    expect(refunds).toBeGreaterThan(0)
  })

  it('lists the ids of a window and finds an order by number and by id', async () => {
    const ids: string[] = []
    for await (const some of connector.listOrderIds(shop.call(), always())) ids.push(...some)
    expect(ids.sort()).toEqual(
      shop.sim.ledger
        .orders()
        .map((truth) => truth.orderId)
        .sort(),
    )
    shop.sim.control.placeOrder({ lines: [{ name: 'By hand', quantity: 1, unitPrice: '3.00' }], number: 'SO-2026-77', silent: true })
    const [byNumber] = await connector.findOrders(shop.call(), '#SO-2026-77')
    expect(byNumber && mapOf(byNumber)).toMatchObject({ order: { displayNo: 'SO-2026-77' } })
    expect((await connector.findOrders(shop.call(), byNumber?.externalId ?? '')).map((record) => record.externalId)).toEqual([byNumber?.externalId])
    expect(await connector.findOrders(shop.call(), '99999999')).toEqual([])
  })
})

describe('time', () => {
  it('reads a half-open window to the second although the shop’s filter is strict', async () => {
    const second = Math.ceil(shop.sim.clock.now() / 1000) * 1000 + 10_000
    const placedAt = (ms: number): string => {
      shop.sim.clock.freeze(ms)
      const done = shop.sim.control.shop()
      return done.ok ? done.orderId : ''
    }
    const before = placedAt(second - 1000)
    const first = placedAt(second)
    const inside = placedAt(second + 1000)
    const next = placedAt(second + 2000)
    const found = orderIds(recordsOf(await pages(shop.call(), { stream: 'orders', window: { from: iso(second), to: iso(second + 2000) } })))
    expect([found.includes(before), found.includes(first), found.includes(inside), found.includes(next)]).toEqual([false, true, true, false])
    const parted = orderIds(recordsOf(await pages(shop.call(), { stream: 'orders', window: { from: iso(second + 1200), to: iso(second + 1900) } })))
    expect(parted).toContain(inside)
  })

  it.each([false, true])('misses nobody when orders change while they are paged (ties: %s)', async (ties) => {
    const start = Math.ceil(shop.sim.clock.now() / 1000) * 1000 + (ties ? 400_000 : 200_000)
    shop.sim.clock.freeze(start)
    const ids = Array.from({ length: 30 }, (_, i) => {
      const at = iso(start + (ties ? 0 : i * 1000))
      const done = shop.sim.control.placeOrder({ lines: [{ name: 'x', quantity: 1, unitPrice: '1.00' }], placedAt: at, modifiedAt: at, silent: true })
      return done.ok ? done.orderId : ''
    })
    shop.sim.clock.freeze(start + 60_000)
    const seen = new Set<string>()
    const changed: string[] = []
    for await (const page of connector.pullOrders(shop.call({ pageSize: 7 }), {
      stream: 'orders',
      window: { from: iso(start), to: iso(start + 40_000) },
    })) {
      for (const record of page.records) seen.add(record.externalId)
      // The first unchanged order of those already read moves out of the window: everybody behind it moves up one place.
      const moved = ids.find((id) => seen.has(id) && !changed.includes(id))
      if (moved !== undefined && changed.length < 12) {
        shop.sim.control.edit(moved)
        changed.push(moved)
      }
    }
    expect(changed.length).toBeGreaterThan(3)
    expect(ids.filter((id) => !seen.has(id))).toEqual([])
  })

  it('reads the bin apart and fetches binned and missing orders for what they are', async () => {
    shop.sim.clock.shift(900_000)
    const done = shop.sim.control.shop()
    const gone = shop.sim.control.shop()
    const [binned, deleted] = [done.ok ? done.orderId : '', gone.ok ? gone.orderId : '']
    shop.sim.control.trash(binned)
    shop.sim.control.trash(deleted, true)
    expect(orderIds(recordsOf(await pages(shop.call(), { stream: 'orders', window: always() })))).not.toContain(binned)
    const trash = recordsOf(await pages(shop.call(), { stream: 'trash', window: always() }))
    expect(trash.map((record) => mapOf(record)).map((mapped) => (mapped.kind === 'order' ? mapped.order.cancelled?.reason : mapped.kind))).toEqual([
      'deleted',
    ])
    const other = shop.sim.ledger.orders()[0]?.orderId ?? ''
    expect(orderIds(await connector.fetchOrder(shop.call(), [other, binned, deleted, 'abc', '99999999']))).toEqual([other, binned].sort())
  })
})

describe('when the shop misbehaves', () => {
  const request = () => ({ stream: 'orders', window: always() })
  it('gets over one dropped connection by itself', async () => {
    shop.sim.control.setFault({ kind: 'reset', times: 1 })
    expect(orderIds(recordsOf(await pages(shop.call(), request()))).length).toBeGreaterThan(260)
    expect(shop.sim.faults.fired('reset')).toBeGreaterThan(0)
  })
})

describe('signing in', () => {
  it('uses Basic where the site says it is reached by https, never over plain http to another machine', async () => {
    shop.sim.control.configure({ assumeHttps: true })
    try {
      expect((await pages(shop.call({ auth: 'basic', pageSize: 100 }), { stream: 'orders', window: always() })).length).toBeGreaterThan(1)
    } finally {
      shop.sim.control.configure({ assumeHttps: false })
    }
    // Over plain http WooCommerce does not look at Basic at all.
    expect(await faultOf(pages(shop.call({ auth: 'basic' }), { stream: 'orders', window: always() }))).toMatchObject({ kind: 'unauthorized' })
    expect(await faultOf(pages(shop.call({ auth: 'basic', url: 'http://shop.example.com' }), { stream: 'orders', window: always() }))).toMatchObject({
      kind: 'misconfigured',
      code: 'basic-over-http',
    })
  })

  it('checks a connection step by step', async () => {
    const steps = await connector.check(shop.call({ url: `${shop.url}/wp-json/wc/v3/` }))
    expect(steps.every((step) => step.ok)).toBe(true)
    expect(steps.at(-1)?.detail).toBe('note')
    shop.sim.control.addKey({ consumerKey: 'ck_ro', consumerSecret: 'cs_ro', permissions: 'read', manager: true })
    const readOnly = await connector.check(shop.call({}, { key: 'ck_ro', secret: 'cs_ro' }))
    expect(readOnly.filter((step) => !step.ok).map((step) => step.step.en)).toEqual(['The key may write'])
  })
})
