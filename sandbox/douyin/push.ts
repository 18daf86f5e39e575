import type { MarketEvent, Topic } from '../stage/market/model.ts'
import type { PushRequest } from '../stage/market/webhooks.ts'
import { messageSignature } from './signature.ts'
import { afterSaleStatus, afterSaleType, statusesOf, type DouyinShop } from './words.ts'
import { int, render, seconds } from './wire.ts'

const TAGS: Readonly<Record<Topic, string>> = {
  placed: '100',
  paid: '101',
  edited: '113',
  status: '110',
  'part-shipped': '108',
  shipped: '102',
  finished: '103',
  cancelled: '106',
  'refund-requested': '200',
  'refund-approved': '201',
  'refund-done': '206',
  'refund-rejected': '204',
  'refund-closed': '207',
}

interface Message {
  readonly tag: string
  readonly msg_id: string
  /** JSON inside a text. */
  readonly data: string
}

/** Several messages in one body, signed over exactly these bytes. */
export function pushed(shop: DouyinShop, messages: readonly Message[]): PushRequest {
  const { appKey, appSecret } = shop.settings
  const body = JSON.stringify(messages)
  return {
    topic: messages[0]?.tag ?? '0',
    headers: { 'content-type': 'application/json', 'app-id': appKey, 'event-sign': messageSignature(appKey, body, appSecret), 'event-sign-v2': '' },
    body,
  }
}

export function messageOf(shop: DouyinShop, event: MarketEvent): Message {
  const { order, refund, shipment } = event
  const common = { p_id: int(order.id), shop_id: int(shop.settings.shopId) }
  const data = refund
    ? {
        ...common,
        aftersale_id: int(refund.id),
        s_id: int(refund.lines[0]?.line.id ?? '0'),
        aftersale_status: afterSaleStatus(refund).status,
        aftersale_type: afterSaleType(refund),
        refund_amount: refund.minor - refund.feesMinor,
        refund_post_amount: refund.feesMinor,
        apply_time: seconds(refund.createdAt),
      }
    : {
        ...common,
        s_ids: order.lines.map(({ id }) => int(id)),
        biz: 2,
        order_type: 0,
        order_status: Number(statusesOf(order)[0]),
        create_time: seconds(order.createdAt),
        update_time: seconds(event.at),
        ...(shipment
          ? { logistics_msg: { express_company_id: shipment.carrier.code, logistics_code: shipment.tracking, pack_id: shipment.id } }
          : {}),
      }
  return { tag: TAGS[event.topic], msg_id: `${shop.nextId('message')}:${order.id}:${event.at}`, data: render(data) }
}

/** The trial of an address: a message about nothing. */
export const trial = (shop: DouyinShop): PushRequest => pushed(shop, [{ tag: '0', msg_id: '0', data: new Date(shop.clock.now()).toISOString() }])
