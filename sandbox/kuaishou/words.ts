import type { Market } from '../stage/market/index.ts'
import type { MarketRefund, OrderState, Topic } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'

/** What Kuaishou calls what happens in any shop. */

export interface KuaishouSettings {
  readonly name: string
  readonly appKey: string
  readonly appSecret: string
  readonly signSecret: string
  readonly messageKey: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly sellerId: number
  /** How many texts the shop may have decrypted a day; as many as it likes without it. */
  readonly decryptsPerDay?: number
}

export interface KuaishouShop extends Market {
  readonly settings: KuaishouSettings
}

/** The first piece that leaves moves an order on. */
const STATUS: Readonly<Record<OrderState, string>> = {
  unpaid: '10',
  'to-ship': '30',
  'part-shipped': '40',
  shipped: '40',
  finished: '70',
  cancelled: '80',
  closed: '80',
}

export function refundStatus({ state, goodsBack }: MarketRefund): number {
  if (state === 'requested') return goodsBack ? 11 : 10
  if (state === 'approved') return goodsBack ? 30 : 50
  return { done: 60, rejected: 12, closed: 70 }[state]
}

export const handlingWay = ({ goodsBack }: MarketRefund): number => (goodsBack ? 1 : 10)

const COMPANIES = [
  { code: '4', name: '顺丰速运' },
  { code: '6', name: '圆通速递' },
  { code: '9', name: '中通快递' },
  { code: '3', name: '申通快递' },
  { code: '11', name: '韵达快递' },
  { code: '2', name: 'EMS' },
  { code: '14', name: '京东' },
  { code: '25', name: '跨越速运' },
] as const

export const kuaishouRules = ({ accessToken, refreshToken }: KuaishouSettings): MarketRules => ({
  currency: 'CNY',
  statusOf: (order) => STATUS[order.state],
  strangeStatus: '66',
  ids: {
    // Sixteen digits, the last of them the seller's.
    order: (n) => String(2_532_600_240_000_301 + n * 1000),
    refund: 2_532_610_000_301n,
    item: 21_000_100_301n,
    sku: 21_000_200_301n,
    shipment: 880_001n,
    promotion: 40_001n,
  },
  soleLineId: 'order',
  oneItemPerOrder: true,
  everyItemHasSku: true,
  carriers: COMPANIES,
  resolutionMs: 1,
  access: { token: accessToken, refresh: refreshToken, lifeMs: 172_800_000, make: (random) => `ChFvYXV0aC5hY2Nlc3NUb2tlbh${random.hex(60)}` },
})

/** What is pushed when something happens. */
export const TOPICS: Readonly<Record<Topic, string>> = {
  placed: 'kwaishop_order_addOrder',
  paid: 'kwaishop_order_paySuccess',
  edited: 'kwaishop_order_addNote',
  status: '',
  'part-shipped': 'kwaishop_order_delivering',
  shipped: 'kwaishop_order_delivering',
  finished: 'kwaishop_order_orderSuccess',
  cancelled: 'kwaishop_order_orderFail',
  'refund-requested': 'kwaishop_aftersales_addRefund',
  'refund-approved': 'kwaishop_aftersales_updateRefund',
  'refund-done': 'kwaishop_aftersales_updateRefund',
  'refund-rejected': 'kwaishop_aftersales_updateRefund',
  'refund-closed': 'kwaishop_aftersales_updateRefund',
}
