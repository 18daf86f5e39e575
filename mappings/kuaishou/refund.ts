import { MappingError } from '../../src/core/fault.ts'
import type { Mapped, RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { amount } from '../parts/cny.ts'
import { optionalText, requiredText } from '../parts/read.ts'
import { known, requiredFen, requiredTime, units } from '../parts/fen-ms.ts'

/** `handlingWay`: goods and money back, money alone; an exchange, a piece sent later and a repair move no money. */
const KINDS: ReadonlyMap<string, Refund['kind'] | 'none'> = new Map([
  ['1', 'return'],
  ['10', 'refund'],
  ['3', 'none'],
  ['4', 'none'],
  ['5', 'none'],
])

const STATES: ReadonlyMap<string, Refund['state']> = new Map([
  ['10', 'requested'],
  ['11', 'requested'],
  ['12', 'rejected'],
  ['20', 'requested'],
  ['21', 'requested'],
  ['22', 'approved'],
  ['30', 'approved'],
  ['40', 'approved'],
  ['45', 'approved'],
  ['50', 'approved'],
  ['60', 'done'],
  ['70', 'rejected'],
])

/** One after-sale as its list or its own call shows it; only the latter counts the pieces. */
export function refundOf({ doc }: RawDocument): Mapped {
  const kind = known(KINDS, requiredText(doc, '/handlingWay'), '/handlingWay')
  if (kind === 'none') return { kind: 'ignore', rule: 'no-money', reason: 'An exchange, a piece sent later or a repair moves no money.' }
  const state = known(STATES, requiredText(doc, '/status'), '/status')
  const back = amount(requiredFen(doc, '/refundFee'))
  if (back.minor < 0) throw new MappingError('money-unreadable', 'An amount that goes back is not negative.', '/refundFee')
  const oid = requiredText(doc, '/oid')
  const [reason, sku] = [optionalText(doc, '/refundReasonDesc'), optionalText(doc, '/skuNick')]
  return {
    kind: 'refund',
    refund: {
      channelRefundNo: requiredText(doc, '/refundId'),
      channelOrderNo: oid,
      kind,
      state,
      amount: back,
      // A word of the channel's table; what the buyer wrote stays in the document.
      ...(reason === undefined ? {} : { reason }),
      at: requiredTime(doc, '/createTime'),
      sourceUpdatedAt: requiredTime(doc, '/updateTime'),
      lines: [{ channelLineNo: oid, ...(sku === undefined ? {} : { channelSku: sku }), quantity: String(units(doc, '/productNum')), amount: back }],
    },
  }
}
