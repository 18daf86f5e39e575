import type { MarketEvent } from '../stage/market/model.ts'
import type { PushRequest } from '../stage/market/webhooks.ts'
import { orderView, refundView } from './views.ts'
import { signatureOf } from './wire.ts'
import { statusOf } from '../stage/market/shop.ts'
import type { MeituanShop } from './words.ts'

const plain = (value: unknown): string => {
  if (typeof value === 'string') return value.replace(/^\u0001/, '')
  return value === null || value === undefined ? '' : JSON.stringify(value)
}

/** Form POSTs whose values are encoded once more than the form asks for; the signature covers them without any encoding. */
export function pushesOf(shop: MeituanShop, event: MarketEvent, url: string): readonly PushRequest[] {
  const { order, refund, topic } = event
  const doc =
    topic === 'paid'
      ? orderView(shop, order)
      : refund !== undefined
        ? { ...refundView(refund), notify_type: topic === 'refund-requested' ? 'apply' : 'agree' }
        : topic === 'cancelled'
          ? { order_id: order.id, reason_code: 1301, reason: '其他原因', deal_op_type: '2' }
          : topic === 'shipped' || topic === 'finished' || topic === 'status'
            ? { order_id: order.id, wm_order_id_view: order.id, status: statusOf(shop.rules, order) }
            : undefined
  if (doc === undefined) return []
  const business = Object.entries(doc).map(([name, value]) => [name, plain(value)] as const)
  const system = [
    ['app_id', shop.settings.appId],
    ['timestamp', String(Math.floor(shop.clock.now() / 1000))],
  ] as const
  const sig = signatureOf(url, new Map([...business, ...system]), shop.settings.appSecret)
  const query = new URLSearchParams({ ...Object.fromEntries(system), sig })
  return [
    {
      topic,
      url: `${url}?${query.toString()}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
      body: new URLSearchParams(Object.fromEntries(business.map(([name, value]) => [name, encodeURIComponent(value)]))).toString(),
    },
  ]
}
