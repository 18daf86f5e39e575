import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { InventoryWrite, Outcome } from '../core/connector.ts'
import { withTx } from '../store/db.ts'
import { outboundConnection, type OutboundConnection } from '../store/deliver/connection-row.ts'
import { readLevels } from '../store/deliver/levels.ts'
import { openFailures, resolveFailures } from '../store/deliver/open-failure.ts'
import { readOutbound } from '../store/deliver/outbound.ts'
import {
  blockListings,
  lockLevels,
  lockPending,
  recordStockIntents,
  restListings,
  takeDirty,
  type PendingListing,
} from '../store/deliver/plan-stock.ts'
import { refusedBefore, settleStock, stillSending, type StockVerdict } from '../store/deliver/settle-stock.ts'
import { answerEscrows, type Landing } from '../store/deliver/escrow.ts'
import { desiredLevel } from './desired.ts'
import { quotaLevels } from './push-quota.ts'
import { readOutcome } from './read-outcome.ts'
import { loadScales } from './rule-scales.ts'

/** Why a whole connection is told nothing at the moment. */
export type Standstill = 'unknown-connection' | 'connection-not-active' | 'outbound-stopped' | 'not-armed'

export interface PlannedWrite {
  readonly effectId: number
  readonly write: InventoryWrite
}
export interface StockPlan {
  readonly writes: readonly PlannedWrite[]
  readonly blocked: number
  readonly standstill?: Standstill
}

export interface PushContext {
  readonly pool: pg.Pool
  readonly now: Date
}

/**
 * Plans one batch of absolute writes: takes the dirty set, computes the newest level of each listing and records an
 * intent per listing, all before anything is sent. However often a SKU moved meanwhile, a listing appears once. The
 * caller sends the batch exactly once and brings the outcomes to `recordStockOutcomes`.
 */
export async function planStockPush(context: PushContext, connectionId: string, maxBatch: number, landing: Landing): Promise<StockPlan> {
  const { pool, now } = context
  const before = await standstill(pool, await outboundConnection(pool, connectionId), 'armed_stock')
  // An unarmed connection still works out what it would say, for people to see. A stopped one keeps its marks.
  if (before !== undefined && before !== 'not-armed') return { writes: [], blocked: 0, standstill: before }
  await withTx(pool, (client) => takeDirty(client, connectionId, maxBatch))
  return withTx(pool, async (client) => {
    const connection = await outboundConnection(client, connectionId, 'share')
    const reason = await standstill(client, connection, 'armed_stock', true)
    if (!connection || (reason !== undefined && reason !== 'not-armed')) return { writes: [], blocked: 0, ...(reason && { standstill: reason }) }
    const listings = await lockPending(client, connectionId, maxBatch)
    const planned = await levelsOf(client, listings, connection, { unarmed: reason === 'not-armed', now, skewSeconds: landing.skewSeconds, pool })
    await blockListings(client, connectionId, planned.blocked)
    await restListings(client, connectionId, planned.resting)
    const writes = planned.writes.length === 0 ? [] : await intend(client, connectionId, planned.writes, now)
    return { writes, blocked: planned.blocked.length + planned.resting.length, ...(reason && { standstill: reason }) }
  })
}

/** Undefined when outbound writes of this kind may go. */
export async function standstill(
  client: pg.ClientBase | pg.Pool,
  connection: OutboundConnection | undefined,
  armed: 'armed_stock' | 'armed_shipments',
  lock = false,
): Promise<Standstill | undefined> {
  if (!connection) return 'unknown-connection'
  if (connection.state !== 'active') return 'connection-not-active'
  if ((await readOutbound(client, lock)).state === 'stopped') return 'outbound-stopped'
  return connection[armed] ? undefined : 'not-armed'
}

interface Level {
  readonly listing: PendingListing
  readonly sku: string
  readonly quantity: number
}

interface Levels {
  readonly writes: readonly Level[]
  readonly blocked: readonly { readonly key: string; readonly reason: string; readonly desired: number | null }[]
  readonly resting: readonly { readonly key: string; readonly reason: string | null }[]
}

