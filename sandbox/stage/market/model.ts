import type { Actor } from '../ledger.ts'

/** What a simulated marketplace keeps. Money in minor units, instants in milliseconds, ids as text. Who writes: `operations.ts` and its neighbours. */
export interface MarketSku {
  readonly id: string
  /** The seller's own code, as a cart and the hub name it. */
  code: string
  readonly options: readonly { readonly name: string; readonly value: string }[]
  readonly priceMinor: number
  stock: number
}

export interface MarketItem {
  readonly id: string
  readonly seq: number
  readonly title: string
  code: string
  readonly priceMinor: number
  /** Of an item with variants: their sum, kept by `moveStock`. */
  stock: number
  onSale: boolean
  readonly skus: readonly MarketSku[]
  readonly createdAt: number
  modifiedAt: number
}

/** Everything that can be sold: an item without variants, or one variant. */
export interface Place {
  readonly item: MarketItem
  readonly sku: MarketSku | undefined
  readonly code: string
}

export interface MarketLine {
  readonly id: string
  readonly item: MarketItem
  readonly sku: MarketSku | undefined
  readonly priceMinor: number
  readonly quantity: number
  /** Of this line alone, by a promotion of its item. */
  readonly discountMinor: number
  /** The seller's own change of the price; negative makes it cheaper. */
  readonly adjustMinor: number
  /** Shares of what was taken off the whole order, by who pays for it. */
  readonly sellerShareMinor: number
  readonly channelShareMinor: number
  shipped: number
  /** Units given back. */
  refunded: number
  /** All of its money went back. */
  closed: boolean
  /** Its units are off the shelf. */
  taken: boolean
}

export interface MarketPromotion {
  readonly id: string
  readonly title: string
  readonly funder: 'seller' | 'channel'
  readonly minor: number
  /** Undefined: of the whole order. */
  readonly lineId: string | undefined
}

/**
 * `cancelled` ended before it was paid, `closed` because all money went back; `to-ship` is paid or waits for cash at the door.
 */
export type OrderState = 'unpaid' | 'to-ship' | 'part-shipped' | 'shipped' | 'finished' | 'cancelled' | 'closed'

export interface MarketOrder {
  readonly id: string
  readonly number: string
  readonly seq: number
  /** The channel's own kind of order, free text; empty for the usual one. */
  readonly kind: string
  state: OrderState
  /** A status no document of the channel names, shown instead of the real one. */
  strange: string | undefined
  readonly isCod: boolean
  /** Of a presale: its deposit, and whether the rest is paid too. */
  readonly presale: { readonly depositMinor: number; restPaid: boolean } | undefined
  /** `personAt` of `people.ts`. */
  person: number
  readonly lines: readonly MarketLine[]
  readonly promotions: readonly MarketPromotion[]
  readonly shippingMinor: number
  readonly otherFeeMinor: number
  readonly createdAt: number
  paidAt: number | undefined
  /** When the first goods left. */
  shippedAt: number | undefined
  finishedAt: number | undefined
  /** When it was cancelled or closed. */
  closedAt: number | undefined
  modifiedAt: number
  /** When lists begin to show the last change. */
  visibleAt: number
  readonly buyerNote: string
  sellerNote: string
  flag: number
  /** In the order they were asked for. */
  readonly refunds: MarketRefund[]
  readonly shipments: MarketShipment[]
}

/** `approved` waits for goods or money; `closed` was taken back by the buyer. */
export type RefundState = 'requested' | 'approved' | 'done' | 'rejected' | 'closed'

export interface MarketRefund {
  readonly id: string
  readonly seq: number
  readonly order: MarketOrder
  readonly lines: readonly { readonly line: MarketLine; readonly quantity: number; readonly minor: number }[]
  /** Postage and other fees among `minor`. */
  readonly feesMinor: number
  /** All of it. */
  readonly minor: number
  state: RefundState
  readonly goodsBack: boolean
  readonly reason: string
  readonly createdAt: number
  doneAt: number | undefined
  modifiedAt: number
  visibleAt: number
}

export interface MarketShipment {
  readonly id: string
  readonly order: MarketOrder
  carrier: Carrier
  tracking: string
  /** `pending`: made, and nothing has left yet. */
  state: 'pending' | 'sent'
  readonly lines: readonly { readonly line: MarketLine; readonly quantity: number }[]
  readonly createdAt: number
  modifiedAt: number
}

export interface Carrier {
  readonly code: string
  readonly name: string
}

export type Topic =
  | 'placed'
  | 'paid'
  | 'edited'
  | 'status'
  | 'part-shipped'
  | 'shipped'
  | 'finished'
  | 'cancelled'
  | 'refund-requested'
  | 'refund-approved'
  | 'refund-done'
  | 'refund-rejected'
  | 'refund-closed'

/** What happened to an order, told at once to everybody who listens. A refund that closes its order is `refund-done` with that order closed. */
export interface MarketEvent {
  readonly topic: Topic
  readonly order: MarketOrder
  readonly refund?: MarketRefund
  readonly shipment?: MarketShipment
  readonly by: Actor
  readonly at: number
}
