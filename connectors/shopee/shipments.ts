import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { arrangement } from './arrange.ts'
import { int, responseOf, write } from './client.ts'
import { lineIdsOf, lineNoOf, type LineIds } from './line-no.ts'
import type { ShopeeCall } from './manifest.ts'
import { readDetail, readPackages } from './orders.ts'
import { isOrderSn } from './webhooks.ts'

interface Piece extends LineIds {
  readonly lineNo: string
  readonly count: number
}
interface Parcel {
  readonly number: string
  readonly status: string
  readonly carrier: string
  readonly trackingNo: string
  /** Waits for the channel's own number. */
  readonly isArranged: boolean
  readonly at: number
  readonly pieces: readonly Piece[]
}
interface Standing {
  readonly status: string
  readonly isSplit: boolean
  readonly parcels: readonly Parcel[]
}

/** Parcels that wait to be arranged, for the first time or again. */
const OPEN: ReadonlySet<string> = new Set([
  '',
  'LOGISTICS_NOT_START',
  'LOGISTICS_NOT_STARTED',
  'LOGISTICS_READY',
  'LOGISTICS_PENDING_ARRANGE',
  'LOGISTICS_PICKUP_RETRY',
])
const GONE: ReadonlySet<string> = new Set([
  ...['LOGISTICS_INVALID', 'LOGISTICS_REQUEST_CANCELED', 'LOGISTICS_PICKUP_FAILED', 'LOGISTICS_DELIVERY_FAILED', 'LOGISTICS_LOST'],
  'LOGISTICS_COD_REJECTED',
])
const SENDABLE: ReadonlySet<string> = new Set(['READY_TO_SHIP', 'PROCESSED', 'RETRY_SHIP'])

/**
 * Looks at the order first: a package that is there already is left alone. The channel makes parcels, and each leaves once: the first package
 * that does not hold everything splits the order into itself and the rest, which then leaves as it is.
 */
