import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { InventoryWrite } from '../core/connector.ts'
import { withTx } from '../store/db.ts'
import { outboundConnections, type OutboundConnection } from '../store/deliver/connection-row.ts'
import type { Landing } from '../store/deliver/escrow.ts'
import { beginCalls, writeKey, type DecidedListings } from '../store/deliver/level-calls.ts'
import { readLevels, type Level as StockLevel } from '../store/deliver/levels.ts'
import { readOutbound } from '../store/deliver/outbound.ts'
import {
  blockListings,
  lockLevels,
  markedListings,
  marksStand,
  readMarked,
  recordStockIntents,
  restListings,
  skusOf,
  takeMarks,
  type MarkedListing,
  type PendingListing,
  type ReadListings,
  type Wanted,
} from '../store/deliver/plan-stock.ts'
import { desiredLevel } from './desired.ts'
import { quotaLevels } from './push-quota.ts'
import { loadScales, type Scales } from './rule-scales.ts'

/** Why a whole connection is told nothing at the moment. */
export type Standstill = 'unknown-connection' | 'connection-not-active' | 'outbound-stopped' | 'not-armed'

export interface PlannedWrite {
  readonly effectId: number
  /** The call it is a part of; undefined under quota, where every write is recorded by itself and the books of its escrow hear of the answer, too. */
  readonly call: number | undefined
  readonly write: InventoryWrite
}
export interface StockPlan {
  readonly writes: readonly PlannedWrite[]
  readonly blocked: number
  /** The last listing whose mark was looked at: the next batch goes on behind it. */
  readonly last?: string | undefined
  readonly standstill?: Standstill
}

export interface PushContext {
  readonly pool: pg.Pool
  readonly now: Date
}

/** What is to be planned for one connection. */
export interface PlanRequest extends Omit<Wanted, 'most'> {
  /** As many levels as one call of the channel takes. */
  readonly maxBatch: number
  readonly landing: Landing
}

/**
 * Plans one batch of absolute writes: takes the dirty set, computes the newest level of each listing and records an
 * intent per listing, all before anything is sent. However often a SKU moved meanwhile, a listing appears once. The
 * caller sends the batch exactly once and brings the outcomes to `recordStockOutcomes`.
 */
export async function planStockPush(context: PushContext, connectionId: string, maxBatch: number, landing: Landing): Promise<StockPlan> {
  return (await planStockPushes(context, [{ connectionId, maxBatch, landing }])).get(connectionId) ?? NOTHING
}

const NOTHING: StockPlan = { writes: [], blocked: 0 }

/**
 * The same for several connections in one transaction. Stock is locked before listings and marks, as by everybody who moves it: a writer that
 * found a mark already there still holds its stock then and is waited for, and one that comes later marks anew. An unarmed connection
 * works out what it would say, for people to see. A stopped one keeps its marks.
 */
export async function planStockPushes(context: PushContext, requests: readonly PlanRequest[]): Promise<ReadonlyMap<string, StockPlan>> {
  const { pool, now } = context
  return withTx(pool, async (client) => {
    const connections = await outboundConnections(
      client,
      requests.map(({ connectionId }) => connectionId),
      'share',
    )
    const stopped = (await readOutbound(client, true)).state === 'stopped'
    const reasons = new Map(requests.map(({ connectionId }) => [connectionId, standstillOf(connections.get(connectionId), 'armed_stock', stopped)]))
    const speaking = requests.filter(({ connectionId }) => [undefined, 'not-armed'].includes(reasons.get(connectionId)))
    const isQuota = ({ connectionId }: { readonly connectionId: string }): boolean =>
      connections.get(connectionId)?.stock_mode === 'quota' && reasons.get(connectionId) === undefined
    const wanted = speaking.map((request) => ({ ...request, most: request.maxBatch }))
    const shared = wanted.filter((request) => !isQuota(request))
    const own = await markedListings(client, wanted.filter(isQuota))
    const seen = await readMarked(client, shared)
    const skus = skusOf([...seen.flatMap(({ listings }) => listings), ...own])
    await lockLevels(client, skus, own.length > 0 ? 'update' : 'share')
    // Stock that was moved while we waited for it has new marks (docs/decisions/0033); from here on it stands still.
    const marked = (await marksStand(client, seen)) ? seen : await readMarked(client, shared, skus)
    const given = { client, pool, now, connections, unarmed: (id: string) => reasons.get(id) === 'not-armed' }
    const plans = new Map(await planShared(given, marked))
    for (const request of wanted.filter(isQuota)) {
      const held = own.filter((listing) => listing.connection_id === request.connectionId)
      plans.set(request.connectionId, { ...(await planQuota(given, held, request)), last: held.at(-1)?.listing_key })
    }
    return new Map(
      requests.map(({ connectionId }) => {
        const reason = reasons.get(connectionId)
        return [connectionId, { ...(plans.get(connectionId) ?? NOTHING), ...(reason && { standstill: reason }) }]
      }),
    )
  })
}

/** What plans of one transaction share. */
interface Planning {
  readonly client: pg.ClientBase
  readonly pool: pg.Pool
  readonly now: Date
  readonly connections: ReadonlyMap<string, OutboundConnection>
  readonly unarmed: (connectionId: string) => boolean
}

/**
 * Listings that show a part of the pool: read before anything that decides their level, told in one statement that leaves alone whatever was changed in
 * between.
 */
