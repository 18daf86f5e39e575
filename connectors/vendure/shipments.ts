import { z } from 'zod'
import { PICKUP } from '../../src/core/carriers.ts'
import type { CancelDecision, Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { doubted, faultOf } from '../../src/kit/outcomes.ts'
import { mutate, query, read, type VendureCall } from './client.ts'
import { ADD_FULFILLMENT, CANCEL_ORDER, DELIVER_FULFILLMENT, SHIP_FULFILLMENT, SHIPPING_STATE } from './documents.ts'

const fulfillment = z.object({
  id: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  state: z.string(),
  method: z.string().nullish(),
  trackingCode: z.string().nullish(),
  lines: z.array(z.object({ orderLineId: z.string(), quantity: z.number().int() })),
})
const shippingState = z.object({
  order: z
    .object({
      id: z.string(),
      code: z.string(),
      state: z.string(),
      lines: z.array(z.object({ id: z.string(), quantity: z.number().int(), orderPlacedQuantity: z.number().int() })),
      fulfillments: z
        .array(fulfillment)
        .nullish()
        .transform((list) => list ?? []),
    })
    .nullable(),
})
type Fulfillment = z.output<typeof fulfillment>
type ShopOrder = NonNullable<z.output<typeof shippingState>['order']>

async function readOrder(call: VendureCall, orderId: string): Promise<ShopOrder> {
  const answer = await query(call, SHIPPING_STATE, { id: orderId })
  const { order } = read(shippingState, answer.data, 'order')
  if (!order) throw new ChannelError({ kind: 'missing', code: 'order-unknown', message: `The shop has no order ${orderId}.` })
  return order
}

/**
 * One package: a fulfilment, then its transition to Shipped. Both halves are looked for first, so that a call repeated
 * after a crash between them finishes the package instead of shipping twice.
 */
export async function pushShipment(call: VendureCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  try {
    const order = await readOrder(call, shipment.orderId)
    const existing = order.fulfillments.find((f) => f.state !== 'Cancelled' && isSamePackage(f, shipment))
    if (existing && existing.state !== 'Pending' && existing.state !== 'Created')
      return { key, status: 'unchanged', proof: { fulfillment: existing.id } }
    if (!existing && nothingOpen(order, shipment)) return { key, status: 'unchanged', proof: { fulfillment: '' } }
    const id = existing?.id ?? (await addFulfillment(call, shipment))
    await ship(call, id, isCollected(shipment) ? DELIVER_FULFILLMENT : SHIP_FULFILLMENT)
    return { key, status: 'applied', proof: { fulfillment: id } }
  } catch (error) {
    const fault = faultOf(error)
    return { key, status: fault.kind === 'in-doubt' ? 'unknown' : 'refused', fault }
  }
}

const isCollected = ({ carrier }: ShipmentWrite): boolean => carrier.code === PICKUP

/**
 * Same tracking code and the same units: two packages of an order may share a code, never both. Hand-overs have no code, so
 * of those only one that is half made is gone on with.
 */
function isSamePackage(f: Fulfillment, shipment: ShipmentWrite): boolean {
  if (isCollected(shipment) && f.state !== 'Pending' && f.state !== 'Created') return false
  if ((f.trackingCode ?? '') !== shipment.trackingNo || f.lines.length !== shipment.lines.length) return false
  return shipment.lines.every((line) => f.lines.some((l) => l.orderLineId === line.channelLineNo && l.quantity === line.quantity))
}

/** Every unit of these lines already left, in whatever packages: somebody shipped at the shop itself. */
function nothingOpen(order: ShopOrder, shipment: ShipmentWrite): boolean {
  const live = order.fulfillments.filter((f) => f.state === 'Shipped' || f.state === 'Delivered').flatMap((f) => f.lines)
  return shipment.lines.every((line) => {
    const ordered = order.lines.find((l) => l.id === line.channelLineNo)?.quantity ?? 0
    const gone = live.filter((l) => l.orderLineId === line.channelLineNo).reduce((sum, l) => sum + l.quantity, 0)
    return ordered > 0 && gone >= ordered
  })
}

const result = z.object({ __typename: z.string(), id: z.string().optional(), errorCode: z.string().optional(), message: z.string().optional() })

async function addFulfillment(call: VendureCall, shipment: ShipmentWrite): Promise<string> {
  const input = {
    lines: shipment.lines.map((line) => ({ orderLineId: line.channelLineNo, quantity: line.quantity })),
    handler: {
      code: 'manual-fulfillment',
      arguments: [
        { name: 'method', value: shipment.carrier.name || shipment.carrier.code },
        { name: 'trackingCode', value: shipment.trackingNo },
      ],
    },
  }
  const answer = await write(call, ADD_FULFILLMENT, { input })
  const added = read(z.object({ addFulfillmentToOrder: result }), answer, 'fulfilment answer').addFulfillmentToOrder
  if (added.__typename !== 'Fulfillment' || added.id === undefined) throw new ChannelError(refusal(added))
  return added.id
}

async function ship(call: VendureCall, id: string, document: string): Promise<void> {
  const answer = await write(call, document, { id })
  const shipped = read(z.object({ transitionFulfillmentToState: result }), answer, 'fulfilment answer').transitionFulfillmentToState
  if (shipped.__typename !== 'Fulfillment') throw new ChannelError(refusal(shipped))
}

/** A write whose answer is an unexplained server error, or unreadable, may have been applied all the same. */
async function write(call: VendureCall, document: string, variables: Readonly<Record<string, unknown>>): Promise<unknown> {
  try {
    return (await mutate(call, document, variables)).data
  } catch (error) {
    throw doubted(error, (code) => code === 'INTERNAL_SERVER_ERROR')
  }
}

/** An ErrorResult of a union; its message is the shop's own sentence about states and quantities. */
const refusal = (error: z.output<typeof result>): Fault => ({
  kind: 'refused',
  code: error.errorCode ?? error.__typename,
  message: `Vendure refused (${error.errorCode ?? error.__typename}): ${(error.message ?? '').slice(0, 200)}`,
})

const STATES: Readonly<Record<string, ChannelShipment['state']>> = {
  Created: 'pending',
  Pending: 'pending',
  Shipped: 'shipped',
  Delivered: 'delivered',
  Cancelled: 'cancelled',
}

/** The order's fulfilments as the shop shows them now. */
export async function readShipments(call: VendureCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const order = await readOrder(call, orderId)
  return order.fulfillments.map((f) => ({
    channelShipmentNo: f.id,
    ...(f.method ? { carrier: f.method } : {}),
    ...(f.trackingCode ? { trackingNo: f.trackingCode } : {}),
    state: STATES[f.state] ?? 'pending',
    at: f.updatedAt,
    lines: f.lines.map((line) => ({ channelLineNo: line.orderLineId, quantity: String(line.quantity) })),
  }))
}

/** Cancels the whole order, shipping charge included. Money is not given back by this: a refund is the shop's own act. */
export async function decideCancel(call: VendureCall, decision: CancelDecision): Promise<Outcome> {
  const { key } = decision
  if (decision.decision === 'reject') {
    const message = 'Vendure knows no cancel request: there is nothing to reject.'
    return { key, status: 'refused', fault: { kind: 'refused', code: 'not-supported', message } }
  }
  try {
    const order = await readOrder(call, decision.orderId)
    if (order.state === 'Cancelled') return { key, status: 'unchanged' }
    const answer = await write(call, CANCEL_ORDER, { input: { orderId: decision.orderId, cancelShipping: true, reason: decision.reason } })
    const cancelled = read(z.object({ cancelOrder: result }), answer, 'cancel answer').cancelOrder
    if (cancelled.__typename !== 'Order') throw new ChannelError(refusal(cancelled))
    return { key, status: 'applied' }
  } catch (error) {
    const fault = faultOf(error)
    return { key, status: fault.kind === 'in-doubt' ? 'unknown' : 'refused', fault }
  }
}
