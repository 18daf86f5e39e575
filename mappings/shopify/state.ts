import { MappingError } from '../../src/core/fault.ts'
import type { AfterSaleStatus, FulfilmentStatus, Order, PaymentStatus } from '../../src/core/order.ts'
import { list, requiredText, text } from '../parts/read.ts'

const PAYMENTS: Readonly<Record<string, PaymentStatus>> = {
  PENDING: 'pending',
  EXPIRED: 'pending',
  AUTHORIZED: 'authorised',
  PARTIALLY_PAID: 'partially_paid',
  PAID: 'paid',
  PARTIALLY_REFUNDED: 'partially_refunded',
  REFUNDED: 'refunded',
  VOIDED: 'voided',
}

/** RESTOCKED and REQUEST_DECLINED leave the goods unsent; what became of them the lines say. */
const FULFILMENTS: Readonly<Record<string, FulfilmentStatus>> = {
  UNFULFILLED: 'unallocated',
  OPEN: 'unallocated',
  SCHEDULED: 'unallocated',
  ON_HOLD: 'unallocated',
  REQUEST_DECLINED: 'unallocated',
  RESTOCKED: 'unallocated',
  FULFILLMENT_NOT_REQUIRED: 'unallocated',
  PENDING_FULFILLMENT: 'released',
  IN_PROGRESS: 'released',
  PARTIALLY_FULFILLED: 'partial',
  FULFILLED: 'shipped',
}

const RETURNS: Readonly<Record<string, AfterSaleStatus>> = {
  NO_RETURN: 'none',
  RETURN_REQUESTED: 'requested',
  IN_PROGRESS: 'in_progress',
  INSPECTION_COMPLETE: 'in_progress',
  RETURNED: 'closed',
  RETURN_FAILED: 'closed',
}

export interface State {
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly source: string
}

/** A status Shopify's documents do not name holds the order; it is never guessed. */
export function stateOf(doc: unknown): State {
  // Null where nothing was ever to be paid.
  const financial = text(doc, '/displayFinancialStatus') || 'PAID'
  const fulfilment = requiredText(doc, '/displayFulfillmentStatus')
  const source = `${financial} ${fulfilment}`
  const shipped = known(FULFILMENTS, fulfilment, { pointer: '/displayFulfillmentStatus', source })
  return {
    payment: known(PAYMENTS, financial, { pointer: '/displayFinancialStatus', source }),
    fulfilment: shipped === 'shipped' ? arrival(doc) : shipped,
    afterSale: known(RETURNS, text(doc, '/returnStatus') || 'NO_RETURN', { pointer: '/returnStatus', source: text(doc, '/returnStatus') }),
    source,
  }
}

function known<T>(meanings: Readonly<Record<string, T>>, status: string, at: { readonly pointer: string; readonly source: string }): T {
  const meaning = Object.hasOwn(meanings, status) ? meanings[status] : undefined
  if (meaning === undefined)
    throw new MappingError('status-unmapped', `"${at.source.slice(0, 80)}" is not a known status of Shopify.`, at.pointer, {
      known: Object.keys(meanings),
    })
  return meaning
}

/** Everything has left: how far all of it is. */
function arrival(doc: unknown): FulfilmentStatus {
  const live = list(doc, '/fulfillments').filter(({ value }) => text(value, '/status') === 'SUCCESS')
  const seen = live.map(({ value }) => text(value, '/displayStatus'))
  if (seen.length > 0 && seen.every((status) => status === 'DELIVERED' || status === 'PICKED_UP')) return 'delivered'
  return seen.some((status) => status === 'IN_TRANSIT' || status === 'OUT_FOR_DELIVERY') ? 'in_transit' : 'shipped'
}

const BY: Readonly<Record<string, NonNullable<Order['cancelled']>['by']>> = {
  CUSTOMER: 'buyer',
  FRAUD: 'seller',
  DECLINED: 'seller',
  INVENTORY: 'seller',
  STAFF: 'seller',
}

export function cancelledBy(reason: string): Pick<NonNullable<Order['cancelled']>, 'by' | 'reason'> {
  const by = BY[reason]
  return { ...(by ? { by } : {}), ...(reason === '' ? {} : { reason: reason.toLowerCase() }) }
}
