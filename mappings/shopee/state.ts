import type { AfterSaleStatus, ChannelShipment, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { flag, list, optionalText, requiredText, text } from '../parts/read.ts'
import { lineNoOf, minor, ORDER, time, unmapped } from './read.ts'
import { refundStateOf } from './refund.ts'

/** What one status word of an order says about our axes. */
interface Meaning {
  /** The channel holds it back though it is paid. */
  readonly held?: true
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
}

/** The statuses the documentation lists (Data Definition, OrderStatus). Any other holds the order. */
const STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ['UNPAID', { fulfilment: 'unallocated', closed: false }],
  ['PENDING', { held: true, fulfilment: 'unallocated', closed: false }],
  ['INVOICE_PENDING', { fulfilment: 'unallocated', closed: false }],
  ['READY_TO_SHIP', { fulfilment: 'unallocated', closed: false }],
  ['IN_CANCEL', { fulfilment: 'unallocated', closed: false }],
  // Arranged: the parcel has its number and waits to be fetched, for the first time or again.
  ['PROCESSED', { fulfilment: 'released', closed: false }],
  ['RETRY_SHIP', { fulfilment: 'released', closed: false }],
  ['SHIPPED', { fulfilment: 'shipped', closed: false }],
  ['TO_CONFIRM_RECEIVE', { fulfilment: 'delivered', closed: false }],
  ['TO_RETURN', { fulfilment: 'shipped', closed: false }],
  ['COMPLETED', { fulfilment: 'delivered', closed: true }],
  ['CANCELLED', { fulfilment: 'unallocated', closed: true }],
])

/** Words of a parcel (Data Definition, LogisticsStatus and PackageFulfillmentStatus); undefined: nothing was arranged. */
const PARCELS: ReadonlyMap<string, ChannelShipment['state'] | undefined> = new Map([
  ['', undefined],
  ['LOGISTICS_NOT_START', undefined],
  ['LOGISTICS_NOT_STARTED', undefined],
  ['LOGISTICS_PENDING_ARRANGE', undefined],
  ['LOGISTICS_READY', undefined],
  ['LOGISTICS_REQUEST_CREATED', 'pending'],
  ['LOGISTICS_PICKUP_RETRY', 'pending'],
  ['LOGISTICS_PICKUP_DONE', 'shipped'],
  ['LOGISTICS_DELIVERY_DONE', 'delivered'],
  ['LOGISTICS_INVALID', 'cancelled'],
  ['LOGISTICS_REQUEST_CANCELED', 'cancelled'],
  ['LOGISTICS_PICKUP_FAILED', 'cancelled'],
  ['LOGISTICS_DELIVERY_FAILED', 'cancelled'],
  ['LOGISTICS_COD_REJECTED', 'cancelled'],
  ['LOGISTICS_LOST', 'cancelled'],
])
/** Ended under way: the goods had left. */
const LEFT: ReadonlySet<string> = new Set(['LOGISTICS_DELIVERY_FAILED', 'LOGISTICS_COD_REJECTED', 'LOGISTICS_LOST'])

const CANCELLED_BY: ReadonlyMap<string, NonNullable<NonNullable<Order['cancelled']>['by']>> = new Map([
  ['buyer', 'buyer'],
  ['seller', 'seller'],
  ['system', 'channel'],
  ['ops', 'channel'],
])

export interface State {
  readonly status: string
  readonly isCod: boolean
  readonly paid: boolean
  readonly refunded: number
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
  readonly shipments: readonly ChannelShipment[]
  /** What never left will not leave any more. */
  readonly isGone: boolean
  /** Pieces of a line that left. */
  readonly shippedOf: (lineNo: string, quantity: number) => number
}

