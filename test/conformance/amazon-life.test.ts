import { expect, it } from 'vitest'
import { amazon as connector } from '../../connectors/amazon/index.ts'
import { amazon as mapping } from '../../mappings/amazon.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { playLife, type Moment } from './a-shops-life.ts'
import { pagesOf, recordsOf, testShop } from './amazon-shop.ts'

const orderOf = (record: RawRecord): Order => {
  const raw = { kind: record.kind, externalId: record.externalId, doc: parseJson(record.payload) }
  const mapped = mapping.map(raw, { connectionId: 'c_9', timezone: 'UTC', currency: 'USD', config: {} })
  if (mapped.kind !== 'order') throw new Error('No order.')
  return mapped.order
}

/** What may happen in a shop. */
const acts = ({ sim: { control }, id, line, other }: Moment<MarketSim>) => {
  const one = [{ sku: line?.sku ?? '', quantity: 2 }]
  return [
    () => control.shop(),
    () => control.shop(),
    () => control.placeOrder({ lines: one, shippingMinor: 599, otherFeeMinor: 498, lineDiscountMinor: 120 }),
    () => control.placeOrder({ lines: one, unpaid: true }),
    () => control.placeOrder({ lines: one, kind: 'fba' }),
    () => control.edit(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.decideRefunds(id, 'reject'),
    () => control.refund(id, 137),
    () => control.ship(id),
    () => control.ship(id, { lines: [{ lineId: (other ?? line)?.lineId ?? '', quantity: 1 }] }),
    () => control.pay(id),
    () => control.finish(id),
  ]
}

it.each([
  [31, '2026-01-01'],
  [32, '2026-01-01'],
  [33, 'v0'],
] as const)(
  'whatever happens in a shop, each order maps, adds up to its ledger and is the same however it was found (seed %i, %s)',
  async (seed, orders) => {
    const shop = await testShop({ seed })
    try {
      const { sim } = shop
      sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
      sim.control.seedProducts(20)
      const ids = playLife(sim, { seed, steps: 160 }, acts)
      const now = sim.clock.now()
      const window = { from: new Date(now - 3_000_000).toISOString(), to: new Date(now + 1000).toISOString() }
      const call = shop.call({ pageSize: 30, orders })
      const found = recordsOf(await pagesOf(call, { stream: 'orders', window })).map(orderOf)
      expect(found.map((order) => order.channelOrderNo).sort()).toEqual([...ids].sort())
      expect(new Set(found.map((order) => `${order.sourceStatus} ${order.payment} ${order.fulfilment} ${order.fulfilmentBy}`)).size).toBeGreaterThan(
        5,
      )
      for (const order of found) {
        const truth = sim.ledger.order(order.channelOrderNo)
        expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
        expect([order.totals.total.minor, order.totals.refunded.minor]).toEqual([truth?.totalMinor, truth?.refundedMinor])
        const shown = order.lines.map((line) => [line.channelLineNo, line.net.minor, Number(line.shipped)])
        expect(shown).toEqual(truth?.lines.map((line) => [line.lineId, line.totalMinor, line.shippedQuantity]))
      }
      const asked = (await connector.fetchOrder(call, [...ids])).map(orderOf)
      const byId = new Map(found.map((order) => [order.channelOrderNo, order]))
      expect(asked).toEqual(asked.map((order) => byId.get(order.channelOrderNo)))
    } finally {
      await shop.stop()
    }
  },
)
