import type { RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { flag, optionalText, requiredMoney, requiredText, text } from '../parts/read.ts'
import { CNY, pieces, requiredTime } from '../parts/cny.ts'
import { REFUND_STATES, refundStatus } from './state.ts'

/** One refund of the channel, which always concerns one sub-order. Its amount may hold postage too. */
export function refundOf({ doc }: RawDocument): Refund {
  const amount = requiredMoney(doc, '/refund_fee', CNY)
  const reason = optionalText(doc, '/reason')
  const sku = optionalText(doc, '/outer_id')
  const title = optionalText(doc, '/title')
  const state = REFUND_STATES[refundStatus(requiredText(doc, '/status'), '/status')]
  const isBeforeSending = text(doc, '/good_status') === 'BUYER_NOT_RECEIVED' && text(doc, '/order_status') !== 'WAIT_BUYER_CONFIRM_GOODS'
  return {
    channelRefundNo: requiredText(doc, '/refund_id'),
    channelOrderNo: requiredText(doc, '/tid'),
    kind: flag(doc, '/has_good_return') ? 'return' : isBeforeSending && text(doc, '/refund_phase') !== 'aftersale' ? 'cancellation' : 'refund',
    state,
    amount,
    ...(reason === undefined ? {} : { reason }),
    at: requiredTime(doc, '/created'),
    sourceUpdatedAt: requiredTime(doc, '/modified'),
    lines: [
      {
        channelLineNo: requiredText(doc, '/oid'),
        ...(sku === undefined ? {} : { channelSku: sku }),
        ...(title === undefined ? {} : { title }),
        quantity: pieces(doc, '/num', '0'),
        amount,
      },
    ],
  }
}
