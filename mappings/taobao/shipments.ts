import type { ChannelShipment } from '../../src/core/order.ts'
import { list, optionalText, requiredText, text } from '../parts/read.ts'
import { pieces, time } from '../parts/cny.ts'

/** Sub-orders that went under the same number are one package. */
export function shipmentsOf(doc: unknown): readonly ChannelShipment[] {
  const packages = new Map<string, ChannelShipment>()
  for (const { value } of list(doc, '/orders/order')) {
    const trackingNo = optionalText(value, '/invoice_no')
    if (trackingNo === undefined) continue
    const line = { channelLineNo: requiredText(value, '/oid'), quantity: pieces(value, '/num', '0') }
    const known = packages.get(trackingNo)
    const carrier = optionalText(value, '/logistics_company')
    const at = time(value, '/consign_time')
    packages.set(trackingNo, {
      channelShipmentNo: trackingNo,
      trackingNo,
      state: text(value, '/status') === 'TRADE_FINISHED' ? 'delivered' : 'shipped',
      ...(carrier === undefined ? {} : { carrier }),
      ...(at === undefined ? {} : { at }),
      ...known,
      lines: [...(known?.lines ?? []), line],
    })
  }
  return [...packages.values()]
}
