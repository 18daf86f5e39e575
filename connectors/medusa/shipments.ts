import { PICKUP } from '../../src/core/carriers.ts'
import type { CancelDecision, Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { outcomeOfError, refused, unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { get, post } from './client.ts'
import { SHIPPING_FIELDS } from './fields.ts'
import type { MedusaCall } from './manifest.ts'

interface Piece {
  readonly line: string
  readonly quantity: number
}
interface Fulfillment {
  readonly id: string
  readonly at: string
  readonly shipped: boolean
  readonly delivered: boolean
  readonly cancelled: boolean
  readonly tracking: readonly string[]
  /** The package of ours it was made for. */
  readonly ours: string | undefined
  readonly pieces: readonly Piece[]
}
interface Sale {
  readonly status: string
  readonly lines: readonly { readonly id: string; readonly quantity: number; readonly shipped: number }[]
  readonly fulfillments: readonly Fulfillment[]
}

/** Under this name our package number stands in the metadata of a fulfilment: how one is found again whose second half is missing. */
const MARK = 'channel_hub_package'

async function saleOf(call: MedusaCall, orderId: string): Promise<Sale> {
  const { doc } = await get(call, 'orders', { id: [orderId], limit: 1, fields: SHIPPING_FIELDS })
  const [order] = listField(doc, 'orders')
  if (textField(order, 'id') !== orderId)
    throw new ChannelError({ kind: 'missing', code: 'order-unknown', message: 'The shop has no such order (any more).' })
  return {
    status: textField(order, 'status') ?? '',
    lines: listField(order, 'items').map((item) => ({
      id: textField(item, 'id') ?? '',
      quantity: numberOf(item, 'quantity'),
      shipped: numberOf(field(item, 'detail'), 'shipped_quantity'),
    })),
    fulfillments: listField(order, 'fulfillments').map((one) => ({
      id: textField(one, 'id') ?? '',
      at: textField(one, 'updated_at') ?? '',
      shipped: textField(one, 'shipped_at') !== undefined,
      delivered: textField(one, 'delivered_at') !== undefined,
      cancelled: textField(one, 'canceled_at') !== undefined,
      tracking: listField(one, 'labels').flatMap((label) => textField(label, 'tracking_number') ?? []),
      ours: textField(field(one, 'metadata'), MARK),
      pieces: listField(one, 'items').map((item) => ({ line: textField(item, 'line_item_id') ?? '', quantity: numberOf(item, 'quantity') })),
    })),
  }
}

function numberOf(doc: unknown, name: string): number {
  const value = Number(textField(doc, name) ?? textField(field(doc, name), 'value') ?? Number.NaN)
  if (!Number.isFinite(value)) throw unreadable(`The order does not say its ${name}.`)
  return value
}

/**
 * One package is two calls: a fulfilment (the units leave the shelf), then its shipment (the tracking number). The fulfilment carries
 * our package number, so that after a lost answer between the two the same one is gone on with and no second is made.
 */
export async function pushShipment(call: MedusaCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  try {
    const sale = await saleOf(call, shipment.orderId)
    const there = sale.fulfillments.find((one) => one.shipped && !one.cancelled && isThis(one, shipment))
    if (there) return { key, status: 'unchanged', proof: { fulfillment: there.id } }
    const begun = pendingOf(sale, shipment)
    if (!begun && nothingOpen(sale, shipment)) return { key, status: 'unchanged', proof: { fulfillment: '' } }
    if (!begun && sale.status === 'canceled') return refused(key, 'order-canceled', 'The order is cancelled in Medusa.')
    const id = begun?.id ?? (await fulfil(call, shipment))
    const items = (begun?.pieces ?? wanted(shipment)).map(({ line, quantity }) => ({ id: line, quantity }))
    const label = { tracking_number: shipment.trackingNo, tracking_url: shipment.carrier.trackingUrl ?? '#', label_url: '#' }
    const labels = isCollected(shipment) ? [] : [label]
    const path = `orders/${encodeURIComponent(shipment.orderId)}/fulfillments/${encodeURIComponent(id)}/shipments`
    await post(call, path, { items, labels, no_notification: !shipment.notifyBuyer })
    return { key, status: 'applied', proof: { fulfillment: id } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

function wanted({ lines }: ShipmentWrite): readonly Piece[] {
  const sums = new Map<string, number>()
  for (const { channelLineNo, quantity } of lines) sums.set(channelLineNo, (sums.get(channelLineNo) ?? 0) + quantity)
  return [...sums].map(([line, quantity]) => ({ line, quantity }))
}

const holdsSame = ({ pieces }: Fulfillment, shipment: ShipmentWrite): boolean => {
  const ours = wanted(shipment)
  return ours.length === pieces.length && ours.every(({ line, quantity }) => pieces.some((one) => one.line === line && one.quantity === quantity))
}

/** What was collected leaves without a label, as Medusa has it for a package without a number. */
const isCollected = ({ carrier }: ShipmentWrite): boolean => carrier.code === PICKUP

/** Our own number, or the same tracking number over the same units: two packages may share one of these, never both. */
const isThis = (one: Fulfillment, shipment: ShipmentWrite): boolean =>
  one.ours === shipment.key || (!isCollected(shipment) && one.tracking.includes(shipment.trackingNo) && holdsSame(one, shipment))

/** The fulfilment that waits for its shipment: ours, else one that staff packed with exactly these units. */
function pendingOf({ fulfillments }: Sale, shipment: ShipmentWrite): Fulfillment | undefined {
  const open = fulfillments.filter((one) => !one.shipped && !one.cancelled)
  return open.find((one) => one.ours === shipment.key) ?? open.find((one) => one.ours === undefined && holdsSame(one, shipment))
}

/** Every unit of these lines already left, in whatever packages: somebody shipped at the shop itself. */
const nothingOpen = ({ lines }: Sale, shipment: ShipmentWrite): boolean =>
  wanted(shipment).every(({ line }) => lines.some((one) => one.id === line && one.quantity > 0 && one.shipped >= one.quantity))

/** The answer is the order without its fulfilments: the new one is looked for by its mark. */
async function fulfil(call: MedusaCall, shipment: ShipmentWrite): Promise<string> {
  const { locationId } = call.config
  await post(call, `orders/${encodeURIComponent(shipment.orderId)}/fulfillments`, {
    items: wanted(shipment).map(({ line, quantity }) => ({ id: line, quantity })),
    ...(locationId === undefined ? {} : { location_id: locationId }),
    no_notification: true,
    metadata: { [MARK]: shipment.key },
  })
  const made = await halfDone(saleOf(call, shipment.orderId))
  const id = made.fulfillments.find((one) => one.ours === shipment.key && !one.cancelled)?.id
  if (id === undefined)
    throw new ChannelError({
      kind: 'in-doubt',
      code: 'fulfillment-not-shown',
      message: 'The shop took the fulfilment and does not show it. Read it back.',
    })
  return id
}

/** Between the two halves nothing is refused any more: whatever goes wrong here leaves the package half made. */
const halfDone = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    if (!(error instanceof ChannelError)) throw error
    throw new ChannelError({ ...error.fault, kind: 'in-doubt' }, { cause: error })
  })

/** The order's fulfilments as the shop shows them now. */
export async function readShipments(call: MedusaCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const { fulfillments } = await saleOf(call, orderId)
  return fulfillments.map((one) => ({
    channelShipmentNo: one.id,
    ...(one.tracking[0] === undefined ? {} : { trackingNo: one.tracking[0] }),
    state: one.cancelled ? 'cancelled' : one.delivered ? 'delivered' : one.shipped ? 'shipped' : 'pending',
    ...(one.at === '' ? {} : { at: one.at }),
    lines: one.pieces.map(({ line, quantity }) => ({ channelLineNo: line, quantity: String(quantity) })),
  }))
}

/** Cancels the whole order. Medusa gives captured money back by itself, and the units to the shelf. */
export async function decideCancel(call: MedusaCall, { key, orderId, decision }: CancelDecision): Promise<Outcome> {
  if (decision === 'reject') return refused(key, 'not-supported', 'Medusa knows no cancel request: there is nothing to reject.')
  try {
    if ((await saleOf(call, orderId)).status === 'canceled') return { key, status: 'unchanged' }
    await post(call, `orders/${encodeURIComponent(orderId)}/cancel`, {})
    return { key, status: 'applied' }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}
