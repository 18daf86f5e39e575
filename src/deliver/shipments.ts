import type pg from 'pg'
import { findCarrier, PICKUP, trackingUrl, type NamedCarrier } from '../core/carriers.ts'
import { DomainError } from '../core/fault.ts'
import type { Instant } from '../core/order.ts'
import { withTx } from '../store/db.ts'
import { outboundConnection } from '../store/deliver/connection-row.ts'
import {
  bumpOrder,
  collectedOnly,
  countHandOvers,
  findShipment,
  insertShipment,
  lockOrder,
  noteReceived,
  shippableLines,
  type ShippableLine,
  type ShippableOrder,
  type StoredShipment,
} from '../store/deliver/insert-shipment.ts'
import { markSkusDirty } from '../store/deliver/mark-dirty.ts'
import { shipStock } from '../store/deliver/ship-stock.ts'
import { finish } from '../store/finish.ts'
import { standstill } from './push-stock.ts'

/** One package. Quantities are decimal text; without `lines` it carries all that remains of the order's goods. */
export interface ShipmentInput {
  readonly pool: pg.Pool
  readonly orderId: number
  /** Unique within the order; default = the tracking number, of a hand-over `pickup`, `pickup-2`… The same again is the same package. */
  readonly packageNo?: string
  /** Code or name in either language; OTHER with `carrierName` for carriers that are not listed, PICKUP for what the buyer collected. */
  readonly carrier: string
  readonly carrierName?: string
  /** Of a hand-over none is needed, and none is kept. */
  readonly trackingNo?: string
  readonly lines?: readonly { readonly lineNo: number; readonly quantity: string }[]
  readonly shippedAt?: Instant
  /** Ship although the order is on hold; needs a reason. */
  readonly force?: boolean
  readonly forceReason?: string
  readonly source: 'api' | 'console' | 'file' | 'cli' | 'till'
  readonly actor: string
  readonly now: Date
}
export interface ShipmentCreated {
  readonly shipment: StoredShipment
  /** True when this package was there before; nothing was changed. */
  readonly repeated: boolean
  readonly version: number
}

/**
 * Records a package and the intent to tell the channel, in one transaction with the goods leaving stock, the timeline
 * fact, the order's new version and its feed row. Nothing is sent here.
 * @throws DomainError `order-unknown`, `carrier-unknown`, `carrier-name-required`, `tracking-required`, `order-cancelled`,
 * `order-held` (details.codes), `force-reason-required`, `fulfilled-by-channel`, `line-unknown`, `quantity-unreadable`,
 * `quantity-exceeds-remaining`, `nothing-to-ship`, `package-conflict`
 */
export async function createShipment(input: ShipmentInput): Promise<ShipmentCreated> {
  const carrier = findCarrier(input.carrier, input.carrierName)
  const collected = carrier.code === PICKUP
  const trackingNo = collected ? '' : (input.trackingNo ?? '').normalize('NFKC').trim()
  if (trackingNo === '' && !collected) throw new DomainError('tracking-required', 'A shipment needs a tracking number.')
  return withTx(input.pool, async (client) => {
    const order = await lockOrder(client, input.orderId)
    if (!order) throw new DomainError('order-unknown', `There is no order ${input.orderId}.`)
    const available = await shippableLines(client, order.id)
    const packageNo = input.packageNo?.trim() || trackingNo || (await nextHandOver(client, order.id, available))
    const known = await findShipment(client, order.id, packageNo)
    if (known) return { shipment: sameOrConflict(known, input, carrier, trackingNo), repeated: true, version: order.version }
    checkOrder(order, input)
    const lines = chooseLines(available, input.lines)
    return ship(client, input, { order, carrier, trackingNo, packageNo, lines, complete: nothingRemains(available, lines) })
  })
}

const HAND_OVER = 'pickup'

/** A hand-over needs no number of its own. Where nothing remains, the last one is asked for again. */
async function nextHandOver(client: pg.ClientBase, orderId: number, available: readonly ShippableLine[]): Promise<string> {
  const made = await countHandOvers(client, orderId, HAND_OVER)
  const number = nothingRemains(available, []) && made > 0 ? made : made + 1
  return number === 1 ? HAND_OVER : `${HAND_OVER}-${number}`
}

interface Package {
  readonly order: ShippableOrder
  readonly carrier: NamedCarrier
  readonly trackingNo: string
  readonly packageNo: string
  readonly lines: readonly { readonly lineNo: number; readonly quantity: string }[]
  readonly complete: boolean
}

