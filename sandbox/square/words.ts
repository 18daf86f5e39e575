import { createHash } from 'node:crypto'
import type { OrderTruth } from '../stage/ledger.ts'
import type { Market } from '../stage/market/index.ts'
import type { MarketOrder, MarketShipment, MarketSku, OrderState, RefundState, Topic } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'

/** What Square calls what happens in any shop. */

export interface SquareSettings {
  readonly name: string
  readonly locationId: string
  readonly merchantId: string
  /** The application's own token. */
  readonly accessToken: string
  readonly clientId: string
  readonly clientSecret: string
  /** Of a seller's grant; empty for an application that serves its own shop with its own token. */
  readonly refreshToken: string
  /** One for all subscriptions; Square itself gives each its own. */
  readonly signatureKey: string
  readonly currency: string
}

/** A part of an order that leaves on its own, as a seller splits it in Square. */
export interface Part {
  readonly uid: string
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[]
}

export interface SquareShop extends Market {
  readonly settings: SquareSettings
  /** By order. */
  readonly parts: Map<string, readonly Part[]>
  /** Which fulfilment a shipment completed, where a seller had split the order. */
  readonly completed: Map<string, string>
  /** Answers of writes by their keys of idempotency. */
  readonly answered: Map<string, { readonly body: string; readonly answer: unknown }>
  /** How often each order was changed. */
  readonly versions: Map<string, number>
  readonly hooks: Map<string, { readonly name: string; readonly enabled: boolean; readonly version: string }>
}

const STATUS: Readonly<Record<OrderState, string>> = {
  unpaid: 'OPEN',
  'to-ship': 'OPEN',
  'part-shipped': 'OPEN',
  shipped: 'COMPLETED',
  finished: 'COMPLETED',
  cancelled: 'CANCELED',
  closed: 'COMPLETED',
}

/** As `refunds` of an order have it; the list of refunds says COMPLETED for APPROVED. */
export const REFUND_STATUS: Readonly<Record<RefundState, string>> = {
  requested: 'PENDING',
  approved: 'PENDING',
  done: 'APPROVED',
  rejected: 'REJECTED',
  closed: 'FAILED',
}

/** Square's ids are letters and digits without a visible order. */
export const idLike = (kind: string, n: number | string, length = 24): string =>
  createHash('sha256').update(`${kind}/${n}`).digest('base64').replace(/[+/=]/g, '').slice(0, length)

export type Doc = Readonly<Record<string, unknown>>

export const moneyOf =
  (shop: SquareShop) =>
  (minor: number): Doc => ({ amount: minor, currency: shop.settings.currency })

/** What has no variants has one all the same. */
export const variationName = (sku: MarketSku | undefined): string => sku?.options.map(({ value }) => value).join(', ') || 'Regular'

export const fulfilmentUid = (order: MarketOrder, n: number): string => idLike('fulfillment', `${order.id}/${n}`, 22)
export const uidOf = (shop: SquareShop, shipment: MarketShipment, n: number): string =>
  shop.completed.get(shipment.id) ?? fulfilmentUid(shipment.order, n)

/** Value added tax stands inside the prices. */
export const taxInside = (minor: number): number => Math.round(minor / 6)

export const squareRules = (settings: SquareSettings): MarketRules => ({
  currency: settings.currency,
  statusOf: (order) => STATUS[order.state],
  ids: {
    order: (n) => `${idLike('order', n)}eV`,
    line: (n) => idLike('line', n, 22),
    refund: (n) => `${idLike('return', n)}eV`,
    item: (n) => idLike('item', n).toUpperCase(),
    sku: (n) => idLike('variation', n).toUpperCase(),
    shipment: (n) => idLike('shipment', n, 22),
    promotion: (n) => idLike('discount', n, 22),
  },
  everyItemHasSku: true,
  stockLeavesAt: 'paying',
  parts: 'quantity',
  carriers: [
    { code: 'Royal Mail', name: 'Royal Mail' },
    { code: 'DPD', name: 'DPD' },
    { code: 'UPS', name: 'UPS' },
  ],
  chances: { partRefund: 0.06, till: 0.4 },
  resolutionMs: 1,
  access: {
    lifeMs: 30 * 86_400_000,
    refresh: settings.refreshToken,
    ...(settings.refreshToken === '' ? { token: settings.accessToken } : {}),
    // The refresh token of the code flow stays what it is.
    make: (random, kind) => (kind === 'refresh' ? settings.refreshToken : `EAAA${random.hex(56)}`),
  },
  truth: withTax,
})

const withTax = (truth: OrderTruth): OrderTruth => {
  const lines = truth.lines.map((line) => ({ ...line, taxMinor: taxInside(line.totalMinor) }))
  return { ...truth, lines, taxMinor: lines.reduce((sum, line) => sum + line.taxMinor, 0) }
}

/** Everything that happens to an order updates it; a fulfilment and a refund are told of on their own too. */
export const TOPICS: Readonly<Record<Topic, readonly string[]>> = {
  placed: ['order.created'],
  paid: ['order.updated'],
  edited: ['order.updated'],
  status: ['order.updated'],
  'part-shipped': ['order.updated', 'order.fulfillment.updated'],
  shipped: ['order.updated', 'order.fulfillment.updated'],
  finished: ['order.updated'],
  cancelled: ['order.updated'],
  'refund-requested': ['order.updated', 'refund.created'],
  'refund-approved': ['refund.updated'],
  'refund-done': ['order.updated', 'refund.updated'],
  'refund-rejected': ['refund.updated'],
  'refund-closed': ['refund.updated'],
}
