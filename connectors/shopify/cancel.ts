import { z } from 'zod'
import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { faultOf, mutate, query, readUserErrors, refusalOf } from './client.ts'
import { CANCEL_ORDER, CANCEL_STATE } from './documents.ts'
import { gidOf, isId } from './ids.ts'
import type { ShopifyCall } from './manifest.ts'

const state = z.object({ order: z.object({ cancelledAt: z.string().nullish() }).nullable() })
const answer = z.object({ orderCancel: z.object({ job: z.object({ id: z.string() }).nullish(), orderCancelUserErrors: z.unknown() }) })

/** Cancels the whole order and puts its units back; Shopify does it a moment later, by a job. Buyers cannot ask for it there. */
export async function decideCancel(call: ShopifyCall, decision: CancelDecision): Promise<Outcome> {
  const { key, orderId } = decision
  const refuse = (code: string, message: string): Outcome => ({ key, status: 'refused', fault: { kind: 'refused', code, message } })
  if (decision.decision === 'reject') return refuse('not-supported', 'Shopify knows no cancel request: there is nothing to reject.')
  if (!isId(orderId)) return refuse('order-id', 'This is not an order id of Shopify.')
  try {
    const { order } = readAnswer(state, (await query(call, CANCEL_STATE, { id: gidOf('Order', orderId) })).data, 'order')
    if (!order) return { key, status: 'refused', fault: { kind: 'missing', code: 'order-unknown', message: `The shop has no order ${orderId}.` } }
    if (order.cancelledAt) return { key, status: 'unchanged' }
    const variables = { id: gidOf('Order', orderId), refund: call.config.refundOnCancel, note: decision.reason.slice(0, 255), notify: false }
    const { orderCancel } = readAnswer(answer, (await mutate(call, CANCEL_ORDER, variables)).data, 'cancel answer')
    const [error] = readUserErrors(orderCancel.orderCancelUserErrors)
    if (error) return { key, status: 'refused', fault: refusalOf(error) }
    return { key, status: 'applied', ...(orderCancel.job ? { proof: { job: orderCancel.job.id } } : {}) }
  } catch (error) {
    const fault = faultOf(error)
    return { key, status: fault.kind === 'in-doubt' ? 'unknown' : 'refused', fault }
  }
}
