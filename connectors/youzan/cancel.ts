import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { absentAs, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { YouzanCall } from './manifest.ts'

/**
 * A buyer who wants to cancel asks for the money: agreeing gives it back, and an order none of whose lines is left is closed.
 * Where no request is named the only open one of the order is meant.
 */
export async function decideCancel(call: YouzanCall, decision: CancelDecision): Promise<Outcome> {
  const { key } = decision
  try {
    const id = decision.requestId ?? (await openRequest(call, decision.orderId))
    if (id === undefined) return refused(key, 'no-request', 'No single request of this order waits for an answer at Youzan.')
    const refund = (await absentAs(read(call, 'youzan.trade.refund.get/3.0.1', { refund_id: id })))?.doc
    if (textField(refund, 'tid') !== decision.orderId) return refused(key, 'request-unknown', 'Youzan knows no such request of this order.')
    const status = textField(refund, 'status') ?? ''
    if (status === (decision.decision === 'accept' ? 'SUCCESS' : 'SELLER_REFUSE_BUYER')) return { key, status: 'unchanged', proof: { refund: id } }
    if (status !== 'WAIT_SELLER_AGREE') return refused(key, 'decided-otherwise', `The request is decided already (${status}).`)
    if (field(refund, 'return_goods') === true)
      return refused(key, 'goods-come-back', 'Goods come back with this request: answer it in the seller’s backend, which asks for an address.')
    // Whoever changed the request meanwhile made another version of it, and the channel refuses ours.
    const version = Number(textField(refund, 'version') ?? Number.NaN)
    const { doc } =
      decision.decision === 'accept'
        ? await write(call, 'youzan.trade.refund.agree/3.0.1', { refund_id: id, version })
        : await write(call, 'youzan.trade.refund.refuse/3.0.0', { refund_id: id, version, remark: decision.reason.slice(0, 200) })
    if (textField(doc, 'is_success') !== 'true') return refused(key, 'not-success', 'Youzan answered that the decision was not taken.')
    return { key, status: 'applied', proof: { refund: id } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function openRequest(call: YouzanCall, tid: string): Promise<string | undefined> {
  const answer = await absentAs(read(call, 'youzan.trade.get/4.0.2', { tid }))
  const open = listField(answer?.doc, 'refund_order').filter((each) => textField(each, 'refund_state') === '1')
  return open.length === 1 ? textField(open[0], 'refund_id') : undefined
}
