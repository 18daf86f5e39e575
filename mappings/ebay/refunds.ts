import type { Refund } from '../../src/core/order.ts'
import { list, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from '../parts/read.ts'
import { amountOf, meaningOf } from './read.ts'

const STATES: Readonly<Record<string, Refund['state']>> = { REFUNDED: 'done', PENDING: 'approved', FAILED: 'rejected' }

interface Share {
  readonly line: unknown
  readonly refund: unknown
}

/**
 * Refunds of the whole order stand in its payment summary, those of single lines in the lines, and neither is repeated in the other; one that
 * is (the same number in both) counts once, as the line's. Amounts are what the seller gave back: the tax eBay collected is not in them.
 */
export function refundsOf(doc: unknown, currency: string): readonly Refund[] {
  const byId = new Map<string, Share[]>()
  for (const { value: line } of list(doc, '/lineItems')) {
    for (const { value: refund } of list(line, '/refunds')) {
      const id = optionalText(refund, '/refundId') ?? `${requiredText(line, '/lineItemId')}/${text(refund, '/refundDate')}`
      byId.set(id, [...(byId.get(id) ?? []), { line, refund }])
    }
  }
  // Money given back without the API carries no number of a refund, but its reference.
  const references = new Set([...byId.values()].flat().flatMap(({ refund }) => optionalText(refund, '/refundReferenceId') ?? []))
  const isCancelled = text(doc, '/cancelStatus/cancelState') === 'CANCELED'
  const common = { channelOrderNo: requiredText(doc, '/orderId'), kind: isCancelled ? 'cancellation' : 'refund' } as const
  const ofOrder = list(doc, '/paymentSummary/refunds').flatMap(({ value, pointer }): readonly Refund[] => {
    const id = optionalText(value, '/refundId') ?? requiredText(value, '/refundReferenceId')
    if (byId.has(id) || references.has(text(value, '/refundReferenceId'))) return []
    const state = meaningOf(STATES, requiredText(value, '/refundStatus'), { code: 'refund-status-unmapped', pointer: `${pointer}/refundStatus` })
    return [{ ...common, channelRefundNo: id, state, amount: amountOf(value, '/amount', currency), ...timesOf(doc, value), lines: [] }]
  })
  const ofLines = [...byId].map(([id, shares]): Refund => {
    const lines = shares.map(({ line, refund }) => ({
      channelLineNo: requiredText(line, '/lineItemId'),
      // Money alone: how many pieces it stands for is not said.
      quantity: '0',
      amount: amountOf(refund, '/amount', currency),
    }))
    const isDone = shares.every(({ refund }) => optionalText(refund, '/refundDate') !== undefined)
    const amount = { minor: lines.reduce((sum, line) => sum + line.amount.minor, 0), currency }
    return { ...common, channelRefundNo: id, state: isDone ? 'done' : 'approved', amount, ...timesOf(doc, shares[0]?.refund), lines }
  })
  return [...ofOrder, ...ofLines]
}

/** A refund that is not done has no time yet: then it is as old as the order's last change. */
function timesOf(doc: unknown, refund: unknown): Pick<Refund, 'at' | 'sourceUpdatedAt'> {
  const changed = requiredUtcInstant(doc, '/lastModifiedDate')
  return { at: utcInstant(refund, '/refundDate') ?? changed, sourceUpdatedAt: changed }
}
