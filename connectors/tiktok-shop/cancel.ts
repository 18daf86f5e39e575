import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import { afterSalesOf } from './after-sales.ts'
import { write } from './client.ts'
import { isId, type TikTokCall } from './manifest.ts'

const ASKED = 'CANCELLATION_REQUEST_PENDING'
/** Agreed to, and done. */
const AGREED: ReadonlySet<string> = new Set(['CANCELLATION_REQUEST_SUCCESS', 'CANCELLATION_REQUEST_COMPLETE'])
const MOST_WORDS = 500

interface Ask {
  readonly id: string
  readonly status: string
  /** Seconds of its last change. */
  readonly at: number
}

/** Answers what the buyer wants to cancel of this order. The order does not name the requests, so all of its own are looked up. */
export async function decideCancel(call: TikTokCall, { key, orderId, requestId, decision, reason }: CancelDecision): Promise<Outcome> {
  if (!isId(orderId)) return refused(key, 'order-id', 'This is not an order number of TikTok Shop.')
  let written = 0
  try {
    const all = (await requestsOf(call, orderId)).filter(({ id }) => requestId === undefined || id === requestId)
    const open = all.filter(({ status }) => status === ASKED)
    if (open.length === 0) {
      // Whoever was turned down once may have asked again: the last word counts.
      const last = all.toSorted((a, b) => a.at - b.at).at(-1)
      if (last && AGREED.has(last.status) === (decision === 'accept')) return { key, status: 'unchanged' }
      return refused(key, 'nothing-asked', 'TikTok Shop shows no open request of the buyer to cancel this order.')
    }
    const said = reason.trim().slice(0, MOST_WORDS)
    for (const { id } of open) {
      const path = `/return_refund/202309/cancellations/${id}/${decision === 'accept' ? 'approve' : 'reject'}`
      const body = decision === 'accept' ? {} : { reject_reason: call.config.rejectReason, ...(said === '' ? {} : { comment: said }) }
      await write(call, { method: 'POST', path, query: { idempotency_key: `${key}-${id}`.slice(0, 100) }, body })
      written += 1
    }
    const done = new Set(open.map(({ id }) => id))
    // What the answers mean is not documented; the requests themselves show it.
    if ((await requestsOf(call, orderId)).every(({ id, status }) => !done.has(id) || status !== ASKED))
      return { key, status: 'applied', proof: { requests: [...done].join(',') } }
    const message = 'TikTok Shop took the decision and does not show it yet.'
    return { key, status: 'unknown', fault: { kind: 'in-doubt', code: 'not-shown-yet', message } }
  } catch (error) {
    const outcome = outcomeOfError(key, error)
    // Of several requests one may have been decided already: that is no refusal of the whole.
    return outcome.status === 'refused' && written > 0 ? { key, status: 'unknown', fault: { ...outcome.fault, kind: 'in-doubt' } } : outcome
  }
}

/** Those of the buyer; a seller's or the system's own cancellations are not asked for. */
async function requestsOf(call: TikTokCall, orderId: string): Promise<readonly Ask[]> {
  const all = await afterSalesOf(call, [orderId], ['cancellation'])
  return all.flatMap(({ entry: { doc } }) => {
    const id = textField(doc, 'cancel_id') ?? ''
    return textField(doc, 'cancel_type') === 'BUYER_CANCEL' && isId(id)
      ? [{ id, status: textField(doc, 'cancel_status') ?? '', at: Number(textField(doc, 'update_time') ?? 0) }]
      : []
  })
}
