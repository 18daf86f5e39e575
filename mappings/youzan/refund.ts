import type { RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { CNY, pieces, requiredTime } from '../parts/cny.ts'
import { flag, optionalText, requiredMoney, requiredText, text } from '../parts/read.ts'
import { time, unmapped } from './read.ts'

/** Words of a refund's own document. Any other holds it. */
const STATES: ReadonlyMap<string, Refund['state']> = new Map([
  ['WAIT_SELLER_AGREE', 'requested'],
  ['WAIT_BUYER_RETURN_GOODS', 'approved'],
  ['WAIT_SELLER_CONFIRM_GOODS', 'approved'],
  ['SELLER_REFUSE_BUYER', 'rejected'],
  ['SELLER_REFUSE_BUYER_RETURN_GOODS', 'rejected'],
  ['SELLER_RETURN_GOODS', 'rejected'],
  // Somebody of the channel's looks into it: nothing is decided.
  ['CUSTOMER_SERVICE_IN', 'requested'],
  ['CLOSED', 'rejected'],
  ['SUCCESS', 'done'],
])

/** One refund. Its amount may hold postage too; `oid` is its first line, and the amount is kept whole. */
export function refundOf({ doc }: RawDocument): Refund {
  const word = requiredText(doc, '/status')
  const state = STATES.get(word)
  if (state === undefined) throw unmapped(word, '/status')
  const amount = requiredMoney(doc, '/refund_fee', CNY)
  const [oid, reason] = [optionalText(doc, '/oid'), optionalText(doc, '/reason')]
  return {
    channelRefundNo: requiredText(doc, '/refund_id'),
    channelOrderNo: requiredText(doc, '/tid'),
    kind: flag(doc, '/return_goods') ? 'return' : text(doc, '/delivery_status') === '1' ? 'cancellation' : 'refund',
    state,
    amount,
    // A number of the channel's table; what the buyer wrote stays in the document.
    ...(reason === undefined ? {} : { reason: `reason ${reason}` }),
    at: requiredTime(doc, '/created'),
    sourceUpdatedAt: time(doc, '/modified') ?? requiredTime(doc, '/created'),
    lines: oid === undefined ? [] : [{ channelLineNo: oid, quantity: pieces(doc, '/item_num', '0'), amount }],
  }
}