async function planShared(
  { client, pool, now, connections, unarmed }: Planning,
  marked: readonly ReadListings[],
): Promise<ReadonlyMap<string, StockPlan>> {
  const known = marked.filter(({ connectionId }) => connections.has(connectionId))
  const listings = known.flatMap((one) => one.listings)
  if (listings.length === 0) return new Map()
  const skus = skusOf(listings)
  const levels = new Map((await readLevels(client, skus)).map((level) => [level.sku, level]))
  const scales = await loadScales(client, pool, skus)
  const all = known.flatMap((one): readonly DecidedListings[] => {
    const connection = connections.get(one.connectionId)
    if (!connection) return []
    return [{ ...one, decided: one.listings.map((listing) => decide(listing, connection, levels, scales, unarmed(connection.id))) }]
  })
  const decided = all.flatMap((one) => one.decided)
  const plans = new Map<string, StockPlan>(
    all.map(({ connectionId, listings: own, decided: said }) => [
      connectionId,
      { writes: [], blocked: said.filter(({ reason }) => reason !== null).length, last: own.at(-1)?.listing_key },
    ]),
  )
  const token = randomUUID()
  for (const { id, connectionId, effectIds, places } of await beginCalls(client, all, token, now)) {
    const writes = places.flatMap((place, i) => {
      const [listing, said, effectId] = [listings[place], decided[place], effectIds[i]]
      return listing && said && said.quantity !== null && effectId !== undefined
        ? [{ effectId, call: id, write: writeOf(listing, said.quantity, writeKey(connectionId, listing.listing_key, token)) }]
        : []
    })
    plans.set(connectionId, { ...(plans.get(connectionId) ?? NOTHING), writes })
  }
  return plans
}

function writeOf(
  { listing_key: key, ids, channel_sku: sku }: PendingListing,
  quantity: number,
  idempotencyKey: string,
  expected?: number,
): InventoryWrite {
  return expected === undefined ? { key, ids, sku, quantity, idempotencyKey } : { key, ids, sku, quantity, idempotencyKey, expected }
}

/** What a listing is told, or why it is told nothing. */
function decide(
  listing: PendingListing,
  connection: OutboundConnection,
  levels: ReadonlyMap<string, StockLevel>,
  scales: Scales,
  unarmed: boolean,
): { readonly quantity: number | null; readonly reason: string | null } {
  const level = desiredLevel(listing, levels, connection, listing.sku === null ? undefined : scales.of(connection.id, listing.sku, connection))
  if ('blocked' in level) return { quantity: null, reason: level.blocked }
  return { quantity: level.quantity, reason: listing.sku_paused ? 'sku-paused' : unarmed ? 'not-armed' : null }
}

/** Listings of an armed connection under quota: each with leave of the books, and recorded by itself. */
async function planQuota({ client, pool, now, connections }: Planning, marked: readonly MarkedListing[], request: PlanRequest): Promise<StockPlan> {
  const { connectionId, landing } = request
  const connection = connections.get(connectionId)
  const listings = connection ? await takeMarks(client, marked) : []
  if (!connection || listings.length === 0) return NOTHING
  const skus = skusOf(marked)
  const levels = new Map((await readLevels(client, skus)).map((level) => [level.sku, level]))
  const scales = await loadScales(client, pool, skus)
  const decided = listings.map((listing) => ({ listing, ...decide(listing, connection, levels, scales, false) }))
  const blocked = decided.flatMap(({ listing, quantity, reason }) =>
    reason === null ? [] : [{ connectionId, key: listing.listing_key, reason, desired: quantity }],
  )
  const open = decided.flatMap(({ listing, reason }) => (reason === null ? [listing] : []))
  const own = await quotaLevels(client, open, { connectionId, now, skewSeconds: landing.skewSeconds, scales, compares: landing.compares })
  await blockListings(client, blocked)
  await restListings(
    client,
    own.resting.map((row) => ({ ...row, connectionId })),
  )
  const rows = own.writes.map(({ listing: { listing_key: key }, sku, quantity }) => ({
    ...{ connectionId, key, sku, quantity },
    idempotencyKey: writeKey(connectionId, key, randomUUID()),
  }))
  const effectIds = await recordStockIntents(client, rows, now)
  const writes = own.writes.flatMap(({ listing, quantity, expected }, i) => {
    const [row, effectId] = [rows[i], effectIds[i]]
    return row && effectId !== undefined ? [{ effectId, call: undefined, write: writeOf(listing, quantity, row.idempotencyKey, expected) }] : []
  })
  return { writes, blocked: blocked.length + own.resting.length }
}

/** Undefined when outbound writes of this kind may go. */
export async function standstill(
  client: pg.ClientBase | pg.Pool,
  connection: OutboundConnection | undefined,
  armed: 'armed_stock' | 'armed_shipments',
  lock = false,
): Promise<Standstill | undefined> {
  return standstillOf(connection, armed, (await readOutbound(client, lock)).state === 'stopped')
}

function standstillOf(
  connection: OutboundConnection | undefined,
  armed: 'armed_stock' | 'armed_shipments',
  stopped: boolean,
): Standstill | undefined {
  if (!connection) return 'unknown-connection'
  if (connection.state !== 'active') return 'connection-not-active'
  if (stopped) return 'outbound-stopped'
  return connection[armed] ? undefined : 'not-armed'
}
