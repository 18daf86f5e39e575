import type { CancelDecision, Outcome, RawRecord } from '../../src/core/connector.ts'
import { outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import { write } from './client.ts'
import type { XhsCall } from './manifest.ts'
import { isOrderId, refundOf, refundsOf } from './orders.ts'

/** Money alone: before anything was sent it cancels the order, after that the goods stay with the buyer. */
const BEFORE_SENDING = '5'
const ASKED = '1'
const DONE = '4'

/** Agrees that an order that has not left is cancelled and its money given back. The channel knows the amount. */
export async function decideCancel(call: XhsCall, { key, orderId, requestId, decision }: CancelDecision): Promise<Outcome> {
  if (decision !== 'accept')
    return refused(key, 'decision-unknown', 'Xiaohongshu takes a refusal with reasons of its own, in the seller’s backend only.')
  if (!isOrderId(orderId)) return refused(key, 'order-id', 'This is not an order number of Xiaohongshu.')
  try {
    const request =
      requestId === undefined
        ? await openRequest(call, orderId)
        : /^[A-Z]{0,2}\d{4,24}$/.test(requestId)
          ? await refundOf(call, requestId)
          : undefined
    const doc = request?.doc
    // Agreeing gives money back: never for another order than the one that was meant.
    if (!request || textField(doc, 'orderId') !== orderId)
      return refused(key, 'no-request', 'No single request of this order waits for an answer at Xiaohongshu.')
    const [id, status] = [request.externalId, textField(doc, 'status') ?? '']
    if (textField(doc, 'returnType') !== BEFORE_SENDING)
      return refused(key, 'already-sent', 'The request is about goods that have left: answer it in the seller’s backend.')
    if (status === DONE) return { key, status: 'unchanged', proof: { request: id } }
    if (status !== ASKED) return refused(key, 'decided-otherwise', `The request does not wait for the seller (${status.slice(0, 10)}).`)
    // 1: the money goes back at once.
    await write(call, 'afterSale.auditReturns', { returnsId: id, action: 1 })
    return { key, status: 'applied', proof: { request: id } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

/** The one that waits, or the last one that was agreed to; undefined while several wait. */
async function openRequest(call: XhsCall, orderId: string): Promise<RawRecord | undefined> {
  const all = (await refundsOf(call, orderId)).filter(({ doc }) => textField(doc, 'returnType') === BEFORE_SENDING)
  const inState = (state: string): readonly RawRecord[] => all.filter(({ doc }) => textField(doc, 'status') === state)
  const open = inState(ASKED)
  return open.length > 1 ? undefined : (open[0] ?? inState(DONE).at(-1))
}
