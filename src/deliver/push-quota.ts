import type pg from 'pg'
import { beginEscrow, readEscrows, type EscrowRow } from '../store/deliver/escrow.ts'
import type { PendingListing } from '../store/deliver/plan-stock.ts'
import { isStarving, nextLevel, shareOut, type QuotaListing } from './quota.ts'
import type { Scale, Scales } from './rule-scales.ts'

interface QuotaWrite {
  readonly listing: PendingListing
  readonly sku: string
  readonly quantity: number
  /** What the channel must show for taking the level; where it is absent it takes it in any case. */
  readonly expected?: number
}
export interface QuotaPlan {
  readonly writes: readonly QuotaWrite[]
  /** Listings that are told nothing now and shall be looked at again when something moves. */
  readonly resting: readonly { readonly key: string; readonly reason: string | null }[]
}

/**
 * The levels of listings under quota: what each should have by its recent sales, and of that what may be set now. Leave is asked for each write
 * in this transaction, so that no two connections give away the same unit. Lock the SKUs' stock rows before.
 */
export async function quotaLevels(
  client: pg.ClientBase,
  listings: readonly PendingListing[],
  terms: {
    readonly connectionId: string
    readonly now: Date
    readonly skewSeconds: number
    readonly scales: Scales
    readonly compares?: boolean | undefined
  },
): Promise<QuotaPlan> {
  const { connectionId, now, skewSeconds, scales } = terms
  const writes: QuotaWrite[] = []
  const resting: { key: string; reason: string | null }[] = []
  for (const listing of listings) {
    // Read anew for each: what the one before took is gone.
    const rows = listing.sku === null ? [] : await readEscrows(client, [listing.sku], now)
    const own = rows.find((row) => row.connection_id === connectionId && row.listing_key === listing.listing_key)
    if (!own) {
      resting.push({ key: listing.listing_key, reason: 'quota-opening' })
      continue
    }
    // After a level that was refused because the channel shows another number, the next one does not ask; nor can a part of a piece be asked for.
    const expected = terms.compares === true && own.attempts === 0 && Number.isInteger(own.expected) ? own.expected : undefined
    const quantity = levelOf(rows, own, scales, expected)
    const write = { connectionId, key: listing.listing_key, expected, now, skewSeconds }
    const said = quantity === undefined ? 'keep' : await beginEscrow(client, { ...write, quantity })
    if (said === 'ok' && quantity !== undefined) writes.push({ listing, sku: own.sku, quantity, ...(expected !== undefined && { expected }) })
    else resting.push({ key: listing.listing_key, reason: said === 'keep' ? null : `quota-${said}` })
  }
  return { writes, resting }
}

function levelOf(rows: readonly EscrowRow[], own: EscrowRow, scales: Scales, expected: number | undefined): number | undefined {
  const all = rows.map((row) => quotaListing(row, scaleOf(row, scales)))
  const free = own.free
  const targets = shareOut(free + all.reduce((sum, { units }) => sum + units, 0), all)
  const key = keyOf(own)
  const mine = all.find((each) => each.key === key)
  return mine && nextLevel(mine, targets.get(key) ?? 0, free, isStarving(all, targets, free, key), expected)
}

const keyOf = (row: Pick<EscrowRow, 'connection_id' | 'listing_key'>): string => `${row.connection_id}/${row.listing_key}`
/** The rules of a listing under quota. */
export const scaleOf = (row: EscrowRow, scales: Scales): Scale =>
  scales.of(row.connection_id, row.sku, { stock_share: String(row.stock_share), stock_buffer: row.stock_buffer })
/** Never more than its maximum, than lies at the locations that feed it, or than is at hand where it is kept to that. */
function mostOf({ maximum, located, atHand }: Scale): number | null {
  const most = Math.min(
    maximum ?? Infinity,
    ...[located, atHand?.all ?? null].flatMap((limit) => (limit === null ? [] : [Math.floor(Number(limit))])),
  )
  return Number.isFinite(most) ? most : null
}

/** A listing under quota as the sharing out sees it. Locations that feed it limit how much; its units come from anywhere. */
export const quotaListing = (row: Pick<EscrowRow, 'connection_id' | 'listing_key' | 'units' | 'sold' | 'closed'>, scale: Scale): QuotaListing => ({
  key: keyOf(row),
  units: row.units,
  weight: (row.sold + 1) * Number(scale.share),
  buffer: scale.buffer,
  fixed: scale.quota,
  maximum: mostOf(scale),
  priority: scale.priority,
  closed: row.closed || scale.stop,
})
