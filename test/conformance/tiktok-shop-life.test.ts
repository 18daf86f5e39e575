import { expect, it } from 'vitest'
import { tiktokShop as connector } from '../../connectors/tiktok-shop/index.ts'
import type { TikTokCall } from '../../connectors/tiktok-shop/manifest.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { playLife, type Moment } from './a-shops-life.ts'
import { onStage } from './kit/stage.ts'
import { subjectOf } from './kit/subject.ts'

/** What may happen in a shop. */
const acts = ({ sim: { control }, id, line, other }: Moment<MarketSim>) => {
  const one = [{ sku: line?.sku ?? '', quantity: 3 }]
  return [
    () => control.shop(),
    () => control.shop(),
    () => control.placeOrder({ lines: one, cod: true, shippingMinor: 500 }),
    () => control.placeOrder({ lines: one, channelDiscountMinor: 101, orderDiscountMinor: 50 }),
    () => control.placeOrder({ lines: one, kind: 'platform' }),
    () => control.placeOrder({ lines: one, kind: 'packed', unpaid: true }),
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

it.each([31, 32, 33])(
  'whatever happens in a shop, each order maps, adds up to its ledger, gives back what went back and is the same however it was found (seed %i)',
  (seed) =>
    onStage(subjectOf('tiktok-shop'), { products: 20, seed }, async (stage) => {
      const sim = stage.sim as MarketSim
      const ids = playLife(sim, { seed, steps: 170 }, acts)
      const call = stage.call() as TikTokCall
      const mapped = (record: RawRecord) => mapRecord(record, stage.subject.mapping, stage.context)
      const orderOf = (record: RawRecord): Order => {
        const found = mapped(record)
        if (found.kind !== 'order') throw new Error(`That is ${found.kind}.`)
        return found.order
      }
      const now = sim.clock.now()
      const window = { from: new Date(now - 3_000_000).toISOString(), to: new Date(now + 1000).toISOString() }
      const all: RawRecord[] = []
      for (const stream of ['orders', 'cancellations', 'returns'])
        for await (const page of connector.pullOrders(call, { stream, window })) all.push(...page.records)
      const found = new Map(all.filter(({ kind }) => kind === 'order').map((record) => [record.externalId, orderOf(record)]))
      expect([...found.keys()].sort()).toEqual([...ids].sort())
      expect(new Set([...found.values()].map((order) => `${order.sourceStatus} ${order.payment} ${order.fulfilment}`)).size).toBeGreaterThan(6)
      const back = new Map<string, Map<string, number>>()
      for (const record of all) {
        const one = record.kind === 'refund' ? mapped(record) : undefined
        if (one?.kind === 'refund' && one.refund.state === 'done')
          back.set(
            one.refund.channelOrderNo ?? '',
            (back.get(one.refund.channelOrderNo ?? '') ?? new Map()).set(one.refund.channelRefundNo, one.refund.amount.minor),
          )
      }
      for (const order of found.values()) {
        const truth = sim.ledger.order(order.channelOrderNo)
        expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
        expect(order.totals.total.minor).toBe(truth?.totalMinor)
        expect([...(back.get(order.channelOrderNo)?.values() ?? [])].reduce((sum, minor) => sum + minor, 0)).toBe(truth?.refundedMinor)
        // Finishing hands over what never left the shop otherwise.
        const isHandedOver = order.sourceStatus === 'COMPLETED'
        expect(order.lines.map((line) => [line.channelLineNo, line.net.minor, isHandedOver ? line.shipped : Number(line.shipped)])).toEqual(
          truth?.lines.map((line, i) => [line.lineId, line.totalMinor, isHandedOver ? order.lines[i]?.shipped : line.shippedQuantity]),
        )
      }
      const records = (await connector.fetchOrder(call, [...ids])).filter(({ kind }) => kind === 'order')
      expect(records.map(orderOf)).toEqual(records.map(({ externalId }) => found.get(externalId)))
    }),
)
