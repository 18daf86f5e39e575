import Big from 'big.js'
import { MappingError } from '../../src/core/fault.ts'
import type { Refund } from '../../src/core/order.ts'
import { documentLines, money, sum } from './amounts.ts'
import type { LineAmounts } from './amounts.ts'
import type { DocumentReader } from './rows.ts'

export interface MappedRefund {
  readonly refund: Refund
  readonly lines: readonly LineAmounts[]
}

/**
 * Rows of one document → money given back. Files write such rows with negative quantities or as positive rows of a
 * "return" document; either way the amount is positive. A document that mixes both is held, because it may be an
 * exchange. An adjustment keeps its sign: positive lowers what the buyer owes, negative raises it.
 */
export function toRefund(reader: DocumentReader, channelRefundNo: string, kind: Refund['kind']): MappedRefund {
  const { currency } = reader
  const lines = documentLines(reader)
  if (lines.length === 0) throw new MappingError('lines-missing', 'The document has no lines.')
  const amountOf = (line: LineAmounts): Big => line.gross.minus(line.gross.lt(0) ? line.discount.neg() : line.discount)
  const amounts = lines.map(amountOf)
  if (kind !== 'adjustment' && amounts.some((amount) => amount.gt(0)) && amounts.some((amount) => amount.lt(0))) {
    throw new MappingError('signs-mixed', 'The document gives money back on some rows and takes it on others. Book it as two documents.')
  }
  const sign = kind === 'adjustment' || sum(amounts).lt(0) ? -1 : 1
  const at = reader.orderInstant('placedAt')
  if (at === undefined) throw new MappingError('placed-at-missing', 'The document has no time.')
  const refundOf = reader.order('refundOf')
  const reason = reader.order('reason')
  const refund: Refund = {
    channelRefundNo,
    ...(refundOf === '' ? {} : { channelOrderNo: refundOf }),
    kind,
    state: 'done',
    amount: money(sum(amounts).times(sign), currency),
    ...(reason === '' ? {} : { reason }),
    at,
    sourceUpdatedAt: reader.orderInstant('updatedAt') ?? at,
    lines: lines.map((line, i) => {
      const sku = reader.line('channelSku', line.row)
      return {
        channelLineNo: reader.line('channelLineNo', line.row) || String(i + 1),
        ...(sku === '' ? {} : { channelSku: sku }),
        title: reader.line('title', line.row) || sku,
        quantity: (kind === 'adjustment' ? line.quantity : line.quantity.abs()).toFixed(),
        amount: money((amounts[i] ?? Big(0)).times(sign), currency),
      }
    }),
  }
  return { refund, lines }
}
