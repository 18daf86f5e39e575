/** One listing under quota as the books have it. */
export interface QuotaListing {
  readonly key: string
  /** What may yet be sold there. */
  readonly units: number
  /** How much of the whole it should have: recent sales × the connection's share. */
  readonly weight: number
  /** Units the connection never shows. */
  readonly buffer: number
  /** Nothing is to be shown: the listing is paused, inactive or bound to another SKU. */
  readonly closed: boolean
}

/**
 * Whole units for each listing by weight, none left over: what rounding leaves goes to the largest remainders, so that the last piece
 * is on sale somewhere. The buffer of a connection stays free.
 */
export function shareOut(total: number, listings: readonly QuotaListing[]): ReadonlyMap<string, number> {
  const open = listings.filter(({ closed }) => !closed)
  const weights = open.reduce((sum, { weight }) => sum + weight, 0)
  const whole = Math.max(0, Math.floor(total))
  const exact = open.map(({ weight }) => (weights === 0 ? 0 : (whole * weight) / weights))
  const given = exact.map(Math.floor)
  let left = weights === 0 ? 0 : whole - given.reduce((sum, units) => sum + units, 0)
  const byRemainder = open
    .map((_, i) => i)
    .sort((a, b) => (exact[b] ?? 0) - (given[b] ?? 0) - ((exact[a] ?? 0) - (given[a] ?? 0)) || (open[a]?.key ?? '').localeCompare(open[b]?.key ?? ''))
  for (const i of byRemainder) {
    if (left <= 0) break
    given[i] = (given[i] ?? 0) + 1
    left -= 1
  }
  return new Map([
    ...listings.map(({ key }) => [key, 0] as const),
    ...open.map(({ key, buffer }, i) => [key, Math.max(0, (given[i] ?? 0) - buffer)] as const),
  ])
}

/** Below this part of its target a listing is filled up. Filling ties units up for a while, so it is not done for each piece. */
const LOW = 0.7
/** Above this many times its target a listing gives back when another one runs dry. */
const HIGH = 1.5

/**
 * The level to set, or undefined to leave the listing alone. Setting v takes v more from the free units until the reckoning, since what
 * of the old level was sold is not known; where they do not suffice the listing is closed first, and opened again when the
 * reckoning has set its units free.
 */
export function nextLevel(listing: QuotaListing, target: number, free: number, isNeededElsewhere: boolean): number | undefined {
  const { units } = listing
  if (target <= 0) return units > 0 ? 0 : undefined
  if (free < 0 && units > target) return 0
  if (units < target) {
    if (units > target * LOW) return undefined
    if (free >= target) return target
    return free > units ? Math.floor(free) : undefined
  }
  if (units > target * HIGH && isNeededElsewhere) return free >= target ? target : 0
  return undefined
}

/** Some other listing has less than half of what it should have, and nothing is free to give it. */
export const isStarving = (listings: readonly QuotaListing[], targets: ReadonlyMap<string, number>, free: number, except: string): boolean =>
  listings.some(({ key, units }) => key !== except && units < (targets.get(key) ?? 0) / 2 && free < (targets.get(key) ?? 0))
