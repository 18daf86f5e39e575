import type { Market } from '../stage/market/index.ts'
import type { MarketOrder, MarketRefund, OrderState, RefundState } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'

/** What TikTok Shop calls what happens in any shop. */

export interface TikTokSettings {
  readonly name: string
  readonly appKey: string
  readonly appSecret: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly shopId: string
  readonly shopCipher: string
  readonly warehouseId: string
  readonly deliveryOptionId: string
}

export interface TikTokShop extends Market {
  readonly settings: TikTokSettings
  /** Pieces a caller put into a package, by its id. */
  readonly packed: Map<string, readonly string[]>
  /** Keys of decisions that were taken. */
  readonly decided: Set<string>
}

const STATUS: Readonly<Record<OrderState, string>> = {
  unpaid: 'UNPAID',
  'to-ship': 'AWAITING_SHIPMENT',
  'part-shipped': 'PARTIALLY_SHIPPING',
  shipped: 'IN_TRANSIT',
  finished: 'COMPLETED',
  cancelled: 'CANCELLED',
  closed: 'COMPLETED',
}

export const orderStatus = (order: MarketOrder): string =>
  order.state === 'closed' && order.shippedAt === undefined ? 'CANCELLED' : STATUS[order.state]

/** Before anything has left it is a cancellation; part of the price back is none. */
export const isCancellation = ({ order, createdAt, lines }: MarketRefund): boolean =>
  (order.shippedAt === undefined || createdAt <= order.shippedAt) && lines.every(({ quantity }) => quantity > 0)

export const CANCEL_STATUS: Readonly<Record<RefundState, string>> = {
  requested: 'CANCELLATION_REQUEST_PENDING',
  approved: 'CANCELLATION_REQUEST_SUCCESS',
  done: 'CANCELLATION_REQUEST_COMPLETE',
  rejected: 'CANCELLATION_REQUEST_CANCEL',
  closed: 'CANCELLATION_REQUEST_CANCEL',
}

export const RETURN_STATUS: Readonly<Record<RefundState, string>> = {
  requested: 'RETURN_OR_REFUND_REQUEST_PENDING',
  approved: 'RETURN_OR_REFUND_REQUEST_SUCCESS',
  done: 'RETURN_OR_REFUND_REQUEST_COMPLETE',
  rejected: 'REFUND_OR_RETURN_REQUEST_REJECT',
  closed: 'RETURN_OR_REFUND_REQUEST_CANCEL',
}

export const PROVIDERS = [
  { code: '7117858858072016686', name: 'USPS' },
  { code: '7117859084333745966', name: 'UPS' },
  { code: '7129720299146184490', name: 'FedEx' },
  { code: '7132708542635083566', name: 'DHL eCommerce' },
  { code: '6841743441349706241', name: 'J&T Express' },
  { code: '7212608507307099947', name: 'SF Express' },
  { code: '7212608642344847150', name: 'YTO Express' },
  { code: '7212608725165082411', name: 'ZTO Express' },
  { code: '7212608795302987566', name: 'STO Express' },
] as const

/** Every piece has an id of its own; a line leaves room for ninety-nine. */
const LINE_STEP = 100n

export const tikTokRules = (settings: TikTokSettings): MarketRules => ({
  currency: 'USD',
  statusOf: orderStatus,
  ids: {
    order: 576_461_413_038_785_752n,
    line: (n) => String(577_086_512_123_755_123n + BigInt(n) * LINE_STEP),
    item: 1_729_592_969_712_207_008n,
    sku: 1_729_592_969_712_207_512n,
    refund: 4_035_318_504_086_604_100n,
    shipment: 1_153_132_168_123_859_001n,
  },
  everyItemHasSku: true,
  carriers: PROVIDERS,
  strangeStatus: 'AWAITING_THE_MOON',
  stockLeavesAt: 'placing',
  access: { token: settings.accessToken, refresh: settings.refreshToken, lifeMs: 7 * 86_400_000 },
})
