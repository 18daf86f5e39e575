import type { FulfilmentStatus, Instant, PaymentStatus } from './order.ts'

/** The fifteen stations from placing to receipt, in order. Facts carry the same codes. */
export const NODES = [
  'placed',
  'paid',
  'ingested',
  'normalised',
  'validated',
  'approved',
  'allocated',
  'released',
  'picked',
  'packed',
  'shipped',
  'channel_confirmed',
  'in_transit',
  'out_for_delivery',
  'received',
] as const
export type NodeCode = (typeof NODES)[number]

/** done = happened · failed = needs a person · next = what the order waits for · waiting = later · skipped = nobody reports it, or it cannot come any more */
export type NodeState = 'done' | 'failed' | 'next' | 'waiting' | 'skipped'

export interface OrderNode {
  readonly code: NodeCode
  readonly at: Instant | null
  readonly state: NodeState
}

/** What is known of one order; each fact once with its earliest time. */
export interface NodeFacts {
  readonly facts: ReadonlyMap<string, Instant>
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly isCod: boolean
  readonly cancelled: boolean
  /** Open hold codes. */
  readonly holds: readonly string[]
  /** The last word of an outbound shipment effect. */
  readonly writeback?: 'pending' | 'done' | 'refused' | 'unknown'
  /** What the ERP said of this order. */
  readonly release?: 'accepted' | 'rejected'
  /** Every line that needs goods has them reserved. */
  readonly allocated: boolean
}

/** Stations many operations never report: without a fact they are skipped as soon as a later one is done. */
const OPTIONAL: ReadonlySet<NodeCode> = new Set(['released', 'picked', 'packed', 'channel_confirmed', 'in_transit', 'out_for_delivery'])
const SENT: ReadonlySet<FulfilmentStatus> = new Set(['shipped', 'in_transit', 'delivered'])
const PAID: ReadonlySet<PaymentStatus> = new Set(['paid', 'refund_pending', 'partially_refunded', 'refunded'])

/** All fifteen stations with their state. The first that is neither done nor skipped is `next`, unless one before it failed; a cancelled order has none. */
export function orderNodes(order: NodeFacts): readonly OrderNode[] {
  const reached = NODES.map((code) => isReached(code, order))
  const last = reached.lastIndexOf(true)
  let nextFound = false
  return NODES.map((code, i) => {
    const at = order.facts.get(code) ?? null
    if (reached[i] === true) return { code, at, state: 'done' }
    if (failed(code, order)) {
      nextFound = true
      return { code, at, state: 'failed' }
    }
    const passedOver = isSkipped(code, order) || (i < last && OPTIONAL.has(code))
    if (order.cancelled || passedOver) return { code, at, state: 'skipped' }
    if (nextFound) return { code, at, state: 'waiting' }
    nextFound = true
    return { code, at, state: 'next' }
  })
}

function isReached(code: NodeCode, order: NodeFacts): boolean {
  if (code === 'validated' || code === 'approved') return order.holds.length === 0 && (order.facts.has(code) || SENT.has(order.fulfilment))
  if (order.facts.has(code)) return code !== 'shipped' || order.fulfilment !== 'partial'
  switch (code) {
    case 'placed':
    case 'ingested':
    case 'normalised':
      return true
    case 'paid':
      return PAID.has(order.payment)
    case 'allocated':
      return order.allocated || SENT.has(order.fulfilment)
    case 'released':
      return order.release === 'accepted'
    case 'shipped':
      return SENT.has(order.fulfilment)
    case 'channel_confirmed':
      return order.writeback === 'done'
    case 'in_transit':
      return order.fulfilment === 'in_transit'
    case 'received':
      return order.fulfilment === 'delivered'
    default:
      return false
  }
}

/** Cash on delivery is paid at the door: the order does not wait for it. */
const isSkipped = (code: NodeCode, order: NodeFacts): boolean => code === 'paid' && order.isCod

function failed(code: NodeCode, order: NodeFacts): boolean {
  switch (code) {
    case 'validated':
      return order.holds.length > 0
    case 'released':
      return order.release === 'rejected'
    case 'channel_confirmed':
      return order.writeback === 'refused' || order.writeback === 'unknown'
    case 'received':
      return order.fulfilment === 'failed'
    default:
      return false
  }
}
