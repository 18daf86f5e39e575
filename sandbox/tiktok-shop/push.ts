import type { MarketEvent } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import type { PushRequest, Subscription } from '../stage/market/webhooks.ts'
import { CANCEL_STATUS, isCancellation, RETURN_STATUS, type TikTokShop } from './words.ts'
import { deliverySignature, seconds } from './wire.ts'

interface Notice {
  readonly type: number
  readonly topic: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Thin: which order, and what of it. */
function noticeOf(shop: TikTokShop, { topic, order, refund, shipment, at }: MarketEvent): Notice {
  const about = { order_id: order.id, update_time: seconds(at) }
  if (refund) {
    const made = { ...about, create_time: seconds(refund.createdAt) }
    return isCancellation(refund)
      ? {
          type: 11,
          topic: 'CANCELLATION_STATUS_CHANGE',
          data: { ...made, cancellations_role: 'BUYER', cancel_status: CANCEL_STATUS[refund.state], cancel_id: refund.id },
        }
      : {
          type: 12,
          topic: 'RETURN_STATUS_CHANGE',
          data: { ...made, return_role: 'BUYER', return_type: 'REFUND', return_status: RETURN_STATUS[refund.state], return_id: refund.id },
        }
  }
  if (topic === 'edited' && shipment)
    return {
      type: 4,
      topic: 'PACKAGE_UPDATE',
      data: {
        sc_type: 'SPLIT',
        role_type: 'ROLE_SELLER',
        package_list: [{ package_id: shipment.id, order_id_list: [order.id] }],
        update_time: seconds(at),
      },
    }
  if (topic === 'edited') return { type: 3, topic: 'RECIPIENT_ADDRESS_UPDATE', data: about }
  return { type: 1, topic: 'ORDER_STATUS_CHANGE', data: { ...about, order_status: statusOf(shop.rules, order), is_on_hold_order: false } }
}

export function pushesOf(shop: TikTokShop, event: MarketEvent, to: Subscription): readonly PushRequest[] {
  const { type, topic, data } = noticeOf(shop, event)
  if (!to.topics.includes(topic)) return []
  const { appKey, appSecret, shopId } = shop.settings
  const body = JSON.stringify({
    type,
    tts_notification_id: `73${shop.nextId('message').padStart(17, '0')}`,
    shop_id: shopId,
    timestamp: seconds(event.at),
    data,
  })
  return [{ topic, headers: { 'content-type': 'application/json', authorization: deliverySignature(appKey, body, appSecret) }, body }]
}
