import type { OrderLabel } from '../api/orders.ts'
import type { StatusKind } from './status.tsx'

const kinds: Readonly<Record<string, StatusKind>> = {
  cancelled: 'cancelled',
  'in-doubt': 'doubt',
  'writeback-refused': 'failed',
  'cancel-requested': 'cancelRequested',
  held: 'held',
  'erp-rejected': 'failed',
  refunded: 'cancelled',
  'awaiting-payment': 'waiting',
  'to-ship': 'progress',
  'partly-shipped': 'progress',
  'awaiting-channel': 'progress',
  shipped: 'ok',
  'in-transit': 'ok',
  delivered: 'ok',
  completed: 'ok',
  'delivery-failed': 'failed',
}

/** The shape and colour of an order's derived label. */
export const orderKind = (order: { readonly label: OrderLabel }): StatusKind => kinds[order.label.code] ?? 'progress'

const good: Readonly<Record<string, readonly string[]>> = {
  payment: ['paid', 'authorised'],
  approval: ['approved'],
  fulfilment: ['shipped', 'in_transit', 'delivered', 'allocated', 'released'],
  after_sale: [],
  sync: ['current'],
}
const wrong: Readonly<Record<string, StatusKind>> = {
  held: 'held',
  rejected: 'failed',
  failed: 'failed',
  writeback_failed: 'failed',
  in_doubt: 'doubt',
  writeback_pending: 'progress',
  review: 'waiting',
  pending: 'waiting',
  refund_pending: 'attention',
  requested: 'attention',
  in_progress: 'progress',
  partial: 'progress',
  voided: 'cancelled',
  partially_paid: 'attention',
}

/** The kind of one axis' value; "none" and the like stay without a judgement. */
export const axisKind = (axis: string, value: string): StatusKind | undefined =>
  wrong[value] ?? (good[axis]?.includes(value) === true ? 'ok' : undefined)
