import type { AfterSaleStatus, ChannelShipment, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { fen } from '../parts/cny.ts'
import { flag, list, optionalText, requiredText, text } from '../parts/read.ts'
import type { Line } from './lines.ts'
import { oidsOf, ORDER, time, unmapped } from './read.ts'

/** What one status word of an order says about our axes. */
interface Meaning {
  readonly paid: boolean
  /** Paid, and not to be sent yet: the moment behind paying, a group that has to come about, an order somebody has to accept. */
  readonly held?: true
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
}

/** The statuses the documentation lists (`order_info.status`). Any other holds the order. */
const STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ['WAIT_BUYER_PAY', { paid: false, fulfilment: 'unallocated', closed: false }],
  ['TRADE_PAID', { paid: true, held: true, fulfilment: 'unallocated', closed: false }],
  ['WAIT_CONFIRM', { paid: true, held: true, fulfilment: 'unallocated', closed: false }],
  ['WAIT_SELLER_SEND_GOODS', { paid: true, fulfilment: 'unallocated', closed: false }],
  ['WAIT_BUYER_CONFIRM_GOODS', { paid: true, fulfilment: 'shipped', closed: false }],
  ['TRADE_SUCCESS', { paid: true, fulfilment: 'delivered', closed: true }],
  ['TRADE_CLOSED', { paid: false, fulfilment: 'unallocated', closed: true }],
])

/** `refund_order[].refund_state`: another list than the words of a refund's own document. */
const REFUNDS: ReadonlyMap<string, 'requested' | 'approved' | 'done' | 'rejected'> = new Map([
  ['1', 'requested'],
  ['10', 'rejected'],
  ['20', 'approved'],
  ['30', 'approved'],
  ['40', 'rejected'],
  ['50', 'rejected'],
  ['60', 'done'],
])

/** `order_info.refund_state`: nothing, a part or all of the money went back, or is on its way at this moment. */
const REFUND_STATES: ReadonlySet<string> = new Set(['0', '1', '2', '11', '12'])
const DELIVERIES: ReadonlySet<string> = new Set(['0', '1', '2', '9'])

/** Who closed the order (`order_info.close_type`), where that can be told. */
const CLOSED_BY: ReadonlyMap<string, NonNullable<NonNullable<Order['cancelled']>['by']>> = new Map([
  ['1', 'channel'],
  ['2', 'seller'],
  ['4', 'buyer'],
  ['5', 'seller'],
])

export interface State {
  readonly status: string
  readonly isCod: boolean
  readonly paid: boolean
  readonly depositMinor: number
  readonly refundedMinor: number
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
  readonly shipments: readonly ChannelShipment[]
}

/** @throws MappingError `status-unmapped` for any word or number the documentation does not list */
export function readState(doc: unknown, goods: readonly Line[]): State {
  const info = `${ORDER}/order_info`
  const status = requiredText(doc, `${info}/status`)
  const meaning = STATUSES.get(status)
  if (!meaning) throw unmapped(status, `${info}/status`)
  for (const [name, known] of [['refund_state', REFUND_STATES] as const, ['express_type', DELIVERIES] as const]) {
    const word = optionalText(doc, `${info}/${name}`)
    if (word !== undefined && !known.has(word)) throw unmapped(word, `${info}/${name}`)
  }
  const refunds = refundsOf(doc)
  const isCod = text(doc, `${info}/pay_type`) === '9' || text(doc, `${info}/pay_type_str`) === 'CODPAY'
  const hasPaid = time(doc, `${info}/pay_time`) !== undefined
  const isClosed = status === 'TRADE_CLOSED'
  const paid = isClosed || isCod ? hasPaid || (isCod && status === 'TRADE_SUCCESS') : meaning.paid
  const total = fen(doc, `${ORDER}/pay_info/payment`)
  const refundedMinor = refundedOf(doc, { refunds, total, isClosed: isClosed && paid })
  const sent = goods.filter(({ line }) => line.shipped !== '0').length
  const left = goods.filter(({ line }) => line.shipped === '0' && line.cancelled === '0').length
  const by = CLOSED_BY.get(text(doc, `${info}/close_type`))
  const asked = refunds.find((refund) => refund.state === 'requested')
  return {
    status,
    isCod,
    paid,
    depositMinor: paid || isClosed ? 0 : depositOf(doc),
    refundedMinor,
    payment: paymentOf(doc, { meaning, paid, isClosed, refundedMinor, total, refunds }),
    fulfilment: sent > 0 && meaning.fulfilment === 'unallocated' ? (left > 0 && !isClosed ? 'partial' : 'shipped') : meaning.fulfilment,
    afterSale: afterSaleOf(refunds.map(({ state }) => state)),
    cancelled: isClosed && sent === 0 ? { ...(by === undefined ? {} : { by }), ...(paid ? { reason: 'refunded' } : {}) } : undefined,
    cancelRequest: asked && sent === 0 && !meaning.closed ? { id: asked.id } : undefined,
    closed: meaning.closed,
    shipments: shipmentsOf(doc, goods, status),
  }
}

