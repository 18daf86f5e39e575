/** What the simulated Vendure keeps. Money in integer minor units; prices without tax, tax added per unit and rounded there. */
export interface VendureVariant {
  readonly id: string
  readonly productId: string
  name: string
  sku: string
  price: number
  trackInventory: boolean
  stockOnHand: number
  stockAllocated: number
  enabled: boolean
  readonly createdAt: number
  updatedAt: number
}

export interface VendureLine {
  readonly id: string
  readonly variant: VendureVariant
  quantity: number
  /** What was ordered, untouched by cancelling. */
  placedQuantity: number
  readonly unitPrice: number
  /** Off each unit, from an order promotion. */
  readonly unitDiscount: number
}

export interface VendureRefund {
  readonly id: string
  readonly total: number
  readonly reason: string
  readonly createdAt: number
  readonly lines: readonly { readonly line: VendureLine; readonly quantity: number }[]
}

export interface VendurePayment {
  readonly id: string
  readonly amount: number
  readonly method: string
  state: string
  readonly transactionId: string
  readonly createdAt: number
  readonly refunds: VendureRefund[]
}

export interface VendureFulfilment {
  readonly id: string
  state: string
  readonly method: string
  readonly trackingCode: string
  readonly lines: readonly { readonly line: VendureLine; readonly quantity: number }[]
  readonly createdAt: number
  updatedAt: number
}

export interface VendureHistory {
  readonly id: string
  readonly type: string
  readonly createdAt: number
  readonly isPublic: boolean
  readonly data: Readonly<Record<string, unknown>>
}

export interface VendureAddress {
  readonly fullName: string
  readonly company: string
  readonly streetLine1: string
  readonly streetLine2: string
  readonly city: string
  readonly province: string
  readonly postalCode: string
  readonly countryCode: string
  readonly phoneNumber: string
}

export interface VendureCustomer {
  readonly firstName: string
  readonly lastName: string
  readonly emailAddress: string
  readonly phoneNumber: string
}

export interface VendureOrder {
  readonly id: string
  readonly code: string
  state: string
  active: boolean
  readonly currency: string
  customer: VendureCustomer | undefined
  shippingAddress: VendureAddress | undefined
  lines: VendureLine[]
  surcharge: { readonly description: string; readonly price: number } | undefined
  shipping: number
  readonly payments: VendurePayment[]
  readonly fulfilments: VendureFulfilment[]
  readonly history: VendureHistory[]
  readonly createdAt: number
  /** Cut to whole seconds, and left alone by everything that happens to a fulfilment. */
  updatedAt: number
  placedAt: number | undefined
  /** Not in lists before. */
  visibleAt: number
  couponCodes: readonly string[]
}
