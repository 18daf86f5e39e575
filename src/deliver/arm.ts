import { createHash } from 'node:crypto'
import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { withTx } from '../store/db.ts'
import { previewListings, setArmed, waitingEffects, type PreviewListing } from '../store/deliver/arm.ts'
import { outboundConnection, type OutboundConnection } from '../store/deliver/connection-row.ts'
import { readLevels, type Level } from '../store/deliver/levels.ts'
import { markConnectionDirty } from '../store/deliver/mark-dirty.ts'
import { countOutbound, readOutbound, writeOutbound, type OutboundState } from '../store/deliver/outbound.ts'
import { desiredLevel, type Share } from './desired.ts'
import { quotaPreview } from './preview-quota.ts'
import { loadScales, type Scale } from './rule-scales.ts'

export type ArmWhat = 'stock' | 'shipments'

/** What one listing would be told. For shipments: `listingKey` is the order number, `sku` the tracking number. */
export interface ArmItem {
  readonly listingKey: string
  readonly sku: string | null
  readonly title: string
  readonly shown: string | null
  readonly wouldSet: number | null
  readonly change: 'same' | 'lower' | 'raise' | 'zero' | 'skip' | 'send'
  readonly reason?: string
}
export interface ArmPreview {
  readonly items: readonly ArmItem[]
  readonly counts: Readonly<Record<ArmItem['change'], number>>
  /** Names exactly this preview; arming with it is refused once anything of it has changed. */
  readonly hash: string
}

/** Lists what each listing (or each waiting shipment) would be told if this connection were armed now. Changes nothing. */
export async function armPreview(pool: pg.Pool | pg.ClientBase, connectionId: string, what: ArmWhat, now: Date = new Date()): Promise<ArmPreview> {
  const connection = await outboundConnection(pool, connectionId)
  if (!connection) throw new DomainError('connection-unknown', `There is no connection ${connectionId}.`)
  const items = what === 'stock' ? await stockItems(pool, connectionId, connection, now) : await shipmentItems(pool, connectionId)
  const counts = { same: 0, lower: 0, raise: 0, zero: 0, skip: 0, send: 0 }
  for (const item of items) counts[item.change] += 1
  const told = items.map((item) => [item.listingKey, item.sku, item.change, item.wouldSet])
  return {
    items,
    counts,
    hash: createHash('sha256')
      .update(JSON.stringify([what, told]))
      .digest('hex')
      .slice(0, 32),
  }
}

async function stockItems(
  pool: pg.Pool | pg.ClientBase,
  connectionId: string,
  connection: OutboundConnection,
  now: Date,
): Promise<readonly ArmItem[]> {
  const listings = await previewListings(pool, connectionId)
  const skus = [...new Set(listings.flatMap((listing) => listing.sku ?? []))]
  const levels = new Map((await readLevels(pool, skus)).map((level) => [level.sku, level]))
  const scales = await loadScales(pool, pool, skus)
  const own = connection.stock_mode === 'quota' ? await quotaPreview(pool, connectionId, listings, connection, scales, now) : undefined
  return listings.map((listing) => {
    const scale = listing.sku === null ? undefined : scales.of(connectionId, listing.sku, connection)
    return stockItem(listing, levels, { ...connection, scale }, own?.get(listing.listing_key))
  })
}

function stockItem(
  listing: PreviewListing,
  levels: ReadonlyMap<string, Level>,
  given: Share & { readonly scale: Scale | undefined },
  own: number | undefined,
): ArmItem {
  const base = { listingKey: listing.listing_key, sku: listing.sku, title: listing.title, shown: listing.shown }
  const level = desiredLevel(listing, levels, given, given.scale)
  if ('blocked' in level) return { ...base, wouldSet: null, change: 'skip', reason: listing.bound === 'ignored' ? 'ignored' : level.blocked }
  const quantity = own ?? level.quantity
  if (listing.shown === null) return { ...base, wouldSet: quantity, change: quantity === 0 ? 'zero' : 'raise', reason: 'shown-unknown' }
  const shown = Number(listing.shown)
  const change = quantity === shown ? 'same' : quantity === 0 ? 'zero' : quantity < shown ? 'lower' : 'raise'
  return { ...base, wouldSet: quantity, change }
}

