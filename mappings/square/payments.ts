import { MappingError } from '../../src/core/fault.ts'
import { sumMoney } from '../../src/core/money.ts'
import type { Payment, Refund } from '../../src/core/order.ts'
import { decimal, list, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from '../parts/read.ts'
import type { Variations } from './lines.ts'
import { amount, currencyOf } from './money.ts'

const REFUND_STATES: Readonly<Record<string, Refund['state']>> = {
  PENDING: 'approved',
  APPROVED: 'done',
  COMPLETED: 'done',
  REJECTED: 'rejected',
  FAILED: 'rejected',
}

/** Tenders with their tips; of cash it is what was owed, change aside. */
export const paymentsOf = (doc: unknown, currency: string): readonly Payment[] => [
  ...list(doc, '/tenders').flatMap(({ value }): readonly Payment[] => {
    const type = requiredText(value, '/type')
    // A till opened its drawer and sold nothing.
    if (type === 'NO_SALE') return []
    const at = utcInstant(value, '/created_at')
    const id = optionalText(value, '/id')
    return [
      {
        ...(id === undefined ? {} : { id }),
        kind: type === 'SQUARE_GIFT_CARD' ? 'gift_card' : 'capture',
        method: type,
        amount: amount(value, '/amount_money', currency),
        ...(at === undefined ? {} : { at }),
        status: cardStatus(text(value, '/card_details/status')),
      },
    ]
  }),
  ...list(doc, '/refunds').map(({ value, pointer }): Payment => {
    const at = utcInstant(value, '/created_at')
    const state = stateOf(value, pointer)
    return {
      id: requiredText(value, '/id'),
      kind: 'refund',
      method: 'refund',
      amount: amount(value, '/amount_money', currency),
      ...(at === undefined ? {} : { at }),
      status: state === 'done' ? 'done' : state === 'rejected' ? 'failed' : 'pending',
    }
  }),
]

const cardStatus = (word: string): Payment['status'] =>
  word === 'AUTHORIZED' ? 'pending' : word === 'VOIDED' || word === 'FAILED' ? 'failed' : 'done'

function stateOf(refund: unknown, pointer: string): Refund['state'] {
  const word = requiredText(refund, '/status')
  const state = REFUND_STATES[word]
  if (state === undefined)
    throw new MappingError('status-unmapped', `"${word.slice(0, 60)}" is not a known status of a refund at Square.`, `${pointer}/status`)
  return state
}

/** A return: what came back, and the refunds of money that belong to it; none is needed for an exchange of like for like. */
export function refundOf(doc: unknown, skus: Variations): Refund {
  const id = requiredText(doc, '/id')
  const currency = currencyOf(doc, '')
  const [first] = list(doc, '/returns')
  if (!first) throw new MappingError('document-unreadable', 'The order takes nothing back.', '/returns')
  const source = list(doc, '/returns').flatMap(({ value }) => optionalText(value, '/source_order_id') ?? [])[0]
  const refunds = list(doc, '/refunds')
  const states = refunds.map(({ value, pointer }) => stateOf(value, pointer))
  const money = sumMoney(
    refunds
      .filter((_, i) => states[i] !== 'rejected' || states.every((each) => each === 'rejected'))
      .map(({ value }) => amount(value, '/amount_money', currency)),
    currency,
  )
  const lines = list(doc, '/returns').flatMap(({ value }) =>
    list(value, '/return_line_items').flatMap(({ value: line }) => {
      const uid = optionalText(line, '/source_line_item_uid')
      const [sku, title] = [skus.get(text(line, '/catalog_object_id'))?.sku ?? '', optionalText(line, '/name')]
      // An amount of money alone names no line.
      if (uid === undefined) return []
      return [
        {
          channelLineNo: uid,
          ...(sku === '' ? {} : { channelSku: sku }),
          ...(title === undefined ? {} : { title }),
          quantity: decimal(line, '/quantity'),
          amount: amount(line, '/total_money', currency),
        },
      ]
    }),
  )
  const at = requiredUtcInstant(doc, '/created_at')
  const reason = refunds.flatMap(({ value }) => optionalText(value, '/reason') ?? [])[0]
  return {
    channelRefundNo: id,
    ...(source === undefined ? {} : { channelOrderNo: source }),
    kind: lines.length > 0 ? 'return' : 'refund',
    state: states.length === 0 || states.includes('done') ? 'done' : states.includes('approved') ? 'approved' : 'rejected',
    amount: money,
    ...(reason === undefined ? {} : { reason }),
    at,
    sourceUpdatedAt: utcInstant(doc, '/updated_at') ?? at,
    lines,
  }
}
