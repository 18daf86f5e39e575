import { MappingError } from '../../src/core/fault.ts'
import type { AfterSaleStatus, FulfilmentStatus, Order, PaymentStatus } from '../../src/core/order.ts'
import { flag, list, optionalText, requiredText } from '../parts/read.ts'
import { code, time } from './read.ts'

/** What one status of an order or a sub-order says about our axes. */
interface Meaning {
  readonly paid: boolean
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
}

const UNPAID: Meaning = { paid: false, fulfilment: 'unallocated', closed: false }
const TO_SHIP: Meaning = { paid: true, fulfilment: 'unallocated', closed: false }

/** `order_status` as documented, and below it what only `main_status` tells apart. Any other holds the order. */
const STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ['1', UNPAID],
  // Paid, but group or risk control still have to let it go.
  ['105', TO_SHIP],
  ['2', TO_SHIP],
  ['101', { paid: true, fulfilment: 'partial', closed: false }],
  ['3', { paid: true, fulfilment: 'shipped', closed: false }],
  ['5', { paid: true, fulfilment: 'delivered', closed: true }],
  ['4', { paid: false, fulfilment: 'unallocated', closed: true }],
])
const MAIN_STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ...STATUSES,
  ['103', UNPAID],
  ['21', { paid: true, fulfilment: 'unallocated', closed: true }],
  ['22', { paid: true, fulfilment: 'shipped', closed: true }],
  ['39', { paid: true, fulfilment: 'delivered', closed: true }],
])
const FINER: ReadonlySet<string> = new Set(['103', '21', '22', '39'])
/** All money went back. */
const REFUNDED: ReadonlySet<string> = new Set(['21', '22', '39'])

const AFTER_SALES: ReadonlyMap<string, AfterSaleStatus> = new Map([
  ['0', 'none'],
  ['6', 'requested'],
  ['7', 'in_progress'],
  ['8', 'in_progress'],
  ['11', 'in_progress'],
  ['13', 'in_progress'],
  ['12', 'closed'],
  ['14', 'closed'],
  ['27', 'closed'],
  ['28', 'closed'],
  ['29', 'closed'],
  ['51', 'closed'],
  ['53', 'closed'],
])
/** Agreed to, and money is on its way back once the goods are. */
const AGREED: ReadonlySet<string> = new Set(['7', '11', '12'])
/** After-sales about money: returned, sent or not sent yet, price protection. Exchanges, replacements and repairs are not. */
const ABOUT_MONEY: ReadonlySet<string> = new Set(['0', '1', '2', '6'])
const BEFORE_SENDING = '2'

export interface LineState {
  /** `order_status`, or the finer `main_status` where that tells more. */
  readonly status: string
  /** Cancelled, or all of its money went back: what has not left will not leave. */
  readonly ended: boolean
  readonly sent: boolean
  readonly afterSale: AfterSaleStatus
  readonly refund: 'none' | 'pending' | 'done'
  /** The buyer wants out of it before it has left. */
  readonly asksOut: boolean
}

export interface State {
  readonly status: string
  readonly source: string
  readonly paid: boolean
  readonly isCod: boolean
  readonly depositPaid: boolean
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
  /** Everything the buyer paid went back. */
  readonly refunded: boolean
}