interface RefundState {
  readonly id: string
  readonly state: 'requested' | 'approved' | 'done' | 'rejected'
  readonly minor: number
}

const refundsOf = (doc: unknown): readonly RefundState[] =>
  list(doc, '/refund_order').map(({ value, pointer }) => {
    const word = requiredText(value, '/refund_state')
    const state = REFUNDS.get(word)
    if (state === undefined) throw unmapped(word, `${pointer}/refund_state`)
    return { id: text(value, '/refund_id'), state, minor: fen(value, '/refund_fee') }
  })

function refundedOf(doc: unknown, given: { readonly refunds: readonly RefundState[]; readonly total: number; readonly isClosed: boolean }): number {
  const listed = given.refunds.reduce((sum, refund) => sum + (refund.state === 'done' ? refund.minor : 0), 0)
  // Money that went back before refunds were listed, or was marked as given back by hand.
  const whole = given.isClosed || text(doc, `${ORDER}/order_info/refund_state`) === '12'
  return listed === 0 && whole ? given.total : listed
}

/** Of a presale: stages of `phase_payments` that carry the number of a payment. */
const depositOf = (doc: unknown): number =>
  flag(doc, `${ORDER}/order_info/order_tags/is_down_payment_pre`)
    ? list(doc, `${ORDER}/pay_info/phase_payments`).reduce(
        (sum, { value }) =>
          (optionalText(value, '/inner_transaction_no') ?? optionalText(value, '/outer_transaction_no')) === undefined
            ? sum
            : sum + fen(value, '/real_price'),
        0,
      )
    : 0

interface Paid {
  readonly meaning: Meaning
  readonly paid: boolean
  readonly isClosed: boolean
  readonly refundedMinor: number
  readonly total: number
  readonly refunds: readonly RefundState[]
}

function paymentOf(doc: unknown, { meaning, paid, isClosed, refundedMinor, total, refunds }: Paid): Order['payment'] {
  if (!paid) return isClosed ? 'voided' : depositOf(doc) > 0 ? 'partially_paid' : 'pending'
  if (isClosed || (total > 0 && refundedMinor >= total)) return 'refunded'
  if (meaning.held) return 'authorised'
  if (refundedMinor > 0) return 'partially_refunded'
  const underWay = ['1', '11'].includes(text(doc, `${ORDER}/order_info/refund_state`)) || refunds.some(({ state }) => state === 'approved')
  return underWay ? 'refund_pending' : 'paid'
}

function afterSaleOf(states: readonly RefundState['state'][]): AfterSaleStatus {
  if (states.includes('requested')) return 'requested'
  if (states.includes('approved')) return 'in_progress'
  return states.length > 0 ? 'closed' : 'none'
}

/** Packages under way; the carrier is its number in the channel's own list. */
function shipmentsOf(doc: unknown, goods: readonly Line[], status: string): readonly ChannelShipment[] {
  const at = time(doc, `${ORDER}/order_info/consign_time`)
  return list(doc, '/delivery_order').flatMap(({ value }) => {
    if (text(value, '/express_state') !== '1') return []
    const oids = new Set(oidsOf(value))
    const lines = goods
      .filter(({ line }) => oids.has(line.channelLineNo))
      .map(({ line }) => ({ channelLineNo: line.channelLineNo, quantity: line.quantity }))
    return list(value, '/dists').map(({ value: dist }): ChannelShipment => {
      const [carrier, trackingNo] = [optionalText(dist, '/express_info/express_id'), optionalText(dist, '/express_info/express_no')]
      return {
        channelShipmentNo: optionalText(dist, '/dist_id') ?? trackingNo ?? 'without number',
        ...(carrier === undefined ? {} : { carrier }),
        ...(trackingNo === undefined ? {} : { trackingNo }),
        state: status === 'TRADE_SUCCESS' ? 'delivered' : 'shipped',
        ...(at === undefined ? {} : { at }),
        lines,
      }
    })
  })
}
