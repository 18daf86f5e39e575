import type { ChannelShipment, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { optionalText, text } from '../parts/read.ts'
import type { Line } from './lines.ts'
import { isTrue, time, wordOf } from './read.ts'
import { LEFT, type Unit } from './units.ts'

export interface State {
  /** The words of the items, each once. */
  readonly status: string
  readonly isCod: boolean
  readonly isPaid: boolean
  /** All of it went back with the cancellation of a paid order. */
  readonly isRefunded: boolean
  readonly paidAt: string | undefined
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: Order['afterSale']
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
  readonly shipments: readonly ChannelShipment[]
}

/** "Lazada has no order status, each item has its own": what the order is, its units tell together. */
export function readState(doc: unknown, units: readonly Unit[], lines: readonly Line[]): State {
  const isCod = /^COD$|cash.?on.?delivery/i.test(text(doc, '/order/payment_method'))
  const live = units.filter(({ stage }) => stage !== 'cancelled')
  const isGone = live.length === 0
  const paidAt = units
    .flatMap((unit) => time(unit.doc, '/payment_time') ?? [])
    .sort()
    .at(0)
  const isUnpaid = live.some(({ stage }) => stage === 'unpaid')
  const hasArrived = !isGone && live.every(({ stage }) => stage === 'delivered' || stage === 'returned')
  // Of an order that is cancelled only the time of its payment tells whether there was one.
  const isPaid = isCod ? hasArrived : isGone ? paidAt !== undefined : !isUnpaid
  const isRefunded = isGone && isPaid
  return {
    status: [...new Set(units.map(({ word }) => word))].join(', '),
    isCod,
    isPaid,
    isRefunded,
    paidAt: isCod ? undefined : paidAt,
    payment: isRefunded ? 'refunded' : isGone ? 'voided' : isPaid ? 'paid' : depositOf(units) ? 'partially_paid' : 'pending',
    fulfilment: fulfilmentOf(live),
    afterSale: afterSaleOf(units, isPaid),
    cancelled: isGone ? cancelledOf(units) : undefined,
    cancelRequest: requestOf(units),
    closed: units.every(({ stage, word }) => stage === 'cancelled' || stage === 'returned' || word === 'confirmed'),
    shipments: shipmentsOf(lines),
  }
}

/** Presales are paid in two stages: "unpaid final payment" has its deposit. */
const depositOf = (units: readonly Unit[]): boolean => units.some(({ doc }) => /final payment/i.test(text(doc, '/stage_pay_status')))

function fulfilmentOf(live: readonly Unit[]): FulfilmentStatus {
  const all = (...stages: readonly Unit['stage'][]): boolean => live.length > 0 && live.every(({ stage }) => stages.includes(stage))
  const left = live.filter(({ stage }) => LEFT.has(stage)).length
  if (live.length === 0 || left === 0) return all('packed') ? 'allocated' : 'unallocated'
  if (left < live.length) return 'partial'
  if (all('delivered', 'returned')) return 'delivered'
  if (live.some(({ stage }) => stage === 'failed')) return 'failed'
  return live.some(({ stage }) => stage === 'ready') ? 'shipped' : 'in_transit'
}

function afterSaleOf(units: readonly Unit[], isPaid: boolean): Order['afterSale'] {
  if (units.some(isAsked)) return 'requested'
  if (units.some(({ doc, word }) => isTrue(doc, '/is_cancel_pending') || word === 'shipped_back')) return 'in_progress'
  return units.some(({ stage }) => stage === 'returned' || (stage === 'cancelled' && isPaid)) ? 'closed' : 'none'
}

/** "cancellation-customer", "buyer-cancel", "cancellation-seller", "cancellation-internal", "system-cancel" … */
function cancelledOf(units: readonly Unit[]): NonNullable<Order['cancelled']> {
  const who = units.map(({ doc }) => text(doc, '/cancel_return_initiator').toLowerCase()).find((word) => word !== '') ?? ''
  const by = /customer service|internal|system|failed/.test(who)
    ? 'channel'
    : /customer|buyer/.test(who)
      ? 'buyer'
      : who.includes('seller')
        ? 'seller'
        : undefined
  const reason = units.map(({ doc }) => optionalText(doc, '/reason')).find((each) => each !== undefined)
  return { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) }
}

/** The buyer wants it cancelled, and the seller has to answer; of what is with the carrier there is nothing to answer any more. */
const isAsked = ({ doc, stage }: Unit): boolean =>
  isTrue(doc, '/need_cancel_confirm') && (stage === 'open' || stage === 'packed' || stage === 'ready')

function requestOf(units: readonly Unit[]): Order['cancelRequest'] {
  const asked = units.find(isAsked)
  if (!asked) return undefined
  const [id, reason] = [wordOf(asked.doc, '/reverse_order_id'), optionalText(asked.doc, '/reason')]
  return { ...(id === '' || id === '0' ? {} : { id }), ...(reason === undefined ? {} : { reason }) }
}

function shipmentsOf(lines: readonly Line[]): readonly ChannelShipment[] {
  const packages = new Map<string, { readonly unit: Unit; readonly line: string }[]>()
  for (const { line, units } of lines) {
    for (const unit of units) {
      const id = optionalText(unit.doc, '/package_id') ?? optionalText(unit.doc, '/tracking_code')
      if (id !== undefined) packages.set(id, [...(packages.get(id) ?? []), { unit, line: line.channelLineNo }])
    }
  }
  return [...packages].map(([id, members]): ChannelShipment => {
    const doc = members[0]?.unit.doc
    const [carrier, trackingNo] = [optionalText(doc, '/shipment_provider'), optionalText(doc, '/tracking_code')]
    const numbers = [...new Set(members.map(({ line }) => line))]
    return {
      channelShipmentNo: id,
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state: stateOf(members.map(({ unit }) => unit)),
      lines: numbers.map((line) => ({ channelLineNo: line, quantity: String(members.filter((each) => each.line === line).length) })),
    }
  })
}

function stateOf(units: readonly Unit[]): ChannelShipment['state'] {
  const live = units.filter(({ stage }) => stage !== 'cancelled')
  if (live.length === 0) return 'cancelled'
  if (live.every(({ stage }) => stage === 'delivered' || stage === 'returned')) return 'delivered'
  return live.some(({ stage }) => LEFT.has(stage)) ? 'shipped' : 'pending'
}