async function shipmentItems(pool: pg.Pool | pg.ClientBase, connectionId: string): Promise<readonly ArmItem[]> {
  const effects = await waitingEffects(pool, connectionId)
  return effects.map((effect) => ({
    listingKey: effect.channel_order_no,
    sku: effect.tracking_no,
    title: effect.carrier_name ?? effect.kind,
    shown: null,
    wouldSet: null,
    change: 'send',
    reason: effect.kind,
  }))
}

export interface ArmRequest {
  readonly pool: pg.Pool
  readonly connectionId: string
  readonly what: readonly ArmWhat[]
  /** `hash` of the preview; arming both at once takes both hashes, joined by a comma. Shipments need none while nothing waits. */
  readonly previewHash: string
  /** Needed when any listing would be set to zero. */
  readonly confirmZero: boolean
  readonly actor: string
  readonly now: Date
}

/**
 * Starts outbound writes of a connection, exactly as previewed.
 * @throws DomainError `connection-unknown`, `preview-outdated`, `zero-not-confirmed`
 */
export async function arm(request: ArmRequest): Promise<void> {
  const { connectionId, what, now } = request
  const accepted = request.previewHash.split(',').map((hash) => hash.trim())
  await withTx(request.pool, async (client) => {
    if (!(await outboundConnection(client, connectionId, 'update')))
      throw new DomainError('connection-unknown', `There is no connection ${connectionId}.`)
    for (const kind of what) {
      const preview = await armPreview(client, connectionId, kind, now)
      const nothingWaits = kind === 'shipments' && preview.items.length === 0
      if (!nothingWaits && !accepted.includes(preview.hash)) {
        throw new DomainError(
          'preview-outdated',
          `What would be sent has changed since the preview of ${kind}. Look at a new preview, then arm again.`,
          { what: kind },
        )
      }
      if (preview.counts.zero > 0 && !request.confirmZero) {
        throw new DomainError('zero-not-confirmed', `${preview.counts.zero} listings would be set to 0. Confirm this to arm.`, {
          zero: preview.counts.zero,
        })
      }
    }
    await setArmed(client, connectionId, flags(what, true), request.actor, now)
    if (what.includes('stock')) await markConnectionDirty(client, connectionId)
  })
}

/** Stops outbound writes of a connection. What is on the wire is still settled. */
export async function disarm(request: Pick<ArmRequest, 'pool' | 'connectionId' | 'what' | 'actor' | 'now'>): Promise<void> {
  await withTx(request.pool, async (client) => {
    if (!(await outboundConnection(client, request.connectionId, 'update')))
      throw new DomainError('connection-unknown', `There is no connection ${request.connectionId}.`)
    await setArmed(client, request.connectionId, flags(request.what, false), request.actor, request.now)
  })
}

const flags = (what: readonly ArmWhat[], on: boolean): { readonly stock?: boolean; readonly shipments?: boolean } => ({
  ...(what.includes('stock') && { stock: on }),
  ...(what.includes('shipments') && { shipments: on }),
})

export interface OutboundRequest {
  readonly pool: pg.Pool
  readonly actor: string
  readonly reason?: string
  readonly now: Date
}

/** Halts all outbound writes of all connections at once: once this returns no write is planned any more. Reading goes on. */
export const stopOutbound = (request: OutboundRequest): Promise<void> =>
  writeOutbound(request.pool, {
    state: 'stopped',
    by: request.actor,
    at: request.now.toISOString(),
    ...(request.reason !== undefined && { reason: request.reason }),
  })

/** Lets outbound writes go again; what moved meanwhile is sent at its newest level, once. */
export const startOutbound = (request: OutboundRequest): Promise<void> =>
  writeOutbound(request.pool, {
    state: 'running',
    by: request.actor,
    at: request.now.toISOString(),
    ...(request.reason !== undefined && { reason: request.reason }),
  })

/** The switch with what waits, is on the wire, is in doubt and was confirmed in the last hour. */
export async function outboundState(pool: pg.Pool, now: Date): Promise<OutboundState & Awaited<ReturnType<typeof countOutbound>>> {
  return { ...(await readOutbound(pool)), ...(await countOutbound(pool, now)) }
}
