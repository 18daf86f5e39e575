import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { rest } from './client.ts'
import type { EbayCall } from './manifest.ts'
import { isOrderId, orderDoc } from './orders.ts'

/**
 * A buyer's wish to cancel is decided through the Post-Order API. Accepting gives the money back. Where no request is named the only
 * open one of the order is meant.
 */
export async function decideCancel(call: EbayCall, decision: CancelDecision): Promise<Outcome> {
  const { key, orderId } = decision
  try {
    const order = isOrderId(orderId) ? await orderDoc(call, orderId) : undefined
    const status = field(order, 'cancelStatus')
    if (status === undefined) return refused(key, 'order-missing', 'eBay does not know this order, or it belongs to another seller.')
    const requests = listField(status, 'cancelRequests')
    const open = requests.filter((each) => textField(each, 'cancelRequestState') === 'REQUESTED')
    const id = decision.requestId ?? (open.length === 1 ? textField(open[0], 'cancelRequestId') : undefined)
    const request = requests.find((each) => textField(each, 'cancelRequestId') === id)
    const state = textField(request, 'cancelRequestState') ?? ''
    if (decision.decision === 'accept' && (state === 'COMPLETED' || textField(status, 'cancelState') === 'CANCELED'))
      return { key, status: 'unchanged', proof: { request: id ?? '' } }
    if (decision.decision === 'reject' && state === 'REJECTED') return { key, status: 'unchanged', proof: { request: id ?? '' } }
    if (id === undefined || request === undefined) return refused(key, 'no-request', 'No single request of this order waits for an answer at eBay.')
    if (state !== 'REQUESTED') return refused(key, 'decided-otherwise', `The request is decided already (${state}).`)
    const verb = decision.decision === 'accept' ? 'approve' : 'reject'
    const path = `/post-order/v2/cancellation/${encodeURIComponent(id)}/${verb}`
    await rest(call, { method: 'POST', path, body: {}, limit: 'fulfillment', expect: 'any' })
    return { key, status: 'applied', proof: { request: id } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}
