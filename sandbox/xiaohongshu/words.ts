import type { Market } from '../stage/market/index.ts'
import type { MarketOrder, MarketRefund, OrderState } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'

/** What Xiaohongshu calls what happens in any shop. */

export interface XiaohongshuSettings {
  readonly name: string
  readonly appId: string
  readonly appSecret: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly sellerId: string
  /** How many orders the shop may have opened a day; as many as it likes without it. */
  readonly decryptsPerDay?: number
}

export interface XiaohongshuShop extends Market {
  readonly settings: XiaohongshuSettings
}

const STATUS: Readonly<Record<OrderState, string>> = {
  unpaid: '1',
  'to-ship': '4',
  'part-shipped': '5',
  shipped: '6',
  finished: '7',
  cancelled: '9',
  closed: '8',
}

export function refundStatus({ state, goodsBack }: MarketRefund): number {
  if (state === 'requested') return 1
  if (state === 'approved') return goodsBack ? 2 : 4
  return { done: 4, rejected: 9, closed: 5 }[state]
}

/** Before anything left a wish for the money cancels the order. */
export const returnType = ({ goodsBack, order }: MarketRefund): number => (goodsBack ? 1 : order.shippedAt === undefined ? 5 : 4)

/** 1 none, 2 under way, 3 done, 4 refused, 5 closed. */
export function afterSaleStatus(order: MarketOrder): number {
  const last = order.refunds.at(-1)
  return last ? { requested: 2, approved: 2, done: 3, rejected: 4, closed: 5 }[last.state] : 1
}

export const COMPANIES = [
  { code: 'shunfeng', name: '顺丰速运' },
  { code: 'yuantong', name: '圆通速递' },
  { code: 'zhongtong', name: '中通快递' },
  { code: 'shentong', name: '申通快递' },
  { code: 'yunda', name: '韵达快递' },
  { code: 'ems', name: 'EMS' },
  { code: 'jd', name: '京东物流' },
] as const

const hexId =
  (start: number) =>
  (n: number): string =>
    `66ee0000${(start + n).toString(16).padStart(16, '0')}`

export const xiaohongshuRules = ({ accessToken, refreshToken }: XiaohongshuSettings): MarketRules => ({
  currency: 'CNY',
  statusOf: (order) => STATUS[order.state],
  strangeStatus: '66',
  ids: {
    order: (n) => `P7682911120624${String(10_001 + n)}`,
    refund: (n) => `R74881831400${String(10_001 + n)}`,
    item: hexId(1_000_000),
    sku: hexId(2_000_000),
    shipment: 1n,
  },
  lineIdOf: ({ item, sku }) => sku?.id ?? item.id,
  everyItemHasSku: true,
  // The level that others set and see holds the pieces of unpaid orders.
  stockLeavesAt: 'paying',
  parts: 'line',
  carriers: COMPANIES,
  resolutionMs: 1,
  chances: { channelDiscount: 0.2 },
  access: { token: accessToken, refresh: refreshToken, lifeMs: 604_800_000, make: (random, kind) => `${kind}-${random.hex(32)}` },
})
