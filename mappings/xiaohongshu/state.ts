import type { AfterSaleStatus, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { flag, list, optionalText, requiredText } from '../parts/read.ts'
import { known, time } from '../parts/fen-ms.ts'

interface Meaning {
  /** Undefined: only the time of payment tells. */
  readonly paid: boolean | undefined
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
}

const TO_SHIP: Meaning = { paid: true, fulfilment: 'unallocated', closed: false }

/** `orderStatus`: to pay, paid and looked at, at the customs, to ship, in part sent, sent, done, closed, cancelled, exchange asked for. */
const STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ['1', { paid: false, fulfilment: 'unallocated', closed: false }],
  ['2', TO_SHIP],
  ['3', TO_SHIP],
  ['4', TO_SHIP],
  ['5', { paid: true, fulfilment: 'partial', closed: false }],
  ['6', { paid: true, fulfilment: 'shipped', closed: false }],
  ['7', { paid: true, fulfilment: 'delivered', closed: true }],
  ['8', { paid: undefined, fulfilment: 'unallocated', closed: true }],
  ['9', { paid: undefined, fulfilment: 'unallocated', closed: true }],
  ['10', { paid: true, fulfilment: 'shipped', closed: false }],
])
const FAILED: ReadonlySet<string> = new Set(['8', '9'])
const WAITING: ReadonlySet<string> = new Set(['2', '3', '4'])

const AFTER_SALES: ReadonlyMap<string, AfterSaleStatus> = new Map([
  ['0', 'none'],
  ['1', 'none'],
  ['2', 'in_progress'],
  ['3', 'closed'],
  ['4', 'closed'],
  ['5', 'closed'],
  ['6', 'in_progress'],
  ['7', 'closed'],
])

export interface State {
  readonly status: string
  readonly paid: boolean
  readonly failed: boolean
  /** Something has left. */
  readonly sent: boolean
  readonly closed: boolean
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  /** The buyer wants the order cancelled, and nothing has left. */
  readonly cancelRequest: boolean
  readonly isSent: (sku: string) => boolean
}

/** @throws MappingError `status-unmapped` for any number the channel does not list */
export function readState(doc: unknown): State {
  const status = requiredText(doc, '/orderStatus')
  const meaning = known(STATUSES, status, '/orderStatus')
  const paid = meaning.paid ?? time(doc, '/paidTime') !== undefined
  const failed = FAILED.has(status)
  const afterSale = known(AFTER_SALES, optionalText(doc, '/orderAfterSalesStatus') ?? '1', '/orderAfterSalesStatus')
  const asked = optionalText(doc, '/cancelStatus') === '1' || afterSale === 'in_progress'
  const sentSkus = skusSent(doc, meaning, failed)
  const sent = sentSkus === 'all' || sentSkus.size > 0
  return {
    status,
    paid,
    failed,
    sent,
    closed: meaning.closed,
    payment: failed ? (paid ? 'refunded' : 'voided') : paid ? 'paid' : 'pending',
    fulfilment: failed && sent ? 'shipped' : meaning.fulfilment,
    afterSale: WAITING.has(status) && asked ? 'requested' : afterSale,
    cancelRequest: WAITING.has(status) && asked && !sent,
    isSent: (sku) => sentSkus === 'all' || sentSkus.has(sku),
  }
}

/** Of an order that is split, what lies in packages with a number; of one that is not, all or nothing. */
function skusSent(doc: unknown, meaning: Meaning, failed: boolean): ReadonlySet<string> | 'all' {
  if (meaning.fulfilment === 'shipped' || meaning.fulfilment === 'delivered') return 'all'
  if (isSplit(doc)) {
    const gone = list(doc, '/simpleDeliveryOrderList').filter(({ value }) => optionalText(value, '/expressTrackingNo') !== undefined)
    return new Set(gone.flatMap(({ value }) => list(value, '/skuIdList').map((each) => String(each.value))))
  }
  return failed && time(doc, '/deliveryTime') !== undefined ? 'all' : new Set()
}

/** Several packages say so too, whatever the flag says. */
export const isSplit = (doc: unknown): boolean => flag(doc, '/unpack') || list(doc, '/simpleDeliveryOrderList').length > 1
