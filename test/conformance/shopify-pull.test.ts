import { afterEach, describe, expect, it } from 'vitest'
import { shopify } from '../../connectors/shopify/index.ts'
import { shopify as mapping } from '../../mappings/shopify.ts'
import type { Order } from '../../src/core/order.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { faultOf, idsOf, lastDays, levelOf, pages, placed, recordsOf, testShop, type TestShop } from './shopify-shop.ts'

let shop: TestShop
afterEach(() => shop.stop())

const context = { connectionId: 'c_1', timezone: 'UTC', currency: 'USD', config: {} }
function mapped(record: RawRecord | undefined): Order {
  if (!record) throw new Error('There is no record.')
  const result = mapping.map({ kind: 'order', externalId: record.externalId, doc: parseJson(record.payload) }, context)
  if (result.kind !== 'order') throw new Error(result.kind)
  return result.order
}
const goods = (sim: TestShop['sim'], count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => sim.control.addVariant({ name: `Thing ${n}`, sku: `S-${n}`, price: 1000 + n, stock: 100 }).sku)

describe('orders longer than a page', () => {
  it('come with all their lines, fulfilments and refunds', async () => {
    shop = await testShop()
    const { sim } = shop
    const id = placed(sim, { lines: goods(sim, 23).map((sku) => ({ sku, quantity: 8 })), shipping: 500, discountCode: 'A', lineDiscount: 25 })
    const lines = sim.ledger.order(id)?.lines ?? []
    for (let n = 0; n < 6; n += 1)
      sim.control.ship(id, { trackingNumber: `T${n}`, lines: lines.map((line) => ({ lineId: line.lineId, quantity: 1 })) })
    for (let n = 0; n < 5; n += 1) sim.control.refund(id, 100 + n)
    const [record] = await shopify.fetchOrder(shop.call(), [id])
    const order = mapped(record)
    expect(order.lines).toHaveLength(23)
    expect(order.lines.map((line) => line.shipped)).toEqual(Array(23).fill('6'))
    expect(order.shipments).toHaveLength(6)
    expect(order.shipments.every((one) => one.lines.length === 23)).toBe(true)
    expect(order.refunds.map((refund) => refund.amount.minor)).toEqual([100, 101, 102, 103, 104])
    expect(order.totals.total.minor).toBe(sim.ledger.order(id)?.totalMinor)
    expect(order.totals.discount.minor).toBe(23 * 25)
    expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
  })

  it('keep the very text of the answer where nothing had to be added', async () => {
    shop = await testShop()
    const [sku = ''] = goods(shop.sim, 1)
    placed(shop.sim, { lines: [{ sku, quantity: 1 }] })
    let body = ''
    const call = shop.call()
    const [record] = await shopify.findOrders({ ...call, http: async (request) => ({ ...(await call.http(request)), ...(body ? {} : {}) }) }, '1001')
    for await (const page of shopify.pullOrders(
      {
        ...call,
        http: async (request) => {
          const response = await call.http(request)
          body = response.body
          return response
        },
      },
      lastDays(shop.sim, 1),
    ))
      expect(page.records.map(({ payload }) => body.includes(payload))).toEqual([true])
    expect(record?.externalId).toBe(idsOf(await shopify.findOrders(call, '#1001'))[0])
  })
})

describe('points', () => {
  it('are waited for before the next page instead of being refused', async () => {
    shop = await testShop({ points: { maximum: 1000, restoreRate: 2000, perQuery: 1000 } })
    shop.sim.control.seedProducts(10)
    shop.sim.control.seedOrders(60, 1)
    const found = await pages(shop.call(), lastDays(shop.sim, 2))
    expect(idsOf(recordsOf(found))).toHaveLength(60)
    expect(found.length).toBeGreaterThanOrEqual(3)
  })

  it('that are used up are told as the wait they cost, inside a 200 and in a 429', async () => {
    for (const throttledStatus of [200, 429] as const) {
      shop = await testShop({ throttledStatus, points: { maximum: 500, restoreRate: 1, perQuery: 1000 } })
      const fault = await faultOf(pages(shop.call(), lastDays(shop.sim, 1)))
      expect(fault).toMatchObject({ kind: 'throttled', code: 'THROTTLED' })
      expect(fault.retryAfterMs).toBeGreaterThan(100_000)
      if (throttledStatus === 200) await shop.stop()
    }
  })

  it('beyond what one query may cost halve the page', async () => {
    shop = await testShop({ points: { maximum: 20_000, restoreRate: 1000, perQuery: 300 } })
    shop.sim.control.seedProducts(5)
    shop.sim.control.seedOrders(30, 1)
    const found = await pages(shop.call(), lastDays(shop.sim, 2))
    expect(idsOf(recordsOf(found))).toHaveLength(30)
    expect(Math.max(...found.map((page) => page.records.length))).toBe(5)
    expect(found[0]?.cursor?.['size']).toBe(5)
    for (const id of shop.sim.control.openOrders()) shop.sim.control.ship(id)
    const ids = shop.sim.ledger
      .orders()
      .map((order) => order.orderId)
      .slice(0, 20)
    const fetched = await shopify.fetchOrder(shop.call(), ids)
    expect(idsOf(fetched)).toEqual([...ids].sort())
    expect(fetched.map((record) => mapped(record).shipments.length)).toEqual(Array(20).fill(1))
    const listings = []
    for await (const page of shopify.pullListings(shop.call(), undefined)) listings.push(...page.listings)
    expect(listings).toHaveLength(5)
    const write = await levelOf(shop.call(), listings[0]?.sku ?? '', 3)
    expect(await shopify.readInventory(shop.call(), listings)).toHaveLength(5)
    expect(await shopify.pushInventory(shop.call(), [write])).toMatchObject([{ status: 'applied' }])
  })
})

