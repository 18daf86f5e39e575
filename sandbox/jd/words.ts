import type { Market } from '../stage/market/index.ts'
import type { Carrier, MarketOrder, MarketRefund, OrderState, RefundState } from '../stage/market/model.ts'
import { openRefunds } from '../stage/market/refunds.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { truthOf } from './truth.ts'

/** What JD calls what happens in any shop. */

export interface JdSettings {
  readonly name: string
  readonly appKey: string
  readonly appSecret: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly venderId: string
}

export interface JdShop extends Market {
  readonly settings: JdSettings
}

const STATE: Readonly<Record<OrderState, string>> = {
  unpaid: 'NOT_PAY',
  'to-ship': 'WAIT_SELLER_STOCK_OUT',
  'part-shipped': 'WAIT_SELLER_STOCK_OUT',
  shipped: 'WAIT_GOODS_RECEIVE_CONFIRM',
  finished: 'FINISHED_L',
  cancelled: 'TRADE_CANCELED',
  closed: 'TRADE_CANCELED',
}

export const REMARKS: Readonly<Record<string, string>> = {
  WAIT_SELLER_STOCK_OUT: '等待出库',
  LOCKED: '已锁定',
  WAIT_GOODS_RECEIVE_CONFIRM: '等待确认收货',
  FINISHED_L: '完成',
  TRADE_CANCELED: '取消',
}

/** An order the buyer wants to cancel is locked until the seller has decided. */
const stateOf = (order: MarketOrder): string => (order.state === 'to-ship' && openRefunds(order).length > 0 ? 'LOCKED' : STATE[order.state])

/** The lists know an order from the moment it may be sent: never one that was not paid, unless cash is taken at the door. */
export const isKnown = (order: Pick<MarketOrder, 'paidAt' | 'isCod'>): boolean => order.paidAt !== undefined || order.isCod

export const APPLICATION: Readonly<Record<RefundState, number>> = { requested: 0, approved: 1, done: 3, rejected: 2, closed: 11 }

/** Money wanted back once the goods were on their way is a case of the after-sales service; before, an application. */
export const isCase = (refund: MarketRefund): boolean => refund.order.shippedAt !== undefined && refund.createdAt >= refund.order.shippedAt

/** Some buyers pay a part from the balance they keep with the channel. */
export const balanceOf = (order: MarketOrder, payable: number): number => (!order.isCod && order.seq % 7 === 3 ? Math.floor(payable / 10) : 0)

const CARRIERS: readonly Carrier[] = [
  { code: '467', name: '顺丰快递' },
  { code: '463', name: '圆通快递' },
  { code: '1499', name: '中通速递' },
  { code: '1327', name: '韵达快递' },
  { code: '470', name: '申通快递' },
  { code: '465', name: '邮政EMS' },
  { code: '3046', name: '德邦快递' },
  { code: '2087', name: '京东快递' },
  { code: '1747', name: '优速快递' },
  { code: '1274', name: '厂家自送' },
]

export const jdRules = ({ accessToken, refreshToken }: JdSettings): MarketRules => ({
  currency: 'CNY',
  statusOf: stateOf,
  ids: { order: 290000000001n, line: 1n, refund: 23798816970n, item: 10020665903516n, sku: 10054887745652n },
  everyItemHasSku: true,
  stockLeavesAt: 'paying',
  parts: 'order',
  carriers: CARRIERS,
  chances: { channelDiscount: 0.2, cod: 0.05 },
  access: { token: accessToken, refresh: refreshToken, lifeMs: 365 * 86_400_000, make: (random) => `${random.hex(16)}${random.hex(12)}jdsandbox` },
  truth: truthOf,
})
