import { z } from 'zod'
import { PICKUP } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { field } from '../../src/kit/read.ts'
import { faultOf, mutate, query, readUserErrors, refusalOf } from './client.ts'
import { wholeConnection } from './complete.ts'
import {
  CREATE_FULFILLMENT,
  FULFILLMENT_STATE,
  OPEN_FULFILLMENT_ORDERS,
  REST_OF_FULFILLMENT,
  REST_OF_FULFILLMENT_ORDER,
  UPDATE_TRACKING,
} from './documents.ts'
import { gidOf, isId, shortId } from './ids.ts'
import type { ShopifyCall } from './manifest.ts'

const fulfillment = z.object({
  id: z.string(),
  status: z.string(),
  displayStatus: z.string().nullish(),
  updatedAt: z.string(),
  trackingInfo: z.array(z.object({ company: z.string().nullish(), number: z.string().nullish() })),
  fulfillmentLineItems: z.object({ nodes: z.array(z.object({ quantity: z.int().nullish(), lineItem: z.object({ id: z.string() }) })) }),
})
const state = z.object({ order: z.object({ cancelledAt: z.string().nullish(), fulfillments: z.array(z.unknown()) }).nullable() })
type Fulfillment = z.output<typeof fulfillment>

/** The order's fulfilments with all their lines. @throws ChannelError `missing` */
async function fulfillmentsOf(
  call: ShopifyCall,
  orderId: string,
): Promise<{ readonly cancelled: boolean; readonly fulfillments: readonly Fulfillment[] }> {
  if (!isId(orderId)) throw new ChannelError({ kind: 'missing', code: 'order-id', message: 'This is not an order id of Shopify.' })
  const { order } = readAnswer(state, (await query(call, FULFILLMENT_STATE, { id: gidOf('Order', orderId) })).data, 'order')
  if (!order) throw new ChannelError({ kind: 'missing', code: 'order-unknown', message: `The shop has no order ${orderId}.` })
  const fulfillments: Fulfillment[] = []
  for (const each of order.fulfillments) {
    const id = String(field(each, 'id'))
    const find = (data: unknown): unknown => field(field(data, 'node'), 'fulfillmentLineItems')
    const lines = await wholeConnection(call, field(each, 'fulfillmentLineItems'), { document: REST_OF_FULFILLMENT, id, find })
    fulfillments.push(readAnswer(fulfillment, { ...Object(each), fulfillmentLineItems: lines }, 'fulfilment'))
  }
  return { cancelled: Boolean(order.cancelledAt), fulfillments }
}

const DEAD: ReadonlySet<string> = new Set(['CANCELLED', 'ERROR', 'FAILURE'])

/**
 * One package. Units that stand under its tracking number already are not sent again, so a call repeated after a lost
 * answer finishes the package instead of shipping twice. Units that left under another number are somebody else's
 * package; units marked as fulfilled without a number get this one.
 */
export async function pushShipment(call: ShopifyCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  try {
    const order = await fulfillmentsOf(call, shipment.orderId)
    const live = order.fulfillments.filter((each) => !DEAD.has(each.status))
    const same = live.filter((each) => each.trackingInfo.some((info) => info.number === shipment.trackingNo))
    const left = lessSent(shipment, same)
    if (left.size === 0) return { key, status: 'unchanged', proof: proofOf(same.map((each) => each.id)) }
    if (order.cancelled) throw refused('order-cancelled', 'The order is cancelled at the shop.')
    const open = await openLines(call, shipment.orderId)
    const plan = planOf(left, open)
    if ('fault' in plan) return await withoutOpenUnits(call, shipment, live, plan.fault)
    return { key, status: 'applied', proof: proofOf(await create(call, shipment, plan.batches)) }
  } catch (error) {
    const fault = faultOf(error)
    return { key, status: fault.kind === 'in-doubt' ? 'unknown' : 'refused', fault }
  }
}

/** Fulfilled without tracking: what Shopify itself writes when an order for local pickup is marked as picked up. */
const isCollected = ({ carrier }: ShipmentWrite): boolean => carrier.code === PICKUP

const proofOf = (ids: readonly string[]): Readonly<Record<string, string>> => ({ fulfillment: ids.map(shortId).join(',') })
const refused = (code: string, message: string): ChannelError => new ChannelError({ kind: 'refused', code, message })

