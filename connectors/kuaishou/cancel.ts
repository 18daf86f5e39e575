import type { CancelDecision, Outcome } from '../../src/core/connector.ts'
import { absentAs, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { KuaishouCall } from './manifest.ts'
import { isOrderId, refundsOf } from './orders.ts'

const ASKED = '10'
/** Agreed to: on its way, or done. */
const AGREED: ReadonlySet<string> = new Set(['50', '60'])
const MONEY_ONLY = '10'
/** Of the order. */
const PAID = '30'

/** Agrees to give the money of an order back that has not left. The amount is the request's own; the channel checks it once more. */
export async function decideCancel(call: KuaishouCall, { key, orderId, requestId, decision }: CancelDecision): Promise<Outcome> {
  if (decision !== 'accept') return refused(key, 'decision-unknown', 'Kuaishou takes a refusal with its own reasons, in the seller’s backend only.')
  if (!isOrderId(orderId)) return refused(key, 'order-id', 'This is not an order number of Kuaishou.')
  try {
    const id = requestId ?? (await openRequest(call, orderId))
    if (id === undefined || !/^\d{1,19}$/.test(id))
      return refused(key, 'no-request', 'No single request of this order waits for an answer at Kuaishou.')
    const refund = (await absentAs(read(call, 'open.seller.order.refund.detail', { refundId: BigInt(id) })))?.data
    // Agreeing gives money back: never for another order or another request than the one that was meant.
    if (textField(refund, 'oid') !== orderId || textField(refund, 'refundId') !== id)
      return refused(key, 'request-unknown', 'Kuaishou knows no such request of this order.')
    const [status, amount, way] = [textField(refund, 'status') ?? '', textField(refund, 'refundFee') ?? '', textField(refund, 'handlingWay')]
    if (AGREED.has(status)) return { key, status: 'unchanged', proof: { refund: id } }
    if (status !== ASKED) return refused(key, 'decided-otherwise', `The request does not wait for the seller (${status}).`)
    if (way !== MONEY_ONLY) return refused(key, 'goods-come-back', 'Goods come back with this request: answer it in the seller’s backend.')
    if (!(await isWithUs(call, orderId)))
      return refused(key, 'already-sent', 'Something of this order has left meanwhile: answer the request in the seller’s backend.')
    if (!/^[1-9]\d{0,12}$/.test(amount)) return refused(key, 'amount-unclear', 'The request names no amount.')
    await write(call, 'open.seller.order.refund.approve', {
      refundId: BigInt(id),
      refundAmount: Number(amount),
      status: Number(status),
      negotiateStatus: Number(textField(refund, 'negotiateStatus') ?? 1),
      refundHandingWay: Number(way),
    })
    return { key, status: 'applied', proof: { refund: id, amount } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

/** Paid, and nothing has left: a request that waits goes on waiting while the goods are sent. */
async function isWithUs(call: KuaishouCall, orderId: string): Promise<boolean> {
  const data = (await absentAs(read(call, 'open.order.detail', { oid: BigInt(orderId) })))?.data
  const base = field(data, 'orderBaseInfo')
  const sent = textField(field(data, 'orderDeliveryInfo'), 'deliveryNum') ?? '0'
  return textField(base, 'oid') === orderId && textField(base, 'status') === PAID && sent === '0'
}

/** The one that waits, or the last one that was agreed to; undefined while several wait. */
async function openRequest(call: KuaishouCall, orderId: string): Promise<string | undefined> {
  const all = await refundsOf(call, orderId)
  const inState = (states: ReadonlySet<string>): typeof all => all.filter(({ doc }) => states.has(textField(doc, 'status') ?? ''))
  const open = inState(new Set([ASKED]))
  return open.length > 1 ? undefined : (open[0] ?? inState(AGREED).at(-1))?.externalId
}
