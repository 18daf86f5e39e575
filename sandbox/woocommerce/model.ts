/** What the simulated shop keeps. Money in minor units, instants in milliseconds cut to whole seconds. */
export interface WooProduct {
  readonly id: number
  /** The variable product a variation belongs to; 0 for others. */
  readonly parentId: number
  readonly type: 'simple' | 'variable' | 'variation'
  name: string
  sku: string
  gtin: string
  priceMinor: number
  manageStock: boolean
  /** Null when the shop does not count it. */
  stock: number | null
  /** Units promised to unpaid orders, not yet taken off `stock`. */
  held: number
  backorders: boolean
  readonly createdAt: number
  modifiedAt: number
}

export interface WooLine {
  readonly id: number
  /** Undefined for a line typed in by hand (product_id 0). */
  readonly product: WooProduct | undefined
  readonly name: string
  quantity: number
  /** Unit price as text, exact: it may have more places than the currency. */
  readonly unitPrice: string
  subtotalMinor: number
  totalMinor: number
  subtotalTaxMinor: number
  taxMinor: number
  /** Text a plugin or a hand-made line carries instead of a product's sku. */
  readonly ownSku: string
}

export interface WooMeta {
  readonly id: number
  readonly key: string
  value: unknown
}

export interface WooAddress {
  readonly first_name: string
  readonly last_name: string
  readonly company: string
  readonly address_1: string
  readonly address_2: string
  readonly city: string
  readonly state: string
  readonly postcode: string
  readonly country: string
  readonly email?: string
  readonly phone: string
}

export interface WooRefundLine {
  readonly id: number
  readonly line: WooLine
  readonly quantity: number
  readonly totalMinor: number
  readonly taxMinor: number
}

export interface WooRefund {
  readonly id: number
  readonly minor: number
  readonly reason: string
  readonly createdAt: number
  readonly lines: readonly WooRefundLine[]
  readonly paid: boolean
}

export interface WooNote {
  readonly id: number
  readonly text: string
  readonly toCustomer: boolean
  readonly author: string
  readonly createdAt: number
}

export interface WooFulfilment {
  readonly id: number
  status: string
  meta: readonly WooMeta[]
  updatedAt: number
  deletedAt: number | null
}

export interface WooTracking {
  readonly id: string
  readonly provider: string
  readonly link: string
  readonly number: string
  readonly dateShipped: string
}

export interface WooOrder {
  readonly id: number
  readonly number: string
  status: string
  readonly currency: string
  /** Index of the shopper in the sandbox's town; addresses are derived from it unless edited. */
  readonly person: number
  shippingAddress: WooAddress | undefined
  readonly createdAt: number
  modifiedAt: number
  paidAt: number | null
  completedAt: number | null
  lines: WooLine[]
  readonly taxBasisPoints: number
  readonly shippingMinor: number
  readonly shippingItemId: number
  /** Collected by the shopper (method `local_pickup`). */
  readonly pickup: boolean
  readonly fee: { readonly id: number; readonly name: string; readonly minor: number } | undefined
  readonly coupon: { readonly id: number; readonly code: string; readonly minor: number } | undefined
  customerNote: string
  transactionId: string
  meta: WooMeta[]
  readonly refunds: WooRefund[]
  readonly notes: WooNote[]
  readonly fulfilments: WooFulfilment[]
  trackings: readonly WooTracking[]
  /** Whether the units are off the shelf (they go back on cancel) or only held. */
  stock: 'none' | 'held' | 'taken'
  /** Hidden from lists until then: a replica that lags. */
  visibleAt: number
  /** Members of the document that a plugin answers its own way, by name. */
  odd?: Readonly<Record<string, unknown>>
}

/** Core statuses; plugins register more. */
export const coreStatuses: readonly string[] = ['pending', 'processing', 'on-hold', 'completed', 'cancelled', 'refunded', 'failed', 'checkout-draft']

export interface OrderTotals {
  readonly subtotalMinor: number
  readonly discountMinor: number
  readonly discountTaxMinor: number
  readonly shippingMinor: number
  readonly shippingTaxMinor: number
  readonly cartTaxMinor: number
  readonly taxMinor: number
  readonly totalMinor: number
  readonly refundedMinor: number
}
