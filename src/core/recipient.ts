import type { Instant } from './order.ts'

/** Why somebody wants to see a recipient; channels ask for it, and the audit keeps it. */
export const RECIPIENT_PURPOSES = ['shipping', 'support', 'fraud', 'legal'] as const
export type RecipientPurpose = (typeof RECIPIENT_PURPOSES)[number]

/** An order whose recipient only its channel can read. */
export interface SealedRecipient {
  readonly orderId: string
  readonly channelOrderNo: string
  /** The order's newest document as received, with the ciphertexts or the id that stands for the recipient. */
  readonly document: string
  readonly purpose: RecipientPurpose
}

/** A recipient in clear, as far as the channel opened it. */
export interface OpenedRecipient {
  readonly name?: string
  readonly phone?: string
  readonly address?: string
  readonly district?: string
  readonly city?: string
  readonly province?: string
  /** The telephone number is a stand-in that leads to the buyer for a while. */
  readonly isVirtualPhone?: boolean
  readonly validUntil?: Instant
}
