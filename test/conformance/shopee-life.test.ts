import { expect, it } from 'vitest'
import type { Done } from '../../sandbox/stage/shop-control.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { playLife, type Moment } from './a-shops-life.ts'
import { everything, orderOf, pages, recordsOf } from './kit/reading.ts'
import { onStage, type Stage } from './kit/stage.ts'
import { ability, subjectOf } from './kit/subject.ts'

const subject = subjectOf('shopee')

/** What may happen in a shop. */
const acts = ({ sim, id, line, other, what }: Moment<Stage['sim']>) => {
  const { control, ledger, levers } = sim
  const lines = [{ sku: line?.sku ?? '', quantity: 3 }]
  const pull = (lever: string, input: Readonly<Record<string, unknown>>): Done => Object(levers?.[lever]?.(input, sim)) as Done
  return [
    () => control.shop(),
    () => control.shop(),
    () => pull('place', { lines, unpaid: true, shippingMinor: 199 }),
    () => pull('place', { lines, cod: true, orderDiscountMinor: 101 }),
    () => pull('place', { lines, shippingMinor: 199, orderDiscountMinor: 77, channelDiscountMinor: 33, lineDiscountMinor: 5, otherFeeMinor: 50 }),
    () => pull('pay', { orderId: id }),
    () => pull(ledger.order(id)?.status === 'SHIPPED' ? 'finish' : 'pay', { orderId: id }),
    () => pull('decide-refunds', { orderId: id, decision: ['approve', 'settle', 'reject', 'close'][what % 4] }),
    () => control.edit(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.refund(id, 37),
    () => control.refund(id),
    () => control.ship(id),
    () => control.ship(id, { lines: [{ lineId: (other ?? line)?.lineId ?? '', quantity: 1 }] }),
    () => control.ship(id),
  ]
}

it.each([31, 32, 33])(
  'whatever happens in a shop, each order maps, adds up to its ledger and is the same however it was found (seed %i)',
  async (seed) => {
    await onStage(subject, { products: 20, seed }, async (stage) => {
      const ids = playLife(stage.sim, { seed, steps: 160 }, acts)
      const records = recordsOf(await pages(subject, stage.call(), everything(stage)))
      const found = records.map((record) => orderOf(stage, record))
      expect(found.map((order) => order.channelOrderNo).sort()).toEqual([...ids].sort())
      expect(new Set(found.map((order) => `${order.sourceStatus} ${order.payment} ${order.fulfilment}`)).size).toBeGreaterThan(8)
      for (const order of found) {
        const truth = stage.sim.ledger.order(order.channelOrderNo)
        expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
        expect([order.channelOrderNo, order.sourceStatus, order.totals.total.minor, order.totals.refunded.minor]).toEqual([
          truth?.number,
          truth?.status,
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
      // Returns come with the orders they are of, and by their own stream, each as much as the shop gave back.
      const known = stage.sim.ledger.orders().flatMap((truth) => truth.refunds.map(({ refundId, minor }) => `${refundId} ${minor}`))
      const listed = recordsOf(await pages(subject, stage.call(), { ...everything(stage), stream: 'refunds' }))
      for (const some of [asked, listed]) {
        const refunds = some.filter(({ kind }) => kind === 'refund').map((record) => mapRecord(record, subject.mapping, stage.context))
        const given = refunds.flatMap((each) => (each.kind === 'refund' ? [`${each.refund.channelRefundNo} ${each.refund.amount.minor}`] : []))
        expect([...given].sort()).toEqual([...known].sort())
      }
      expect(known.length).toBeGreaterThan(3)
    })
  },
)
