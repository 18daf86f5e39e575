import { PICKUP } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { asList, textField } from '../../src/kit/read.ts'
import { optional, sendJson } from './client.ts'
import type { WooCall } from './manifest.ts'
import { fulfilmentBody, noteBody, readFulfilment, readNote, readTracking, trackingBody } from './shipment-forms.ts'

type Mode = 'core' | 'shipment-tracking' | 'note'

/** Where a shop keeps tracking numbers, in the order we prefer them. */
const MODES: readonly Mode[] = ['core', 'shipment-tracking', 'note']

const placeOf = (mode: Mode, orderId: string) => ({
  path: mode === 'core' ? `orders/${orderId}/fulfillments` : mode === 'note' ? `orders/${orderId}/notes` : `orders/${orderId}/shipment-trackings`,
  namespace: mode === 'shipment-tracking' ? ('wc-shipment-tracking/v3' as const) : ('wc/v3' as const),
})

const READERS: Readonly<Record<Mode, (doc: unknown) => ChannelShipment | undefined>> = {
  core: readFulfilment,
  'shipment-tracking': readTracking,
  note: readNote,
}

/**
 * Every shipment the shop knows of the order, wherever it keeps them. A completed order without any was handed over: it
 * stands as one package without a number.
 */
export async function readShipments(call: WooCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const found: ChannelShipment[] = []
  for (const mode of MODES) found.push(...((await shipmentsIn(call, mode, orderId)) ?? []))
  if (found.some((each) => each.state !== 'cancelled') || (await statusOf(call, orderId)) !== 'completed') return found
  return [...found, { channelShipmentNo: 'completed', state: 'delivered', lines: [] }]
}

async function statusOf(call: WooCall, orderId: string): Promise<string | undefined> {
  const { doc } = await sendJson(call, { path: `orders/${orderId}`, query: { _fields: 'id,status' } })
  return textField(doc, 'status')
}

/** WooCommerce has no word for goods that were collected but the order's status: it is completed with the last piece. */
async function collected(call: WooCall, { key, orderId, last }: ShipmentWrite): Promise<Outcome> {
  if (!last) return { key, status: 'unchanged', proof: { told: 'with the last piece' } }
  try {
    const before = await statusOf(call, orderId)
    if (before !== 'completed') await complete(call, orderId)
    return { key, status: before === 'completed' ? 'unchanged' : 'applied', proof: { status: 'completed' } }
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return outcomeOfFault(key, error.fault)
  }
}

/** Undefined when the shop has no such function. An order the shop does not know comes out as an error. */
async function shipmentsIn(call: WooCall, mode: Mode, orderId: string): Promise<readonly ChannelShipment[] | undefined> {
  try {
    const { doc } = await sendJson(call, { ...placeOf(mode, orderId), ...(mode === 'note' ? { query: { per_page: 100 } } : {}) })
    return asList(doc).flatMap((each) => READERS[mode](each) ?? [])
  } catch (error) {
    if (error instanceof ChannelError && error.fault.code === 'rest_no_route' && mode !== 'note') return undefined
    throw error
  }
}

/**
 * Looks first whether this package is already there (by tracking number), then writes it once, then completes the order
 * when it was the last package. Doing it again is harmless: what is there is left alone.
 */
export async function pushShipment(call: WooCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  if (!/^\d+$/.test(shipment.orderId))
    return { key, status: 'refused', fault: { kind: 'refused', code: 'order-id', message: 'This is not an order id of WooCommerce.' } }
  if (shipment.carrier.code === PICKUP) return collected(call, shipment)
  const chosen = await chooseMode(call, shipment)
  if ('fault' in chosen) return { key, status: 'refused', fault: chosen.fault }
  const there = chosen.shipments.find((each) => each.trackingNo === shipment.trackingNo && each.state !== 'cancelled')
  try {
    const written = there ?? (await write(call, chosen.mode, shipment))
    if (shipment.last && call.config.completeWhenShipped) await complete(call, shipment.orderId)
    const proof = { mode: chosen.mode, shipment: written.channelShipmentNo }
    return { key, status: there ? 'unchanged' : 'applied', proof }
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return outcomeOfFault(key, error.fault)
  }
}

function outcomeOfFault(key: string, fault: Fault): Outcome {
  if (fault.kind === 'in-doubt' || fault.kind === 'unreadable') return { key, status: 'unknown', fault: { ...fault, kind: 'in-doubt' } }
  if (fault.kind === 'refused' || fault.kind === 'missing') return { key, status: 'refused', fault }
  throw new ChannelError(fault)
}

async function chooseMode(
  call: WooCall,
  shipment: ShipmentWrite,
): Promise<{ readonly mode: Mode; readonly shipments: readonly ChannelShipment[] } | { readonly fault: Fault }> {
  const { fulfilments } = call.config
  for (const mode of fulfilments === 'auto' ? MODES : [fulfilments]) {
    const found = await shipmentsOrFault(call, mode, shipment.orderId)
    if (found && 'fault' in found) return found
    if (found) return { mode, shipments: found.shipments }
  }
  return {
    fault: {
      kind: 'refused',
      code: 'rest_no_route',
      message: `The shop has no "${fulfilments}" to keep tracking numbers in. Choose another way in the settings.`,
    },
  }
}

async function shipmentsOrFault(
  call: WooCall,
  mode: Mode,
  orderId: string,
): Promise<{ readonly shipments: readonly ChannelShipment[] } | { readonly fault: Fault } | undefined> {
  try {
    const shipments = await shipmentsIn(call, mode, orderId)
    return shipments && { shipments }
  } catch (error) {
    // Only "no such order" is this package's own trouble; the rest is for whoever decides about trying again.
    if (error instanceof ChannelError && error.fault.kind === 'missing') return { fault: error.fault }
    throw error
  }
}

async function write(call: WooCall, mode: Mode, shipment: ShipmentWrite): Promise<ChannelShipment> {
  const body = mode === 'core' ? fulfilmentBody(shipment) : mode === 'note' ? noteBody(shipment) : trackingBody(shipment)
  const { doc } = await sendJson(call, { ...placeOf(mode, shipment.orderId), method: 'POST', body, idempotent: false })
  const written = READERS[mode](doc)
  if (!written) throw new ChannelError({ kind: 'in-doubt', code: 'not-in-answer', message: 'The answer of the shop does not show the package.' })
  return written
}

/** Setting a status that is already set changes nothing, so this may be repeated. */
async function complete(call: WooCall, orderId: string): Promise<void> {
  const order = await optional(
    sendJson(call, { method: 'PUT', path: `orders/${orderId}`, query: { _fields: 'id,status' }, body: { status: 'completed' }, idempotent: true }),
  )
  if (!order) throw new ChannelError({ kind: 'missing', message: 'The shop does not know the order any more.' })
}