async function ship(client: pg.PoolClient, input: ShipmentInput, parcel: Package): Promise<ShipmentCreated> {
  const { order, carrier, packageNo, trackingNo, lines } = parcel
  const waits = await standstill(client, await outboundConnection(client, order.connection_id), 'armed_shipments')
  await insertShipment(client, {
    orderId: order.id,
    connectionId: order.connection_id,
    packageNo,
    carrier: carrier.code,
    carrierName: carrier.name,
    trackingNo,
    trackingUrl: trackingUrl(carrier, trackingNo),
    shippedAt: input.shippedAt ?? input.now.toISOString(),
    forced: input.force === true && order.hold_codes.length > 0,
    forceReason: input.forceReason,
    source: input.source,
    actor: input.actor,
    lines,
    waits,
    now: input.now,
  })
  // What the buyer took along has arrived.
  const arrived = carrier.code === PICKUP && parcel.complete && (await collectedOnly(client, order.id))
  const sent = order.fulfilment === 'in_transit' || order.fulfilment === 'delivered' ? order.fulfilment : parcel.complete ? 'shipped' : 'partial'
  const shipped = arrived ? 'delivered' : sent
  if (arrived) await noteReceived(client, order.id, input.shippedAt ?? input.now.toISOString(), packageNo)
  const version = await bumpOrder(client, order.id, { fulfilment: shipped, sync: 'writeback_pending' }, input.now)
  const skus = await shipStock(client, order.id, lines, `${order.id}/${packageNo}`, input.actor, input.now)
  await markSkusDirty(client, skus)
  const shipment = await findShipment(client, order.id, packageNo)
  if (!shipment) throw new DomainError('shipment-lost', `Package ${packageNo} of order ${order.id} was not stored.`)
  await finish(client, [{ kind: 'order', orderId: order.id, version, connectionId: order.connection_id, cause: 'shipment', sandbox: order.sandbox }])
  return { shipment, repeated: false, version }
}

/** Hard reasons first, then holds, which a person may override with a reason. */
function checkOrder(order: ShippableOrder, input: ShipmentInput): void {
  if (order.cancelled) throw new DomainError('order-cancelled', `Order ${order.channel_order_no} is cancelled; it cannot be shipped.`)
  if (order.fulfilment_by === 'channel')
    throw new DomainError('fulfilled-by-channel', `Order ${order.channel_order_no} is shipped by the channel itself.`)
  if (order.hold_codes.length === 0) return
  if (!input.force) {
    const why = order.hold_codes.includes('cancel-requested') ? 'its buyer asks to cancel it' : `it is held (${order.hold_codes.join(', ')})`
    throw new DomainError('order-held', `Order ${order.channel_order_no} was not shipped: ${why}. Settle the hold, or force it with a reason.`, {
      codes: order.hold_codes,
    })
  }
  if ((input.forceReason ?? '').trim() === '') throw new DomainError('force-reason-required', 'Shipping a held order by force needs a reason.')
}

const QUANTITY = /^\d{1,12}(?:\.\d{1,6})?$/

function chooseLines(available: readonly ShippableLine[], wanted: ShipmentInput['lines']): Package['lines'] {
  const chosen =
    wanted ??
    available.filter((line) => line.needs_goods && Number(line.remaining) > 0).map((line) => ({ lineNo: line.line_no, quantity: line.remaining }))
  if (chosen.length === 0) throw new DomainError('nothing-to-ship', 'Nothing of this order remains to be shipped.')
  const seen = new Set<number>()
  for (const line of chosen) {
    const found = available.find((candidate) => candidate.line_no === line.lineNo)
    if (!found || seen.has(line.lineNo))
      throw new DomainError('line-unknown', `Line ${line.lineNo} is not in this order, or named twice.`, { line_no: line.lineNo })
    seen.add(line.lineNo)
    if (!QUANTITY.test(line.quantity) || Number(line.quantity) === 0)
      throw new DomainError('quantity-unreadable', `Line ${line.lineNo}: "${line.quantity.slice(0, 30)}" is not a positive quantity.`, {
        line_no: line.lineNo,
      })
    if (exceeds(line.quantity, found.remaining)) {
      throw new DomainError('quantity-exceeds-remaining', `Line ${line.lineNo}: ${line.quantity} cannot be shipped, ${found.remaining} remain.`, {
        line_no: line.lineNo,
        remaining: found.remaining,
      })
    }
  }
  return chosen
}

/** Six decimals at most, so scaled integers compare exactly. */
const scaled = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(6, '0').slice(0, 6))
}
const exceeds = (quantity: string, remaining: string): boolean => scaled(quantity) > scaled(remaining)

const nothingRemains = (available: readonly ShippableLine[], lines: Package['lines']): boolean =>
  available.every(
    (line) => !line.needs_goods || scaled(line.remaining) <= scaled(lines.find((shipped) => shipped.lineNo === line.line_no)?.quantity ?? '0'),
  )

function sameOrConflict(known: StoredShipment, input: ShipmentInput, carrier: NamedCarrier, trackingNo: string): StoredShipment {
  const lines = input.lines
    ?.map((line) => `${line.lineNo}×${scaled(line.quantity)}`)
    .sort()
    .join()
  const before = known.lines
    .map((line) => `${line.line_no}×${scaled(line.quantity)}`)
    .sort()
    .join()
  const same = known.carrier === carrier.code && known.tracking_no === trackingNo && (lines === undefined || lines === before)
  if (same) return known
  throw new DomainError('package-conflict', `Package ${known.package_no} of this order exists with other contents. Use another package number.`, {
    package_no: known.package_no,
  })
}
