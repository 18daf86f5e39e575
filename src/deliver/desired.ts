import type { Level } from '../store/deliver/levels.ts'

/** Why a listing is told nothing. */
export type Blocked = 'unbound' | 'inactive' | 'paused' | 'not-counted' | 'not-managed'

export interface DesiredInput {
  readonly sku: string | null
  readonly active: boolean
  readonly paused: boolean
  /** What the channel says it shows; null = it keeps no count of this listing, or names no quantities at all. */
  readonly shown: string | null
}
export interface Share {
  /** Part of the pool this connection may show: 0 … 1, decimal text. */
  readonly stock_share: string
  /** Units kept back on every listing of this connection. */
  readonly stock_buffer: number
  /** The channel names quantities: a listing without one is deliberately not counted there and stays so. */
  readonly names_quantities: boolean
}

/**
 * The level one listing should show: floor(promisable × share) − buffer, never below zero. A SKU nobody ever counted has
 * no level at all: unknown is not zero, and nothing may tell a channel "0" by accident.
 */
export function desiredLevel(
  listing: DesiredInput,
  levels: ReadonlyMap<string, Level>,
  share: Share,
): { readonly quantity: number } | { readonly blocked: Blocked } {
  if (listing.sku === null) return { blocked: 'unbound' }
  if (!listing.active) return { blocked: 'inactive' }
  if (listing.paused) return { blocked: 'paused' }
  if (listing.shown === null && share.names_quantities) return { blocked: 'not-managed' }
  const level = levels.get(listing.sku)
  if (!level?.counted) return { blocked: 'not-counted' }
  return { quantity: Math.min(MAX_LEVEL, Math.max(0, shareOf(level.promisable, share.stock_share) - share.stock_buffer)) }
}

/** More than any channel shows; keeps the number inside an integer column. */
const MAX_LEVEL = 1_000_000_000

/** floor(promisable × share) in exact integer arithmetic: 0.1 × 30 must be 3. */
function shareOf(promisable: string, share: string): number {
  const [whole = '0', fraction = ''] = promisable.split('.')
  const [shareWhole = '0', shareFraction = ''] = share.split('.')
  const product = BigInt(whole + fraction) * BigInt(shareWhole + shareFraction)
  return Number(product / 10n ** BigInt(fraction.length + shareFraction.length))
}
