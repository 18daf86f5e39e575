import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { PddCall } from './manifest.ts'
import { isSent, readOrder } from './shipments.ts'

/** The seller has not decided yet. */
const ASKED: ReadonlySet<string> = new Set(['2', '3'])
/** Money went back or is on its way. */
const AGREED: ReadonlySet<string> = new Set(['4', '5', '10'])

/** Agrees to what the buyer asks back of an order that was not sent. The order does not name the request, so all of its own are looked up. */
export async function decideCancel(call: PddCall, { key, orderId, decision, reason }: CancelDecision): Promise<Outcome> {
  if (decision !== 'accept') return refused(key, 'decision-unknown', 'Pinduoduo takes a refusal in the seller’s back office only.')
  try {
    if (isSent(await readOrder(call, orderId)))
      return refused(key, 'already-sent', 'The order was sent: a return has to be decided in the seller’s back office.')
    const all = await requestsOf(call, orderId)
    const open = all.filter(({ status }) => ASKED.has(status))
    if (open.length === 0) {
      if (all.some(({ status }) => AGREED.has(status))) return { key, status: 'unchanged' }
      return refused(key, 'nothing-asked', 'Pinduoduo shows no open request of the buyer for this order.')
    }
    for (const { id } of open)
      if (!(await agree(call, { id, orderId, reason }))) return refused(key, 'not-success', 'Pinduoduo answered that the refund was not agreed to.')
    return { key, status: 'applied', proof: { requests: open.map(({ id }) => id).join(',') } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

/** Every after-sales document of one order: with its number the other conditions count for nothing, and still have to be sent. */
async function requestsOf(call: PddCall, orderSn: string): Promise<readonly { readonly id: string; readonly status: string }[]> {
  const end = Math.floor(call.now().getTime() / 1000)
  const window = { start_updated_at: end - 60, end_updated_at: end, after_sales_status: 1, after_sales_type: 1 }
  const { doc } = await read(call, 'pdd.refund.list.increment.get', { ...window, order_sn: orderSn, page: 1, page_size: 100 })
  // Agreeing gives money back: what is of another order never counts, whatever the list was asked for.
  const own = listField(doc, 'refund_list').filter((each) => textField(each, 'order_sn') === orderSn)
  return own.flatMap((each) => {
    const [id, status] = [textField(each, 'id'), textField(each, 'after_sales_status')]
    return id === undefined || status === undefined || !/^\d+$/.test(id) ? [] : [{ id, status }]
  })
}

async function agree(call: PddCall, given: { readonly id: string; readonly orderId: string; readonly reason: string }): Promise<boolean> {
  const { id, orderId, reason } = given
  // The id is a number beyond what a JavaScript number holds for certain.
  const request = `{"after_sales_id":${id},"order_sn":${JSON.stringify(orderId)},"operate_desc":${JSON.stringify(reason.slice(0, 100))}}`
  const { doc } = await write(call, 'pdd.refund.agree', { request })
  return textField(field(doc, 'result'), 'succ') === 'true'
}
