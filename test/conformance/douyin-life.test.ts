import { expect, it } from 'vitest'
import type { Done } from '../../sandbox/stage/shop-control.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { playLife, type Moment } from './a-shops-life.ts'
import { everything, orderOf, pages, recordsOf } from './kit/reading.ts'
import { onStage, type Stage } from './kit/stage.ts'
import { ability, subjectOf } from './kit/subject.ts'

const subject = subjectOf('douyin')

/** What may happen in a shop. */
const acts = ({ sim, id, line, what }: Moment<Stage['sim']>) => {
  const { control, ledger, levers } = sim
  const lines = [{ sku: line?.sku ?? '', quantity: 2 }]
  const pull = (lever: string, input: Readonly<Record<string, unknown>>): Done => Object(levers?.[lever]?.(input, sim)) as Done
  return [
    () => control.shop(),
    () => control.shop(),
    () => pull('place', { lines, depositMinor: 100 }),
    () => pull('place', { lines, unpaid: true }),
    () => pull('place', { lines, kind: 'held', shippingMinor: 700, channelDiscountMinor: 33, adjustMinor: -7, otherFeeMinor: 200 }),
    () => pull('pay', { orderId: id }),
    // Nobody confirms what has not left.
    () => pull(ledger.order(id)?.status === '3' ? 'finish' : 'pay', { orderId: id }),
    () => pull('decide-refunds', { orderId: id, decision: ['approve', 'settle', 'reject', 'close'][what % 4] }),
    () => control.edit(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.refund(id, 37),
    () => control.refund(id),
    () => control.ship(id),
    () => control.ship(id, { lines: [{ lineId: line?.lineId ?? '', quantity: 1 }] }),
    () => control.ship(id),
  ]
}

it.each([21, 22, 23])(
  'whatever happens in a shop, each order maps, adds up to its ledger and is the same however it was found (seed %i)',
  async (seed) => {
    await onStage(subject, { products: 20, seed }, async (stage) => {
      const ids = playLife(stage.sim, { seed, steps: 160 }, acts)
      const records = recordsOf(await pages(subject, stage.call(), everything(stage)))
      const found = records.map((record) => orderOf(stage, record))
      expect(found.map((order) => order.channelOrderNo).sort()).toEqual([...ids].sort())
      expect(new Set(found.map((order) => order.sourceStatus)).size).toBeGreaterThan(5)
      for (const order of found) {
        const truth = stage.sim.ledger.order(order.channelOrderNo)
        expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
        expect([order.sourceStatus, order.totals.total.minor, order.totals.refunded.minor]).toEqual([
          expect.stringContaining(truth?.status ?? '?'),
          truth?.totalMinor,
          truth?.refundedMinor,
        ])
        expect(order.lines.map((line) => [line.channelLineNo, line.net.minor, Number(line.shipped)])).toEqual(
          truth?.lines.map((line) => [line.lineId, line.totalMinor, line.shippedQuantity]),
        )
      }
      const asked = await ability(subject, 'fetchOrder')(stage.call(), [...ids])
      const byId = new Map(found.map((order) => [order.channelOrderNo, order]))
      const orders = asked.filter(({ kind }) => kind === 'order').map((record) => orderOf(stage, record))
      expect(orders).toEqual(orders.map((order) => byId.get(order.channelOrderNo)))
      // After-sales come with the orders they are of, each as much as the shop gave back.
      const refunds = asked.filter(({ kind }) => kind === 'refund').map((record) => mapRecord(record, subject.mapping, stage.context))
      const given = refunds.flatMap((each) => (each.kind === 'refund' ? [`${each.refund.channelRefundNo} ${each.refund.amount.minor}`] : []))
      const known = stage.sim.ledger.orders().flatMap((truth) => truth.refunds.map(({ refundId, minor }) => `${refundId} ${minor}`))
      expect([...given].sort()).toEqual([...known].sort())
      expect(given.length).toBeGreaterThan(5)
    })
  },
)