/** @throws MappingError `status-unmapped` for any status of an order, a sub-order or an after-sale the channel does not document */
export function readState(doc: unknown): State {
  const { status, meaning, source } = statusOf(doc, '')
  const lines = list(doc, '/sku_order_list').map(({ pointer }) => readLine(doc, pointer))
  const hasLeft = list(doc, '/logistics_info').length > 0
  const wasPaid = time(doc, '/pay_time') !== undefined
  const isCod = meaning.paid && !wasPaid && optionalText(doc, '/pay_type') === '0' && !REFUNDED.has(status)
  const paid = isCod ? status === '5' : meaning.paid || (status === '4' && wasPaid)
  const depositPaid = list(doc, '/order_phase_list').some(({ value }) => flag(value, '/pay_success'))
  const ended = status === '4' || status === '21'
  return {
    status,
    source,
    paid,
    isCod,
    depositPaid,
    payment: paymentOf({ status, paid, depositPaid, lines }),
    fulfilment: ended && hasLeft ? 'shipped' : meaning.fulfilment,
    afterSale: (['requested', 'in_progress', 'closed'] as const).find((each) => lines.some((line) => line.afterSale === each)) ?? 'none',
    cancelled: ended && !hasLeft ? cancelledOf(doc, status) : undefined,
    cancelRequest: !meaning.closed && lines.some((line) => line.asksOut) ? {} : undefined,
    closed: meaning.closed,
    refunded: REFUNDED.has(status) || (status === '4' && paid),
  }
}

export function readLine(doc: unknown, pointer: string): LineState {
  const { status, meaning } = statusOf(doc, pointer)
  const word = code(doc, `${pointer}/after_sale_info/after_sale_status`)
  const afterSale = known(AFTER_SALES.get(word), word, `${pointer}/after_sale_info/after_sale_status`)
  const [kind, refund] = [code(doc, `${pointer}/after_sale_info/after_sale_type`), code(doc, `${pointer}/after_sale_info/refund_status`)]
  const sent = ['shipped', 'delivered'].includes(meaning.fulfilment)
  const isMoney = afterSale !== 'none' && ABOUT_MONEY.has(kind)
  return {
    status,
    ended: status === '4' || REFUNDED.has(status),
    sent,
    afterSale,
    refund: isMoney && refund === '3' ? 'done' : isMoney && AGREED.has(word) && refund !== '4' ? 'pending' : 'none',
    asksOut: !sent && !meaning.closed && afterSale === 'requested' && kind === BEFORE_SENDING,
  }
}

function statusOf(doc: unknown, pointer: string): { readonly status: string; readonly meaning: Meaning; readonly source: string } {
  const order = requiredText(doc, `${pointer}/order_status`)
  const plain = known(STATUSES.get(order), order, `${pointer}/order_status`)
  const main = code(doc, `${pointer}/main_status`)
  if (main === '0') return { status: order, meaning: plain, source: order }
  const finer = known(MAIN_STATUSES.get(main), main, `${pointer}/main_status`)
  const source = main === order ? order : `${order} / ${main}`
  return FINER.has(main) ? { status: main, meaning: finer, source } : { status: order, meaning: plain, source }
}

function paymentOf(given: {
  readonly status: string
  readonly paid: boolean
  readonly depositPaid: boolean
  readonly lines: readonly LineState[]
}): PaymentStatus {
  const { status, paid, depositPaid, lines } = given
  if (REFUNDED.has(status)) return 'refunded'
  if (status === '105') return 'authorised'
  if (status === '103') return 'partially_paid'
  if (status === '4') return paid ? 'refunded' : depositPaid ? 'partially_paid' : 'voided'
  if (!paid) return depositPaid ? 'partially_paid' : 'pending'
  if (lines.some((line) => line.refund === 'done')) return 'partially_refunded'
  return lines.some((line) => line.refund === 'pending') ? 'refund_pending' : 'paid'
}

function cancelledOf(doc: unknown, status: string): NonNullable<Order['cancelled']> {
  const [at, reason] = [time(doc, '/finish_time'), optionalText(doc, '/cancel_reason')]
  return {
    ...(at === undefined ? {} : { at }),
    ...(status === '21' ? { by: 'buyer', reason: reason ?? 'refunded' } : reason === undefined ? {} : { reason }),
  }
}

export function known<T>(meaning: T | undefined, word: string, pointer: string): T {
  if (meaning !== undefined) return meaning
  throw new MappingError('status-unmapped', `"${word.slice(0, 40)}" is not a status the channel documents.`, pointer)
}
