import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { taobao as mapping } from '../../mappings/taobao.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { idsOf, pages, recordsOf, testShop, type TestShop } from './taobao-shop.ts'

let shop: TestShop
const iso = (ms: number): string => new Date(ms).toISOString()
const lastDay = () => ({ from: iso(shop.sim.clock.now() - 86_000_000), to: iso(shop.sim.clock.now() + 1000) })
const mapOf = (record: RawRecord) =>
  mapping.map({ ...record, doc: parseJson(record.payload) }, { connectionId: 'c_9', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} })
const orderOf = (record: RawRecord | undefined): Order => {
  const mapped = record && mapOf(record)
  if (mapped?.kind !== 'order') throw new Error('No order.')
  return mapped.order
}

beforeAll(async () => {
  shop = await testShop()
  shop.sim.control.seedProducts(30)
  shop.sim.control.seedOrders(120, 0.9)
})
afterAll(() => shop.stop())
beforeEach(() => {
  shop.sim.control.clearFaults()
  shop.sim.control.oddPaging('none')
  shop.sim.clock.release()
  shop.called()
})

describe('reading', () => {
  it('brings every trade in full, last page first, and they map to the shop’s own ledger', async () => {
    const found = await pages(shop.call(), { stream: 'orders', window: lastDay() })
    const truths = shop.sim.ledger.orders()
    expect(idsOf(recordsOf(found))).toEqual(truths.map((truth) => truth.orderId).sort())
    expect(found.length).toBeGreaterThanOrEqual(3)
    const times = recordsOf(found).map((record) => record.sourceTime ?? '')
    expect(times[0]! < times.at(-1)!).toBe(true)
    for (const record of recordsOf(found)) {
      const order = orderOf(record)
      const truth = truths.find((each) => each.orderId === order.channelOrderNo)
      expect([order.totals.total.minor, order.totals.refunded.minor, order.totals.discount.minor]).toEqual([
        truth?.totalMinor,
        order.closed ? truth?.refundedMinor : 0,
        truth?.discountMinor,
      ])
      expect(order.lines.map((line) => [line.channelLineNo, line.channelSku, line.quantity, line.net.minor, line.shipped])).toEqual(
        truth?.lines.map((line) => [line.lineId, line.sku, String(line.quantity), line.totalMinor, String(line.shippedQuantity)]),
      )
      expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
      expect(order.placedAt).toBe(truth?.placedAt.replace('.000Z', 'Z'))
    }
  })

  it('goes on from every cursor without losing anything', async () => {
    const request = { stream: 'orders', window: lastDay() }
    const call = shop.call({ pageSize: 20 })
    const whole = await pages(call, request)
    const all = idsOf(recordsOf(whole))
    expect(whole.length).toBeGreaterThan(5)
    for (const [i, page] of whole.entries()) {
      if (page.cursor === null) continue
      const rest = await pages(call, { ...request, after: JSON.parse(JSON.stringify(page.cursor)) })
      expect(idsOf([...recordsOf(whole.slice(0, i + 1)), ...recordsOf(rest)])).toEqual(all)
    }
  })
})
