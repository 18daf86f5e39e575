import { PICKUP } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { outcomeOfError } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { criteria, send } from './client.ts'
import type { MagentoCall } from './manifest.ts'

/** More packages than an order has. */
const MOST = 200

export async function readShipments(call: MagentoCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const { doc } = await send(call, { path: 'shipments', query: criteria([['order_id', 'eq', orderId]], { size: MOST, current: 1 }) })
  return listField(doc, 'items').map((one): ChannelShipment => {
    const [track] = listField(one, 'tracks')
    const [carrier, trackingNo] = [textField(track, 'title'), textField(track, 'track_number')]
    return {
      channelShipmentNo: textField(one, 'entity_id') ?? '',
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state: 'shipped',
      lines: listField(one, 'items').map((line) => ({
        channelLineNo: textField(line, 'order_item_id') ?? '',
        quantity: textField(line, 'qty') ?? '0',
      })),
    }
  })
}

/** True when every piece of these lines has left: a hand-over has no number to know it by. */
async function nothingOpen(call: MagentoCall, { orderId, lines }: ShipmentWrite): Promise<boolean> {
  const { doc } = await send(call, { path: `orders/${encodeURIComponent(orderId)}` })
  const items = listField(doc, 'items')
  return lines.every(({ channelLineNo }) => {
    const item = items.find((one) => textField(one, 'item_id') === channelLineNo)
    const of = (name: string): number => Number(textField(item, name) ?? 0)
    return of('qty_ordered') > 0 && of('qty_shipped') + of('qty_canceled') >= of('qty_ordered')
  })
}

/** Carriers travel under their own name: Magento takes any behind the code "custom". What was collected has no track. */
export async function pushShipment(call: MagentoCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId, carrier, trackingNo, lines } = shipment
  try {
    const collected = carrier.code === PICKUP
    const there = collected ? await nothingOpen(call, shipment) : (await readShipments(call, orderId)).some((one) => one.trackingNo === trackingNo)
    if (there) return { key, status: 'unchanged' }
    const body = {
      items: lines.map(({ channelLineNo, quantity }) => ({ order_item_id: Number(channelLineNo), qty: quantity })),
      notify: shipment.notifyBuyer,
      ...(collected ? {} : { tracks: [{ track_number: trackingNo, title: carrier.name, carrier_code: 'custom' }] }),
    }
    await send(call, { method: 'POST', path: `order/${encodeURIComponent(orderId)}/ship`, body })
    return { key, status: 'applied', proof: collected ? { told: 'collected' } : { trackingNo } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}
