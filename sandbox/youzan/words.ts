import type { Market } from '../stage/market/index.ts'
import type { MarketLine, MarketOrder, OrderState, RefundState, Topic } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { lineNet, ownNet, total } from '../stage/market/sums.ts'
import type { OrderTruth } from '../stage/ledger.ts'
import { stamp } from './wire.ts'

/** What Youzan calls what happens in any shop. */

export interface YouzanSettings {
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly kdtId: string
  /** Of an app sold in the market: the token that came with the grant. Without it the app is the shop's own. */
  readonly refreshToken?: string
  /** How many texts the shop may have decrypted a day; as many as it likes without it. */
  readonly decryptsPerDay?: number
}

export interface YouzanShop extends Market {
  readonly settings: YouzanSettings
}

/** Sending a part leaves the order where it was. */
const STATUS: Readonly<Record<OrderState, string>> = {
  unpaid: 'WAIT_BUYER_PAY',
  'to-ship': 'WAIT_SELLER_SEND_GOODS',
  'part-shipped': 'WAIT_SELLER_SEND_GOODS',
  shipped: 'WAIT_BUYER_CONFIRM_GOODS',
  finished: 'TRADE_SUCCESS',
  cancelled: 'TRADE_CLOSED',
  closed: 'TRADE_CLOSED',
}

export const STATUS_WORDS: Readonly<Record<string, string>> = {
  WAIT_BUYER_PAY: '待付款',
  WAIT_SELLER_SEND_GOODS: '待发货',
  WAIT_BUYER_CONFIRM_GOODS: '已发货',
  TRADE_SUCCESS: '已完成',
  TRADE_CLOSED: '已关闭',
}

export const REFUND_STATUS: Readonly<Record<RefundState, string>> = {
  requested: 'WAIT_SELLER_AGREE',
  approved: 'WAIT_BUYER_RETURN_GOODS',
  done: 'SUCCESS',
  rejected: 'SELLER_REFUSE_BUYER',
  closed: 'CLOSED',
}

/** The same as an order shows it: numbers of a list of its own. */
export const REFUND_NUMBERS: Readonly<Record<RefundState, number>> = { requested: 1, approved: 20, done: 60, rejected: 10, closed: 50 }

export const COMPANIES = [
  { code: '7', name: '顺丰速运' },
  { code: '1', name: '申通快递' },
  { code: '2', name: '圆通速递' },
  { code: '3', name: '中通快递' },
  { code: '4', name: '韵达快递' },
  { code: '11', name: 'EMS' },
  { code: '138', name: '京东快递' },
] as const

const digits = (ms: number): string => stamp(ms).replace(/\D/g, '')

export const youzanRules = ({ refreshToken }: YouzanSettings): MarketRules => ({
  currency: 'CNY',
  statusOf: (order) => STATUS[order.state],
  ids: {
    order: (n, at) => `E${digits(at)}${String(n).padStart(9, '0')}`,
    // Lines have 19 digits, beyond what a JavaScript number holds.
    line: 3_170_827_559_510_000_001n,
    refund: (n, at) => `${digits(at)}${String(n + 1).padStart(10, '0')}`,
    item: 4_520_025_901n,
    sku: 14_955_310_725n,
    shipment: 102_030_405n,
    promotion: 40_001n,
  },
  parts: 'line',
  carriers: COMPANIES,
  chances: { cod: 0.03, partRefund: 0.05 },
  access: { lifeMs: 7 * 86_400_000, make: (random) => random.hex(31), ...(refreshToken === undefined ? {} : { refresh: refreshToken }) },
  truth: asDocumented,
})

/** What was taken off the whole order, the seller's own change of a price among it; negative where that made it dearer. */
export const orderCut = (order: MarketOrder): number => total(order.lines.map((line) => afterOwn(line) - lineNet(line)))

/** `total_fee` of a line: the list price less the reductions of its item. */
export const afterOwn = (line: MarketLine): number => ownNet(line) - line.adjustMinor

/**
 * With postage in an order that was reduced as a whole, the documents do not say which line bore how much of which: the
 * amounts of the lines decide, the largest remainders first.
 */
function asDocumented(truth: OrderTruth, order: MarketOrder): OrderTruth {
  const cut = orderCut(order)
  if (order.shippingMinor === 0 || cut === 0) return truth
  const cuts = shares(cut, order.lines.map(afterOwn))
  return { ...truth, lines: truth.lines.map((line, i) => ({ ...line, totalMinor: afterOwn(order.lines[i] ?? never()) - (cuts[i] ?? 0) })) }
}

const never = (): never => {
  throw new Error('A truth has as many lines as its order.')
}

/** `amount` over `weights` by the largest remainder, ties to the earlier. */
export function shares(amount: number, weights: readonly number[]): readonly number[] {
  const whole = total(weights)
  if (whole === 0) return weights.map((_, i) => (i === 0 ? amount : 0))
  const sign = Math.sign(amount)
  const exact = weights.map((weight) => (Math.abs(amount) * weight) / whole)
  const floors = exact.map(Math.floor)
  const order = exact.map((each, i) => ({ i, rest: each - Math.floor(each) })).sort((a, b) => b.rest - a.rest || a.i - b.i)
  for (const { i } of order.slice(0, Math.abs(amount) - total(floors))) floors[i] = (floors[i] ?? 0) + 1
  return floors.map((each) => sign * each)
}

/** What is pushed when something happens. A payment is told twice: that it came, and that the goods may go. */
export const TOPICS: Readonly<Record<Topic, readonly string[]>> = {
  placed: ['trade_TradeCreate'],
  paid: ['trade_TradePaid', 'trade_TradeBuyerPay'],
  edited: ['trade_TradeMemoModified'],
  status: [],
  'part-shipped': ['trade_TradePartlySellerShip'],
  shipped: ['trade_TradeSellerShip'],
  finished: ['trade_TradeSuccess'],
  cancelled: ['trade_TradeClose'],
  'refund-requested': ['trade_refund_BuyerCreated'],
  'refund-approved': ['trade_refund_RefundSellerAgree'],
  'refund-done': ['youzan_trade_RefundSuccess'],
  'refund-rejected': [],
  'refund-closed': ['trade_refund_RefundClosed'],
}
