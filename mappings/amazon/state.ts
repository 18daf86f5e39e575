import { MappingError } from '../../src/core/fault.ts'
import type { ChannelShipment, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { list, optionalText, requiredText, text, utcInstant } from '../parts/read.ts'

/** What one word of `fulfillmentStatus` says about our axes. */
interface Meaning {
  readonly payment: 'pending' | 'paid' | 'authorised' | 'voided'
  readonly fulfilment: FulfilmentStatus
  /** Nothing may leave yet. */
  readonly held?: true
  /** Lines tell how many pieces were sent and how many will be: the rest was cancelled. */
  readonly counted?: true
}

const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['PENDING_AVAILABILITY', { payment: 'pending', fulfilment: 'unallocated', held: true }],
  ['PENDING', { payment: 'pending', fulfilment: 'unallocated', held: true }],
  // Of the older interface, in Brazil: paid, but its invoice has to be confirmed first.
  ['INVOICE_UNCONFIRMED', { payment: 'authorised', fulfilment: 'unallocated', held: true }],
  ['UNSHIPPED', { payment: 'paid', fulfilment: 'unallocated', counted: true }],
  ['PARTIALLY_SHIPPED', { payment: 'paid', fulfilment: 'partial', counted: true }],
  ['SHIPPED', { payment: 'paid', fulfilment: 'shipped', counted: true }],
  ['CANCELLED', { payment: 'voided', fulfilment: 'unallocated' }],
  ['UNFULFILLABLE', { payment: 'paid', fulfilment: 'failed' }],
])

const PACKAGES: ReadonlyMap<string, ChannelShipment['state']> = new Map([
  ['PENDING', 'pending'],
  ['IN_TRANSIT', 'shipped'],
  ['SHIPPED', 'shipped'],
  ['DELIVERED', 'delivered'],
  ['CANCELLED', 'cancelled'],
  // On its way back: it left all the same.
  ['UNDELIVERABLE', 'shipped'],
])

const CANCELLED_BY: ReadonlyMap<string, NonNullable<NonNullable<Order['cancelled']>['by']>> = new Map([
  ['BUYER', 'buyer'],
  ['MERCHANT', 'seller'],
  ['AMAZON', 'channel'],
])

export interface State {
  readonly status: string
  readonly byChannel: boolean
  readonly isCod: boolean
  readonly isPaid: boolean
  readonly isHeld: boolean
  readonly isCounted: boolean
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
  readonly shipments: readonly ChannelShipment[]
}

const unmapped = (word: string, pointer: string): MappingError =>
  new MappingError('status-unmapped', `"${word.slice(0, 60)}" is not a status the channel documents.`, pointer)

/** @throws MappingError `status-unmapped` for any word the model does not list */
export function readState(doc: unknown): State {
  const status = requiredText(doc, '/fulfillment/fulfillmentStatus')
  const meaning = MEANINGS.get(status)
  if (!meaning) throw unmapped(status, '/fulfillment/fulfillmentStatus')
  const by = requiredText(doc, '/fulfillment/fulfilledBy')
  if (by !== 'AMAZON' && by !== 'MERCHANT') throw unmapped(by, '/fulfillment/fulfilledBy')
  const isCod = list(doc, '/payment/paymentExecutions').some(({ value }) => /^(?:CashOnDelivery|COD)$/.test(text(value, '/paymentMethod')))
  const isCancelled = status === 'CANCELLED'
  const shipments = shipmentsOf(doc)
  const hasArrived = status === 'SHIPPED' && shipments.length > 0 && shipments.every(({ state }) => state === 'delivered')
  const isPaid = meaning.payment === 'paid' && (!isCod || hasArrived)
  return {
    status,
    byChannel: by === 'AMAZON',
    isCod,
    isPaid,
    isHeld: meaning.held === true,
    isCounted: meaning.counted === true,
    payment: meaning.payment === 'paid' && !isPaid ? 'pending' : meaning.payment,
    fulfilment: hasArrived ? 'delivered' : meaning.fulfilment,
    cancelled: isCancelled ? cancelledOf(doc) : undefined,
    cancelRequest: status === 'UNSHIPPED' || meaning.held ? requestOf(doc) : undefined,
    closed: isCancelled,
    shipments,
  }
}

function cancelledOf(doc: unknown): NonNullable<Order['cancelled']> {
  const told = list(doc, '/orderItems').map(({ value }) => ({
    by: CANCELLED_BY.get(text(value, '/cancellation/cancellationExecution/cancelledBy')),
    reason: optionalText(value, '/cancellation/cancellationExecution/cancelReason'),
  }))
  const { by, reason } = told.find((each) => each.by !== undefined || each.reason !== undefined) ?? {}
  return { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) }
}

/** The buyer asks line by line; the seller answers by cancelling the order, or by sending it. */
function requestOf(doc: unknown): Order['cancelRequest'] {
  const asked = list(doc, '/orderItems').flatMap(({ value }) =>
    optionalText(value, '/cancellation/cancellationRequest/requester') === undefined
      ? []
      : [optionalText(value, '/cancellation/cancellationRequest/cancelReason')],
  )
  if (asked.length === 0) return undefined
  const reason = asked.find((each) => each !== undefined)
  return reason === undefined ? {} : { reason }
}

function shipmentsOf(doc: unknown): readonly ChannelShipment[] {
  return list(doc, '/packages').map(({ value, pointer }) => {
    const word = optionalText(value, '/packageStatus/status')
    const state = word === undefined ? 'shipped' : PACKAGES.get(word)
    if (state === undefined) throw unmapped(word ?? '', `${pointer}/packageStatus/status`)
    const [carrier, trackingNo, at] = [optionalText(value, '/carrier'), optionalText(value, '/trackingNumber'), utcInstant(value, '/shipTime')]
    return {
      channelShipmentNo: requiredText(value, '/packageReferenceId'),
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state,
      ...(at === undefined ? {} : { at }),
      lines: list(value, '/packageItems').map((item) => ({
        channelLineNo: requiredText(item.value, '/orderItemId'),
        quantity: requiredText(item.value, '/quantity'),
      })),
    }
  })
}
