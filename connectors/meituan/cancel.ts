import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import { write } from './client.ts'
import type { MeituanCall } from './manifest.ts'
import { isOrderId, readOrder, readRefunds } from './orders.ts'

const WHOLE = '1'
const CANCELLED = '9'

/**
 * Answers the buyer's wish to have the whole order back. The channel takes the order's number only, so it is looked up first that exactly this
 * one wish is open: agreeing gives money back.
 */
export async function decideCancel(call: MeituanCall, decision: CancelDecision): Promise<Outcome> {
  const { key, orderId, requestId } = decision
  if (!isOrderId(orderId)) return refused(key, 'order-unknown', 'Meituan knows no such order.')
  try {
    const order = await readOrder(call, orderId)
    if (!order) return refused(key, 'order-unknown', 'Meituan knows no such order of this shop.')
    const all = await readRefunds(call, order)
    const open = all.filter(({ doc }) => isOpen(doc))
    const [wish] = open
    if (wish === undefined) {
      if (decision.decision === 'accept' && textField(order.doc, 'status') === CANCELLED) return { key, status: 'unchanged' }
      // Answered before: by us, where our own answer got lost, or by somebody else in the same way.
      const last = all.findLast(({ doc, externalId }) => textField(doc, 'refund_type') === WHOLE && (requestId ?? externalId) === externalId)
      if (last && answerOf(last.doc) === decision.decision) return { key, status: 'unchanged', proof: { refund: last.externalId } }
      return refused(key, 'no-request', 'Meituan knows no open wish of the buyer for this order.')
    }
    if (open.length > 1 || textField(wish.doc, 'refund_type') !== WHOLE || (requestId !== undefined && requestId !== wish.externalId))
      return refused(key, 'not-the-whole', 'What the buyer wants back is not this order as a whole. Decide it in Meituan’s own app.')
    const how = decision.decision === 'accept' ? 'agree' : 'reject'
    await write(call, 'GET', `order/refund/${how}`, { order_id: orderId, reason: decision.reason.slice(0, 100) || how })
    return { key, status: 'applied', proof: { refund: wish.externalId } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

/** What the shop, or the channel in its place, said to a wish; undefined where it was taken back or goes on. */
function answerOf(doc: unknown): CancelDecision['decision'] | undefined {
  const flow = textField(doc, 'service_type') ?? '0'
  const [word, agreed, rejected] =
    flow === '1' || flow === '2'
      ? [textField(doc, 'status') ?? '', ['10', '17', '20', '21', '26', '27'], ['11', '18']]
      : [textField(doc, 'res_type') ?? '', ['2', '4', '5', '6'], ['1', '3']]
  return agreed.includes(word) ? 'accept' : rejected.includes(word) ? 'reject' : undefined
}

/** Waits for the seller: by `status` where the shop takes goods back, by `res_type` elsewhere. */
function isOpen(doc: unknown): boolean {
  const flow = textField(doc, 'service_type') ?? '0'
  return flow === '1' || flow === '2' ? textField(doc, 'status') === '1' : textField(doc, 'res_type') === '0'
}