async function levelsOf(
  client: pg.ClientBase,
  listings: readonly PendingListing[],
  connection: OutboundConnection,
  given: { readonly unarmed: boolean; readonly now: Date; readonly skewSeconds: number; readonly pool: pg.Pool },
): Promise<Levels> {
  const skus = [...new Set(listings.flatMap((listing) => listing.sku ?? []))].sort()
  const isQuota = connection.stock_mode === 'quota' && !given.unarmed
  await lockLevels(client, skus, isQuota ? 'update' : 'share')
  const levels = new Map((await readLevels(client, skus)).map((level) => [level.sku, level]))
  const scales = await loadScales(client, given.pool, skus)
  const writes: Level[] = []
  const blocked: { key: string; reason: string; desired: number | null }[] = []
  for (const listing of listings) {
    const level = desiredLevel(listing, levels, connection, listing.sku === null ? undefined : scales.of(connection.id, listing.sku, connection))
    if ('blocked' in level || listing.sku === null)
      blocked.push({ key: listing.listing_key, reason: 'blocked' in level ? level.blocked : 'unbound', desired: null })
    else if (given.unarmed) blocked.push({ key: listing.listing_key, reason: 'not-armed', desired: level.quantity })
    else writes.push({ listing, sku: listing.sku, quantity: level.quantity })
  }
  if (!isQuota) return { writes, blocked, resting: [] }
  const { now, skewSeconds } = given
  return {
    blocked,
    ...(await quotaLevels(
      client,
      writes.map(({ listing }) => listing),
      { connectionId: connection.id, now, skewSeconds, scales },
    )),
  }
}

async function intend(client: pg.ClientBase, connectionId: string, levels: readonly Level[], now: Date): Promise<readonly PlannedWrite[]> {
  const rows = levels.map((level) => ({
    key: level.listing.listing_key,
    sku: level.sku,
    quantity: level.quantity,
    idempotencyKey: `stock/${connectionId}/${level.listing.listing_key}/${randomUUID()}`,
    level,
  }))
  const ids = await recordStockIntents(client, connectionId, rows, now)
  return rows.flatMap((row) => {
    const effectId = ids.get(row.key)
    const { ids: channelIds, channel_sku: sku } = row.level.listing
    return effectId === undefined
      ? []
      : [{ effectId, write: { key: row.key, ids: channelIds, sku, quantity: row.quantity, idempotencyKey: row.idempotencyKey } }]
  })
}

/** How long a sent write may still land, in seconds. */
export const fenceSeconds = ({ skewSeconds, tMaxSeconds }: Landing): number => skewSeconds + tMaxSeconds

/** What an end of a write means for a listing under quota. */
const SAID: Readonly<Record<StockVerdict['verdict'], 'applied' | 'refused' | 'unknown'>> = {
  done: 'applied',
  refused: 'refused',
  'not-sent': 'refused',
  superseded: 'unknown',
  unknown: 'unknown',
}

/**
 * Records what became of a batch. Each write appears in `outcomes` at most once; one without an outcome is in doubt. A
 * listing in doubt is told nothing until its fence has passed and it was read back.
 */
export async function recordStockOutcomes(
  context: PushContext,
  plan: { readonly connectionId: string; readonly writes: readonly PlannedWrite[] } & Landing,
  outcomes: readonly Outcome[],
): Promise<Readonly<Record<StockVerdict['verdict'], number>>> {
  const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]))
  const notBefore = new Date(context.now.getTime() + fenceSeconds(plan) * 1000)
  const verdicts = plan.writes.map((planned) => ({ effectId: planned.effectId, notBefore, ...readOutcome(byKey.get(planned.write.key)) }))
  return withTx(context.pool, async (client) => {
    const effectIds = plan.writes.map(({ effectId }) => effectId)
    const sending = await stillSending(client, plan.connectionId, effectIds)
    const answers = plan.writes.flatMap(({ effectId, write: { key } }, i) =>
      sending.has(effectId) ? [{ key, said: SAID[verdicts[i]?.verdict ?? 'unknown'] }] : [],
    )
    await answerEscrows(client, plan.connectionId, answers, plan, context.now)
    return writeVerdicts(client, context.now, plan.connectionId, verdicts)
  })
}

/** Writes verdicts with the failures they open and close. */
export async function writeVerdicts(
  client: pg.ClientBase,
  now: Date,
  connectionId: string,
  verdicts: readonly StockVerdict[],
): Promise<Readonly<Record<StockVerdict['verdict'], number>>> {
  const counts = { done: 0, refused: 0, 'not-sent': 0, superseded: 0, unknown: 0 }
  const connection = await outboundConnection(client, connectionId)
  const settled = await settleStock(client, connectionId, verdicts, now)
  const byId = new Map(verdicts.map((verdict) => [verdict.effectId, verdict]))
  for (const row of settled) counts[row.verdict] += 1
  await resolveFailures(
    client,
    'effect',
    await refusedBefore(
      client,
      connectionId,
      settled.filter((row) => row.verdict === 'done').map((row) => row.listing_key),
    ),
    now,
  )
  await openFailures(
    client,
    settled
      .filter((row) => row.verdict === 'refused')
      .map((row) => {
        const verdict = byId.get(row.id)
        return {
          connectionId,
          channel: connection?.channel ?? '',
          operation: 'push-stock',
          subjectKind: 'effect',
          subjectId: String(row.id),
          subject: row.listing_key,
          fault: { kind: 'refused', code: verdict?.code, message: verdict?.message ?? 'The channel refused the level.' },
        } as const
      }),
  )
  return counts
}
