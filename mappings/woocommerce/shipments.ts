import type { ChannelShipment, Instant } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'
import { metaValue } from './meta.ts'

/** The Shipment Tracking plugins keep their packages in the order's metadata. They do not say which lines went. */
export function shipmentsOf(doc: unknown): readonly ChannelShipment[] {
  const items = metaValue(doc, '_wc_shipment_tracking_items')
  if (!Array.isArray(items)) return []
  return items.flatMap((item: unknown) => {
    const id = optionalText(item, '/tracking_id')
    const trackingNo = optionalText(item, '/tracking_number')
    if (id === undefined || trackingNo === undefined) return []
    const carrier = optionalText(item, '/custom_tracking_provider') ?? optionalText(item, '/tracking_provider')
    const at = shippedAt(optionalText(item, '/date_shipped'))
    return [
      {
        channelShipmentNo: id,
        ...(carrier === undefined ? {} : { carrier }),
        trackingNo,
        state: 'shipped' as const,
        ...(at === undefined ? {} : { at }),
        lines: [],
      },
    ]
  })
}

/** Unix seconds in the metadata, a plain date over the plugin's own API. */
function shippedAt(value: string | undefined): Instant | undefined {
  if (value === undefined) return undefined
  if (/^\d{9,11}$/.test(value)) return new Date(Number(value) * 1000).toISOString()
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : undefined
}