describe('a bulk operation', () => {
  const seeded = async (count: number, spreadDays: number): Promise<void> => {
    shop = await testShop()
    shop.sim.control.seedProducts(20)
    shop.sim.control.seedOrders(count, spreadDays)
  }

  it('reads a long span to the same documents, order by order, as pages do', async () => {
    await seeded(60, 50)
    const call = shop.call()
    const bulk = recordsOf(await pages(call, lastDays(shop.sim, 60)))
    const paged = recordsOf(await pages(shop.call({ bulkAfterDays: 0 }), lastDays(shop.sim, 60)))
    expect(shop.sim.ledger.requests().filter((request) => request.query === 'mutation BulkRun')).toHaveLength(1)
    expect(bulk).toHaveLength(60)
    const byId = (records: readonly RawRecord[]): readonly Order[] =>
      [...records].sort((a, b) => (a.externalId < b.externalId ? -1 : 1)).map((record) => mapped(record))
    expect(byId(bulk)).toEqual(byId(paged))
  })

  it('goes on from every cursor, and is not started twice', async () => {
    await seeded(230, 2)
    const call = shop.call()
    const request = lastDays(shop.sim, 60)
    const whole = await pages(call, request)
    const all = idsOf(recordsOf(whole))
    expect(all).toHaveLength(230)
    expect(whole.filter((page) => page.records.length > 0).length).toBeGreaterThan(2)
    for (const [i, page] of whole.entries()) {
      if (page.cursor === null) continue
      const after = JSON.parse(JSON.stringify(page.cursor)) as typeof page.cursor
      const rest = await pages(shop.call(), { ...request, after })
      expect(idsOf([...recordsOf(whole.slice(0, i + 1)), ...recordsOf(rest)])).toEqual(all)
    }
    await pages(shop.call(), request)
    expect(shop.sim.ledger.requests().filter((one) => one.query === 'mutation BulkRun')).toHaveLength(1)
  })

  it('that matches nothing ends the window', async () => {
    shop = await testShop()
    expect(recordsOf(await pages(shop.call(), lastDays(shop.sim, 60)))).toEqual([])
  })

  it('whose file is gone leaves the window to the pages', async () => {
    await seeded(40, 2)
    const call = shop.call()
    const found: RawRecord[] = []
    const lost = {
      ...call,
      http: ((request) => call.http(request.url.includes('/bulk/') ? { ...request, url: `${shop.url}/bulk/0.jsonl` } : request)) as typeof call.http,
    }
    for await (const page of shopify.pullOrders(lost, lastDays(shop.sim, 60))) found.push(...page.records)
    expect(idsOf(found)).toHaveLength(40)
  })
})

describe('what an app may', () => {
  it('is told by the check: scopes, location, and how far back', async () => {
    shop = await testShop({ allOrders: false, locations: 2 })
    const steps = await shopify.check(shop.call())
    expect(steps.find((step) => step.step.en === 'How far back')?.detail).toContain('60 days')
    expect(steps.find((step) => step.step.en === 'Stock location')?.ok).toBe(false)
    const chosen = await shopify.check(shop.call({ locationId: '90000002' }))
    expect(chosen.filter((step) => !step.ok)).toEqual([])
  })

  it('ends with a token that was taken back, without a try to renew a token that was copied by hand', async () => {
    shop = await testShop()
    shop.sim.control.revoke(true)
    expect(await faultOf(shopify.fetchOrder(shop.call({}, { clientSecret: undefined }), ['1']))).toMatchObject({ kind: 'unauthorized', status: 401 })
    expect(shop.sim.ledger.requests()).toHaveLength(1)
  })

  it('begins without any credential as misconfigured', async () => {
    shop = await testShop()
    expect(await faultOf(shopify.fetchOrder(shop.call({}, { accessToken: undefined }), ['1']))).toMatchObject({
      kind: 'misconfigured',
      code: 'no-token',
    })
  })
})
