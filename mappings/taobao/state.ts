import { MappingError } from '../../src/core/fault.ts'
import type { AfterSaleStatus, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { list, optionalText, requiredText, text } from '../parts/read.ts'
import { time } from '../parts/cny.ts'

/** What one status word of a trade says about our axes. */
interface Meaning {
  readonly paid: boolean
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
  readonly cancelled?: true
}

const UNPAID: Meaning = { paid: false, fulfilment: 'unallocated', closed: false }
const TO_SHIP: Meaning = { paid: true, fulfilment: 'unallocated', closed: false }
const SENT: Meaning = { paid: true, fulfilment: 'shipped', closed: false }

/** The statuses the documentation lists. Any other holds the order. */
const STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ['TRADE_NO_CREATE_PAY', UNPAID],
  ['WAIT_BUYER_PAY', UNPAID],
  ['PAY_PENDING', UNPAID],
  // Money is promised or in, but the goods may not leave yet: a contract or a group that still has to come about.
  ['WAIT_PRE_AUTH_CONFIRM', UNPAID],
  ['PAID_FORBID_CONSIGN', UNPAID],
  ['WAIT_SELLER_SEND_GOODS', TO_SHIP],
  ['SELLER_CONSIGNED_PART', { paid: true, fulfilment: 'partial', closed: false }],
  ['WAIT_BUYER_CONFIRM_GOODS', SENT],
  ['TRADE_BUYER_SIGNED', { paid: true, fulfilment: 'delivered', closed: false }],
  ['TRADE_FINISHED', { paid: true, fulfilment: 'delivered', closed: true }],
  ['TRADE_CLOSED', { paid: true, fulfilment: 'unallocated', closed: true, cancelled: true }],
  ['TRADE_CLOSED_BY_TAOBAO', { paid: false, fulfilment: 'unallocated', closed: true, cancelled: true }],
])

/** Money is in, or as good as in, while the goods are held back. */
const HELD_BACK: ReadonlySet<string> = new Set(['WAIT_PRE_AUTH_CONFIRM', 'PAID_FORBID_CONSIGN'])

const STEPS: ReadonlySet<string> = new Set([
  'FRONT_NOPAID_FINAL_NOPAID',
  'FRONT_PAID_FINAL_NOPAID',
  'FRONT_PAID_FINAL_PAID',
  // The deposit is forfeited: the rest was never paid.
  'FRONT_PAID_FRONT_FORFEITED',
])

export const REFUND_STATES = {
  WAIT_SELLER_AGREE: 'requested',
  WAIT_BUYER_RETURN_GOODS: 'approved',
  WAIT_SELLER_CONFIRM_GOODS: 'approved',
  SELLER_REFUSE_BUYER: 'rejected',
  CLOSED: 'rejected',
  SUCCESS: 'done',
} as const

export interface State {
  readonly status: string
  readonly step: string | undefined
  readonly isCod: boolean
  readonly paid: boolean
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
}

/** @throws MappingError `status-unmapped` for any word the documentation does not list, of the trade, a sub-order or a refund */
export function readState(doc: unknown): State {
  const status = requiredText(doc, '/status')
  const meaning = known(STATUSES.get(status), status, '/status')
  const step = optionalText(doc, '/step_trade_status')
  if (step !== undefined && !STEPS.has(step)) throw unmapped(step, '/step_trade_status')
  const lines = list(doc, '/orders/order').map(({ value, pointer }) => readLine(value, pointer))
  const isCod = text(doc, '/type') === 'cod'
  const paid = isCod ? status === 'TRADE_FINISHED' || time(doc, '/pay_time') !== undefined : meaning.paid
  const left = lines.some((line) => line.sent)
  const fulfilment = status === 'TRADE_CLOSED' && left ? 'shipped' : meaning.fulfilment
  const cancelled = meaning.cancelled && !left
  const at = time(doc, '/end_time')
  return {
    status,
    step,
    isCod,
    paid,
    payment: paymentOf({ status, step, paid, refunds: lines.map((line) => line.refund) }),
    fulfilment,
    afterSale: afterSaleOf(lines.map((line) => line.refund)),
    cancelled: cancelled ? { ...(at === undefined ? {} : { at }), ...(meaning.paid && paid ? { by: 'buyer', reason: 'refunded' } : {}) } : undefined,
    cancelRequest: meaning.closed || left ? undefined : requestOf(lines),
    closed: meaning.closed,
  }
}

