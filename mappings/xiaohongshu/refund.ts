import { MappingError } from '../../src/core/fault.ts'
import type { Mapped, RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { amount, fen as yuan } from '../parts/cny.ts'
import { known, requiredTime, units } from '../parts/fen-ms.ts'
import { list, optionalText, requiredText } from '../parts/read.ts'

/** `returnType`: with goods, an exchange, money after and before sending (3 is an older name of it), protection of the price. */
const KINDS: ReadonlyMap<string, Refund['kind'] | 'exchange'> = new Map([
  ['1', 'return'],
  ['2', 'exchange'],
  ['3', 'refund'],
  ['4', 'refund'],
  ['5', 'refund'],
  ['6', 'refund'],
])

const STATES: ReadonlyMap<string, Refund['state']> = new Map([
  ['1', 'requested'],
  ['2', 'approved'],
  ['3', 'approved'],
  // Done, and the money is on its way; `refundStatus` says when it is back.
  ['4', 'approved'],
  ['5', 'rejected'],
  ['6', 'rejected'],
  ['9', 'rejected'],
  ['9001', 'rejected'],
  ['11', 'approved'],
  ['12', 'approved'],
  ['13', 'approved'],
  ['14', 'requested'],
])
const BACK = '2'

/** One after-sale. Its amounts are yuan, other than those of orders. */
export function refundOf({ doc }: RawDocument): Mapped {
  const kind = known(KINDS, requiredText(doc, '/returnType'), '/returnType')
  const isBack = optionalText(doc, '/refundStatus') === BACK
  if (kind === 'exchange' && !isBack) return { kind: 'ignore', rule: 'no-money', reason: 'An exchange moves no money.' }
  const status = known(STATES, requiredText(doc, '/status'), '/status')
  const pointer = isBack ? '/refundAmountYuan' : '/expectedRefundAmountYuan'
  requiredText(doc, pointer)
  const back = amount(yuan(doc, pointer))
  if (back.minor < 0) throw new MappingError('money-unreadable', 'An amount that goes back is not negative.', pointer)
  const reason = optionalText(doc, '/reasonNameZh')
  return {
    kind: 'refund',
    refund: {
      channelRefundNo: requiredText(doc, '/returnsId'),
      channelOrderNo: requiredText(doc, '/orderId'),
      kind: kind === 'exchange' ? 'return' : kind,
      state: isBack ? 'done' : status,
      amount: back,
      // A word of the channel's table; what the buyer wrote stays in the document.
      ...(reason === undefined ? {} : { reason }),
      at: requiredTime(doc, '/applyTime'),
      sourceUpdatedAt: requiredTime(doc, '/updatedAt'),
      lines: list(doc, '/skus').map(({ value }) => {
        const [sku, code] = [requiredText(value, '/skuId'), optionalText(value, '/skuERPCode')]
        return {
          channelLineNo: sku,
          ...(code === undefined ? {} : { channelSku: code }),
          quantity: String(units(value, '/appliedCount')),
          amount: amount(yuan(value, '/appliedTotalAmountYuan')),
        }
      }),
    },
  }
}