/** @throws MappingError `status-unmapped` for any word the documentation does not list */
export function readState(doc: unknown, total: number, currency: string): State {
  const status = requiredText(doc, `${ORDER}/order_status`)
  const meaning = STATUSES.get(status)
  if (!meaning) throw unmapped(status, `${ORDER}/order_status`)
  const parcels = parcelsOf(doc)
  const gone = parcels.filter(({ word, state }) => state === 'shipped' || state === 'delivered' || LEFT.has(word))
  const isCancelled = status === 'CANCELLED'
  // A whole order that left without a parcel to show for it left whole.
  const isLate = meaning.fulfilment === 'shipped' || meaning.fulfilment === 'delivered'
  const shippedOf = (lineNo: string, quantity: number): number => {
    const shown = gone.flatMap(({ lines }) => lines).reduce((sum, line) => sum + (line.channelLineNo === lineNo ? Number(line.quantity) : 0), 0)
    return gone.length === 0 && isLate ? quantity : shown
  }
  const isCod = flag(doc, `${ORDER}/cod`)
  const paid = time(doc, `${ORDER}/pay_time`) !== undefined
  const returns = list(doc, '/returns').map(({ pointer }) => ({
    state: refundStateOf(doc, pointer),
    minor: minor(doc, `${pointer}/refund_amount`, currency),
  }))
  const back = returns.reduce((sum, each) => sum + (each.state === 'done' ? each.minor : 0), 0)
  const refunded = isCancelled && paid ? total : Math.min(back, total)
  const by = CANCELLED_BY.get(text(doc, `${ORDER}/cancel_by`).trim().toLowerCase())
  const reason = optionalText(doc, `${ORDER}/cancel_reason`) ?? optionalText(doc, `${ORDER}/buyer_cancel_reason`)
  const asked = optionalText(doc, `${ORDER}/buyer_cancel_reason`)
  return {
    status,
    isCod,
    paid,
    refunded,
    payment: paymentOf({ meaning, paid, isCancelled, refunded, total, returns: returns.map(({ state }) => state) }),
    fulfilment: fulfilmentOf(meaning, isCancelled, { left: gone.length, all: parcels.length }),
    afterSale: afterSaleOf(
      returns.map(({ state }) => state),
      status,
    ),
    cancelled: isCancelled ? { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) } : undefined,
    cancelRequest: status === 'IN_CANCEL' ? (asked === undefined ? {} : { reason: asked }) : undefined,
    closed: meaning.closed,
    shipments: parcels.flatMap(({ word: _word, state, ...parcel }) => (state === undefined ? [] : [{ ...parcel, state }])),
    isGone: isCancelled,
    shippedOf,
  }
}

interface Parcel extends Omit<ChannelShipment, 'state'> {
  readonly word: string
  readonly state: ChannelShipment['state'] | undefined
}

/** Parcels of the order, each with its number and contents where they were asked for. */
function parcelsOf(doc: unknown): readonly Parcel[] {
  const shown = list(doc, '/packages')
  const listed = list(doc, `${ORDER}/package_list`)
  const goods = list(doc, `${ORDER}/item_list`)
  return listed.map(({ value, pointer }) => {
    const number = requiredText(value, '/package_number')
    const own = shown.find((each) => text(each.value, '/package_number') === number)
    const at = own ? `${own.pointer}/fulfillment_status` : `${pointer}/logistics_status`
    const word = text(doc, at).trim()
    if (!PARCELS.has(word)) throw unmapped(word, at)
    const contents = list(own?.value ?? value, '/item_list')
    // An order that was not split may show its only parcel without contents.
    const lines =
      contents.length === 0 && listed.length === 1
        ? goods.map((each) => ({ channelLineNo: lineNoOf(each.value), quantity: text(each.value, '/model_quantity_purchased') }))
        : contents.map((each) => ({ channelLineNo: lineNoOf(each.value), quantity: text(each.value, '/model_quantity') || '0' }))
    const trackingNo = optionalText(own?.value, '/tracking_number')
    const carrier = optionalText(own?.value, '/shipping_carrier') ?? optionalText(value, '/shipping_carrier')
    const left = time(own?.value, '/pickup_done_time')
    return {
      channelShipmentNo: number,
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined || trackingNo === '-' ? {} : { trackingNo }),
      word,
      state: PARCELS.get(word),
      ...(left === undefined ? {} : { at: left }),
      lines,
    }
  })
}

function fulfilmentOf(meaning: Meaning, isCancelled: boolean, { left, all }: { readonly left: number; readonly all: number }): FulfilmentStatus {
  if (left === 0) return meaning.fulfilment
  // What left and did not arrive, and is not asked for any more.
  if (isCancelled) return 'failed'
  return meaning.fulfilment === 'unallocated' || meaning.fulfilment === 'released' ? (left < all ? 'partial' : 'shipped') : meaning.fulfilment
}

interface Paid {
  readonly meaning: Meaning
  readonly paid: boolean
  readonly isCancelled: boolean
  readonly refunded: number
  readonly total: number
  readonly returns: readonly string[]
}

function paymentOf({ meaning, paid, isCancelled, refunded, total, returns }: Paid): Order['payment'] {
  if (!paid) return isCancelled ? 'voided' : 'pending'
  if (isCancelled || (total > 0 && refunded >= total)) return 'refunded'
  if (meaning.held) return 'authorised'
  if (refunded > 0) return 'partially_refunded'
  return returns.includes('requested') || returns.includes('approved') ? 'refund_pending' : 'paid'
}

function afterSaleOf(states: readonly string[], status: string): AfterSaleStatus {
  if (states.includes('requested') || (status === 'TO_RETURN' && states.length === 0)) return 'requested'
  if (states.includes('approved')) return 'in_progress'
  return states.length > 0 ? 'closed' : 'none'
}
