import { expect, it } from 'vitest'
import { youzan as connector } from '../../connectors/youzan/index.ts'
import { youzan as mapping } from '../../mappings/youzan.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { playLife, type Moment } from './a-shops-life.ts'
import { pagesOf, recordsOf, testShop } from './youzan-shop.ts'

const orderOf = (record: RawRecord): Order => {
  const raw = { kind: record.kind, externalId: record.externalId, doc: parseJson(record.payload) }
  const mapped = mapping.map(raw, { connectionId: 'c_9', timezone: 'UTC', currency: 'CNY', config: {} })
  if (mapped.kind !== 'order') throw new Error('No order.')
  return mapped.order
}

/** What may happen in a shop. */
const acts = ({ sim: { control }, id, line, other }: Moment<MarketSim>) => {
  const one = [{ sku: line?.sku ?? '', quantity: 1 }]
  return [
    () => control.shop(),
    () => control.shop(),
    () => control.placeOrder({ lines: one, cod: true, shippingMinor: 500 }),
    () => control.placeOrder({ lines: one, depositMinor: 100 }),
    () => control.placeOrder({ lines: one, kind: 'pos' }),
    () => control.edit(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.requestRefund(id, 1),
    () => control.decideRefunds(id, 'approve'),
    () => control.decideRefunds(id, 'settle'),
    () => control.decideRefunds(id, 'reject'),
    () => control.refund(id, 137),
    () => control.ship(id),
    () => control.ship(id, { lines: [{ lineId: (other ?? line)?.lineId ?? '', quantity: 1 }] }),
    () => control.pay(id),
    () => control.finish(id),
  ]
}

it.each([21, 22, 23])(
  'whatever happens in a shop, each order maps, adds up to its ledger and is the same however it was found (seed %i)',
  async (seed) => {
    const shop = await testShop({ seed })
    try {
      const { sim } = shop
      sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
      sim.control.seedProducts(20)
      const ids = playLife(sim, { seed, steps: 160 }, acts)
      const now = sim.clock.now()
      const window = { from: new Date(now - 3_000_000).toISOString(), to: new Date(now + 1000).toISOString() }
      const found = recordsOf(await pagesOf(shop.call({ config: { pageSize: 30 } }), { stream: 'orders', window })).map(orderOf)
      expect(found.map((order) => order.channelOrderNo).sort()).toEqual([...ids].sort())
      expect(new Set(found.map((order) => `${order.sourceStatus} ${order.payment} ${order.fulfilment}`)).size).toBeGreaterThan(8)
      for (const order of found) {
        const truth = sim.ledger.order(order.channelOrderNo)
        expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
        expect([order.totals.total.minor, order.totals.refunded.minor]).toEqual([truth?.totalMinor, truth?.refundedMinor])
        const shown = order.lines.map((line) => [line.channelLineNo, line.net.minor, Number(line.shipped)])
        // Finishing hands over what never left the shop otherwise: a sale at a till, an order somebody fetched.
        const isHandedOver = order.sourceStatus === 'TRADE_SUCCESS'
        expect(shown).toEqual(
          truth?.lines.map((line, i) => [line.lineId, line.totalMinor, isHandedOver ? Number(order.lines[i]?.shipped) : line.shippedQuantity]),
        )
      }
      const asked = (await connector.fetchOrder(shop.call(), [...ids])).filter((record) => record.kind === 'order').map(orderOf)
      const byId = new Map(found.map((order) => [order.channelOrderNo, order]))
      expect(asked).toEqual(asked.map((order) => byId.get(order.channelOrderNo)))
    } finally {
      await shop.stop()
    }
  },
)