export async function pushShipment(call: ShopeeCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId } = shipment
  if (!isOrderSn(orderId)) return refused(key, 'order-id', 'This is not an order number of Shopee.')
  try {
    const order = await standingOf(call, orderId)
    if (!order) return refused(key, 'order-unknown', 'The shop has no such order.')
    const there = isThere(call, shipment, order) ?? unsendable(shipment, order)
    if (there) return there
    const wanted = piecesOf(shipment, order)
    const same = open(order).find(({ pieces }) => isSame(pieces, wanted))
    if (same) return await send(call, { shipment, order, parcel: same.number })
    const problem = unsplittable(call, { key, order, wanted })
    if (problem) return problem
    // Asked before anything is split: an order nobody may send stays whole.
    const how = await arrangement(call, {
      orderId,
      trackingNo: shipment.trackingNo,
      ...(order.isSplit ? { parcel: order.parcels[0]?.number ?? '' } : {}),
    })
    if ('refusal' in how) return refused(key, how.refusal.code, how.refusal.message)
    return await send(call, { shipment, order: { ...order, isSplit: true }, parcel: await split(call, { orderId, order, wanted }) })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

const isOpen = ({ status, trackingNo, isArranged }: Parcel): boolean => OPEN.has(status) && trackingNo === '' && !isArranged
const open = (order: Standing): readonly Parcel[] => order.parcels.filter(isOpen)

async function standingOf(call: ShopeeCall, orderId: string): Promise<Standing | undefined> {
  const detail = await readDetail(call, orderId)
  if (!detail) return undefined
  const { doc } = detail
  const lines = listField(doc, 'item_list').map((each) => pieceOf(each, 'model_quantity_purchased'))
  const listed = listField(doc, 'package_list')
  const shown = await readPackages(
    call,
    listed.flatMap((each) => textField(each, 'package_number') ?? []),
  )
  const parcels = listed.map((each): Parcel => {
    const number = textField(each, 'package_number') ?? ''
    const own = shown.find((one) => textField(one.doc, 'package_number') === number)?.doc
    const pieces = listField(own ?? each, 'item_list').map((one) => pieceOf(one, 'model_quantity'))
    return {
      number,
      status: textField(own, 'fulfillment_status') ?? textField(each, 'logistics_status') ?? '',
      carrier: textField(own, 'shipping_carrier') ?? textField(each, 'shipping_carrier') ?? '',
      trackingNo: (textField(own, 'tracking_number') ?? '').replace(/^-$/, ''),
      isArranged: field(own, 'is_shipment_arranged') === true,
      at: Number(textField(own, 'pickup_done_time') || textField(own, 'update_time') || 0),
      // An order that was not split may show its only parcel without contents.
      pieces: pieces.length === 0 && listed.length === 1 ? lines : pieces,
    }
  })
  return { status: textField(doc, 'order_status') ?? '', isSplit: field(doc, 'split_up') === true || parcels.length > 1, parcels }
}

function pieceOf(doc: unknown, count: string): Piece {
  const ids = lineIdsOf(doc)
  return { ...ids, lineNo: lineNoOf(ids), count: Number(textField(doc, count) ?? Number.NaN) }
}

/** Pieces of this package: one without lines holds everything that still waits. */
function piecesOf(shipment: ShipmentWrite, order: Standing): readonly Piece[] {
  const waiting = open(order).flatMap(({ pieces }) => pieces)
  if (shipment.lines.length === 0) return waiting
  return shipment.lines.flatMap(({ channelLineNo, quantity }) => {
    const piece = order.parcels.flatMap(({ pieces }) => pieces).find(({ lineNo }) => lineNo === channelLineNo)
    return piece ? [{ ...piece, count: quantity }] : []
  })
}

const total = (pieces: readonly Piece[], lineNo: string): number => pieces.reduce((sum, each) => sum + (each.lineNo === lineNo ? each.count : 0), 0)
const isWithin = (some: readonly Piece[], all: readonly Piece[]): boolean => some.every(({ lineNo }) => total(some, lineNo) <= total(all, lineNo))
const isSame = (a: readonly Piece[], b: readonly Piece[]): boolean => isWithin(a, b) && isWithin(b, a)

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

/** Under our number with these contents is what was wanted; one of the channel's logistics has the channel's number and is known by its contents. */
function isThere(call: ShopeeCall, shipment: ShipmentWrite, order: Standing): Outcome | undefined {
  const { key, trackingNo } = shipment
  const live = order.parcels.filter((parcel) => !GONE.has(parcel.status) && !isOpen(parcel))
  const wanted = piecesOf(shipment, order)
  const ours = trackingNo.trim() === '' ? undefined : live.find((parcel) => folded(parcel.trackingNo) === folded(trackingNo))
  if (ours && shipment.lines.length > 0 && !isSame(ours.pieces, wanted))
    return refused(key, 'shipped-otherwise', 'Shopee shows this tracking number with other contents.')
  // The last package of an order is not the one of the same contents that left before it, while its own parcel still waits.
  const isTwin = shipment.last && open(order).some(({ pieces }) => isSame(pieces, wanted))
  const isByContents = call.config.arrange !== 'none' && shipment.lines.length > 0 && wanted.length > 0 && !isTwin
  const theirs = isByContents ? live.find(({ pieces }) => isSame(pieces, wanted)) : undefined
  const same = ours ?? theirs
  return same && { key, status: 'unchanged', proof: { tracking: same.trackingNo, package: same.number } }
}

function unsendable(shipment: ShipmentWrite, order: Standing): Outcome | undefined {
  const { key } = shipment
  if (order.status === 'CANCELLED') return refused(key, 'closed', 'The order was cancelled at Shopee: it must not be sent.')
  if (order.status === 'IN_CANCEL') return refused(key, 'cancel-requested', 'The buyer asks to cancel this order: decide that first.')
  const wanted = piecesOf(shipment, order)
  if (wanted.length < shipment.lines.length) return refused(key, 'line-unknown', 'The order has no such line.')
  if (wanted.length === 0) return refused(key, 'nothing-left', 'Shopee shows nothing of this order that is still to be sent.')
  if (wanted.some(({ count }) => !Number.isSafeInteger(count) || count < 1)) return refused(key, 'quantity-not-whole', 'Shopee sends whole pieces.')
  if (
    !isWithin(
      wanted,
      open(order).flatMap(({ pieces }) => pieces),
    )
  )
    return refused(key, 'shipped-otherwise', 'Shopee shows pieces of this package as arranged or sent already, or has fewer of them.')
  if (!SENDABLE.has(order.status)) return refused(key, 'not-ready', `Shopee does not send this order now: it is ${order.status}.`)
  return undefined
}

interface Division {
  readonly key: string
  readonly order: Standing
  readonly wanted: readonly Piece[]
}

function unsplittable(call: ShopeeCall, { key, order, wanted }: Division): Outcome | undefined {
  const [only] = order.parcels
  if (order.parcels.length !== 1 || only === undefined)
    return refused(key, 'split-already', 'Shopee splits an order once: send the parcels it shows, each whole.')
  if (!call.config.splitPieces && wanted.some(({ lineNo }) => total(wanted, lineNo) < total(only.pieces, lineNo)))
    return refused(key, 'line-in-parts', 'Shopee sends a line whole. Shops it lists for it may split pieces: see the settings.')
  const bundles = wanted.filter(({ group }) => group !== '0')
  if (bundles.some(({ group }) => only.pieces.some((each) => each.group === group && total(wanted, each.lineNo) < total(only.pieces, each.lineNo))))
    return refused(key, 'bundle-together', 'Shopee sends what was bought as one bundle in one parcel.')
  return undefined
}

/** The number of the parcel that holds what was wanted. */
async function split(call: ShopeeCall, { orderId, order, wanted }: { readonly orderId: string } & Omit<Division, 'key'>): Promise<string> {
  const all = order.parcels.flatMap(({ pieces }) => pieces)
  const rest = all.map((each) => ({ ...each, count: each.count - total(wanted, each.lineNo) })).filter(({ count }) => count > 0)
  const items = (pieces: readonly Piece[]): readonly unknown[] =>
    pieces.map(({ item, model, orderItem, group, count }) => ({
      ...{ item_id: int(item), model_id: int(model), order_item_id: int(orderItem), promotion_group_id: int(group) },
      // Only shops on the channel's list may name pieces at all.
      ...(call.config.splitPieces ? { model_quantity: count } : {}),
    }))
  const path = 'order/split_order'
  const answer = await write(call, path, { order_sn: orderId, package_list: [{ item_list: items(wanted) }, { item_list: items(rest) }] })
  const made = listField(responseAfterWrite(answer, path), 'package_list').map((each) => ({
    number: textField(each, 'package_number') ?? '',
    pieces: listField(each, 'item_list').map((one) => pieceOf(one, 'model_quantity')),
  }))
  const number = made.find(({ pieces }) => isSame(pieces, wanted))?.number ?? ''
  if (number === '')
    throw new ChannelError({
      kind: 'in-doubt',
      code: 'parcel-unknown',
      message: 'Shopee split the order and does not show the parcel that was wanted.',
    })
  return number
}

/** The write was carried out when its answer came, also when that cannot be read. */
function responseAfterWrite(answer: Parameters<typeof responseOf>[0], path: string): unknown {
  try {
    return responseOf(answer, path)
  } catch (error) {
    throw new ChannelError({ ...faultOf(error), kind: 'in-doubt' }, { cause: error })
  }
}

interface Sending {
  readonly shipment: ShipmentWrite
  readonly order: Standing
  readonly parcel: string
}

async function send(call: ShopeeCall, { shipment, order, parcel }: Sending): Promise<Outcome> {
  const { key, orderId, trackingNo } = shipment
  // A number is refused of an order that was not split, and missed of one that was.
  const own = order.isSplit ? { parcel } : {}
  const how = await arrangement(call, { orderId, trackingNo, ...own })
  if ('refusal' in how) return refused(key, how.refusal.code, how.refusal.message)
  try {
    await write(call, 'logistics/ship_order', { order_sn: orderId, ...(order.isSplit ? { package_number: parcel } : {}), ...how.body })
    return { key, status: 'applied', proof: { package: parcel, way: how.way, ...(how.numbered ? { tracking: trackingNo } : {}) } }
  } catch (error) {
    if (faultOf(error).kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const now = await standingOf(call, orderId)
    const there = now && isThere(call, shipment, now)
    if (there?.status === 'unchanged') return there
    throw error
  }
}

/** Parcels that were arranged, with the numbers they travel under. */
export async function readShipments(call: ShopeeCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const order = isOrderSn(orderId) ? await standingOf(call, orderId) : undefined
  const found = (order?.parcels ?? []).filter((parcel) => !isOpen(parcel))
  return found.map(({ number, status, carrier, trackingNo, at, pieces }) => ({
    channelShipmentNo: number,
    ...(carrier === '' ? {} : { carrier }),
    ...(trackingNo === '' ? {} : { trackingNo }),
    state: GONE.has(status)
      ? 'cancelled'
      : status === 'LOGISTICS_DELIVERY_DONE'
        ? 'delivered'
        : status === 'LOGISTICS_PICKUP_DONE'
          ? 'shipped'
          : 'pending',
    ...(at > 0 && at < 1e11 ? { at: `${new Date(at * 1000).toISOString().slice(0, 19)}Z` } : {}),
    lines: pieces.map(({ lineNo, count }) => ({ channelLineNo: lineNo, quantity: String(count) })),
  }))
}
