import type { ShipmentWrite } from '../../src/core/connector.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { asList, field, listField, textField } from '../../src/kit/read.ts'

/**
 * Core fulfilment (WooCommerce ≥ 10.1, feature "fulfillments"). `item_id` and `qty` must be JSON numbers. Versions differ
 * in the name of the carrier's key, so both are sent.
 */
export function fulfilmentBody(shipment: ShipmentWrite): unknown {
  const { carrier } = shipment
  const meta = {
    _items: shipment.lines.map((line) => ({ item_id: Number(line.channelLineNo), qty: line.quantity })),
    _tracking_number: shipment.trackingNo,
    _tracking_url: carrier.trackingUrl ?? '',
    _shipment_provider: carrier.code,
    _shipping_provider: carrier.code,
    _provider_name: carrier.name,
  }
  return {
    status: 'fulfilled',
    notify_customer: shipment.notifyBuyer,
    meta_data: Object.entries(meta).map(([key, value]) => ({ id: 0, key, value })),
  }
}

export function readFulfilment(doc: unknown): ChannelShipment | undefined {
  const id = textField(doc, 'id')
  if (id === undefined) return undefined
  const meta = new Map(listField(doc, 'meta_data').map((each) => [textField(each, 'key') ?? '', each]))
  const text = (key: string): string => textField(meta.get(key), 'value') ?? ''
  const fulfilled = field(doc, 'is_fulfilled') === true || textField(doc, 'is_fulfilled') === '1'
  const deleted = (textField(doc, 'date_deleted') ?? '') !== ''
  return {
    channelShipmentNo: id,
    ...carrierAndNumber(text('_shipment_provider') || text('_shipping_provider'), text('_tracking_number')),
    state: deleted ? 'cancelled' : fulfilled ? 'shipped' : 'pending',
    lines: asList(field(meta.get('_items'), 'value')).flatMap((item) => {
      const channelLineNo = textField(item, 'item_id')
      return channelLineNo === undefined ? [] : [{ channelLineNo, quantity: textField(item, 'qty') ?? '0' }]
    }),
  }
}

/** The Shipment Tracking plugin knows no lines; `status_shipped` (1 all, 2 part) is read by Advanced Shipment Tracking only. */
export const trackingBody = (shipment: ShipmentWrite): unknown => ({
  custom_tracking_provider: shipment.carrier.name,
  custom_tracking_link: shipment.carrier.trackingUrl ?? '',
  tracking_number: shipment.trackingNo,
  date_shipped: shipment.shippedAt.slice(0, 10),
  status_shipped: shipment.last ? 1 : 2,
})

export function readTracking(doc: unknown): ChannelShipment | undefined {
  const id = textField(doc, 'tracking_id')
  if (id === undefined) return undefined
  const date = textField(doc, 'date_shipped') ?? ''
  return {
    channelShipmentNo: id,
    ...carrierAndNumber(
      textField(doc, 'tracking_provider') ?? textField(doc, 'custom_tracking_provider') ?? '',
      textField(doc, 'tracking_number') ?? '',
    ),
    state: 'shipped',
    ...(/^\d{4}-\d{2}-\d{2}$/.test(date) ? { at: `${date}T00:00:00Z` } : {}),
    lines: [],
  }
}

/** What people and our own reading back recognise; buyers see it when they are told. */
const NOTE = /^Shipped with (.{1,80}), tracking number ([^\s.]{1,80})\./

export const noteBody = (shipment: ShipmentWrite): unknown => ({
  note: `Shipped with ${shipment.carrier.name.slice(0, 80)}, tracking number ${shipment.trackingNo}.${shipment.carrier.trackingUrl === undefined ? '' : ` ${shipment.carrier.trackingUrl}`}`,
  customer_note: shipment.notifyBuyer,
})

export function readNote(doc: unknown): ChannelShipment | undefined {
  const id = textField(doc, 'id')
  const match = NOTE.exec(textField(doc, 'note') ?? '')
  const at = textField(doc, 'date_created_gmt')
  if (id === undefined || !match) return undefined
  return {
    channelShipmentNo: id,
    ...carrierAndNumber(match[1] ?? '', match[2] ?? ''),
    state: 'shipped',
    ...(at === undefined ? {} : { at: `${at.slice(0, 19)}Z` }),
    lines: [],
  }
}

const carrierAndNumber = (carrier: string, trackingNo: string): Pick<ChannelShipment, 'carrier' | 'trackingNo'> => ({
  ...(carrier === '' ? {} : { carrier }),
  ...(trackingNo === '' ? {} : { trackingNo }),
})
