import type { Market } from '../stage/market/index.ts'
import type { MarketEvent, MarketOrder, OrderState, RefundState, Topic } from '../stage/market/model.ts'
import { listingId } from '../stage/market/goods.ts'
import type { MarketRules } from '../stage/market/shop.ts'

/** What WeChat calls what happens in any shop. */

export interface WechatSettings {
  readonly name: string
  readonly appId: string
  readonly appSecret: string
  readonly pushToken: string
  readonly encodingAesKey: string
  /** How messages are pushed: encrypted JSON (safe mode) as usual, or in one of the other dresses. */
  readonly pushMode: 'safe-json' | 'safe-xml' | 'plain-json'
  /** Of how many orders a day the recipient is told whole. */
  readonly decodesPerDay: number
}

export interface WechatShop extends Market {
  readonly settings: WechatSettings
}

export const STATUS: Readonly<Record<OrderState, string>> = {
  unpaid: '10',
  'to-ship': '20',
  'part-shipped': '21',
  shipped: '30',
  finished: '100',
  cancelled: '250',
  closed: '200',
}

export const REFUND_STATUS: Readonly<Record<RefundState, string>> = {
  requested: 'MERCHANT_PROCESSING',
  approved: 'USER_WAIT_RETURN',
  done: 'MERCHANT_REFUND_SUCCESS',
  rejected: 'MERCHANT_REJECT_REFUND',
  closed: 'USER_CANCELD',
}

export const COMPANIES = [
  { code: 'SF', name: '顺丰速运' },
  { code: 'YTO', name: '圆通速递' },
  { code: 'ZTO', name: '中通快递' },
  { code: 'STO', name: '申通快递' },
  { code: 'YUNDA', name: '韵达快递' },
  { code: 'EMS', name: 'EMS' },
  { code: 'JD', name: '京东物流' },
  { code: 'JTSD', name: '极兔速递' },
  { code: 'OTHER', name: '其他' },
] as const

/** Lines have no number of their own: product and SKU name them. What was paid for never goes back on the shelf by itself. */
export const wechatRules: MarketRules = {
  currency: 'CNY',
  statusOf: (order) => STATUS[order.state],
  strangeStatus: '777',
  ids: { order: 3700000000000000001n, item: 10000000000001n, sku: 2000000001n, refund: 2000000000000001n },
  lineIdOf: listingId,
  everyItemHasSku: true,
  stockLeavesAt: 'placing',
  restocks: 'unpaid',
  parts: 'quantity',
  refundsPer: 'line',
  carriers: COMPANIES,
  chances: { channelDiscount: 0.15 },
  access: { lifeMs: 7_200_000, make: (random) => `97_${random.hex(60)}` },
}

const EVENTS: Readonly<Record<Topic, string>> = {
  placed: 'channels_ec_order_new',
  paid: 'channels_ec_order_pay',
  edited: 'channels_ec_order_ext_info_update',
  status: 'channels_ec_order_ext_info_update',
  'part-shipped': 'channels_ec_order_deliver',
  shipped: 'channels_ec_order_deliver',
  finished: 'channels_ec_order_confirm',
  cancelled: 'channels_ec_order_cancel',
  'refund-requested': 'channels_ec_aftersale_update',
  'refund-approved': 'channels_ec_aftersale_update',
  'refund-done': 'channels_ec_aftersale_update',
  'refund-rejected': 'channels_ec_aftersale_update',
  'refund-closed': 'channels_ec_aftersale_update',
}

export const openidOf = (person: number): string => `oSandbox${String(person).padStart(20, '0')}`

/** The event as an object; which of its members are there depends on what happened. */
export function messageOf({ topic, order, refund, at }: MarketEvent): Readonly<Record<string, unknown>> {
  const head = {
    ToUserName: 'gh_sandbox000001',
    FromUserName: openidOf(order.person),
    CreateTime: Math.floor(at / 1000),
    MsgType: 'event',
    Event: EVENTS[topic],
  }
  if (refund)
    return {
      ...head,
      finder_shop_aftersale_status_update: { after_sale_order_id: refund.id, status: REFUND_STATUS[refund.state], order_id: order.id },
    }
  return { ...head, order_info: { order_id: order.id, ...more(topic, order) } }
}

function more(topic: Topic, order: MarketOrder): Readonly<Record<string, unknown>> {
  if (topic === 'paid') return { pay_time: Math.floor((order.paidAt ?? 0) / 1000) }
  if (topic === 'shipped' || topic === 'part-shipped') return { finish_delivery: topic === 'shipped' ? 1 : 0 }
  if (topic === 'cancelled') return { cancel_type: 1 }
  return topic === 'finished' ? { confirm_type: 1 } : {}
}
