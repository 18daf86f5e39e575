import type { FulfilmentStatus, PaymentStatus } from './order.ts'

/** Everything the one-word status of an order is derived from. */
export interface LabelFacts {
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly cancelled: boolean
  readonly cancelRequested: boolean
  readonly closed: boolean
  readonly isCod: boolean
  /** Open hold codes, oldest first. */
  readonly holds: readonly string[]
  /** The most worrying outbound effect that stands for this order. */
  readonly effect?: 'unknown' | 'refused' | 'pending'
  readonly release?: 'accepted' | 'rejected'
}

export const LABELS = [
  'cancelled',
  'in-doubt',
  'writeback-refused',
  'cancel-requested',
  'held',
  'erp-rejected',
  'refunded',
  'awaiting-payment',
  'to-ship',
  'partly-shipped',
  'awaiting-channel',
  'shipped',
  'in-transit',
  'delivered',
  'completed',
  'delivery-failed',
] as const
export type LabelCode = (typeof LABELS)[number]

/** The derived status: what happens next and why, as a code the console has words for. Never stored. */
export interface OrderLabel {
  readonly code: LabelCode
  readonly params: Readonly<Record<string, string>>
}

const label = (code: LabelCode, params: Readonly<Record<string, string>> = {}): OrderLabel => ({ code, params })

/** What needs a person comes first, then what the order waits for, then how far it went. */
export function orderLabel(order: LabelFacts): OrderLabel {
  if (order.cancelled) return label('cancelled')
  if (order.effect === 'unknown') return label('in-doubt')
  if (order.effect === 'refused') return label('writeback-refused')
  const sent = travelled(order)
  if (sent) return sent
  if (order.cancelRequested) return label('cancel-requested')
  const [hold] = order.holds
  if (hold !== undefined) return label('held', { code: hold, count: String(order.holds.length) })
  if (order.release === 'rejected') return label('erp-rejected')
  if (order.payment === 'refunded' || order.payment === 'voided') return label('refunded')
  if (order.fulfilment === 'partial') return label('partly-shipped')
  if (!order.isCod && (order.payment === 'pending' || order.payment === 'authorised' || order.payment === 'partially_paid'))
    return label('awaiting-payment')
  return order.closed ? label('completed') : label('to-ship', { released: order.release === 'accepted' ? 'yes' : 'no' })
}

function travelled(order: LabelFacts): OrderLabel | undefined {
  switch (order.fulfilment) {
    case 'delivered':
      return label(order.closed ? 'completed' : 'delivered')
    case 'in_transit':
      return label('in-transit')
    case 'failed':
      return label('delivery-failed')
    case 'shipped':
      return label(order.effect === 'pending' ? 'awaiting-channel' : order.closed ? 'completed' : 'shipped')
    default:
      return undefined
  }
}
