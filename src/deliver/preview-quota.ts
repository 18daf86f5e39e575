import type pg from 'pg'
import type { PreviewListing } from '../store/deliver/arm.ts'
import { readEscrows, stockFree } from '../store/deliver/escrow.ts'
import { quotaListing, scaleOf } from './push-quota.ts'
import { isStarving, nextLevel, shareOut, type QuotaListing } from './quota.ts'
import type { Share } from './desired.ts'
import type { Scales } from './rule-scales.ts'

/**
 * What listings of a connection under quota would be set to if it were armed now: what each shows becomes its units first, then it is filled up or
 * gives back like any other. A listing that is left as it is has its own number here. Changes nothing.
 */
export async function quotaPreview(
  client: pg.ClientBase | pg.Pool,
  connectionId: string,
  listings: readonly PreviewListing[],
  share: Share,
  scales: Scales,
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const skus = [...new Set(listings.flatMap(({ sku }) => sku ?? []))].sort()
  const known = await readEscrows(client, skus, now)
  const free = await stockFree(client, skus)
  const levels = new Map<string, number>()
  for (const sku of skus) {
    const rows = known.filter((row) => row.sku === sku)
    const own = listings.filter((listing) => listing.sku === sku)
    const isOwn = (key: string): boolean => own.some(({ listing_key }) => listing_key === key)
    const others = rows
      .filter((row) => row.connection_id !== connectionId || !isOwn(row.listing_key))
      .map((row) => quotaListing(row, scaleOf(row, scales)))
    const mine = own.map((listing): QuotaListing => {
      const row = rows.find((each) => each.connection_id === connectionId && each.listing_key === listing.listing_key)
      const books = { units: row?.units ?? Number(listing.shown ?? 0), sold: row?.sold ?? 0, closed: !listing.active || listing.paused }
      return quotaListing({ connection_id: connectionId, listing_key: listing.listing_key, ...books }, scales.of(connectionId, sku, share))
    })
    const all = [...others, ...mine]
    const units = all.reduce((sum, each) => sum + each.units, 0)
    const whole = (free.get(sku) ?? 0) + rows.reduce((sum, each) => sum + each.units, 0)
    const targets = shareOut(whole, all)
    for (const [i, listing] of own.entries()) {
      const each = mine[i]
      if (!each) continue
      const left = whole - units
      const next = nextLevel(each, targets.get(each.key) ?? 0, left, isStarving(all, targets, left, each.key))
      levels.set(listing.listing_key, next ?? Number(listing.shown ?? 0))
    }
  }
  return levels
}
