import type { Market } from '../stage/market/index.ts'
import type { MarketEvent, MarketLine, MarketOrder, OrderState, RefundState, Topic } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { statusOf } from '../stage/market/shop.ts'
import { lineState } from '../stage/market/sums.ts'
import { COMPANIES } from './companies.ts'
import { stamp } from './wire.ts'

/** What Taobao calls what happens in any shop. */

export interface TaobaoSettings {
  readonly name: string
  readonly appKey: string
  readonly appSecret: string
  readonly sessionKey: string
  readonly refreshToken: string
  readonly nick: string
  /** B = Tmall, C = Taobao. */
  readonly sellerType: 'B' | 'C'
}

export interface TaobaoShop extends Market {
  readonly settings: TaobaoSettings
}

const STATUS: Readonly<Record<OrderState, string>> = {
  unpaid: 'WAIT_BUYER_PAY',
  'to-ship': 'WAIT_SELLER_SEND_GOODS',
  'part-shipped': 'SELLER_CONSIGNED_PART',
  shipped: 'WAIT_BUYER_CONFIRM_GOODS',
  finished: 'TRADE_FINISHED',
  cancelled: 'TRADE_CLOSED_BY_TAOBAO',
  closed: 'TRADE_CLOSED',
}

export const REFUND_STATUS: Readonly<Record<RefundState, string>> = {
  requested: 'WAIT_SELLER_AGREE',
  approved: 'WAIT_BUYER_RETURN_GOODS',
  done: 'SUCCESS',
  rejected: 'SELLER_REFUSE_BUYER',
  closed: 'CLOSED',
}

export const tradeStatus = (shop: TaobaoShop, trade: MarketOrder): string => statusOf(shop.rules, trade)
export const lineStatus = (trade: MarketOrder, line: MarketLine): string => trade.strange ?? STATUS[lineState(trade, line)]

export function tradeType(trade: MarketOrder): string {
  if (trade.isCod) return 'cod'
  return trade.presale ? 'step' : trade.kind || 'fixed'
}

/** Trades have 19 digits, beyond what a JavaScript number holds; the only line of a trade has the number of the trade. */
export const taobaoRules = ({ sessionKey, refreshToken }: TaobaoSettings): MarketRules => ({
  currency: 'CNY',
  statusOf: (trade) => STATUS[trade.state],
  ids: {
    order: 4012345678901234567n,
    refund: 150000000000000001n,
    item: 680000000001n,
    sku: 4900000000001n,
    message: 3000000000000000001n,
    shipment: (n) => `LP${100200300400001n + BigInt(n)}`,
    promotion: (n) => `shopbonus-${n}_211143`,
  },
  soleLineId: 'order',
  parts: 'line',
  refundsPer: 'line',
  carriers: COMPANIES,
  access: { token: sessionKey, refresh: refreshToken, make: (random, kind) => `${kind === 'token' ? '6200' : '6201'}${random.hex(40)}` },
})

const TOPICS: Readonly<Record<Topic, string>> = {
  placed: 'trade_TradeCreate',
  paid: 'trade_TradeBuyerPay',
  edited: 'trade_TradeMemoModified',
  status: 'trade_TradeChanged',
  'part-shipped': 'trade_TradeSellerShip',
  shipped: 'trade_TradeSellerShip',
  finished: 'trade_TradeSuccess',
  cancelled: 'trade_TradeClose',
  'refund-requested': 'refund_RefundCreated',
  'refund-approved': 'refund_RefundSellerAgreeAgreement',
  'refund-done': 'refund_RefundSuccess',
  'refund-rejected': 'refund_RefundSellerRefuseAgreement',
  'refund-closed': 'refund_RefundClosed',
}

/** A refund is told as itself and as a change of its trade. */
export function messagesOf(shop: TaobaoShop, { topic, order, refund }: MarketEvent): readonly { readonly topic: string; readonly content: string }[] {
  const of = (name: string, content: string) => ({ topic: `taobao_${name}`, content })
  const status = tradeStatus(shop, order)
  const trade = `{"tid":${order.id},"seller_nick":"${shop.settings.nick}","status":"${status}","modified":"${stamp(order.modifiedAt)}"}`
  if (!refund) return [of(TOPICS[topic], trade)]
  const oid = refund.lines[0]?.line.id ?? order.id
  return [of(TOPICS[topic], `{"refund_id":"${refund.id}","tid":${order.id},"oid":${oid}}`), of('trade_TradeChanged', trade)]
}
