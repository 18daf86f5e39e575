import type { Money } from './money.ts'

/** ISO 8601 instant in UTC with Z, e.g. "2026-11-20T08:00:00Z" or with milliseconds. */
export type Instant = string

export type PaymentStatus = 'pending' | 'authorised' | 'partially_paid' | 'paid' | 'refund_pending' | 'partially_refunded' | 'refunded' | 'voided'
export type FulfilmentStatus = 'unallocated' | 'allocated' | 'released' | 'partial' | 'shipped' | 'in_transit' | 'delivered' | 'failed'
export type AfterSaleStatus = 'none' | 'requested' | 'in_progress' | 'closed'
export type ApprovalStatus = 'new' | 'held' | 'review' | 'approved' | 'rejected'
export type SyncStatus = 'current' | 'writeback_pending' | 'writeback_failed' | 'in_doubt'

/** A person or place. Every field is personal data: kept in the encrypted envelope, masked elsewhere. */
export interface Party {
  readonly name?: string
  readonly company?: string
  readonly phone?: string
  readonly email?: string
  readonly country?: string // ISO 3166-1 alpha-2
  readonly province?: string
  readonly city?: string
  readonly district?: string
  readonly address?: string // street lines joined by newline
  readonly postcode?: string
  /** The channel's opaque recipient id (OAID and kin), where it has one. */
  readonly channelId?: string
}

/** How readable the recipient is: as sent in clear, as channel ciphertext, already masked, or only a token. */
export type PiiMode = 'plain' | 'cipher' | 'mask' | 'token'

export type Funder = 'seller' | 'channel' | 'brand' | 'points'

/** A price reduction and who pays for it. Amounts are positive. */
export interface Discount {
  readonly scope: 'line' | 'order' | 'shipping'
  readonly funder: Funder
  readonly kind: 'coupon' | 'promotion' | 'points' | 'manual' | 'other'
  readonly code?: string
  readonly title?: string
  readonly amount: Money
  /** Share per line number; Σ = amount for line and order scope. */
  readonly allocations: readonly { readonly lineNo: number; readonly amount: Money }[]
}

export interface OrderLine {
  readonly lineNo: number // 1-based position, stable within the order
  readonly channelLineNo: string
  readonly channelSku: string // "" when the channel sent none
  readonly channelProduct?: string
  /** Key of the listing on this connection ("product" or "product:variant"); joins with `listings.listing_key`. */
  readonly listingKey?: string
  readonly barcode?: string
  readonly title: string
  readonly options?: string
  readonly quantity: string // decimal text; may be fractional for weighed goods
  readonly cancelled: string
  readonly shipped: string
  readonly unitPrice: string // informative decimal text, up to 6 places
  readonly gross: Money
  readonly discount: Money // positive
  readonly net: Money // gross − discount
  readonly tax: Money
  readonly role: 'single' | 'bundle' | 'component' | 'gift' | 'service' | 'fee'
}

/** Σ line.net + shipping − shippingDiscount + fees + duties − unallocatedDiscount + (tax unless included) + rounding = total (O1). */
export interface Totals {
  readonly items: Money // Σ line.net
  readonly discount: Money // Σ line.discount, positive
  readonly unallocatedDiscount: Money
  readonly shipping: Money
  readonly shippingDiscount: Money
  readonly fees: Money
  readonly duties: Money
  readonly tax: Money
  readonly rounding: Money // declared by the channel, or the known rounding of its arithmetic; never a plug
  readonly total: Money
  readonly paid: Money
  readonly refunded: Money
}

export interface Payment {
  readonly id?: string
  readonly kind: 'authorisation' | 'capture' | 'refund' | 'void' | 'cod' | 'points' | 'gift_card'
  readonly method: string
  readonly amount: Money
  readonly at?: Instant
  readonly status: 'pending' | 'done' | 'failed'
}

/** Money given back, always a document of its own. Amount is positive. */
export interface Refund {
  readonly channelRefundNo: string
  /** Absent for a credit note that names no order. */
  readonly channelOrderNo?: string
  readonly kind: 'refund' | 'cancellation' | 'return' | 'adjustment'
  readonly state: 'requested' | 'approved' | 'done' | 'rejected'
  readonly amount: Money // positive = back to the buyer; an adjustment may be negative
  readonly shipping?: Money
  readonly reason?: string
  readonly at: Instant
  readonly sourceUpdatedAt: Instant
  readonly lines: readonly {
    readonly channelLineNo: string
    readonly channelSku?: string
    readonly title?: string
    readonly quantity: string
    readonly amount: Money
  }[]
}

/** A shipment the channel reports (ours echoed back, or made at the channel itself). */
export interface ChannelShipment {
  readonly channelShipmentNo: string
  readonly carrier?: string
  readonly trackingNo?: string
  readonly state: 'pending' | 'shipped' | 'delivered' | 'cancelled'
  readonly at?: Instant
  readonly lines: readonly { readonly channelLineNo: string; readonly quantity: string }[]
}

/** One canonical order: what a mapping makes of one raw document. Pure data, no clock, no database. */
export interface Order {
  readonly channelOrderNo: string
  readonly displayNo?: string
  readonly type: 'normal' | 'presale' | 'b2b' | 'pos' | 'pickup' | 'exchange' | 'resend' | 'gift' | 'sample'
  readonly fulfilmentBy: 'merchant' | 'channel' | 'supplier' | 'mixed'
  /** The channel's own status word(s), kept beside our axes. */
  readonly sourceStatus: string
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly cancelled?: { readonly at?: Instant; readonly by?: 'buyer' | 'seller' | 'channel'; readonly reason?: string }
  /** A cancel or refund request that waits for our decision before shipping. */
  readonly cancelRequest?: { readonly id?: string; readonly at?: Instant; readonly reason?: string }
  /** No further work can come (completed and past after-sale); reserves nothing. */
  readonly closed: boolean
  readonly placedAt: Instant
  readonly paidAt?: Instant
  readonly shipBy?: Instant
  /** Source time of this state: the first part of the order key (I4). */
  readonly sourceUpdatedAt: Instant
  readonly sourceTz: string
  readonly sourcePrecision: 'ms' | 's' | 'min' | 'day'
  readonly currency: string
  readonly taxIncluded: boolean
  readonly totals: Totals
  readonly lines: readonly OrderLine[]
  readonly discounts: readonly Discount[]
  readonly payments: readonly Payment[]
  readonly refunds: readonly Refund[]
  readonly shipments: readonly ChannelShipment[]
  readonly piiMode: PiiMode
  readonly recipient?: Party
  readonly billTo?: Party
  readonly buyerRef?: string
  readonly buyerNote?: string // personal data: envelope only
  readonly sellerNote?: string
  readonly isCod: boolean
  readonly couponCodes: readonly string[]
  readonly extra: Readonly<Record<string, string>>
}