interface LineState {
  readonly status: string
  readonly refund: RefundStatus | 'NO_REFUND'
  readonly refundId: string | undefined
  readonly sent: boolean
}
type RefundStatus = keyof typeof REFUND_STATES

function readLine(line: unknown, pointer: string): LineState {
  const status = text(line, '/status')
  if (status !== '') known(STATUSES.get(status), status, `${pointer}/status`)
  const word = optionalText(line, '/refund_status') ?? 'NO_REFUND'
  return {
    status,
    refund: word === 'NO_REFUND' ? word : refundStatus(word, `${pointer}/refund_status`),
    refundId: optionalText(line, '/refund_id'),
    sent: lineSent(line),
  }
}

/** A sub-order that left has a time of sending of its own; a closed one may have it too. */
export const lineSent = (line: unknown): boolean =>
  optionalText(line, '/consign_time') !== undefined ||
  ['WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED', 'TRADE_FINISHED'].includes(text(line, '/status'))

export function refundStatus(word: string, pointer: string): RefundStatus {
  for (const name of REFUND_WORDS) if (name === word) return name
  throw unmapped(word, pointer)
}
const REFUND_WORDS = [
  'WAIT_SELLER_AGREE',
  'WAIT_BUYER_RETURN_GOODS',
  'WAIT_SELLER_CONFIRM_GOODS',
  'SELLER_REFUSE_BUYER',
  'CLOSED',
  'SUCCESS',
] as const

function paymentOf(given: {
  readonly status: string
  readonly step: string | undefined
  readonly paid: boolean
  readonly refunds: readonly LineState['refund'][]
}): Order['payment'] {
  const { status, step, paid, refunds } = given
  // Cash on delivery that was never paid is closed without anything to give back.
  if (status === 'TRADE_CLOSED') return paid ? 'refunded' : 'voided'
  if (status === 'TRADE_CLOSED_BY_TAOBAO') return step === 'FRONT_PAID_FRONT_FORFEITED' ? 'partially_paid' : 'voided'
  if (HELD_BACK.has(status)) return 'authorised'
  if (!paid) return step === 'FRONT_PAID_FINAL_NOPAID' ? 'partially_paid' : 'pending'
  if (refunds.includes('SUCCESS')) return 'partially_refunded'
  return refunds.some((refund) => refund !== 'NO_REFUND' && REFUND_STATES[refund] === 'approved') ? 'refund_pending' : 'paid'
}

function afterSaleOf(refunds: readonly LineState['refund'][]): AfterSaleStatus {
  const states = refunds.map((refund) => (refund === 'NO_REFUND' ? 'none' : REFUND_STATES[refund]))
  if (states.includes('requested')) return 'requested'
  if (states.includes('approved')) return 'in_progress'
  return states.some((state) => state !== 'none') ? 'closed' : 'none'
}

/** The buyer wants money back before anything has left: the goods wait for the decision. */
function requestOf(lines: readonly LineState[]): Order['cancelRequest'] {
  const asked = lines.find(({ refund }) => refund === 'WAIT_SELLER_AGREE')
  return asked && { ...(asked.refundId === undefined ? {} : { id: asked.refundId }) }
}

function known<T>(meaning: T | undefined, word: string, pointer: string): T {
  if (meaning === undefined) throw unmapped(word, pointer)
  return meaning
}

const unmapped = (word: string, pointer: string): MappingError =>
  new MappingError('status-unmapped', `"${word}" is not a status the channel documents.`, pointer, {
    known: pointer.endsWith('/refund_status') ? REFUND_WORDS : pointer.endsWith('/step_trade_status') ? [...STEPS] : [...STATUSES.keys()],
  })
