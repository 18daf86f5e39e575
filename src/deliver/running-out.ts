import type pg from 'pg'
import { outboundConnection } from '../store/deliver/connection-row.ts'
import { readLevels } from '../store/deliver/levels.ts'
import { skusOf, waitingListings } from '../store/deliver/plan-stock.ts'
import { desiredLevel } from './desired.ts'
import { loadScales } from './rule-scales.ts'

/** At most so many marked listings are looked through for those that run out. */
const LOOKED_THROUGH = 20_000
const FEW = 3
const SMALL_PART = 0.1

/** True where so few pieces are left that the channel may sell what is not there: up to three, or a tenth of what it shows. */
const isRunningOut = (quantity: number, shown: number | null): boolean =>
  (shown === null || quantity < shown) && quantity <= Math.max(FEW, (shown ?? 0) * SMALL_PART)

/** Marked listings of a connection that are about to run out, the emptiest first. Without locks: what is told is computed anew. */
export async function aboutToRunOut(pool: pg.Pool, connectionId: string, most: number): Promise<readonly string[]> {
  const [connection, waiting] = await Promise.all([outboundConnection(pool, connectionId), waitingListings(pool, connectionId, LOOKED_THROUGH)])
  if (!connection || waiting.length === 0) return []
  const skus = skusOf(waiting)
  const levels = new Map((await readLevels(pool, skus)).map((level) => [level.sku, level]))
  const scales = await loadScales(pool, pool, skus)
  return waiting
    .flatMap((listing) => {
      const level = desiredLevel(listing, levels, connection, listing.sku === null ? undefined : scales.of(connectionId, listing.sku, connection))
      const shown = listing.confirmed ?? (listing.shown === null ? null : Number(listing.shown))
      return 'quantity' in level && isRunningOut(level.quantity, shown) ? [{ key: listing.listing_key, quantity: level.quantity }] : []
    })
    .toSorted((a, b) => a.quantity - b.quantity || (a.key < b.key ? -1 : 1))
    .slice(0, most)
    .map(({ key }) => key)
}
