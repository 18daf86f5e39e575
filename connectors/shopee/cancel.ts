import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import { write } from './client.ts'
import type { ShopeeCall } from './manifest.ts'
import { readDetail } from './orders.ts'
import { isOrderSn } from './webhooks.ts'

/** An order has one request at most, which is asked for and answered by the order's number. */
export async function decideCancel(call: ShopeeCall, { key, orderId, decision }: CancelDecision): Promise<Outcome> {
  if (!isOrderSn(orderId)) return refused(key, 'order-id', 'This is not an order number of Shopee.')
  try {
    const order = await readDetail(call, orderId)
    if (!order) return refused(key, 'order-unknown', 'The shop has no such order.')
    const status = textField(order.doc, 'order_status') ?? ''
    if (status !== 'IN_CANCEL') {
      // Cancelled already; or, where the request was to be turned down, an order that goes on.
      if ((status === 'CANCELLED') === (decision === 'accept')) return { key, status: 'unchanged', proof: { order: status } }
      return refused(key, decision === 'accept' ? 'no-request' : 'decided-otherwise', `Nothing waits for an answer: the order is ${status}.`)
    }
    await write(call, 'order/handle_buyer_cancellation', { order_sn: orderId, operation: decision === 'accept' ? 'ACCEPT' : 'REJECT' })
    return { key, status: 'applied', proof: { order: orderId } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}
