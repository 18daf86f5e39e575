import type { FulfilmentStatus, Instant } from '../../src/core/order.ts'
import { at, optionalText, requiredText, text, utcInstant } from '../parts/read.ts'
import { metaValue } from './meta.ts'

/** One status word of WooCommerce taken apart into our axes. */
export interface State {
  readonly paid: boolean
  readonly paidAt?: Instant
  readonly isCod: boolean
  /** The whole amount went back (status "refunded"). */
  readonly refunded: boolean
  /** No money will come: payment failed, or cancelled before it was paid. */
  readonly void: boolean
  readonly fulfilment: FulfilmentStatus
  readonly cancelled?: { readonly by?: 'seller'; readonly reason?: string }
  readonly cancelRequested: boolean
  readonly closed: boolean
}

const MEANINGS = {
  awaiting_payment: 'awaiting_payment',
  to_ship: 'to_ship',
  shipped: 'shipped',
  completed: 'completed',
  cancelled: 'cancelled',
  cancel_requested: 'cancel_requested',
  ignore: 'ignore',
} as const
type Meaning = keyof typeof MEANINGS | 'failed' | 'refunded' | 'trash' | 'draft'

/** The statuses of WooCommerce itself, and what plugins usually call a buyer's wish to cancel. */
const KNOWN: ReadonlyMap<string, Meaning> = new Map([
  ['pending', 'awaiting_payment'],
  ['on-hold', 'awaiting_payment'],
  ['processing', 'to_ship'],
  ['completed', 'completed'],
  ['cancelled', 'cancelled'],
  ['failed', 'failed'],
  ['refunded', 'refunded'],
  ['trash', 'trash'],
  ['checkout-draft', 'draft'],
  ['auto-draft', 'draft'],
  ['cancel-request', 'cancel_requested'],
  ['cancel-requested', 'cancel_requested'],
  ['cancellation-request', 'cancel_requested'],
])

/** What a status may be read as. */
export const KNOWN_STATUSES: readonly string[] = [...KNOWN.keys()]

/** Undefined for a status nobody explained; those orders are held, never guessed. */
export function readState(doc: unknown, config: Readonly<Record<string, unknown>>): State | 'draft' | 'ignored' | undefined {
  const status = requiredText(doc, '/status').replace(/^wc-/, '')
  const meaning = told(config, status) ?? KNOWN.get(status)
  if (meaning === undefined) return undefined
  if (meaning === 'draft') return 'draft'
  if (meaning === 'ignore') return 'ignored'
  return stateOf(doc, meaning)
}

function told(config: Readonly<Record<string, unknown>>, status: string): Meaning | undefined {
  const word = text(config, `/statuses/${status.replace(/~/g, '~0').replace(/\//g, '~1')}`)
  return Object.values(MEANINGS).find((meaning) => meaning === word)
}

function stateOf(doc: unknown, meaning: Exclude<Meaning, 'draft' | 'ignore'>): State {
  const isCod = text(doc, '/payment_method') === 'cod'
  const paidAt = utcInstant(doc, '/date_paid_gmt')
  const shippable = meaning === 'to_ship' || meaning === 'shipped' || meaning === 'completed'
  // "processing" means paid, except for cash on delivery; only then is the date of payment set later.
  const paid = paidAt !== undefined || meaning === 'refunded' || meaning === 'completed' || (shippable && !isCod)
  const gone = meaning === 'cancelled' || meaning === 'trash' || (meaning === 'refunded' && optionalText(doc, '/date_completed_gmt') === undefined)
  return {
    paid,
    ...(paidAt === undefined ? {} : { paidAt }),
    isCod,
    refunded: meaning === 'refunded',
    void: !paid && (gone || meaning === 'failed'),
    fulfilment: fulfilmentOf(doc, meaning, gone),
    ...(gone
      ? { cancelled: meaning === 'trash' ? { by: 'seller' as const, reason: 'deleted' } : meaning === 'refunded' ? { reason: 'refunded' } : {} }
      : {}),
    cancelRequested: meaning === 'cancel_requested',
    closed: gone || meaning === 'completed' || meaning === 'refunded',
  }
}

/** Core fulfilments keep their sum in the order's metadata, next to a status that stays "processing". */
function fulfilmentOf(doc: unknown, meaning: Meaning, gone: boolean): FulfilmentStatus {
  if (meaning === 'completed' || meaning === 'shipped' || (meaning === 'refunded' && !gone)) return 'shipped'
  const sum = at(metaValue(doc, '_fulfillment_status'), '')
  if (sum === 'fulfilled') return 'shipped'
  return sum === 'partially_fulfilled' ? 'partial' : 'unallocated'
}
