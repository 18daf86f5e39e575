import { MappingError } from '../../src/core/fault.ts'
import type { FulfilmentStatus, Instant, Order, PaymentStatus } from '../../src/core/order.ts'
import { flag, optionalText, requiredText, text } from '../parts/read.ts'
import { time } from '../parts/wechat.ts'

interface Meaning {
  readonly paid: boolean
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
}

/** Statuses of the page "Get Order Detail". Any other holds the order. */
const STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ['UNPAID', { paid: false, fulfilment: 'unallocated', closed: false }],
  // Paid, but the buyer may still cancel without asking.
  ['ON_HOLD', { paid: true, fulfilment: 'unallocated', closed: false }],
  ['AWAITING_SHIPMENT', { paid: true, fulfilment: 'unallocated', closed: false }],
  ['PARTIALLY_SHIPPING', { paid: true, fulfilment: 'partial', closed: false }],
  ['AWAITING_COLLECTION', { paid: true, fulfilment: 'released', closed: false }],
  ['IN_TRANSIT', { paid: true, fulfilment: 'in_transit', closed: false }],
  ['DELIVERED', { paid: true, fulfilment: 'delivered', closed: false }],
  ['COMPLETED', { paid: true, fulfilment: 'delivered', closed: true }],
  ['CANCELLED', { paid: false, fulfilment: 'unallocated', closed: true }],
])

export interface State {
  readonly status: string
  readonly isCod: boolean
  readonly paid: boolean
  readonly paidAt: Instant | undefined
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
  /** All money went back. */
  readonly refunded: boolean
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
}

/** @throws MappingError `status-unmapped` for a status the channel does not document */
export function readState(doc: unknown): State {
  const status = requiredText(doc, '/status')
  const meaning = STATUSES.get(status)
  if (meaning === undefined)
    throw new MappingError('status-unmapped', `"${status.slice(0, 40)}" is not a status the channel documents.`, '/status', {
      known: [...STATUSES.keys()],
    })
  const isCod = flag(doc, '/is_cod')
  const paidAt = time(doc, '/paid_time')
  // Cash comes with the delivery; a preorder is only charged a day before its release.
  const paid = isCod ? meaning.fulfilment === 'delivered' : status === 'ON_HOLD' ? paidAt !== undefined : meaning.paid
  const hasEnded = status === 'CANCELLED'
  const refunded = hasEnded && paidAt !== undefined && !isCod
  const isSellers = text(doc, '/shipping_type') !== 'TIKTOK'
  return {
    status,
    isCod,
    paid: paid || refunded,
    paidAt,
    payment: refunded ? 'refunded' : hasEnded ? 'voided' : status === 'ON_HOLD' ? 'authorised' : paid ? 'paid' : 'pending',
    fulfilment: status === 'AWAITING_COLLECTION' && isSellers ? 'shipped' : meaning.fulfilment,
    closed: meaning.closed,
    refunded,
    cancelled: hasEnded ? cancelledOf(doc) : undefined,
    cancelRequest: !meaning.closed && meaning.fulfilment !== 'delivered' && flag(doc, '/is_buyer_request_cancel') ? {} : undefined,
  }
}

const BY: Readonly<Record<string, 'buyer' | 'seller' | 'channel'>> = { BUYER: 'buyer', SELLER: 'seller', SYSTEM: 'channel', OPERATOR: 'channel' }

function cancelledOf(doc: unknown): NonNullable<Order['cancelled']> {
  const [at, by, reason] = [time(doc, '/cancel_time'), BY[text(doc, '/cancellation_initiator')], optionalText(doc, '/cancel_reason')]
  return { ...(at === undefined ? {} : { at }), ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) }
}
