import { expect, it } from 'vitest'
import { jd as connector } from '../../connectors/jd/index.ts'
import { jd as mapping } from '../../mappings/jd.ts'
import type { JdSim } from '../../sandbox/jd/index.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { playLife, type Moment } from './a-shops-life.ts'
import { pages, testShop } from './jd-shop.ts'

const mapOf = (record: RawRecord) =>
  mapping.map({ ...record, doc: parseJson(record.payload) }, { connectionId: 'c_9', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} })
const orderOf = (record: RawRecord): Order => {
  const mapped = mapOf(record)
  if (mapped.kind !== 'order') throw new Error('No order.')
  return mapped.order
}

/** What may happen in a shop. */
const acts = ({ sim: { control }, id, line }: Moment<JdSim>) => {
  const one = [{ sku: line?.sku ?? '', quantity: 1 }]
  return [
    () => control.shop(),
    () => control.shop(),
    () => control.placeOrder({ lines: one, cod: true, shippingMinor: 500 }),
    () => control.placeOrder({ lines: one, lineDiscountMinor: 3, orderDiscountMinor: 7, channelDiscountMinor: 11 }),
    () => control.placeOrder({ lines: one, unpaid: true }),
    () => control.edit(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.refund(id),
    () => control.refund(id, 137),
    () => control.requestRefund(id, 0),
    () => control.changeAddress(id),
    () => control.ship(id),
    () => (line?.shippedQuantity === 0 ? undefined : control.finish(id)),
    () => control.pay(id),
  ]
}

it.each([21, 22])(
  'whatever happens in a shop, each order maps, adds up to its ledger and is the same however it was found (seed %i)',
  async (seed) => {
    const shop = await testShop({ seed })
    try {
      const { sim } = shop
      sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
      sim.control.seedProducts(20)
      playLife(sim, { seed, steps: 240 }, acts)
      const now = sim.clock.now()
      const window = { from: new Date(now - 80_000_000).toISOString(), to: new Date(now + 1000).toISOString() }
      const records = (await pages(shop.call({ config: { pageSize: 30 } }), { stream: 'orders', window })).flatMap((page) => page.records)
      const found = records.map(orderOf)
      expect(found.map((order) => order.channelOrderNo).sort()).toEqual(
        sim.ledger
          .orders()
          .map((truth) => truth.orderId)
          .sort(),
      )
      expect(new Set(found.map((order) => order.sourceStatus)).size).toBeGreaterThan(3)
      for (const order of found) {
        const truth = sim.ledger.order(order.channelOrderNo)
        expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
        expect([order.totals.total.minor, order.totals.refunded.minor]).toEqual([truth?.totalMinor, truth?.refundedMinor])
        expect(order.lines.map((line) => [line.channelLineNo, line.net.minor, Number(line.shipped)])).toEqual(
          truth?.lines.map((line) => [line.lineId, line.totalMinor, line.shippedQuantity]),
        )
      }
      const byId = new Map(found.map((order) => [order.channelOrderNo, order]))
      const asked = (await connector.fetchOrder(shop.call(), [...byId.keys()])).map(orderOf)
      expect(asked).toHaveLength(found.length)
      expect(asked).toEqual(asked.map((order) => byId.get(order.channelOrderNo)))
      const applications = (await pages(shop.call(), { stream: 'cancellations', window })).flatMap((page) => page.records)
      expect(applications.length).toBeGreaterThan(0)
      expect(applications.map((record) => mapOf(record).kind)).toEqual(applications.map(() => 'refund'))
    } finally {
      await shop.stop()
    }
  },
)
