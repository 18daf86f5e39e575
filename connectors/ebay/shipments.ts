import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { rest } from './client.ts'
import type { EbayCall } from './manifest.ts'
import { isOrderId, orderDoc, parcelsOf } from './orders.ts'

/** eBay's own word for a carrier that is not among its own. */
const OTHER = 'Other'

/** Looks at the order and its packages first: eBay would take the same package twice. */
export async function pushShipment(call: EbayCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId } = shipment
  if (!isOrderId(orderId)) return refused(key, 'order-id', 'This is not an order number of eBay.')
  const carrier = carrierOf(shipment.carrier.code)
  try {
    const [order, parcels] = [await orderDoc(call, orderId), await readShipments(call, orderId)]
    if (order === undefined) return refused(key, 'order-missing', 'eBay does not know this order, or it belongs to another seller.')
    if (parcels.some((each) => isSame(each.trackingNo ?? '', shipment.trackingNo)))
      return { key, status: 'unchanged', proof: { tracking: shipment.trackingNo } }
    if (carrier === undefined)
      return refused(key, 'carrier-unknown', `eBay has no carrier "${shipment.carrier.code}". Choose one of the list, or OTHER.`)
    const problem = unsendable(shipment, order, parcels)
    if (problem) return { key, status: 'refused', fault: problem }
    return await send(call, shipment, carrier)
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

/** Carriers of our table that eBay has no word for go as "Other", with their number. */
function carrierOf(code: string): string | undefined {
  const known = CARRIERS.find((each) => each.code === code)
  return known ? (known.codes['ebay'] ?? OTHER) : code === 'OTHER' ? OTHER : undefined
}

const folded = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '').toUpperCase()
const isSame = (a: string, b: string): boolean => folded(a) === folded(b)

function unsendable(shipment: ShipmentWrite, order: unknown, parcels: readonly ChannelShipment[]): Fault | undefined {
  const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if (textField(field(order, 'cancelStatus'), 'cancelState') === 'CANCELED')
    return fault('cancelled', 'The order is cancelled at eBay: it must not be sent.')
  if (!/[A-Za-z0-9]/.test(shipment.trackingNo)) return fault('tracking-form', 'eBay takes letters and digits in a tracking number.')
  for (const { channelLineNo, quantity } of shipment.lines) {
    const line = listField(order, 'lineItems').find((each) => textField(each, 'lineItemId') === channelLineNo)
    if (line === undefined) return fault('line-unknown', 'The order has no such line.')
    const sent = parcels
      .flatMap((each) => each.lines)
      .reduce((sum, part) => sum + (part.channelLineNo === channelLineNo ? Number(part.quantity) : 0), 0)
    if (sent + quantity > Number(textField(line, 'quantity') ?? 0))
      return fault('shipped-otherwise', 'eBay shows more of this line as sent than is left for this package.')
  }
  return undefined
}

/** Carrier and number only go together; letters and digits alone, as eBay stores them. A package without lines holds the whole order. */
async function send(call: EbayCall, shipment: ShipmentWrite, carrier: string): Promise<Outcome> {
  const { key, orderId, lines, shippedAt } = shipment
  const tracking = shipment.trackingNo.replace(/[^A-Za-z0-9]/g, '')
  const path = `/sell/fulfillment/v1/order/${encodeURIComponent(orderId)}/shipping_fulfillment`
  // A moment in eBay's future is refused; clocks differ.
  const at = new Date(Math.min(Date.parse(shippedAt), call.now().getTime())).toISOString()
  const body = {
    ...(lines.length === 0 ? {} : { lineItems: lines.map(({ channelLineNo, quantity }) => ({ lineItemId: channelLineNo, quantity })) }),
    shippedDate: at,
    shippingCarrierCode: carrier,
    trackingNumber: tracking,
  }
  try {
    const { headers } = await rest(call, { method: 'POST', path, body, limit: 'fulfillment', expect: 'any' })
    const id = headers['location']?.split('/').at(-1) ?? ''
    return { key, status: 'applied', proof: { tracking, carrier, ...(id === '' ? {} : { fulfillment: id }) } }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const there = (await readShipments(call, orderId)).some((each) => isSame(each.trackingNo ?? '', tracking))
    return there ? { key, status: 'unchanged', proof: { tracking } } : { key, status: 'refused', fault }
  }
}

/** Packages of the order as eBay shows them. */
export async function readShipments(call: EbayCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const parcels = isOrderId(orderId) ? await parcelsOf(call, orderId) : undefined
  return (parcels?.list ?? []).map((each) => {
    const [carrier, trackingNo, at] = [
      textField(each, 'shippingCarrierCode'),
      textField(each, 'shipmentTrackingNumber'),
      textField(each, 'shippedDate'),
    ]
    return {
      channelShipmentNo: textField(each, 'fulfillmentId') ?? trackingNo ?? '',
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state: 'shipped',
      ...(at === undefined ? {} : { at }),
      lines: listField(each, 'lineItems').map((part) => ({
        channelLineNo: textField(part, 'lineItemId') ?? '',
        quantity: textField(part, 'quantity') ?? '1',
      })),
    }
  })
}
