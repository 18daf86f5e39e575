import type { Market } from '../stage/market/index.ts'
import type { MarketOrder, OrderState } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { payable } from '../stage/market/sums.ts'

/** What Meituan calls what happens in any shop. */
export interface MeituanSettings {
  readonly name: string
  readonly appId: string
  readonly appSecret: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly poi: string
}

export interface MeituanShop extends Market {
  readonly settings: MeituanSettings
  /** Orders the shop has accepted by a call. */
  readonly accepted: Set<string>
  /** Orders that are picked and ready. */
  readonly ready: Set<string>
}

const STATE: Readonly<Record<OrderState, string>> = {
  unpaid: '1',
  'to-ship': '4',
  'part-shipped': '4',
  shipped: '4',
  finished: '8',
  cancelled: '9',
  closed: '9',
}

/** Every third order waits to be accepted, the app accepts the others by itself. */
const stateOf = (accepted: ReadonlySet<string>, order: MarketOrder): string =>
  order.state === 'to-ship' && order.seq % 3 === 0 && !accepted.has(order.id) ? '2' : STATE[order.state]

export const PROVIDERS = [
  { code: '10001', name: '顺丰' },
  { code: '10002', name: '达达' },
  { code: '10003', name: '闪送' },
  { code: '10015', name: '商家自建配送' },
  { code: '10017', name: '其他' },
] as const

/** Bought over the counter of the app and fetched there. */
export const isPickup = (order: MarketOrder): boolean => order.kind === 'pickup'

export const meituanRules = ({ accessToken, refreshToken }: MeituanSettings, accepted: ReadonlySet<string>): MarketRules => ({
  currency: 'CNY',
  statusOf: (order) => stateOf(accepted, order),
  strangeStatus: '77',
  ids: { order: 27_000_000_000_000_001n, refund: 88_000_001n },
  lineIdOf: ({ item, sku }) => sku?.code ?? item.code,
  everyItemHasSku: true,
  stockLeavesAt: 'paying',
  parts: 'order',
  carriers: PROVIDERS,
  chances: { unpaid: 0, channelDiscount: 0.3, partRefund: 0.1 },
  access: { token: accessToken, refresh: refreshToken, lifeMs: 30 * 86_400_000 },
  // The order itself shows that money went back only where all of it did.
  truth: (truth, order) => ({ ...truth, refundedMinor: order.state === 'closed' ? payable(order) : 0 }),
})
