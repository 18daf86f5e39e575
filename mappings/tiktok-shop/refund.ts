import { MappingError } from '../../src/core/fault.ts'
import type { Mapped } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { at, list, money, optionalText, requiredText, text } from '../parts/read.ts'
import { requiredTime } from '../parts/wechat.ts'

const CANCELLATIONS: ReadonlyMap<string, Refund['state']> = new Map([
  ['CANCELLATION_REQUEST_PENDING', 'requested'],
  ['CANCELLATION_REQUEST_SUCCESS', 'approved'],
  ['CANCELLATION_REQUEST_COMPLETE', 'done'],
  // Taken back by the buyer or rejected.
  ['CANCELLATION_REQUEST_CANCEL', 'rejected'],
  ['CANCELLATION_REQUEST_CANCELLED', 'rejected'],
])

/** Statuses of the page "Search Returns"; both spellings of the rejection occur. */
const RETURNS: ReadonlyMap<string, Refund['state']> = new Map([
  ['RETURN_OR_REFUND_REQUEST_PENDING', 'requested'],
  ['AWAITING_BUYER_RESPONSE', 'requested'],
  ['AWAITING_BUYER_SHIP', 'approved'],
  ['BUYER_SHIPPED_ITEM', 'approved'],
  ['RETURN_OR_REFUND_REQUEST_SUCCESS', 'approved'],
  ['RETURN_OR_REFUND_REQUEST_COMPLETE', 'done'],
  ['REPLACEMENT_REQUEST_REFUND_SUCCESS', 'done'],
  ['EXCHANGE_REQUEST_REFUND_SUCCESS', 'done'],
  ['REFUND_OR_RETURN_REQUEST_REJECT', 'rejected'],
  ['RETURN_OR_REFUND_REQUEST_REJECT', 'rejected'],
  ['REJECT_RECEIVE_PACKAGE', 'rejected'],
  ['RETURN_OR_REFUND_REQUEST_CANCEL', 'rejected'],
])

const KINDS: ReadonlyMap<string, Refund['kind']> = new Map([
  ['REFUND', 'refund'],
  ['RETURN_AND_REFUND', 'return'],
])
const GOODS_ONLY: ReadonlySet<string> = new Set(['REPLACEMENT', 'EXCHANGE'])

/** `{lines, cancellation}` or `{lines, return}`: an after-sale as received and, piece by piece, the line of its order. */
export function refundOf(doc: unknown, usual: string): Mapped {
  if (at(doc, '/return') !== undefined) return returnOf(doc, usual)
  const status = requiredText(doc, '/cancellation/cancel_status')
  const state = known(CANCELLATIONS, status, '/cancellation/cancel_status')
  // Orders nobody paid for, and those to be paid in cash.
  if (totalOf(doc, '/cancellation', usual) === 0) return { kind: 'ignore', rule: 'no-money', reason: 'This cancellation gives no money back.' }
  return { kind: 'refund', refund: common(doc, { at: '/cancellation', id: '/cancel_id', kind: 'cancellation', state, usual, of: 'cancel' }) }
}

function returnOf(doc: unknown, usual: string): Mapped {
  const [type, status] = [requiredText(doc, '/return/return_type'), requiredText(doc, '/return/return_status')]
  const isRefunded = status.endsWith('_REQUEST_REFUND_SUCCESS')
  if (GOODS_ONLY.has(type) && !isRefunded) return { kind: 'ignore', rule: 'no-money', reason: 'A replacement or an exchange moves no money.' }
  const kind = isRefunded ? 'refund' : known(KINDS, type, '/return/return_type')
  const state = known(RETURNS, status, '/return/return_status')
  return { kind: 'refund', refund: common(doc, { at: '/return', id: '/return_id', kind, state, usual, of: 'return' }) }
}

function known<T>(words: ReadonlyMap<string, T>, word: string, pointer: string): T {
  const meaning = words.get(word)
  if (meaning !== undefined) return meaning
  throw new MappingError('status-unmapped', `"${word.slice(0, 60)}" is not a word the channel documents here.`, pointer)
}

const currencyOf = (doc: unknown, base: string, usual: string): string => optionalText(doc, `${base}/refund_amount/currency`) ?? usual
const totalOf = (doc: unknown, base: string, usual: string): number =>
  money(doc, `${base}/refund_amount/refund_total`, currencyOf(doc, base, usual)).minor

interface Given {
  readonly at: string
  readonly id: string
  readonly kind: Refund['kind']
  readonly state: Refund['state']
  readonly usual: string
  readonly of: 'cancel' | 'return'
}

function common(doc: unknown, given: Given): Refund {
  const { at: base, usual } = given
  const currency = currencyOf(doc, base, usual)
  const shipping = money(doc, `${base}/refund_amount/refund_shipping_fee`, currency)
  const reason = optionalText(doc, `${base}/${given.of}_reason_text`) ?? optionalText(doc, `${base}/${given.of}_reason`)
  return {
    channelRefundNo: requiredText(doc, `${base}${given.id}`),
    channelOrderNo: requiredText(doc, `${base}/order_id`),
    kind: given.kind,
    state: given.state,
    amount: { minor: totalOf(doc, base, usual), currency },
    ...(shipping.minor === 0 ? {} : { shipping }),
    ...(reason === undefined ? {} : { reason }),
    at: requiredTime(doc, `${base}/create_time`),
    sourceUpdatedAt: requiredTime(doc, `${base}/update_time`),
    lines: linesOf(doc, given, currency),
  }
}

/** Pieces put together as the order's lines have them; a piece of no known line stays on its own. */
function linesOf(doc: unknown, { at: base, of }: Given, currency: string): Refund['lines'] {
  // Part of the price back for goods the buyer keeps gives no piece back.
  const isPart = optionalText(doc, `${base}/partial_refund/amount`) !== undefined || at(doc, `${base}/partial_refund/currency`) !== undefined
  const lines = new Map<string, { sku: string; title: string; count: number; minor: number }>()
  for (const { value } of list(doc, `${base}/${of}_line_items`)) {
    const unit = requiredText(value, '/order_line_item_id')
    const line = optionalText(at(doc, '/lines'), `/${unit}`) ?? unit
    const before = lines.get(line) ?? { sku: text(value, '/seller_sku'), title: text(value, '/product_name'), count: 0, minor: 0 }
    lines.set(line, { ...before, count: before.count + 1, minor: before.minor + money(value, '/refund_amount/refund_subtotal', currency).minor })
  }
  return [...lines].map(([channelLineNo, { sku, title, count, minor }]) => ({
    channelLineNo,
    ...(sku === '' ? {} : { channelSku: sku }),
    ...(title === '' ? {} : { title }),
    quantity: String(isPart ? 0 : count),
    amount: { minor, currency },
  }))
}
