import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { write } from './client.ts'
import type { DouyinCall } from './manifest.ts'
import { afterSalesOf } from './orders.ts'
import { isId } from './param-json.ts'

/** `type` of `afterSale.operate`: money back without goods. */
const AGREE = 201
const BEFORE_SENDING = '2'
const ASKED = '6'
/** Agreed to, done, or the order cancelled with it. */
const AGREED: ReadonlySet<string> = new Set(['7', '11', '12', '51', '53'])

/** Agrees to what the buyer wants back of what was not sent. The order does not name the requests, so all of its own are looked up. */
export async function decideCancel(call: DouyinCall, { key, orderId, decision }: CancelDecision): Promise<Outcome> {
  if (decision !== 'accept') return refused(key, 'decision-unknown', 'Douyin takes a refusal with its own reasons, in the seller’s backend only.')
  if (!isId(orderId)) return refused(key, 'order-id', 'This is not an order number of Douyin.')
  try {
    const all = await requestsOf(call, orderId)
    const open = all.filter(({ status }) => status === ASKED)
    if (open.length === 0) {
      if (all.some(({ status }) => AGREED.has(status))) return { key, status: 'unchanged' }
      return refused(key, 'nothing-asked', 'Douyin shows no open request of the buyer to leave this order.')
    }
    for (const { id } of open) await write(call, 'afterSale.operate', { type: AGREE, items: [{ aftersale_id: id }] })
    // What the numbers in the answer mean is not documented; the after-sales themselves show it.
    if ((await requestsOf(call, orderId)).every(({ status }) => status !== ASKED))
      return { key, status: 'applied', proof: { requests: open.map(({ id }) => id).join(',') } }
    return {
      key,
      status: 'unknown',
      fault: { kind: 'in-doubt', code: 'not-shown-yet', message: 'Douyin took the decision and does not show it yet.' },
    }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

const requestsOf = async (call: DouyinCall, orderId: string): Promise<readonly { readonly id: string; readonly status: string }[]> =>
  (await afterSalesOf(call, orderId)).flatMap(({ externalId, parentId, doc }) => {
    // Agreeing gives money back: what is of another order never counts, whatever the list was asked for.
    if (parentId !== orderId) return []
    const info = field(doc, 'aftersale_info')
    return textField(info, 'aftersale_type') === BEFORE_SENDING ? [{ id: externalId, status: textField(info, 'aftersale_status') ?? '' }] : []
  })
