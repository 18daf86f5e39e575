/** What a simulated shop remembers. Amounts are minor units of the shop's currency, times milliseconds cut to whole seconds. */
export interface ShopifyVariant {
  readonly id: string
  readonly productId: string
  readonly itemId: string
  readonly name: string
  sku: string
  price: number
  tracked: boolean
  readonly requiresShipping: boolean
  readonly giftCard: boolean
  /** Location id → available units. */
  readonly available: Map<string, number>
  /** Stock writes are refused from now on. */
  refused: boolean
}

export interface ShopifyLine {
  readonly id: string
  readonly variant: ShopifyVariant
  readonly location: string
  quantity: number
  readonly unitPrice: number
  /** Taken off the whole line, by the order's discount. */
  readonly discount: number
  readonly tax: number
  refunded: number
  /** Units that went back on the shelf before they were sent. */
  cancelled: number
}

export interface ShopifyFulfillment {
  readonly id: string
  status: 'SUCCESS' | 'CANCELLED'
  delivered: boolean
  company: string
  number: string
  url: string | null
  readonly location: string
  readonly lines: readonly { readonly id: string; readonly line: ShopifyLine; readonly quantity: number }[]
  readonly createdAt: number
  updatedAt: number
}

export interface ShopifyFulfillmentOrder {
  readonly id: string
  readonly location: string
  status: 'OPEN' | 'IN_PROGRESS' | 'CLOSED' | 'CANCELLED' | 'ON_HOLD'
  readonly lines: readonly { readonly id: string; readonly line: ShopifyLine; total: number; remaining: number }[]
}

export interface ShopifyTransaction {
  readonly id: string
  readonly kind: 'SALE' | 'AUTHORIZATION' | 'CAPTURE' | 'REFUND' | 'VOID'
  readonly status: 'SUCCESS' | 'PENDING' | 'FAILURE'
  readonly gateway: string
  readonly amount: number
  readonly at: number
}

export interface ShopifyRefund {
  readonly id: string
  readonly amount: number
  readonly lines: readonly {
    readonly line: ShopifyLine
    readonly quantity: number
    readonly subtotal: number
    readonly tax: number
    readonly restock: string
  }[]
  readonly shipping: number
  /** What was given beyond (negative) or below (positive) the worth of the lines. */
  readonly adjustment: number
  readonly note: string
  readonly transaction: ShopifyTransaction | undefined
  readonly at: number
}

export interface ShopifyOrder {
  readonly id: string
  readonly number: number
  readonly createdAt: number
  updatedAt: number
  cancelledAt: number | undefined
  cancelReason: string | undefined
  closedAt: number | undefined
  readonly lines: ShopifyLine[]
  readonly shipping: { readonly id: string; readonly price: number; readonly discount: number; readonly tax: number } | undefined
  readonly tip: number
  readonly discountCode: string | undefined
  person: number
  note: string
  edits: number
  readonly payments: ShopifyTransaction[]
  readonly fulfillments: ShopifyFulfillment[]
  readonly fulfillmentOrders: ShopifyFulfillmentOrder[]
  readonly refunds: ShopifyRefund[]
  /** A status no document of Shopify's names. */
  strange: string | undefined
  returnStatus: 'NO_RETURN' | 'RETURN_REQUESTED'
}

export interface ShopifySubscription {
  readonly id: string
  readonly topic: string
  uri: string
  includeFields: readonly string[]
  filter: string | null
  readonly createdAt: number
  updatedAt: number
  failures: number
}

export interface ShopifyBulk {
  readonly id: string
  readonly query: string
  status: 'CREATED' | 'RUNNING' | 'COMPLETED' | 'FAILED'
  readonly createdAt: number
  completedAt: number | undefined
  result: Buffer | undefined
  objects: number
  roots: number
}
