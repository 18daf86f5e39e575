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

/** Carriers travel under their own name: Magento takes any behind the code "custom". */
export async function pushShipment(call: MagentoCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId, carrier, trackingNo, lines } = shipment
  try {
    const there = (await readShipments(call, orderId)).some((one) => one.trackingNo === trackingNo)
    if (there) return { key, status: 'unchanged' }
    const body = {
      items: lines.map(({ channelLineNo, quantity }) => ({ order_item_id: Number(channelLineNo), qty: quantity })),
      notify: shipment.notifyBuyer,
      tracks: [{ track_number: trackingNo, title: carrier.name, carrier_code: 'custom' }],
    }
    await send(call, { method: 'POST', path: `order/${encodeURIComponent(orderId)}/ship`, body })
    return { key, status: 'applied', proof: { trackingNo } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}
