import type { RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { fen, requiredTime, time } from '../parts/wechat.ts'
import { amount } from '../parts/cny.ts'
import { optionalText, requiredText, text } from '../parts/read.ts'
import { lineKey, units, unmapped } from './read.ts'

/** Words of the documentation (AfterSaleStatus, its spelling). Any other holds the refund. */
const STATES: ReadonlyMap<string, Refund['state']> = new Map([
  ['USER_CANCELD', 'rejected'],
  ['MERCHANT_PROCESSING', 'requested'],
  ['MERCHANT_REJECT_REFUND', 'rejected'],
  ['MERCHANT_REJECT_RETURN', 'rejected'],
  ['USER_WAIT_RETURN', 'approved'],
  ['RETURN_CLOSED', 'rejected'],
  ['MERCHANT_WAIT_RECEIPT', 'approved'],
  ['MERCHANT_OVERDUE_REFUND', 'approved'],
  ['MERCHANT_REFUND_SUCCESS', 'done'],
  ['MERCHANT_RETURN_SUCCESS', 'done'],
  ['PLATFORM_REFUNDING', 'approved'],
  // The money did not go through; it is tried again or given by hand.
  ['PLATFORM_REFUND_FAIL', 'approved'],
  ['USER_WAIT_CONFIRM', 'requested'],
  ['USER_WAIT_CONFIRM_UPDATE', 'requested'],
  ['USER_WAIT_HANDLE_MERCHANT_AFTER_SALE', 'requested'],
  ['MERCHANT_REFUND_RETRY_FAIL', 'rejected'],
  ['MERCHANT_FAIL', 'rejected'],
])

/** One refund; it is about one SKU, and its amount may hold postage too. */
export function refundOf({ doc }: RawDocument): Refund {
  const word = requiredText(doc, '/status')
  const state = STATES.get(word)
  if (state === undefined) throw unmapped(word, '/status')
  const back = amount(fen(doc, '/refund_info/amount'))
  const reason = optionalText(doc, '/reason')
  const hasLine = optionalText(doc, '/product_info/product_id') !== undefined
  return {
    channelRefundNo: requiredText(doc, '/after_sale_order_id'),
    channelOrderNo: requiredText(doc, '/order_id'),
    kind: text(doc, '/type') === 'RETURN' ? 'return' : 'refund',
    state,
    amount: back,
    // A word of the channel's table; what the buyer wrote stays in the document.
    ...(reason === undefined ? {} : { reason }),
    at: requiredTime(doc, '/create_time'),
    sourceUpdatedAt: time(doc, '/update_time') ?? requiredTime(doc, '/create_time'),
    lines: hasLine ? [{ channelLineNo: lineKey(productOf(doc)), quantity: String(units(doc, '/product_info/count')), amount: back }] : [],
  }
}

const productOf = (doc: unknown): unknown => (typeof doc === 'object' && doc !== null && 'product_info' in doc ? doc.product_info : undefined)
