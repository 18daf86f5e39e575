import { MappingError } from '../../src/core/fault.ts'
import type { Mapped, RawDocument } from '../../src/core/mapping.ts'
import { CNY, pieces } from '../parts/cny.ts'
import { optionalText, requiredMoney, requiredText } from '../parts/read.ts'
import { AFTER_SALES } from './after-sales.ts'
import { changedAt, code } from './read.ts'

/** Types as the list numbers them: 2 money alone, 3 and 9 goods come back, 4 exchange, 5 resend, 6 repair. */
const TYPES = ['2', '3', '4', '5', '6', '9'] as const

/** One after-sales document. Exchanges, resent goods and repairs move no money and are left. */
export function refundOf({ doc }: RawDocument): Mapped {
  const status = requiredText(doc, '/after_sales_status')
  const meaning = AFTER_SALES.get(status)
  if (!meaning || status === '0') {
    throw new MappingError('status-unmapped', `"${status}" is not a value the channel documents.`, '/after_sales_status')
  }
  const type = code(doc, '/after_sales_type', TYPES, '2')
  if (meaning.goodsOnly || type === '4' || type === '5' || type === '6')
    return { kind: 'ignore', rule: 'no-money-moves', reason: 'An exchange, a resend or a repair: no money goes back.' }
  const amount = requiredMoney(doc, '/refund_amount', CNY)
  const [reason, sku, title, line] = ['/after_sale_reason', '/outer_id', '/goods_name', '/sku_id'].map((pointer) => optionalText(doc, pointer))
  return {
    kind: 'refund',
    refund: {
      channelRefundNo: requiredText(doc, '/id'),
      channelOrderNo: requiredText(doc, '/order_sn'),
      kind: type === '2' ? 'refund' : 'return',
      state: meaning.refund,
      amount,
      ...(reason === undefined ? {} : { reason }),
      at: changedAt(doc, '/created_time', '/updated_time'),
      sourceUpdatedAt: changedAt(doc, '/updated_time', '/created_time'),
      lines:
        line === undefined
          ? []
          : [
              {
                channelLineNo: line,
                ...(sku === undefined ? {} : { channelSku: sku }),
                ...(title === undefined ? {} : { title }),
                quantity: pieces(doc, '/goods_number', '0'),
                amount,
              },
            ],
    },
  }
}
