import type { SimClock } from '../stage/clock.ts'
import type { Ledger, OrderTruth } from '../stage/ledger.ts'
import { createLedger } from '../stage/ledger.ts'
import type { Random } from '../stage/random.ts'
import type { ShopifyBulk, ShopifyLine, ShopifyOrder, ShopifySubscription, ShopifyVariant } from './model.ts'

export interface ShopifySettings {
  readonly name: string
  readonly currency: string
  readonly digits: number
  readonly timezone: string
  /** 20 % is 2000. */
  readonly taxBasisPoints: number
  readonly taxesIncluded: boolean
  readonly clientId: string
  readonly clientSecret: string
  /** A token that was handed out by hand; it never runs out by itself. */
  readonly accessToken: string
  readonly tokenMs: number
  /** Points: the bucket, how fast it fills (a second), and what one query may cost. */
  readonly points: { readonly maximum: number; readonly restoreRate: number; readonly perQuery: number }
  readonly locations: number
  /** Without `read_all_orders` only orders of the last 60 days are shown. */
  readonly allOrders: boolean
  /** HTTP status of a throttled answer: 200 as most see it, 429 as some do. */
  readonly throttledStatus: 200 | 429
  readonly webhookDelayMs: number
}

export type ShopifyEvent =
  | 'orders/create'
  | 'orders/updated'
  | 'orders/cancelled'
  | 'orders/delete'
  | 'refunds/create'
  | 'fulfillments/create'
  | 'fulfillments/update'

/** One simulated shop: its data, and what everything else is made of. */
export interface ShopifyShop {
  readonly settings: ShopifySettings
  readonly clock: SimClock
  readonly random: Random
  readonly ledger: Ledger
  readonly variants: Map<string, ShopifyVariant>
  readonly orders: Map<string, ShopifyOrder>
  readonly subscriptions: Map<string, ShopifySubscription>
  readonly bulks: Map<string, ShopifyBulk>
  readonly locations: { readonly id: string; readonly name: string }[]
  /** Issued access tokens and when they end. */
  readonly tokens: Map<string, number>
  readonly idempotent: Map<string, { readonly input: string; readonly result: unknown }>
  readonly listeners: ((event: ShopifyEvent, order: ShopifyOrder, part: string) => void)[]
  /** Troubles a test switches on. */
  readonly troubles: { revoked: boolean; staticDead: boolean; renewals: number; listLagMs: number; paging: 'repeat' | 'empty-middle' | 'none' }
  site: string
  nextId(): string
  /** Now, in whole seconds. */
  stamp(): number
}

export function createShop(settings: ShopifySettings, clock: SimClock, random: Random): ShopifyShop {
  const orders = new Map<string, ShopifyOrder>()
  let last = 6_000_000_000_000
  const ledger = createLedger({
    now: clock.now,
    orders: () => [...orders.values()].map((order) => orderTruth(order, settings)),
    order: (id) => {
      const order = orders.get(id)
      return order && orderTruth(order, settings)
    },
  })
  return {
    settings,
    clock,
    random,
    ledger,
    orders,
    variants: new Map(),
    subscriptions: new Map(),
    bulks: new Map(),
    locations: Array.from({ length: settings.locations }, (_, n) => ({ id: String(90_000_001 + n), name: `Warehouse ${n + 1}` })),
    tokens: new Map(),
    idempotent: new Map(),
    listeners: [],
    troubles: { revoked: false, staticDead: false, renewals: 0, listLagMs: 0, paging: 'none' },
    site: 'http://127.0.0.1',
    nextId: () => String((last += 7)),
    stamp: () => Math.floor(clock.now() / 1000) * 1000,
  }
}

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
export const grossOf = (line: ShopifyLine): number => line.unitPrice * line.quantity
export const netOf = (line: ShopifyLine): number => grossOf(line) - line.discount
export const taxOf = (order: ShopifyOrder): number => sum(order.lines.map((line) => line.tax)) + (order.shipping?.tax ?? 0)

export function totalOf(order: ShopifyOrder, settings: Pick<ShopifySettings, 'taxesIncluded'>): number {
  const shipping = order.shipping ? order.shipping.price - order.shipping.discount : 0
  return sum(order.lines.map(netOf)) + shipping + order.tip + (settings.taxesIncluded ? 0 : taxOf(order))
}

export const receivedOf = (order: ShopifyOrder): number =>
  sum(order.payments.filter((one) => (one.kind === 'SALE' || one.kind === 'CAPTURE') && one.status === 'SUCCESS').map((one) => one.amount))
export const refundedOf = (order: ShopifyOrder): number => sum(order.refunds.map((refund) => refund.amount))
export const shippedOf = (order: ShopifyOrder, line: ShopifyLine): number =>
  sum(
    order.fulfillments
      .filter((one) => one.status === 'SUCCESS')
      .flatMap((one) => one.lines.filter((part) => part.line === line).map((part) => part.quantity)),
  )

export function financialStatus(order: ShopifyOrder, settings: ShopifySettings): string {
  if (order.strange !== undefined) return order.strange
  const [received, refunded] = [receivedOf(order), refundedOf(order)]
  if (received === 0 && order.cancelledAt !== undefined) return 'VOIDED'
  if (refunded > 0) return refunded >= received ? 'REFUNDED' : 'PARTIALLY_REFUNDED'
  return received >= totalOf(order, settings) ? 'PAID' : 'PENDING'
}

export function fulfillmentStatus(order: ShopifyOrder): string {
  const goods = order.lines.filter((line) => line.variant.requiresShipping)
  const open = sum(goods.map((line) => line.quantity - line.cancelled - shippedOf(order, line)))
  const shipped = sum(goods.map((line) => shippedOf(order, line)))
  if (order.fulfillmentOrders.some((one) => one.status === 'ON_HOLD')) return 'ON_HOLD'
  if (shipped > 0) return open > 0 ? 'PARTIALLY_FULFILLED' : 'FULFILLED'
  return 'UNFULFILLED'
}

function orderTruth(order: ShopifyOrder, settings: ShopifySettings): OrderTruth {
  const iso = (at: number): string => new Date(at).toISOString()
  return {
    orderId: order.id,
    number: `#${order.number}`,
    status: `${financialStatus(order, settings)} ${fulfillmentStatus(order)}`,
    currency: settings.currency,
    placedAt: iso(order.createdAt),
    modifiedAt: iso(order.updatedAt),
    lines: order.lines.map((line) => ({
      lineId: line.id,
      sku: line.variant.sku,
      name: line.variant.name,
      quantity: line.quantity,
      totalMinor: netOf(line),
      taxMinor: line.tax,
      shippedQuantity: shippedOf(order, line),
      refundedQuantity: line.refunded,
    })),
    shippingMinor: order.shipping ? order.shipping.price - order.shipping.discount : 0,
    feeMinor: order.tip,
    taxMinor: taxOf(order),
    discountMinor: sum(order.lines.map((line) => line.discount)),
    totalMinor: totalOf(order, settings),
    refundedMinor: refundedOf(order),
    refunds: order.refunds.map((refund) => ({ refundId: refund.id, minor: refund.amount })),
  }
}
