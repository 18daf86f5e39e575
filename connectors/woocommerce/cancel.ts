import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { textField } from '../../src/kit/read.ts'
import { sendJson } from './client.ts'
import type { WooCall } from './manifest.ts'

/**
 * WooCommerce has no cancel requests of its own (plugins add a status). Accepting sets the order to cancelled, which puts
 * stock back at the shop; rejecting sets an order that waits in a plugin's status back to processing and leaves a note.
 */
export async function decideCancel(call: WooCall, decision: CancelDecision): Promise<Outcome> {
  const { key, orderId } = decision
  try {
    const { doc } = await sendJson(call, { path: `orders/${orderId}`, query: { _fields: 'id,status' } })
    const status = textField(doc, 'status') ?? ''
    const target = decision.decision === 'accept' ? 'cancelled' : isRequested(call, status) ? 'processing' : status
    if (status === 'completed' && target === 'cancelled') {
      return {
        key,
        status: 'refused',
        fault: { kind: 'refused', code: 'already-completed', message: 'The order is completed at the shop; refund it there instead.' },
      }
    }
    if (status !== target)
      await sendJson(call, { method: 'PUT', path: `orders/${orderId}`, query: { _fields: 'id,status' }, body: { status: target }, idempotent: true })
    if (decision.decision === 'reject') await note(call, orderId, `Cancellation rejected: ${decision.reason.slice(0, 300)}`)
    return { key, status: status === target && decision.decision === 'accept' ? 'unchanged' : 'applied', proof: { status: target } }
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const { fault } = error
    if (fault.kind === 'in-doubt' || fault.kind === 'unreadable') return { key, status: 'unknown', fault: { ...fault, kind: 'in-doubt' } }
    if (fault.kind === 'refused' || fault.kind === 'missing') return { key, status: 'refused', fault }
    throw error
  }
}

/** Statuses plugins use for a buyer's wish to cancel; a connection may name more. */
export const CANCEL_REQUESTS: ReadonlySet<string> = new Set(['cancel-request', 'cancel-requested', 'cancellation-request'])

const isRequested = (call: WooCall, status: string): boolean =>
  (call.config.statuses[status] ?? (CANCEL_REQUESTS.has(status) ? 'cancel_requested' : '')) === 'cancel_requested'

const note = (call: WooCall, orderId: string, text: string): Promise<unknown> =>
  sendJson(call, { method: 'POST', path: `orders/${orderId}/notes`, body: { note: text, customer_note: false }, idempotent: false })
