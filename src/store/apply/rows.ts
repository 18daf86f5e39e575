import type { RawKind } from '../../core/mapping.ts'
import type { SealedDocument } from '../envelope.ts'

export type RawSource = 'poll' | 'hook' | 'fetch' | 'backfill' | 'file' | 'manual'

/** One raw document ready to be applied: sealed, mapped and rendered before the transaction began. */
export interface PreparedRaw {
  readonly connectionId: string
  readonly kind: RawKind
  readonly externalId: string
  readonly parentId?: string
  readonly source: RawSource
  readonly receivedAt: string
  /** The order key (I4): source time, authoritative read, when that read began. */
  readonly sourceTime: string
  readonly authoritative: boolean
  readonly readStartedAt: string
  readonly sha256: Buffer
  readonly size: number
  readonly meta?: Readonly<Record<string, string>>
  /** Not archived yet. */
  readonly sealed?: SealedDocument
  /** Archived before (a delivery, an appended page, a replay). */
  readonly archivedRawId?: number
  /** Nothing of its entity stood when it was compared: most likely it is the first of it. */
  readonly isNew?: boolean
  readonly mapping: string
  readonly overridesVersion: number
  readonly result: PreparedResult
}

export type PreparedResult =
  | { readonly kind: 'order'; readonly order: OrderRow }
  | { readonly kind: 'refund'; readonly refund: RefundRow }
  | { readonly kind: 'ignored'; readonly rule: string }
  | { readonly kind: 'held'; readonly reason: string; readonly failure: FailureRow }

export interface OrderRow {
  readonly channel: string
  readonly channelOrderNo: string
  readonly displayNo?: string
  readonly doc: Buffer
  readonly contentHash: Buffer
  readonly sourceStatus: string
  readonly payment: string
  readonly fulfilment: string
  readonly afterSale: string
  readonly cancelled: boolean
  readonly cancelRequested: boolean
  readonly closed: boolean
  readonly reserves: boolean
  readonly currency: string
  readonly totalMinor: number
  readonly paidMinor: number
  readonly refundedMinor: number
  readonly unitCount: string
  readonly placedAt: string
  readonly paidAt?: string
  readonly shipBy?: string
  readonly sandbox: boolean
  readonly lines: readonly LineRow[]
  readonly facts: readonly FactRow[]
  readonly holds: readonly HoldRow[]
  readonly party?: PartyRow
  readonly refunds: readonly RefundRow[]
}

export interface LineRow {
  readonly lineNo: number
  readonly channelLineNo: string
  readonly listingKey?: string
  readonly channelSku: string
  readonly barcode?: string
  readonly sku?: string
  readonly title: string
  readonly quantity: string
  readonly cancelled: string
  readonly shipped: string
  readonly netMinor: number
  readonly needsGoods: boolean
  /** Our location its goods come from, where the channel named a place that is bound to it. */
  readonly place?: string
}

export interface FactRow {
  readonly code: string
  readonly at: string
  readonly ref?: string
}

/** A reason the order waits. With `failure`, it also stands in the failure queue. */
export interface HoldRow {
  readonly code: string
  readonly detail: string
  readonly message: string
  readonly failure?: FailureRow
}

export interface PartyRow {
  readonly sealed: SealedDocument
  /** Of everything below before it was sealed: equal marks are equal personal data. */
  readonly mark: Buffer
  readonly phone4?: Buffer
  readonly phone?: Buffer
  readonly email?: Buffer
}

export interface RefundRow {
  readonly channelRefundNo: string
  readonly channelOrderNo?: string
  readonly orderExternalId?: string
  readonly kind: string
  readonly state: string
  readonly currency: string
  readonly amountMinor: number
  readonly sourceTime: string
  readonly contentHash: Buffer
  readonly doc: string
  readonly at: string
  readonly sandbox: boolean
}

/** What groups failures: `signature` is channel + operation + kind + code + normalised message. */
export interface FailureRow {
  readonly signature: string
  readonly connectionId: string
  readonly channel: string
  readonly operation: string
  readonly faultKind: string
  readonly code: string
  readonly message: string
  readonly sample: string
  readonly subject?: string
}
