import { allocate } from '../../src/core/money.ts'
import type { MapContext, RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { at, decimal, flag, list, optionalText, requiredMoney, requiredText } from '../parts/read.ts'
import { currencyOf, lineNoOf, minor, requiredTime, time, unmapped } from './read.ts'

/** Words of `status` of a return. Any other holds it. */
const STATES: ReadonlyMap<string, Refund['state']> = new Map([
  ['REQUESTED', 'requested'],
  ['PROCESSING', 'approved'],
  ['ACCEPTED', 'approved'],
  // The seller said no, or the channel looks into it: nothing is decided.
  ['SELLER_DISPUTE', 'requested'],
  ['JUDGING', 'requested'],
  ['REFUND_PAID', 'done'],
  ['CLOSED', 'rejected'],
  ['CANCELLED', 'rejected'],
])

/** @throws MappingError `status-unmapped` */
export function refundStateOf(doc: unknown, pointer: string): Refund['state'] {
  const word = requiredText(doc, `${pointer}/status`)
  const state = STATES.get(word)
  if (state === undefined) throw unmapped(word, `${pointer}/status`)
  return state
}

/** One return. Its lines name goods and pieces; their money is told by some shops alone, and shared out by price for the others. */
export function refundOf({ doc }: RawDocument, context: MapContext): Refund {
  const currency = currencyOf(doc, '/currency', context)
  const amount = requiredMoney(doc, '/refund_amount', currency)
  const items = list(doc, '/item')
  const told = items.map(({ pointer }) => (at(doc, `${pointer}/refund_amount`) === undefined ? 0 : minor(doc, `${pointer}/refund_amount`, currency)))
  const weights = items.map(({ value, pointer }) => minor(doc, `${pointer}/item_price`, currency) * Number(optionalText(value, '/amount') ?? 0))
  const isTold = told.reduce((a, b) => a + b, 0) === amount.minor
  const shares = isTold ? told.map((value) => ({ minor: value, currency })) : allocate(amount, weights)
  const [reason, sku] = [optionalText(doc, '/reason'), (value: unknown) => optionalText(value, '/variation_sku') ?? optionalText(value, '/item_sku')]
  return {
    channelRefundNo: requiredText(doc, '/return_sn'),
    channelOrderNo: requiredText(doc, '/order_sn'),
    kind: flag(doc, '/needs_logistics') ? 'return' : 'refund',
    state: refundStateOf(doc, ''),
    amount,
    // A word of the channel's table; what the buyer wrote stays in the document.
    ...(reason === undefined ? {} : { reason }),
    at: requiredTime(doc, '/create_time'),
    sourceUpdatedAt: time(doc, '/update_time') ?? requiredTime(doc, '/create_time'),
    lines: items.map(({ value, pointer }, i) => {
      const [code, title] = [sku(value), optionalText(value, '/name')]
      return {
        channelLineNo: lineNoOf(value),
        ...(code === undefined ? {} : { channelSku: code }),
        ...(title === undefined ? {} : { title }),
        quantity: optionalText(value, '/amount') === undefined ? '0' : decimal(doc, `${pointer}/amount`),
        amount: shares[i] ?? { minor: 0, currency },
      }
    }),
  }
}
