import type { OrderTruth } from '../stage/ledger.ts'
import type { Market } from '../stage/market/index.ts'
import type { MarketLine, MarketOrder, MarketShipment } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'

/** What Amazon calls what happens in any shop. */

export interface AmazonSettings {
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  readonly sellerId: string
  readonly marketplaceId: string
  readonly marketplaceName: string
  /** Calls beyond the usage plans are answered by 429. */
  readonly enforceRates: boolean
}

export interface AmazonShop extends Market {
  readonly settings: AmazonSettings
  /** Tokens for personal data and when they end. */
  readonly restricted: Map<string, number>
  /** The seller's own numbers of packages. */
  readonly references: Map<MarketShipment, string>
  /** Usage plans: when each has all of its burst again. */
  readonly spent: Map<string, number>
}

/** An order that Amazon sends from its own warehouse. */
export const FBA = 'fba'

const digits = (n: number, length: number): string => String(n).padStart(length, '0')

const CARRIERS = ['UPS', 'USPS', 'FedEx', 'DHL', 'DPD'].map((name) => ({ code: name, name }))

export const amazonRules: MarketRules = {
  currency: 'USD',
  statusOf,
  ids: {
    order: (n) => `${111 + (n % 4)}-${digits((n * 7919 + 1_234_567) % 10_000_000, 7)}-${digits(n + 4_000_001, 7)}`,
    // Lines have 14 digits, some a zero in front.
    line: (n) => `0${7_000_000_000_001 + n * 13}`,
    item: (n) => `B0${n.toString(36).toUpperCase().padStart(8, 'A')}`,
    sku: (n) => String(5000 + n),
    refund: (n) => `amzn1:crow:rfnd${digits(n + 1, 8)}`,
    shipment: 1n,
    promotion: (n) => `PAWS-V2-1008${digits(n, 5)}`,
  },
  carriers: CARRIERS,
  access: { lifeMs: 3_600_000, make: (random) => `Atza|${random.hex(60)}` },
  strangeStatus: 'WAITING_FOR_THE_MOON',
  truth: asDocumented,
}

function statusOf(order: MarketOrder): string {
  switch (order.state) {
    case 'unpaid':
      return 'PENDING'
    case 'to-ship':
      return 'UNSHIPPED'
    case 'part-shipped':
      return 'PARTIALLY_SHIPPED'
    case 'cancelled':
      return 'CANCELLED'
    case 'closed':
      return order.shippedAt === undefined ? 'CANCELLED' : 'SHIPPED'
    case 'shipped':
    case 'finished':
      return 'SHIPPED'
  }
}

/** Amounts stand in the documents of orders that were paid and not cancelled before anything left. */
export const hasAmounts = (order: MarketOrder): boolean => statusOf(order) !== 'PENDING' && statusOf(order) !== 'CANCELLED'

/** Orders never say what went back; transactions do, and only of what was charged, that is sent. */
function asDocumented(truth: OrderTruth, order: MarketOrder): OrderTruth {
  const known = { ...truth, refundedMinor: 0, refunds: order.shippedAt === undefined ? [] : truth.refunds }
  if (hasAmounts(order)) return known
  const lines = truth.lines.map((line) => ({ ...line, totalMinor: 0 }))
  return { ...known, lines, totalMinor: 0, shippingMinor: 0, feeMinor: 0, discountMinor: 0 }
}

export const usd = (minor: number): { readonly amount: string; readonly currencyCode: string } => ({ amount: dollars(minor), currencyCode: 'USD' })

export function dollars(minor: number): string {
  const text = String(Math.abs(minor)).padStart(3, '0')
  return `${minor < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`
}

export const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

/** Pieces that will not be sent any more. */
export const isOver = (order: MarketOrder, line: MarketLine): boolean => line.closed || order.state === 'cancelled' || order.state === 'closed'
