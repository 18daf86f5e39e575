import type { Market } from '../stage/market/index.ts'
import type { MarketLine, MarketOrder, MarketRefund, RefundState } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { lineNet, total } from '../stage/market/sums.ts'

/** What Douyin calls what happens in any shop. */

export interface DouyinSettings {
  readonly name: string
  readonly appKey: string
  readonly appSecret: string
  readonly shopId: string
  /** How many texts the shop may have decrypted a day; as many as it likes without it. */
  readonly decryptsPerDay?: number
}

export interface DouyinShop extends Market {
  readonly settings: DouyinSettings
  /** What the first request under each key against repetition was answered. */
  readonly answered: Map<string, unknown>
}

/** The companies of `order.logisticsCompanyList`, some of several hundred. */
export const COMPANIES = [
  { id: 12, code: 'shunfeng', name: '顺丰速运', number: /^(?:SF)?\d{12,15}$/ },
  { id: 15, code: 'zhongtong', name: '中通快递', number: /^\d{12,15}$/ },
  { id: 7, code: 'yuantong', name: '圆通速递', number: /^(?:YT)?\d{10,18}$/ },
  { id: 8, code: 'shentong', name: '申通快递', number: /^\d{12,15}$/ },
  { id: 9, code: 'yunda', name: '韵达快递', number: /^\d{13,15}$/ },
  { id: 17, code: 'ems', name: 'EMS', number: /^[A-Z]{2}\d{9}CN$|^\d{13}$/ },
  { id: 16, code: 'jd', name: '京东物流', number: /^JD[A-Z0-9]{10,20}$/ },
  { id: 1104, code: 'jtexpress', name: '极兔速递', number: /^JT\d{13}$/ },
] as const

/** `order_status` and, where it says more, `main_status`. */
export function statusesOf(order: MarketOrder): readonly [string, string] {
  switch (order.state) {
    case 'unpaid':
      return order.presale ? ['1', '103'] : ['1', '1']
    case 'to-ship':
      // Paid, but a group or risk control still have to let it go.
      return order.kind === 'held' ? ['105', '105'] : ['2', '2']
    case 'part-shipped':
      return ['101', '101']
    case 'shipped':
      return ['3', '3']
    case 'finished':
      return order.closedAt === undefined ? ['5', '5'] : ['5', '39']
    case 'cancelled':
      return ['4', '4']
    case 'closed':
      return order.shippedAt === undefined ? ['4', '21'] : ['4', '22']
  }
}

export function lineStatusesOf(order: MarketOrder, line: MarketLine): readonly [string, string] {
  if (line.closed) return line.shipped === 0 ? ['4', '21'] : order.state === 'finished' ? ['5', '39'] : ['3', '22']
  if (order.state !== 'to-ship' && order.state !== 'part-shipped') return statusesOf(order)
  if (line.shipped === 0) return order.kind === 'held' ? ['105', '105'] : ['2', '2']
  return line.shipped < line.quantity ? ['101', '101'] : ['3', '3']
}

/** 0 returned, 1 sent and money only, 2 not sent yet. */
export const afterSaleType = (refund: MarketRefund): number => (refund.goodsBack ? 0 : refund.lines.some(({ line }) => line.shipped > 0) ? 1 : 2)

const STATUS: Readonly<Record<RefundState, number>> = { requested: 6, approved: 7, done: 12, rejected: 27, closed: 28 }
const MONEY: Readonly<Record<RefundState, number>> = { requested: 1, approved: 1, done: 3, rejected: 1, closed: 1 }

/** What is agreed to and waits for no goods has come to its end but for the money (12 with 2). */
export const afterSaleStatus = (refund: MarketRefund): { readonly status: number; readonly money: number } =>
  refund.state === 'approved' && !refund.goodsBack ? { status: 12, money: 2 } : { status: STATUS[refund.state], money: MONEY[refund.state] }

/** Ids of orders have 19 digits, beyond what a JavaScript number holds. */
export const douyinRules: MarketRules = {
  currency: 'CNY',
  statusOf: (order) => statusesOf(order)[1],
  ids: {
    order: 4800000000000000001n,
    refund: 7100000000000000001n,
    item: 3500000000000000001n,
    sku: 1700000000000001n,
    message: 1700000000000000001n,
    shipment: 7200000000000000001n,
  },
  everyItemHasSku: true,
  refundsPer: 'line',
  carriers: COMPANIES,
  chances: { channelDiscount: 0.2 },
  access: { lifeMs: 7 * 86_400_000 },
  // The document of an order knows that all was given back, not how much of it in parts: that the after-sales say.
  truth: (truth, order) => ({ ...truth, refundedMinor: refundedAsShown(order) }),
}

function refundedAsShown(order: MarketOrder): number {
  const main = statusesOf(order)[1]
  const goods = total(order.lines.map(lineNet))
  if (main === '21') return goods + order.shippingMinor + order.otherFeeMinor
  return main === '22' || main === '39' ? goods : 0
}