/** Units of the package per line that none of these fulfilments carries. */
function lessSent(shipment: ShipmentWrite, sent: readonly Fulfillment[]): ReadonlyMap<string, number> {
  const left = new Map<string, number>()
  for (const line of shipment.lines) left.set(line.channelLineNo, (left.get(line.channelLineNo) ?? 0) + line.quantity)
  for (const { quantity, lineItem } of sent.flatMap((each) => each.fulfillmentLineItems.nodes)) {
    const id = shortId(lineItem.id)
    const rest = (left.get(id) ?? 0) - (quantity ?? 0)
    if (rest > 0) left.set(id, rest)
    else left.delete(id)
  }
  return left
}

const openOrders = z.object({
  order: z
    .object({
      fulfillmentOrders: z.object({
        nodes: z.array(
          z.looseObject({
            id: z.string(),
            status: z.string(),
            assignedLocation: z.object({ location: z.object({ id: z.string() }).nullish() }),
            lineItems: z.unknown(),
          }),
        ),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
      }),
    })
    .nullable(),
})
const openLine = z.array(z.object({ id: z.string(), remainingQuantity: z.int(), lineItem: z.object({ id: z.string() }) }))

/** One line of one fulfilment order that still has units to send. */
interface OpenLine {
  readonly fulfillmentOrder: string
  readonly status: string
  readonly location: string
  readonly id: string
  readonly line: string
  readonly remaining: number
}

async function openLines(call: ShopifyCall, orderId: string): Promise<readonly OpenLine[]> {
  const lines: OpenLine[] = []
  for (let after: string | null = null; ;) {
    const answer = await query(call, OPEN_FULFILLMENT_ORDERS, { id: gidOf('Order', orderId), after })
    const found: z.output<typeof openOrders>['order'] = readAnswer(openOrders, answer.data, 'fulfilment orders').order
    for (const { id, status, assignedLocation, lineItems } of found?.fulfillmentOrders.nodes ?? []) {
      const find = (data: unknown): unknown => field(field(data, 'node'), 'lineItems')
      const { nodes } = await wholeConnection(call, lineItems, { document: REST_OF_FULFILLMENT_ORDER, id, find })
      for (const each of readAnswer(openLine, nodes, 'fulfilment order')) {
        const at = { fulfillmentOrder: id, status, location: assignedLocation.location?.id ?? '' }
        if (each.remainingQuantity > 0) lines.push({ ...at, id: each.id, line: shortId(each.lineItem.id), remaining: each.remainingQuantity })
      }
    }
    const info: { readonly hasNextPage: boolean; readonly endCursor?: string | null | undefined } | undefined = found?.fulfillmentOrders.pageInfo
    if (!info?.hasNextPage || !info.endCursor || info.endCursor === after) return lines
    after = info.endCursor
  }
}

const SHIPPABLE: ReadonlySet<string> = new Set(['OPEN', 'IN_PROGRESS'])

interface Pick {
  readonly open: OpenLine
  readonly quantity: number
}

/** Which units of which fulfilment orders, one batch per location: a fulfilment cannot leave from two. */
function planOf(
  left: ReadonlyMap<string, number>,
  open: readonly OpenLine[],
): { readonly batches: readonly (readonly Pick[])[] } | { readonly fault: Fault } {
  const picks: Pick[] = []
  for (const [line, wanted] of left) {
    let rest = wanted
    for (const each of open.filter((one) => one.line === line && SHIPPABLE.has(one.status))) {
      const quantity = Math.min(rest, each.remaining)
      if (quantity > 0) picks.push({ open: each, quantity })
      rest -= quantity
    }
    if (rest > 0) return { fault: notOpen(line, open) }
  }
  const locations = [...new Set(picks.map((pick) => pick.open.location))]
  return { batches: locations.map((location) => picks.filter((pick) => pick.open.location === location)) }
}

function notOpen(line: string, open: readonly OpenLine[]): Fault {
  const status = open.find((one) => one.line === line && !SHIPPABLE.has(one.status))?.status
  if (status === 'ON_HOLD')
    return { kind: 'refused', code: 'fulfillment-on-hold', message: 'Shopify holds these units back. Release the hold there.' }
  if (status !== undefined)
    return { kind: 'refused', code: `fulfillment-${status.toLowerCase()}`, message: `These units cannot be sent now: ${status}.` }
  return { kind: 'refused', code: 'nothing-to-fulfill', message: 'Fewer units are left to send at the shop than the package holds.' }
}

