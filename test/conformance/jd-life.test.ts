import { expect, it } from 'vitest'
import { jd as connector } from '../../connectors/jd/index.ts'
import { jd as mapping } from '../../mappings/jd.ts'
import type { JdSim } from '../../sandbox/jd/index.ts'
import { createRandom } from '../../sandbox/stage/random.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { pages, testShop } from './jd-shop.ts'

const mapOf = (record: RawRecord) =>
  mapping.map({ ...record, doc: parseJson(record.payload) }, { connectionId: 'c_9', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} })
const orderOf = (record: RawRecord): Order => {
  const mapped = mapOf(record)
  if (mapped.kind !== 'order') throw new Error('No order.')
  return mapped.order
}

/** One thing that happens in a shop; what cannot happen to this order is refused and leaves it alone. */
function happen(sim: JdSim, what: number, id: string): string | undefined {
  const { control, ledger } = sim
  const [line] = ledger.order(id)?.lines ?? []
  const one = [{ sku: line?.sku ?? '', quantity: 1 }]
  const acts = [
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
  const done = acts[what % acts.length]?.()
  if (line && (control.stockOf(line.sku) ?? 9) < 5) control.setStock(line.sku, 100)
  return done?.ok ? done.orderId : undefined
}

it.each([21, 22])(
  'whatever happens in a shop, each order maps, adds up to its ledger and is the same however it was found (seed %i)',
  async (seed) => {
    const shop = await testShop({ seed })
    try {
      const { sim } = shop
      const random = createRandom(seed)
      sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
      sim.control.seedProducts(20)
      const ids = new Set<string>()
      for (let n = 0; n < 240; n += 1) {
        sim.clock.advance(3000)
        const known = [...ids]
        const id = happen(sim, known.length < 4 ? 0 : random.int(0, 14), known[random.int(0, Math.max(0, known.length - 1))] ?? '')
        if (id !== undefined) ids.add(id)
      }
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
