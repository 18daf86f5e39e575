import type { OrderTruth } from '../stage/ledger.ts'
import type { Market } from '../stage/market/index.ts'
import type { MarketOrder, RefundState, Topic } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { payable } from '../stage/market/sums.ts'
import { reverseLines, statusesOf, unitsOf } from './units.ts'

/** What Lazada calls what happens in any shop. */

export interface LazadaSettings {
  readonly name: string
  readonly appKey: string
  readonly appSecret: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly sellerId: string
  readonly country: keyof typeof COUNTRIES
}

export interface LazadaShop extends Market {
  readonly settings: LazadaSettings
}

export const COUNTRIES = {
  sg: { currency: 'SGD', name: 'Singapore', offset: '+0800', timezone: 'Asia/Singapore', digits: 2 },
  vn: { currency: 'VND', name: 'Vietnam', offset: '+0700', timezone: 'Asia/Ho_Chi_Minh', digits: 0 },
  id: { currency: 'IDR', name: 'Indonesia', offset: '+0700', timezone: 'Asia/Jakarta', digits: 2 },
} as const

/** Orders of this kind travel with Lazada's own carriers; all others the seller brings himself. */
export const BY_CHANNEL = 'lex'

/** States of requests for what has not left yet, and of all others. */
export const CANCELLATION: Readonly<Record<RefundState, string>> = {
  requested: 'REQUEST_INITIATE',
  approved: 'REQUEST_INITIATE',
  done: 'CANCEL_SUCCESS',
  rejected: 'REQUEST_REJECT',
  closed: 'REQUEST_CANCEL',
}
export const REVERSE: Readonly<Record<RefundState, string>> = {
  requested: 'REQUEST_INITIATE',
  approved: 'SELLER_AGREE_RETURN',
  done: 'REFUND_SUCCESS',
  rejected: 'REQUEST_REJECT',
  closed: 'REQUEST_CANCEL',
}

/** What is pushed: nothing but changes of a status. */
export const PUSHED: Readonly<Record<Topic, 0 | 10 | undefined>> = {
  placed: 0,
  paid: 0,
  edited: undefined,
  status: 0,
  'part-shipped': 0,
  shipped: 0,
  finished: 0,
  cancelled: 0,
  'refund-requested': 10,
  'refund-approved': 10,
  'refund-done': 10,
  'refund-rejected': 10,
  'refund-closed': 10,
}

export const PROVIDERS = ['LEX SG', 'Ninja Van', 'J&T Express', 'SF Express', 'DHL eCommerce'].map((name) => ({ code: name, name }))

/** Room behind each number for the units of a line and the lines of a reverse order. */
const counted = (base: bigint) => (n: number) => String(base + BigInt(n) * 1000n)

export const lazadaRules = ({ accessToken, refreshToken, country }: LazadaSettings): MarketRules => ({
  currency: COUNTRIES[country].currency,
  statusOf: (order) => statusesOf(order).join(', '),
  ids: {
    order: 560_694_402_192_001n,
    line: counted(711_433_089_764_000n),
    refund: counted(658_960_600_102_000n),
    item: 2_807_246_166n,
    sku: 13_449_296_008n,
  },
  everyItemHasSku: true,
  parts: 'quantity',
  carriers: PROVIDERS,
  strangeStatus: 'wait_moon_phase',
  chances: { channelDiscount: 0.2, cod: 0.05, partRefund: 0.05 },
  access: { token: accessToken, refresh: refreshToken, lifeMs: 30 * 86_400_000, make: (random) => `50000${random.hex(27)}` },
  truth: truthOf,
})

/** Every line of a reverse order is a refund of its own; of an order the channel shows no sums that went back, but that all of it was cancelled. */
function truthOf(truth: OrderTruth, order: MarketOrder): OrderTruth {
  const isGone = order.paidAt !== undefined && !order.isCod && unitsOf(order).every(({ status }) => status === 'canceled')
  return {
    ...truth,
    refundedMinor: isGone ? payable(order) : 0,
    refunds: order.refunds.flatMap((refund) => reverseLines(refund).map(({ id, minor }) => ({ refundId: id, minor }))),
  }
}
