import { MappingError } from '../../src/core/fault.ts'
import type { RawDocument } from '../../src/core/mapping.ts'
import { moneyFromMinor } from '../../src/core/money.ts'
import type { Refund } from '../../src/core/order.ts'
import { CNY } from '../parts/cny.ts'
import { at, optionalText, requiredMoney, requiredText } from '../parts/read.ts'
import { moment, requiredMoment } from './read.ts'

type RefundState = Refund['state']

/**
 * Where an application for a refund before receipt stands. The channel's finance has the last word of this list (3, and 6
 * and 9, which it pronounces itself); when the money arrives no interface tells. Other numbers hold the document.
 */
const STATES: ReadonlyMap<string, RefundState> = new Map<string, RefundState>([
  ['0', 'requested'],
  ['19', 'requested'],
  ['1', 'approved'],
  ['5', 'approved'],
  // The parcel is being stopped, or comes back.
  ...['7', '8', '10', '16', '17', '27'].map((state) => [state, 'approved'] as const),
  ['2', 'rejected'],
  ['4', 'rejected'],
  // Taken back by the buyer, closed by agreement.
  ['11', 'rejected'],
  ['18', 'rejected'],
  ['3', 'done'],
  ['6', 'done'],
  ['9', 'done'],
])

/** An application of `refundapply.queryPageList` or a case of `asc.serviceAndRefund.view` → canonical. Neither shares its amount out by line. */
export const refundOf = ({ doc }: RawDocument): Refund => (at(doc, '/afsRefundId') === undefined ? applicationOf(doc) : caseOf(doc))

function applicationOf(doc: unknown): Refund {
  const word = requiredText(doc, '/status')
  const state = STATES.get(word)
  if (state === undefined)
    throw new MappingError('status-unmapped', `"${word.slice(0, 20)}" is not a state of an application the channel documents.`, '/status')
  const asked = requiredMoment(doc, '/applyTime')
  const reason = optionalText(doc, '/reason')
  return {
    channelRefundNo: requiredText(doc, '/id'),
    channelOrderNo: requiredText(doc, '/orderId'),
    kind: 'cancellation',
    state,
    // The one amount of this channel that is counted in fen.
    amount: moneyFromMinor(requiredText(doc, '/applyRefundSum'), CNY),
    ...(reason === undefined ? {} : { reason }),
    at: asked,
    sourceUpdatedAt: moment(doc, '/modified') ?? moment(doc, '/checkTime') ?? asked,
    lines: [],
  }
}

/** 13 given back, 14 failed; everything else is on its way. */
function caseOf(doc: unknown): Refund {
  const word = optionalText(doc, '/status')
  const asked = requiredMoment(doc, '/sameOrderServiceBill/afsApplyTime')
  const reason = optionalText(doc, '/sameOrderServiceBill/applyReason')
  return {
    channelRefundNo: `afs-${requiredText(doc, '/afsRefundId')}`,
    channelOrderNo: requiredText(doc, '/sameOrderServiceBill/orderId'),
    kind: 'return',
    state: word === '13' ? 'done' : word === '14' ? 'rejected' : 'approved',
    amount: requiredMoney(doc, '/refoundAmount', CNY),
    ...(reason === undefined ? {} : { reason }),
    at: asked,
    sourceUpdatedAt: moment(doc, '/completeTime') ?? moment(doc, '/sameOrderServiceBill/approveTime') ?? asked,
    lines: [],
  }
}
