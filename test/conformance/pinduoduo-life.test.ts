import { expect, it } from 'vitest'
import { pinduoduo as connector } from '../../connectors/pinduoduo/index.ts'
import { pinduoduo as mapping } from '../../mappings/pinduoduo.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { playLife, type Moment } from './a-shops-life.ts'
import { pages, recordsOf, testShop } from './pinduoduo-shop.ts'

const orderOf = (record: RawRecord | undefined): Order => {
  const doc = parseJson(record?.payload ?? 'null')
  const given = { connectionId: 'c_9', timezone: 'UTC', currency: 'CNY', config: {} }
  const mapped = mapping.map({ kind: 'order', externalId: record?.externalId ?? '', doc }, given)
  if (mapped.kind !== 'order') throw new Error('No order.')
  return mapped.order
}

/** What may happen in a shop. */
const acts = ({ sim: { control }, id, line }: Moment<MarketSim>) => {
  const one = [{ sku: line?.sku ?? '', quantity: 1 }]
  return [
    () => control.shop(),
    () => control.shop(),
    () => control.placeOrder({ lines: one, otherFeeMinor: 300, shippingMinor: 500, channelDiscountMinor: 77, orderDiscountMinor: 33 }),
    () => control.placeOrder({ lines: one, depositMinor: 100 }),
    () => control.placeOrder({ lines: [...one, ...one], adjustMinor: 40, kind: 'review' }),
    () => control.edit(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.refund(id, 37),
    () => control.refund(id),
    () => control.ship(id),
    () => control.pay(id),
    () => control.finish(id),
  ]
}

it.each([11, 12])(
  'whatever happens in a shop, each order maps, adds up to its ledger line by line and is the same however it was found (seed %i)',
  async (seed) => {
    const shop = await testShop(seed)
    try {
      const { sim } = shop
      sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
      sim.control.seedProducts(20)
      const ids = playLife(sim, { seed, steps: 150 }, acts)
      const now = sim.clock.now()
      const window = { from: new Date(now - 1_700_000).toISOString(), to: new Date(now + 1000).toISOString() }
      const found = recordsOf(await pages(shop.call({ pageSize: 30 }), { stream: 'orders', window })).map(orderOf)
      expect(found.map((order) => order.channelOrderNo).sort()).toEqual([...ids].sort())
      expect(new Set(found.map((order) => order.sourceStatus)).size).toBeGreaterThan(5)
      for (const order of found) {
        const truth = sim.ledger.order(order.channelOrderNo)
        expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
        expect([order.totals.total.minor, order.totals.refunded.minor]).toEqual([truth?.totalMinor, truth?.refundedMinor])
        expect(order.lines.map((line) => [line.channelLineNo, line.net.minor])).toEqual(truth?.lines.map((line) => [line.lineId, line.totalMinor]))
        expect(order.sourceStatus).toContain(truth?.status)
      }
      const asked = (await connector.fetchOrder(shop.call(), [...ids])).map(orderOf)
      const byId = new Map(found.map((order) => [order.channelOrderNo, order]))
      expect(asked).toEqual(asked.map((order) => byId.get(order.channelOrderNo)))
    } finally {
      await shop.stop()
    }
  },
)
