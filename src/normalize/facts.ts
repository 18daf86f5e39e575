import type { Order } from '../core/order.ts'
import type { FactRow } from '../store/apply/rows.ts'

/** Timeline facts the channel's document states beyond its own columns (placed, paid); facts are only ever added. */
export function channelFacts(order: Order): readonly FactRow[] {
  const facts: FactRow[] = []
  if (order.cancelRequest)
    facts.push({
      code: 'cancel_requested',
      at: order.cancelRequest.at ?? order.sourceUpdatedAt,
      ...(order.cancelRequest.id && { ref: order.cancelRequest.id }),
    })
  if (order.cancelled) facts.push({ code: 'cancelled', at: order.cancelled.at ?? order.sourceUpdatedAt })
  for (const shipment of order.shipments) {
    if (shipment.state === 'pending' || shipment.state === 'cancelled') continue
    const at = shipment.at ?? order.sourceUpdatedAt
    const ref = shipment.trackingNo ?? shipment.channelShipmentNo
    facts.push({ code: 'shipped', at, ref })
    if (shipment.state === 'delivered') facts.push({ code: 'received', at, ref })
  }
  if (order.fulfilment === 'shipped' && order.shipments.length === 0) facts.push({ code: 'shipped', at: order.sourceUpdatedAt })
  return facts
}
