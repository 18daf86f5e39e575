import { createHash } from 'node:crypto'
import type { Market } from '../stage/market/index.ts'
import type { MarketRules } from '../stage/market/shop.ts'

/** What Loyverse calls what happens at any till. */
export interface LoyverseSettings {
  readonly name: string
  readonly storeId: string
  readonly merchantId: string
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** A token of the back office; empty where an app was granted access. */
  readonly accessToken: string
  readonly currency: string
}

export interface LoyverseShop extends Market {
  readonly settings: LoyverseSettings
  /** Made subscriptions that were switched off. */
  readonly disabled: Set<string>
}

/** Ids are UUIDs without a visible order. */
export function uuid(kind: string, n: number | string): string {
  const hex = createHash('sha256').update(`${kind}/${n}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Value added tax stands inside the prices. */
export const taxInside = (minor: number): number => Math.round(minor / 6)

export const loyverseRules = ({ accessToken, refreshToken, currency }: LoyverseSettings): MarketRules => ({
  currency,
  // A receipt is written when it is paid, and stays what it was.
  statusOf: () => 'SALE',
  strangeStatus: 'EXCHANGE',
  ids: {
    order: (n) => `1-${1001 + n}`,
    refund: (n) => `2-${1001 + n}`,
    line: (n) => uuid('line', n),
    item: (n) => uuid('item', n),
    sku: (n) => uuid('variant', n),
    promotion: (n) => uuid('discount', n),
  },
  everyItemHasSku: true,
  stockLeavesAt: 'paying',
  carriers: [],
  chances: { unpaid: 0, partRefund: 0.1, till: 1 },
  access: {
    lifeMs: 12 * 3_600_000,
    refresh: refreshToken,
    ...(accessToken === '' ? {} : { token: accessToken }),
    make: (random, kind) => `${kind}-${random.hex(32)}`,
  },
  // What was given back is a receipt of its own; postage does not exist at a till and is a surcharge here.
  truth: (truth) => ({
    ...truth,
    lines: truth.lines.map((line) => ({ ...line, taxMinor: taxInside(line.totalMinor) })),
    shippingMinor: 0,
    feeMinor: truth.feeMinor + truth.shippingMinor,
    taxMinor: truth.lines.reduce((sum, line) => sum + taxInside(line.totalMinor), 0),
    refundedMinor: 0,
  }),
})
