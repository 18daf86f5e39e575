import type { Market } from '../stage/market/index.ts'
import type { MarketItem, MarketOrder, MarketRefund, OrderState, Topic } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { payable } from '../stage/market/sums.ts'

/** What eBay calls what happens in any shop. */

export interface EbaySettings {
  /** The seller's user id. */
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
}

export interface EbayShop extends Market {
  readonly settings: EbaySettings
  readonly notices: Notices
}

/** Addresses of the app, and which of its subscriptions goes where. */
export interface Notices {
  readonly kid: string
  /** Base64 of the public key. */
  readonly publicKey: string
  readonly appToken: string
  readonly destinations: Map<string, { readonly endpoint: string; readonly token: string; readonly status: string }>
  readonly pointed: Map<string, string>
  sign(body: string): string
}

const FULFILMENT: Readonly<Record<OrderState, string>> = {
  unpaid: 'NOT_STARTED',
  'to-ship': 'NOT_STARTED',
  'part-shipped': 'IN_PROGRESS',
  shipped: 'FULFILLED',
  finished: 'FULFILLED',
  cancelled: 'NOT_STARTED',
  closed: 'NOT_STARTED',
}

/** An order whose money all went back stays sent, as far as it was. */
const fulfilmentOf = (order: MarketOrder): string => {
  if (order.state !== 'closed' || order.shippedAt === undefined) return FULFILMENT[order.state]
  return order.lines.every((line) => line.shipped >= line.quantity) ? 'FULFILLED' : 'IN_PROGRESS'
}

export const CARRIERS = [
  'USPS',
  'UPS',
  'FedEx',
  'DHL',
  'RoyalMail',
  'DPD',
  'GLS',
  'Hermes',
  'AustraliaPost',
  'CPC',
  'Colissimo',
  'PostNL',
  'Other',
].map((code) => ({
  code,
  name: code,
}))

const five = (n: number): string => String(n).padStart(5, '0')

export const ebayRules = ({ refreshToken }: EbaySettings): MarketRules => ({
  currency: 'USD',
  statusOf: fulfilmentOf,
  ids: {
    order: (n) => `12-${five(Math.floor(n / 90_000) + 1)}-${five((n % 90_000) + 10_000)}`,
    line: 10_025_678_901_234n,
    item: 166_000_000_001n,
    sku: 465_000_000_001n,
    refund: 5_000_000_001n,
    shipment: 9_405_509_699_937n,
    promotion: 5_001n,
  },
  carriers: CARRIERS,
  strangeStatus: 'WAIT_MOON_PHASE',
  resolutionMs: 1,
  chances: { partRefund: 0.05 },
  access: { lifeMs: 7_200_000, make: (random) => `v^1.1#${random.hex(60)}`, refresh: refreshToken },
})

/** Half of what is on sale was listed by the Inventory API; the rest is older. */
export const isManaged = (item: MarketItem): boolean => Number(item.id.slice(-1)) % 2 === 0

/** Before anything was sent, all of the money: a wish to cancel. Anything else is a return, which stands in another API. */
export const isCancel = ({ order, minor }: MarketRefund): boolean => order.shippedAt === undefined && minor >= payable(order)

export const TOPICS: Partial<Readonly<Record<Topic, string>>> = {
  paid: 'ORDER_CONFIRMATION',
  'part-shipped': 'ITEM_MARKED_SHIPPED',
  shipped: 'ITEM_MARKED_SHIPPED',
}
