/** One listing under quota as the books have it. */
export interface QuotaListing {
  readonly key: string
  /** What may yet be sold there. */
  readonly units: number
  /** How much of the whole it should have: recent sales × the connection's share. */
  readonly weight: number
  /** Units the connection never shows. */
  readonly buffer: number
  /** As many as this, before the others are given theirs by weight; null = by weight. */
  readonly fixed: number | null
  /** At most this many; null = any number. */
  readonly maximum: number | null
  /** Who comes first where units do not go round: the higher number. */
  readonly priority: number
  /** Nothing is to be shown: the listing is paused, inactive, bound to another SKU or stopped by a rule. */
  readonly closed: boolean
}

/**
 * Whole units for each listing: fixed numbers first, the rest by weight up to each one's maximum. None is left over that somebody may show: what rounding
 * leaves goes by priority, then to the largest remainders, so that the last piece is on sale somewhere. The buffer of a listing stays free.
 */
export function shareOut(total: number, listings: readonly QuotaListing[]): ReadonlyMap<string, number> {
  const open = listings.filter(({ closed }) => !closed)
  const given = new Map<string, number>()
  let left = Math.max(0, wholeOf(total))
  for (const listing of open.filter(({ fixed }) => fixed !== null).sort(firstOf)) {
    const units = Math.min(left, roomOf(listing))
    given.set(listing.key, units)
    left -= units
  }
  const weighed = open.filter(({ fixed, weight }) => fixed === null && weight > 0)
  for (const [key, units] of byWeight(left, weighed)) given.set(key, units)
  return new Map(listings.map(({ key, buffer, closed }) => [key, closed ? 0 : Math.max(0, (given.get(key) ?? 0) - buffer)] as const))
}

/** Whole pieces of a sum of decimals: 0.1 + 0.2 + 2.7 is 3. Leave for a write is asked in exact arithmetic. */
const wholeOf = (units: number): number => Math.floor(units + 1e-9)

/** The most a listing may show, its limit of either kind; null = there is none. */
const limitOf = ({ fixed, maximum }: QuotaListing): number | null => (fixed === null ? maximum : Math.min(fixed, maximum ?? fixed))
/** What it takes for showing its limit. */
const roomOf = (listing: QuotaListing): number => (limitOf(listing) ?? Number.MAX_SAFE_INTEGER) + listing.buffer
const firstOf = (a: QuotaListing, b: QuotaListing): number => b.priority - a.priority || a.key.localeCompare(b.key)

function byWeight(total: number, listings: readonly QuotaListing[]): ReadonlyMap<string, number> {
  let left = total
  let open = listings
  const given = new Map<string, number>()
  for (;;) {
    const weights = open.reduce((sum, { weight }) => sum + weight, 0)
    const full = open.filter((listing) => (left * listing.weight) / weights > roomOf(listing))
    if (full.length === 0) break
    // All of them at once: taking one out only raises the parts of the others.
    for (const listing of full) {
      given.set(listing.key, roomOf(listing))
      left -= roomOf(listing)
    }
    open = open.filter(({ key }) => !given.has(key))
  }
  const weights = open.reduce((sum, { weight }) => sum + weight, 0)
  const parts = open.map((listing) => ({ listing, exact: (left * listing.weight) / weights }))
  for (const { listing, exact } of parts) {
    given.set(listing.key, Math.floor(exact))
  }
  left -= parts.reduce((sum, { exact }) => sum + Math.floor(exact), 0)
  const remainder = (exact: number): number => exact - Math.floor(exact)
  parts.sort(
    (a, b) => b.listing.priority - a.listing.priority || remainder(b.exact) - remainder(a.exact) || a.listing.key.localeCompare(b.listing.key),
  )
  for (const { listing } of parts) {
    const units = given.get(listing.key) ?? 0
    if (left <= 0) break
    if (units >= roomOf(listing)) continue
    given.set(listing.key, units + 1)
    left -= 1
  }
  return given
}

/** Below this part of its target a listing is filled up. Filling ties units up for a while, so it is not done for each piece. */
const LOW = 0.7
/** Above this many times its target a listing gives back when another one runs dry. */
const HIGH = 1.5

/**
 * The level to set, or undefined to leave the listing alone. Setting v takes v more from the free units until the reckoning, since what
 * of the old level was sold is not known; where they do not suffice the listing is closed first, and opened again when the
 * reckoning has set its units free. Where the channel takes a level only if it shows what was `expected`, no more than the difference is needed: it is
 * never closed, and gives back at once.
 */
export function nextLevel(listing: QuotaListing, target: number, free: number, isNeededElsewhere: boolean, expected?: number): number | undefined {
  const { units } = listing
  const shown = expected ?? 0
  const lowered = free >= target - shown ? target : 0
  if (target <= 0) return units > 0 ? 0 : undefined
  if (free < 0 && units > target) return expected === undefined ? 0 : lowered
  // More than it may ever show is taken back at once, not only when another needs it.
  if (units > (limitOf(listing) ?? units)) return lowered
  if (units < target) {
    if (units > target * LOW) return undefined
    if (free >= target - shown) return target
    const most = wholeOf(free) + shown
    return most > units ? most : undefined
  }
  return units > target * HIGH && isNeededElsewhere ? lowered : undefined
}

/** Some other listing has less than half of what it should have, and nothing is free to give it. */
export const isStarving = (listings: readonly QuotaListing[], targets: ReadonlyMap<string, number>, free: number, except: string): boolean =>
  listings.some(({ key, units }) => key !== except && units < (targets.get(key) ?? 0) / 2 && free < (targets.get(key) ?? 0))
