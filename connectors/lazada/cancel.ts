import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { absentAs, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { asList, listField, textField } from '../../src/kit/read.ts'
import { read, resultOf, write } from './client.ts'
import type { LazadaCall } from './manifest.ts'
import { isOrderId } from './orders.ts'

const ITEMS = '/order/items/get'
const DETAIL = '/order/reverse/return/detail/list'
/** Waits for the seller's word. */
const OPEN: ReadonlySet<string> = new Set(['REQUEST_INITIATE', 'CANCEL_INIT'])

/**
 * Answers a buyer who wants to cancel. Agreeing gives money back: the reverse order is read first, and must be a cancellation
 * of this very order that nobody has decided yet.
 */
export async function decideCancel(call: LazadaCall, { key, orderId, requestId, decision }: CancelDecision): Promise<Outcome> {
  try {
    const id = requestId ?? (isOrderId(orderId) ? await openRequest(call, orderId) : undefined)
    if (id === undefined || !isOrderId(id)) return refused(key, 'no-request', 'No single request of this order waits for an answer at Lazada.')
    const answer = await absentAs(read(call, DETAIL, { reverse_order_id: id }))
    const doc = answer && resultOf(answer, 'data', DETAIL)
    if (textField(doc, 'reverse_order_id') !== id || textField(doc, 'trade_order_id') !== orderId)
      return refused(key, 'request-unknown', 'Lazada knows no such request of this order.')
    if (textField(doc, 'request_type') !== 'CANCEL')
      return refused(key, 'no-cancellation', 'Goods or money are asked back after sending: answer it in Seller Center.')
    const states = listField(doc, 'reverseOrderLineDTOList').map((line) => textField(line, 'reverse_status') ?? '')
    if (!states.some((state) => OPEN.has(state))) {
      const wanted = decision === 'accept' ? /^CANCEL_(?:SUCCESS|REFUND_ISSUED)$/ : /^REQUEST_REJECT$/
      if (states.length > 0 && states.every((state) => wanted.test(state))) return { key, status: 'unchanged', proof: { request: id } }
      return refused(key, 'decided-otherwise', `The request is decided already (${[...new Set(states)].join(', ') || 'no lines'}).`)
    }
    // Documented as a GET; it decides all the same, and is made once.
    await write(call, {
      path: '/order/reverse/cancel/seller/decide',
      method: 'GET',
      parameters: { reverse_order_id: id, agree_cancel: String(decision === 'accept') },
    })
    return { key, status: 'applied', proof: { request: id } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function openRequest(call: LazadaCall, orderId: string): Promise<string | undefined> {
  const answer = await absentAs(read(call, ITEMS, { order_id: orderId }))
  const items = answer ? asList(resultOf(answer, 'data', ITEMS)) : []
  const asked = items.filter((item) => textField(item, 'need_cancel_confirm') === 'true').map((item) => textField(item, 'reverse_order_id'))
  return new Set(asked).size === 1 ? asked[0] : undefined
}
