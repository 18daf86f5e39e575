import type { AfterSaleStatus, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { at, list, optionalText, requiredText } from '../parts/read.ts'
import { known, time, units } from '../parts/fen-ms.ts'

interface Meaning {
  /** Undefined: only the time of payment tells. */
  readonly paid: boolean | undefined
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
}

/** As every message about orders lists them: to pay, paid, sent, received, done, failed. The first piece sent moves an order to 40. */
const STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ['10', { paid: false, fulfilment: 'unallocated', closed: false }],
  ['30', { paid: true, fulfilment: 'unallocated', closed: false }],
  ['40', { paid: true, fulfilment: 'shipped', closed: false }],
  ['50', { paid: true, fulfilment: 'delivered', closed: false }],
  ['70', { paid: true, fulfilment: 'delivered', closed: true }],
  ['80', { paid: undefined, fulfilment: 'unallocated', closed: true }],
])
const FAILED = '80'

/** `refundStatus` of the latest after-sale. */
const AFTER_SALES: ReadonlyMap<string, AfterSaleStatus> = new Map([
  ['10', 'requested'],
  ['11', 'requested'],
  ['12', 'in_progress'],
  ['20', 'in_progress'],
  ['21', 'in_progress'],
  ['22', 'in_progress'],
  ['30', 'in_progress'],
  ['40', 'in_progress'],
  ['45', 'in_progress'],
  ['50', 'in_progress'],
  ['60', 'closed'],
  ['70', 'closed'],
])

export interface State {
  readonly status: string
  readonly paid: boolean
  readonly failed: boolean
  readonly closed: boolean
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly cancelRequest: Order['cancelRequest']
}

/** @throws MappingError `status-unmapped` for any number the channel does not list */
export function readState(doc: unknown): State {
  const status = requiredText(doc, '/orderBaseInfo/status')
  const meaning = known(STATUSES, status, '/orderBaseInfo/status')
  const paid = meaning.paid ?? time(doc, '/orderBaseInfo/payTime') !== undefined
  const refund = latestRefund(doc)
  const afterSale = refund === undefined ? 'none' : known(AFTER_SALES, refund.status, refund.pointer)
  const sent = units(doc, '/orderDeliveryInfo/deliveryNum')
  return {
    status,
    paid,
    failed: status === FAILED,
    closed: meaning.closed,
    payment: paymentOf({ failed: status === FAILED, paid, refund: refund?.status }),
    fulfilment: fulfilmentOf(doc, meaning, sent),
    afterSale,
    cancelRequest:
      status === '30' && sent === 0 && afterSale === 'requested' ? { ...(refund?.id === undefined ? {} : { id: refund.id }) } : undefined,
  }
}

/** Details and lists name it differently; only the latest one is shown. */
function latestRefund(doc: unknown): { readonly id?: string; readonly status: string; readonly pointer: string } | undefined {
  const all = ['/orderDetailRefundList', '/orderRefundList'].flatMap((name) => list(doc, name))
  const last = all.at(-1)
  if (last === undefined || at(last.value, '/refundStatus') === undefined) return undefined
  const id = optionalText(last.value, '/refundId')
  return { ...(id === undefined ? {} : { id }), status: requiredText(last.value, '/refundStatus'), pointer: `${last.pointer}/refundStatus` }
}

function paymentOf({
  failed,
  paid,
  refund,
}: {
  readonly failed: boolean
  readonly paid: boolean
  readonly refund: string | undefined
}): Order['payment'] {
  if (failed) return paid ? 'refunded' : 'voided'
  if (!paid) return 'pending'
  return refund === '60' ? 'partially_refunded' : refund === '50' ? 'refund_pending' : 'paid'
}

/** What has left says more than the status, presents among it. */
function fulfilmentOf(doc: unknown, meaning: Meaning, sent: number): FulfilmentStatus {
  if (meaning.fulfilment === 'unallocated') return sent > 0 ? 'shipped' : 'unallocated'
  if (meaning.fulfilment !== 'shipped') return meaning.fulfilment
  const parts = [
    { all: units(doc, '/orderItemInfo/num'), sent },
    ...list(doc, '/subOrderInfo').map(({ value }) => ({
      all: units(value, '/subOrderItemInfo/num'),
      sent: units(value, '/subOrderDeliveryInfo/deliveryNum'),
    })),
  ]
  return parts.some((part) => part.sent > 0 && part.sent < part.all) || parts.some((part) => part.sent === 0 && parts.some((other) => other.sent > 0))
    ? 'partial'
    : 'shipped'
}
