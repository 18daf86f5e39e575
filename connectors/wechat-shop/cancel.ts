import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { absentAs, inGroups, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { WechatCall } from './manifest.ts'
import { isOrderId } from './orders.ts'

const WAITS = 'MERCHANT_PROCESSING'
const AGREED: ReadonlySet<string> = new Set(['MERCHANT_REFUND_SUCCESS', 'PLATFORM_REFUNDING'])
const AT_ONCE = 4

interface Request {
  readonly id: string
  readonly status: string
  readonly goodsBack: boolean
}

/**
 * A buyer who wants to cancel asks for the money of each product by itself, and the order does not say which of its requests still waits: all
 * that do are answered alike. With the last product given back the order is closed.
 */
export async function decideCancel(call: WechatCall, { key, orderId, decision, reason }: CancelDecision): Promise<Outcome> {
  if (!isOrderId(orderId)) return refused(key, 'order-id', 'This is not an order number of WeChat.')
  try {
    const requests = await requestsOf(call, orderId)
    const open = requests.filter(({ status }) => status === WAITS)
    if (open.length === 0) {
      const wanted = requests.filter(({ status }) => (decision === 'accept' ? AGREED.has(status) : status === 'MERCHANT_REJECT_REFUND'))
      const last = wanted.at(-1)
      return last
        ? { key, status: 'unchanged', proof: { refund: last.id } }
        : refused(key, 'no-request', 'No request of this order waits for an answer at WeChat.')
    }
    if (open.some(({ goodsBack }) => goodsBack))
      return refused(key, 'goods-come-back', 'Goods come back with this request: answer it in the seller’s backend, which asks for an address.')
    for (const { id } of open) {
      if (decision === 'accept') await write(call, 'aftersale/acceptapply', { after_sale_order_id: id })
      else await write(call, 'aftersale/rejectapply', { after_sale_order_id: id, reject_reason: reason.slice(0, 200) })
    }
    return { key, status: 'applied', proof: { refund: open.map(({ id }) => id).join(' ') } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function requestsOf(call: WechatCall, orderId: string): Promise<readonly Request[]> {
  const answer = await absentAs(read(call, 'order/get', { order_id: orderId }))
  const listed = listField(field(field(answer?.doc, 'order'), 'aftersale_detail'), 'aftersale_order_list')
  const ids = listed.flatMap((each) => textField(each, 'aftersale_order_id') ?? [])
  return inGroups([...new Set(ids)], AT_ONCE, async (id) => {
    const doc = field((await absentAs(read(call, 'aftersale/getaftersaleorder', { after_sale_order_id: id })))?.doc, 'after_sale_order')
    return doc === undefined ? undefined : { id, status: textField(doc, 'status') ?? '', goodsBack: textField(doc, 'type') === 'RETURN' }
  })
}
