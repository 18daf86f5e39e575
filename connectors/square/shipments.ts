import { PICKUP } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { write } from './client.ts'
import type { SquareCall } from './manifest.ts'
import { ordersById } from './orders.ts'

interface Sent {
  readonly line: string
  readonly quantity: string
}
interface Fulfillment {
  readonly uid: string
  readonly type: string
  readonly state: string
  readonly details: unknown
  readonly lines: readonly Sent[]
}
interface Sale {
  readonly location: string
  readonly state: string
  readonly version: number
  readonly fulfillments: readonly Fulfillment[]
}

const DETAILS: Readonly<Record<string, string>> = {
  SHIPMENT: 'shipment_details',
  DELIVERY: 'delivery_details',
  PICKUP: 'pickup_details',
}

async function saleOf(call: SquareCall, id: string): Promise<Sale | undefined> {
  const [order] = await ordersById(call, [id])
  if (!order) return undefined
  const { doc } = order
  const all = listField(doc, 'line_items').map((line) => ({ line: textField(line, 'uid') ?? '', quantity: textField(line, 'quantity') ?? '0' }))
  return {
    location: textField(doc, 'location_id') ?? '',
    state: textField(doc, 'state') ?? '',
    version: Number(textField(doc, 'version') ?? Number.NaN),
    fulfillments: listField(doc, 'fulfillments').map((each) => {
      const type = textField(each, 'type') ?? ''
      const entries = listField(each, 'entries').map((entry) => ({
        line: textField(entry, 'line_item_uid') ?? '',
        quantity: textField(entry, 'quantity') ?? '0',
      }))
      return {
        uid: textField(each, 'uid') ?? '',
        type,
        state: textField(each, 'state') ?? '',
        details: field(each, DETAILS[type] ?? ''),
        lines: textField(each, 'line_item_application') === 'ENTRY_LIST' ? entries : all,
      }
    }),
  }
}

const trackingOf = ({ details }: Fulfillment): string => textField(details, 'tracking_number') ?? ''
const isDead = ({ state }: Fulfillment): boolean => state === 'CANCELED' || state === 'FAILED'
const folded = (text: string): string => text.normalize('NFKC').replace(/\s/g, '').toUpperCase()

/** What the buyer collects is a fulfilment of type PICKUP; everything with a tracking number one of type SHIPMENT. */
const typeOf = ({ carrier }: ShipmentWrite): string => (carrier.code === PICKUP ? 'PICKUP' : 'SHIPMENT')

/**
 * A package is a fulfilment of its type that becomes completed. Applications cannot split one: a package holds what a
 * fulfilment of the order holds, be that everything or the part a seller has split off in Square itself.
 */