/** The units are not open: they may have been marked as sent at the shop. */
async function withoutOpenUnits(call: ShopifyCall, shipment: ShipmentWrite, live: readonly Fulfillment[], fault: Fault): Promise<Outcome> {
  const { key } = shipment
  if (fault.code !== 'nothing-to-fulfill' || lessSent(shipment, live).size > 0) return { key, status: 'refused', fault }
  const lines = new Set(shipment.lines.map((line) => line.channelLineNo))
  const bare = live.find(
    (each) => each.trackingInfo.length === 0 && each.fulfillmentLineItems.nodes.every(({ lineItem }) => lines.has(shortId(lineItem.id))),
  )
  if (!bare || isCollected(shipment)) return { key, status: 'unchanged', proof: proofOf(live.map((each) => each.id)) }
  const variables = { id: bare.id, tracking: trackingOf(shipment), notify: shipment.notifyBuyer }
  const { data } = await mutate(call, UPDATE_TRACKING, variables)
  return { key, status: 'applied', proof: proofOf([written(data, 'fulfillmentTrackingInfoUpdate')]) }
}

/** A package from two locations takes two calls; when the second fails, the first stands and the package is in doubt. */
async function create(call: ShopifyCall, shipment: ShipmentWrite, batches: readonly (readonly Pick[])[]): Promise<readonly string[]> {
  const ids: string[] = []
  for (const batch of batches) {
    const orders = [...new Set(batch.map((pick) => pick.open.fulfillmentOrder))]
    const input = {
      lineItemsByFulfillmentOrder: orders.map((id) => ({
        fulfillmentOrderId: id,
        fulfillmentOrderLineItems: batch
          .filter((pick) => pick.open.fulfillmentOrder === id)
          .map((pick) => ({ id: pick.open.id, quantity: pick.quantity })),
      })),
      ...(isCollected(shipment) ? {} : { trackingInfo: trackingOf(shipment) }),
      notifyCustomer: shipment.notifyBuyer,
    }
    try {
      ids.push(written((await mutate(call, CREATE_FULFILLMENT, { fulfillment: input })).data, 'fulfillmentCreate'))
    } catch (error) {
      if (ids.length === 0) throw error
      throw new ChannelError({ ...faultOf(error), kind: 'in-doubt' }, { cause: error })
    }
  }
  return ids
}

function written(data: unknown, mutation: string): string {
  const payload = field(data, mutation)
  const [error] = readUserErrors(field(payload, 'userErrors'))
  if (error) throw new ChannelError(refusalOf(error))
  return readAnswer(z.object({ id: z.string() }), field(payload, 'fulfillment'), 'fulfilment answer').id
}

/** Shopify makes tracking links of its own for carriers it knows by exactly their usual name; a link of ours goes before them. */
const trackingOf = ({ carrier, trackingNo }: ShipmentWrite): Readonly<Record<string, string>> => ({
  company: carrier.name,
  number: trackingNo,
  ...(carrier.trackingUrl === undefined ? {} : { url: carrier.trackingUrl }),
})

const STATES: Readonly<Record<string, ChannelShipment['state']>> = { SUCCESS: 'shipped', OPEN: 'pending', PENDING: 'pending' }

/** The order's fulfilments as the shop shows them now. */
export async function readShipments(call: ShopifyCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const { fulfillments } = await fulfillmentsOf(call, orderId)
  return fulfillments.map((each) => {
    const [info] = each.trackingInfo
    return {
      channelShipmentNo: shortId(each.id),
      ...(info?.company ? { carrier: info.company } : {}),
      ...(info?.number ? { trackingNo: info.number } : {}),
      state: DEAD.has(each.status) ? 'cancelled' : each.displayStatus === 'DELIVERED' ? 'delivered' : (STATES[each.status] ?? 'pending'),
      at: each.updatedAt,
      lines: each.fulfillmentLineItems.nodes.map((line) => ({ channelLineNo: shortId(line.lineItem.id), quantity: String(line.quantity ?? 0) })),
    }
  })
}
