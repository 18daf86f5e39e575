import type { Level } from '../store/deliver/levels.ts'
import type { Scale } from './rule-scales.ts'

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
  /** Part of the pool this connection may show where no rule says another: 0 … 1, decimal text. */
  readonly stock_share: string
  /** Units kept back on every listing of this connection where no rule says another. */
  readonly stock_buffer: number
  /** The channel names quantities: a listing without one is deliberately not counted there and stays so. */
  readonly names_quantities: boolean
}

/**
 * The level one listing should show, by the rules that hold for it (`scale`). A SKU nobody ever counted has
 * no level at all: unknown is not zero, and nothing may tell a channel "0" by accident.
 */
export function desiredLevel(
  listing: DesiredInput,
  levels: ReadonlyMap<string, Level>,
  share: Pick<Share, 'names_quantities'>,
  scale: Scale | undefined,
): { readonly quantity: number } | { readonly blocked: Blocked } {
  if (listing.sku === null) return { blocked: 'unbound' }
  if (!listing.active) return { blocked: 'inactive' }
  if (listing.paused) return { blocked: 'paused' }
  if (listing.shown === null && share.names_quantities) return { blocked: 'not-managed' }
  const level = levels.get(listing.sku)
  if (!level?.counted || !scale) return { blocked: 'not-counted' }
  return { quantity: sharedLevel(level.promisable, scale) }
}

/**
 * What a listing shows of a shared pool: floor(pool × share) − buffer − what it learned to keep back, or its fixed quota while there are so many, at most its maximum and never
 * below zero. Where no more pieces are left than listings that come before it, it shows none.
 */
export function sharedLevel(promisable: string, scale: Scale): number {
  const open = scale.pool ?? promisable
  if (scale.stop || wholeOf(open) <= scale.ahead) return 0
  const pool = [scale.located, scale.atHand?.shared ?? null].reduce<string>(
    (least, limit) => (limit !== null && Number(limit) < Number(least) ? limit : least),
    open,
  )
  const kept = scale.buffer + scale.learned
  const part = scale.quota === null ? shareOf(pool, scale.share) - kept : Math.min(scale.quota, wholeOf(pool) - kept)
  return Math.min(MAX_LEVEL, scale.maximum ?? MAX_LEVEL, Math.max(0, part))
}

/** More than any channel shows; keeps the number inside an integer column. */
const MAX_LEVEL = 1_000_000_000

const wholeOf = (quantity: string): number => shareOf(quantity, '1')

/** floor(promisable × share) in exact integer arithmetic: 0.1 × 30 must be 3. */
function shareOf(promisable: string, share: string): number {
  if (share === '1' && promisable.length < 16 && !promisable.includes('.')) return Number(promisable)
  const [whole = '0', fraction = ''] = promisable.split('.')
  const [shareWhole = '0', shareFraction = ''] = share.split('.')
  const product = BigInt(whole + fraction) * BigInt(shareWhole + shareFraction)
  return Number(product / 10n ** BigInt(fraction.length + shareFraction.length))
}
