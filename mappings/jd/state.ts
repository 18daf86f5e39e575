import { MappingError } from '../../src/core/fault.ts'
import type { FulfilmentStatus, Order } from '../../src/core/order.ts'
import { optionalText, requiredText, text } from '../parts/read.ts'
import { moment, numberOfKind } from './read.ts'

interface Meaning {
  readonly fulfilment: FulfilmentStatus
  /** Money is in, or as good as in, while the goods are held back. */
  readonly held?: true
  /** The buyer asked to cancel before the goods left. */
  readonly asked?: true
  readonly finished?: true
  readonly cancelled?: true
}

const TO_SHIP: Meaning = { fulfilment: 'unallocated' }
const SENT: Meaning = { fulfilment: 'shipped' }
const PAUSED: Meaning = { fulfilment: 'unallocated', held: true }

/** The states the documentation of the order interfaces lists. Any other holds the order. */
const STATES: ReadonlyMap<string, Meaning> = new Map([
  ['WAIT_SELLER_STOCK_OUT', TO_SHIP],
  // Merchants abroad only: the goods wait at the border.
  ['WAIT_SELLER_DELIVERY', TO_SHIP],
  // Vouchers only: the code has not been sent.
  ['WAIT_SEND_CODE', TO_SHIP],
  ['PAUSE', PAUSED],
  ['POP_ORDER_PAUSE', PAUSED],
  ['LOCKED', { fulfilment: 'unallocated', asked: true }],
  // Sold through the channel's own distribution centres only (the spelling is the channel's).
  ['SEND_TO_DISTRIBUTION_CENER', SENT],
  ['DISTRIBUTION_CENTER_RECEIVED', { fulfilment: 'in_transit' }],
  ['WAIT_GOODS_RECEIVE_CONFIRM', SENT],
  ['RECEIPTS_CONFIRM', { fulfilment: 'delivered' }],
  ['FINISHED_L', { fulfilment: 'delivered', finished: true }],
  ['DELIVERY_RETURN', { fulfilment: 'failed' }],
  ['TRADE_CANCELED', { fulfilment: 'unallocated', finished: true, cancelled: true }],
])

/** 22 SOP (the merchant sends), 75 LOC (vouchers), 21 FBP (the channel sends), 23 and 25 go through its distribution centres. */
const TYPES: ReadonlyMap<string, 'goods' | 'voucher' | 'channel'> = new Map([
  ['22', 'goods'],
  ['23', 'goods'],
  ['25', 'goods'],
  ['21', 'channel'],
  ['75', 'voucher'],
])

export interface State {
  readonly word: string
  readonly isCod: boolean
  readonly isVoucher: boolean
  readonly byChannel: boolean
  readonly isHeld: boolean
  readonly paid: boolean
  /** Its money went back: cancelled after it was paid. */
  readonly givenBack: boolean
  /** The goods have left. */
  readonly left: boolean
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
}

/** @throws MappingError `status-unmapped`, `order-type-unmapped` for words the documentation does not list */
export function readState(doc: unknown): State {
  const word = requiredText(doc, '/orderState')
  const meaning = STATES.get(word)
  if (!meaning)
    throw new MappingError('status-unmapped', `"${word}" is not a state the channel documents.`, '/orderState', { known: [...STATES.keys()] })
  const kind = TYPES.get(optionalText(doc, '/orderType') ?? '22')
  if (!kind) throw new MappingError('order-type-unmapped', 'This kind of order is not known.', '/orderType')
  const isCod = numberOfKind(text(doc, '/payType')) === '1'
  const confirmed = moment(doc, '/paymentConfirmTime') !== undefined
  const isCancelled = meaning.cancelled === true
  const left = meaning.fulfilment !== 'unallocated' || (isCancelled && optionalText(doc, '/waybill') !== undefined)
  // Lists show an order when it may be sent: it is paid, or cash is taken at the door.
  const paid = isCod ? confirmed || word === 'FINISHED_L' : confirmed || !isCancelled
  const at = moment(doc, '/orderEndTime')
  return {
    word,
    isCod,
    isVoucher: kind === 'voucher',
    byChannel: kind === 'channel' || optionalText(doc, '/storeOrder') !== undefined,
    isHeld: meaning.held === true,
    paid,
    givenBack: isCancelled && paid,
    left,
    payment: paymentOf(meaning, paid),
    fulfilment: isCancelled && left ? 'shipped' : meaning.fulfilment,
    cancelled: isCancelled && !left ? { ...(at === undefined ? {} : { at }), ...(paid ? { reason: 'refunded' } : {}) } : undefined,
    cancelRequest: meaning.asked ? {} : undefined,
    // A voucher that was only issued can still come back.
    closed: meaning.finished === true && !(kind === 'voucher' && !isCancelled),
  }
}

function paymentOf(meaning: Meaning, paid: boolean): Order['payment'] {
  if (meaning.cancelled) return paid ? 'refunded' : 'voided'
  if (meaning.held) return 'authorised'
  return paid ? 'paid' : 'pending'
}
