import { expect, it } from 'vitest'
import { ebay as connector } from '../../connectors/ebay/index.ts'
import { ebay as mapping } from '../../mappings/ebay.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { playLife, type Moment } from './a-shops-life.ts'
import { pagesOf, recordsOf, testShop } from './ebay-shop.ts'

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
    () => control.placeOrder({ lines: one, unpaid: true, shippingMinor: 500 }),
    () => control.placeOrder({ lines: one, otherFeeMinor: 150, orderDiscountMinor: 77 }),
    () => control.edit(id),
    () => control.changeAddress(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.requestRefund(id, 1),
    () => control.decideRefunds(id, 'settle'),
    () => control.decideRefunds(id, 'reject'),
    () => control.refund(id, 137),
    () => control.ship(id),
    () => control.ship(id, { lines: [{ lineId: (other ?? line)?.lineId ?? '', quantity: 1 }] }),
    () => control.pay(id),
    () => control.finish(id),
  ]
}

it.each([31, 32, 33])(
  'whatever happens in a shop, each order maps, adds up to its ledger and is the same however it was found (seed %i)',
  async (seed) => {
    const shop = await testShop({ seed })
    try {
      const { sim } = shop
      sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
      sim.control.seedProducts(20)
      const ids = playLife(sim, { seed, steps: 160 }, acts)
      sim.clock.advance(1000)
      const window = { from: new Date(Date.UTC(2026, 10, 20, 3)).toISOString(), to: new Date(sim.clock.now()).toISOString() }
      const records = recordsOf(await pagesOf(shop.call(), { stream: 'orders', window }))
      expect([...new Set(records.map(({ externalId }) => externalId))].sort()).toEqual([...ids].sort())
      for (const record of records) {
        const [order, truth] = [orderOf(record), sim.ledger.order(record.externalId)]
        expect(checkOrder(order).filter(({ code }) => /mismatch|quantity/.test(code))).toEqual([])
        expect({ id: record.externalId, ...said(order) }).toEqual({ id: record.externalId, ...known(truth) })
        const [again] = await connector.fetchOrder(shop.call(), [record.externalId])
        expect(again && orderOf(again)).toEqual(order)
      }
    } finally {
      await shop.stop()
    }
  },
)

const said = ({ totals, lines }: Order) => ({
  total: totals.total.minor,
  refunded: totals.refunded.minor,
  discount: totals.discount.minor,
  lines: lines.map(({ channelLineNo, net, shipped }) => [channelLineNo, net.minor, Number(shipped)]),
})

const known = (truth: ReturnType<MarketSim['ledger']['order']>) => ({
  total: truth?.totalMinor,
  refunded: truth?.refundedMinor,
  discount: truth?.discountMinor,
  lines: truth?.lines.map(({ lineId, totalMinor, shippedQuantity }) => [lineId, totalMinor, shippedQuantity]),
})