export async function pushShipment(call: SquareCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  try {
    const sale = await saleOf(call, shipment.orderId)
    if (!sale) return refused(key, 'order-missing', 'Square does not know this order at the locations of this connection.')
    return isThere(shipment, sale) ?? (await send(call, shipment, sale))
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

function isThere(shipment: ShipmentWrite, { fulfillments }: Sale): Outcome | undefined {
  const { key, trackingNo } = shipment
  const type = typeOf(shipment)
  const isSame = (each: Fulfillment): boolean => (type === 'PICKUP' ? holds(each, shipment) : folded(trackingOf(each)) === folded(trackingNo))
  const same = fulfillments.find((each) => each.type === type && each.state === 'COMPLETED' && isSame(each))
  return same && { key, status: 'unchanged', proof: { fulfillment: same.uid } }
}

/** The fulfilment that holds what the package holds, or why there is none. */
function chosen(shipment: ShipmentWrite, sale: Sale): Fulfillment | Outcome {
  const no = (code: string, message: string): Outcome => refused(shipment.key, code, message)
  if (sale.state === 'COMPLETED' || sale.state === 'CANCELED')
    return no(`order-${sale.state.toLowerCase()}`, 'Square does not change an order that is completed or canceled.')
  const open = sale.fulfillments.filter((each) => !isDead(each) && each.state !== 'COMPLETED')
  if (sale.fulfillments.length === 0) return no('no-fulfillment', 'The order was sold over the counter: there is nothing to send.')
  if (open.length === 0) return no('nothing-to-fulfill', 'Every fulfilment of the order is done or canceled.')
  const shippable = open.filter((each) => each.type === typeOf(shipment))
  if (shippable.length === 0 && typeOf(shipment) === 'PICKUP')
    return no('not-a-pickup', 'The order is to be sent: Square hands over only what it knows as a pickup.')
  if (shippable.length === 0) return no('not-a-shipment', 'The order is picked up or delivered by courier: no tracking number belongs to it.')
  if (!Number.isSafeInteger(sale.version)) return no('not-updatable', 'Square gives this order no version: it was not made for others to change.')
  const exact = shippable.find((each) => holds(each, shipment)) ?? (shipment.lines.length === 0 && shippable.length === 1 ? shippable[0] : undefined)
  return (
    exact ?? no('order-in-parts', 'Square takes the pieces of a fulfilment in one package. Put them together, or split the fulfilment in Square.')
  )
}

const holds = ({ lines }: Fulfillment, shipment: ShipmentWrite): boolean => {
  const wanted = new Map<string, number>()
  for (const { channelLineNo, quantity } of shipment.lines) wanted.set(channelLineNo, (wanted.get(channelLineNo) ?? 0) + quantity)
  return wanted.size > 0 && lines.length === wanted.size && lines.every(({ line, quantity }) => wanted.get(line) === Number(quantity))
}

/** An order that changed since it was looked at was not written to: it is looked at once more. */
async function send(call: SquareCall, shipment: ShipmentWrite, sale: Sale, isAgain = false): Promise<Outcome> {
  const fulfillment = chosen(shipment, sale)
  if ('key' in fulfillment) return fulfillment
  try {
    await write(call, { method: 'PUT', path: `orders/${encodeURIComponent(shipment.orderId)}`, body: bodyOf(shipment, sale, fulfillment) })
    return { key: shipment.key, status: 'applied', proof: { fulfillment: fulfillment.uid, tracking: shipment.trackingNo } }
  } catch (error) {
    if (faultOf(error).code !== 'VERSION_MISMATCH' || isAgain) throw error
    const now = await saleOf(call, shipment.orderId)
    if (!now) throw error
    return isThere(shipment, now) ?? send(call, shipment, now, true)
  }
}

const bodyOf = ({ idempotencyKey, carrier, trackingNo }: ShipmentWrite, sale: Sale, { uid, type }: Fulfillment): unknown => ({
  // The version is part of it: with another one the body is another one.
  idempotency_key: `${idempotencyKey.slice(0, 170)}/${sale.version}`,
  order: {
    location_id: sale.location,
    version: sale.version,
    fulfillments: [
      {
        uid,
        state: 'COMPLETED',
        ...(type === 'SHIPMENT' && {
          shipment_details: {
            carrier: carrier.name.slice(0, 50),
            tracking_number: trackingNo.slice(0, 100),
            ...(carrier.trackingUrl === undefined ? {} : { tracking_url: carrier.trackingUrl.slice(0, 2000) }),
          },
        }),
      },
    ],
  },
})

const STATES: Readonly<Record<string, ChannelShipment['state']>> = { CANCELED: 'cancelled', FAILED: 'cancelled' }

/** Fulfilments of the order that are shipments or were picked up, as Square shows them now. */
export async function readShipments(call: SquareCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const sale = await saleOf(call, orderId)
  return (sale?.fulfillments ?? [])
    .filter((each) => each.type === 'SHIPMENT' || each.type === 'PICKUP')
    .map((each): ChannelShipment => {
      const carrier = textField(each.details, 'carrier') ?? ''
      const [trackingNo, at] = [trackingOf(each), textField(each.details, each.type === 'PICKUP' ? 'picked_up_at' : 'shipped_at')]
      return {
        channelShipmentNo: each.uid,
        ...(carrier === '' ? {} : { carrier }),
        ...(trackingNo === '' ? {} : { trackingNo }),
        state: each.state === 'COMPLETED' ? (each.type === 'PICKUP' ? 'delivered' : 'shipped') : (STATES[each.state] ?? 'pending'),
        ...(at === undefined ? {} : { at }),
        lines: each.lines.map(({ line, quantity }) => ({ channelLineNo: line, quantity })),
      }
    })
}
