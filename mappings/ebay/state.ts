import type { ChannelShipment, FulfilmentStatus, Order, PaymentStatus, Refund } from '../../src/core/order.ts'
import { list, optionalText, requiredText, text, utcInstant } from '../parts/read.ts'
import { meaningOf } from './read.ts'

/** PENDING and FAILED are said of a payment and of a refund alike; which of the two is meant only the payments tell. */
const PAYMENT: Readonly<Record<string, PaymentStatus | 'unclear'>> = {
  PAID: 'paid',
  PENDING: 'unclear',
  FAILED: 'unclear',
  PARTIALLY_REFUNDED: 'partially_refunded',
  FULLY_REFUNDED: 'refunded',
}
const FULFILMENT: Readonly<Record<string, FulfilmentStatus>> = { NOT_STARTED: 'unallocated', IN_PROGRESS: 'partial', FULFILLED: 'shipped' }
const CANCEL: Readonly<Record<string, 'no' | 'asked' | 'yes'>> = { NONE_REQUESTED: 'no', IN_PROGRESS: 'asked', CANCELED: 'yes' }
const REQUESTS: Readonly<Record<string, 'open' | 'over'>> = { REQUESTED: 'open', COMPLETED: 'over', REJECTED: 'over' }

export interface State {
  readonly source: string
  readonly paid: boolean
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: Order['afterSale']
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
  readonly shipments: readonly ChannelShipment[]
  readonly paymentHold: string | undefined
}

export function readState(doc: unknown, refunds: readonly Refund[]): State {
  const [pay, ship] = [requiredText(doc, '/orderPaymentStatus'), requiredText(doc, '/orderFulfillmentStatus')]
  const cancel = text(doc, '/cancelStatus/cancelState') || 'NONE_REQUESTED'
  const fulfilment = meaningOf(FULFILMENT, ship, { code: 'status-unmapped', pointer: '/orderFulfillmentStatus' })
  const meaning = meaningOf(PAYMENT, pay, { code: 'payment-status-unmapped', pointer: '/orderPaymentStatus' })
  const stage = meaningOf(CANCEL, cancel, { code: 'cancel-state-unmapped', pointer: '/cancelStatus/cancelState' })
  const hasPaid = list(doc, '/paymentSummary/payments').some(({ value }) => text(value, '/paymentStatus') === 'PAID')
  const paid = meaning !== 'unclear' || hasPaid
  const payment = paymentOf({ meaning, pay, hasPaid, isCancelled: stage === 'yes' })
  const request = requestOf(doc)
  const states = refunds.map(({ state }) => state)
  const underWay = states.includes('approved') || payment === 'refund_pending'
  return {
    source: [ship, pay, ...(cancel === 'NONE_REQUESTED' ? [] : [cancel])].join(' '),
    paid,
    payment,
    fulfilment,
    afterSale: stage === 'asked' ? 'requested' : underWay ? 'in_progress' : refunds.length > 0 ? 'closed' : 'none',
    cancelled: stage === 'yes' ? cancelledOf(doc) : undefined,
    cancelRequest: stage === 'asked' ? (request ?? {}) : undefined,
    closed: stage === 'yes' || (payment === 'refunded' && fulfilment === 'unallocated'),
    shipments: shipmentsOf(doc),
    paymentHold: list(doc, '/paymentSummary/payments').flatMap(({ value }) => optionalText(value, '/paymentHolds/0/holdState') ?? [])[0],
  }
}

interface Paid {
  readonly meaning: PaymentStatus | 'unclear'
  readonly pay: string
  readonly hasPaid: boolean
  readonly isCancelled: boolean
}

/** PENDING and FAILED of an order that was paid are about a refund: one that waits, and one that did not happen. */
function paymentOf({ meaning, pay, hasPaid, isCancelled }: Paid): PaymentStatus {
  if (meaning !== 'unclear') return meaning
  if (!hasPaid) return isCancelled ? 'voided' : 'pending'
  return pay === 'PENDING' ? 'refund_pending' : 'paid'
}

const WHO: Readonly<Record<string, 'buyer' | 'seller' | 'channel'>> = {
  buyer: 'buyer',
  seller: 'seller',
  ebay: 'channel',
  csr: 'channel',
  system: 'channel',
}

function cancelledOf(doc: unknown): NonNullable<Order['cancelled']> {
  const last = list(doc, '/cancelStatus/cancelRequests').at(-1)?.value
  const [at, reason] = [utcInstant(doc, '/cancelStatus/cancelledDate'), optionalText(last, '/cancelReason')]
  const by = WHO[text(last, '/cancelInitiator').toLowerCase()]
  return { ...(at === undefined ? {} : { at }), ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) }
}

/** The first request that waits for an answer. */
function requestOf(doc: unknown): Order['cancelRequest'] {
  const found = list(doc, '/cancelStatus/cancelRequests').find(({ value, pointer }) => {
    const word = requiredText(value, '/cancelRequestState')
    return meaningOf(REQUESTS, word, { code: 'cancel-state-unmapped', pointer: `${pointer}/cancelRequestState` }) === 'open'
  })?.value
  if (found === undefined) return undefined
  const [id, at, reason] = [optionalText(found, '/cancelRequestId'), utcInstant(found, '/cancelRequestedDate'), optionalText(found, '/cancelReason')]
  return { ...(id === undefined ? {} : { id }), ...(at === undefined ? {} : { at }), ...(reason === undefined ? {} : { reason }) }
}

const shipmentsOf = (doc: unknown): readonly ChannelShipment[] =>
  list(doc, '/shippingFulfillments').map(({ value }): ChannelShipment => {
    const [carrier, trackingNo, at] = [
      optionalText(value, '/shippingCarrierCode'),
      optionalText(value, '/shipmentTrackingNumber'),
      utcInstant(value, '/shippedDate'),
    ]
    return {
      channelShipmentNo: requiredText(value, '/fulfillmentId'),
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state: 'shipped',
      ...(at === undefined ? {} : { at }),
      lines: list(value, '/lineItems').map((part) => ({
        channelLineNo: text(part.value, '/lineItemId'),
        quantity: text(part.value, '/quantity') || '1',
      })),
    }
  })
