import { MappingError } from '../../src/core/fault.ts'
import type { AfterSaleStatus, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { list, optionalText, text } from '../parts/read.ts'
import { AFTER_SALES } from './after-sales.ts'
import { code } from './read.ts'

export interface State {
  readonly words: string
  readonly paid: boolean
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly cancelled: Order['cancelled']
  readonly cancelRequest: Order['cancelRequest']
  readonly closed: boolean
  readonly sent: boolean
  /** Money is in while the channel forbids sending: why. */
  readonly heldBack: string | undefined
  /** Of an order with a deposit: how far it is paid. */
  readonly step: '0' | '1' | '2' | undefined
}

const FULFILMENT = { '1': 'unallocated', '2': 'shipped', '3': 'delivered' } as const

interface Codes {
  readonly order: '1' | '2' | '3'
  readonly refund: '1' | '2' | '3' | '4'
  readonly confirm: '0' | '1' | '2'
  readonly group: '0' | '1' | '2'
  readonly afterSales: string
  readonly step: State['step']
  readonly hasPayTime: boolean
}

/** @throws MappingError `status-unmapped` for any code the documentation does not list */
export function readState(doc: unknown): State {
  const codes = readCodes(doc)
  const { order, refund, confirm, group, step } = codes
  const sent = order !== '1'
  const fell = confirm === '2' || group === '2'
  // What was given back before anything left is the whole order.
  const isGone = fell || (!sent && refund === '4')
  const paid = (confirm === '1' || codes.hasPayTime) && (step === undefined || step === '2')
  const heldBack = sent || isGone ? undefined : heldBackBy(doc, codes)
  const meaning = AFTER_SALES.get(codes.afterSales)
  return {
    words: wordsOf(doc),
    paid,
    payment: paymentOf(codes, { paid, fell, sent, heldBack: heldBack !== undefined }),
    fulfilment: FULFILMENT[order],
    afterSale: meaning?.axis === 'none' && (refund === '2' || refund === '3') ? 'in_progress' : (meaning?.axis ?? 'none'),
    cancelled: !isGone || sent ? undefined : fell ? { by: 'channel', reason: 'group-failed-or-cancelled' } : { by: 'buyer', reason: 'refunded' },
    cancelRequest: sent || isGone || !wantsOut(codes) ? undefined : {},
    closed: isGone || (order === '3' && refund !== '2' && refund !== '3'),
    sent,
    heldBack,
    step,
  }
}

function readCodes(doc: unknown): Codes {
  const afterSales = optionalText(doc, '/after_sales_status') ?? '0'
  if (!AFTER_SALES.has(afterSales)) {
    throw new MappingError('status-unmapped', `"${afterSales}" is not a value the channel documents.`, '/after_sales_status')
  }
  const hasStep = optionalText(doc, '/step_order_info/step_trade_status') !== undefined
  return {
    order: code(doc, '/order_status', ['1', '2', '3'], missing('/order_status', doc)),
    refund: code(doc, '/refund_status', ['1', '2', '3', '4'], '1'),
    confirm: code(doc, '/confirm_status', ['0', '1', '2'], '1'),
    group: code(doc, '/group_status', ['0', '1', '2'], '1'),
    afterSales,
    step: hasStep ? code<'0' | '1' | '2'>(doc, '/step_order_info/step_trade_status', ['0', '1', '2'], '0') : undefined,
    hasPayTime: optionalText(doc, '/pay_time') !== undefined,
  }
}

/** Without it nothing can be said about an order. */
function missing(pointer: string, doc: unknown): '1' {
  if (optionalText(doc, pointer) === undefined) throw new MappingError('value-missing', 'A value is missing.', pointer)
  return '1'
}

/** Groups that still have to come together, reviews, tags that forbid sending, and gifts of which it is not decided how they go. */
function heldBackBy(doc: unknown, { confirm, group, step, hasPayTime }: Codes): string | undefined {
  if (!hasPayTime && confirm !== '1') return undefined
  if (confirm === '0' || group === '0') return 'group-forming'
  if (code(doc, '/risk_control_status', ['0', '1'], '0') === '1') return 'under-review'
  if (list(doc, '/order_tag_list').some(({ value }) => text(value, '/name') === 'ship_hold' && text(value, '/value') === '1')) return 'ship-hold'
  if (list(doc, '/gift_list').length > 0 && text(doc, '/gift_order_status') === '0') return 'gift-undecided'
  return step === '0' || step === '1' ? 'deposit' : undefined
}

function paymentOf(
  { refund, step, confirm, hasPayTime, afterSales }: Codes,
  known: { readonly paid: boolean; readonly fell: boolean; readonly sent: boolean; readonly heldBack: boolean },
): Order['payment'] {
  const hasMoney = hasPayTime || confirm === '1'
  if (refund === '4') return known.sent ? 'partially_refunded' : 'refunded'
  if (known.fell) return hasMoney && hasPayTime ? 'refund_pending' : 'voided'
  if (!known.paid) return step === '1' ? 'partially_paid' : 'pending'
  if (refund === '3' || afterSales === '4' || afterSales === '5') return 'refund_pending'
  return known.heldBack ? 'authorised' : 'paid'
}

/** The buyer wants the money back before anything has left, and the seller has not said no: the goods wait. */
const wantsOut = ({ refund, afterSales }: Codes): boolean =>
  ['2', '3', '4', '5', '7', '8'].includes(afterSales) || (afterSales === '0' && (refund === '2' || refund === '3'))

/** The codes that say something, by the channel's own names. */
function wordsOf(doc: unknown): string {
  const plain: readonly (readonly [string, string])[] = [
    ['order_status', ''],
    ['refund_status', ''],
    ['confirm_status', '1'],
    ['group_status', '1'],
    ['risk_control_status', '0'],
    ['after_sales_status', '0'],
  ]
  return plain
    .flatMap(([name, usual]) => {
      const value = text(doc, `/${name}`)
      return value === '' || value === usual ? [] : [`${name}=${value}`]
    })
    .join(' ')
}
