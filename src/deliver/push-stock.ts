import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { InventoryWrite, Outcome } from '../core/connector.ts'
import { withTx } from '../store/db.ts'
import { outboundConnection, outboundConnections, type OutboundConnection } from '../store/deliver/connection-row.ts'
import { readLevels, type Level as StockLevel } from '../store/deliver/levels.ts'
import { openFailures, resolveFailures, type FailureInput } from '../store/deliver/open-failure.ts'
import { readOutbound } from '../store/deliver/outbound.ts'
import {
  blockListings,
  lockLevels,
  markedListings,
  recordStockIntents,
  restListings,
  skusOf,
  takeMarks,
  type PendingListing,
  type Wanted,
} from '../store/deliver/plan-stock.ts'
import { refusedBefore, settleStock, stillSending, type SettledStock, type StockVerdict } from '../store/deliver/settle-stock.ts'
import { answerEscrows, type Landing } from '../store/deliver/escrow.ts'
import { desiredLevel } from './desired.ts'
import { quotaLevels } from './push-quota.ts'
import { readOutcome } from './read-outcome.ts'
import { loadScales, type Scales } from './rule-scales.ts'

/** Why a whole connection is told nothing at the moment. */
export type Standstill = 'unknown-connection' | 'connection-not-active' | 'outbound-stopped' | 'not-armed'

export interface PlannedWrite {
  readonly effectId: number
  /** The books of its escrow hear of the answer, too. */
  readonly underQuota: boolean
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
    const marked = await markedListings(
      client,
      speaking.map((request) => ({ ...request, most: request.maxBatch })),
    )
    const skus = skusOf(marked)
    const isQuota = speaking.some(
      ({ connectionId }) => connections.get(connectionId)?.stock_mode === 'quota' && reasons.get(connectionId) === undefined,
    )
    if (skus.length > 0) await lockLevels(client, skus, isQuota ? 'update' : 'share')
    const listings = await takeMarks(client, marked)
    const levels = new Map((listings.length === 0 ? [] : await readLevels(client, skus)).map((level) => [level.sku, level]))
    const scales = await loadScales(client, pool, skus)
    const plans = new Map<string, Levels>()
    for (const { connectionId, landing } of speaking) {
      const connection = connections.get(connectionId)
      const own = listings.filter((listing) => listing.connection_id === connectionId)
      const given = { unarmed: reasons.get(connectionId) === 'not-armed', now, landing, levels, scales }
      if (connection) plans.set(connectionId, await levelsOf(client, own, connection, given))
    }
    await blockListings(client, named(plans, 'blocked'))
    await restListings(client, named(plans, 'resting'))
    const writes = await intend(client, named(plans, 'writes'), now)
    return new Map(
      requests.map(({ connectionId }) => {
        const [plan, reason] = [plans.get(connectionId), reasons.get(connectionId)]
        const blocked = (plan?.blocked.length ?? 0) + (plan?.resting.length ?? 0)
        const last = marked.findLast((listing) => listing.connection_id === connectionId)?.listing_key
        return [connectionId, { writes: writes.get(connectionId) ?? [], blocked, last, ...(reason && { standstill: reason }) }]
      }),
    )
  })
}

const named = <K extends keyof Levels>(
  plans: ReadonlyMap<string, Levels>,
  kind: K,
): readonly (Levels[K][number] & { readonly connectionId: string })[] =>
  [...plans].flatMap(([connectionId, plan]) => plan[kind].map((row: Levels[K][number]) => ({ ...row, connectionId })))

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

interface Level {
  readonly listing: PendingListing
  readonly sku: string
  readonly quantity: number
  readonly underQuota: boolean
  /** The channel takes the level only where it shows this. */
  readonly expected?: number
}

interface Levels {
  readonly writes: readonly Level[]
  readonly blocked: readonly { readonly key: string; readonly reason: string; readonly desired: number | null }[]
  readonly resting: readonly { readonly key: string; readonly reason: string | null }[]
}

interface Given {
  readonly unarmed: boolean
  readonly now: Date
  readonly landing: Landing
  readonly levels: ReadonlyMap<string, StockLevel>
  readonly scales: Scales
}

async function levelsOf(client: pg.ClientBase, listings: readonly PendingListing[], connection: OutboundConnection, given: Given): Promise<Levels> {
  const { now, landing, levels, scales } = given
  const writes: Level[] = []
  const blocked: { key: string; reason: string; desired: number | null }[] = []
  for (const listing of listings) {
    const level = desiredLevel(listing, levels, connection, listing.sku === null ? undefined : scales.of(connection.id, listing.sku, connection))
    if ('blocked' in level || listing.sku === null)
      blocked.push({ key: listing.listing_key, reason: 'blocked' in level ? level.blocked : 'unbound', desired: null })
    else if (listing.sku_paused) blocked.push({ key: listing.listing_key, reason: 'sku-paused', desired: level.quantity })
    else if (given.unarmed) blocked.push({ key: listing.listing_key, reason: 'not-armed', desired: level.quantity })
    else writes.push({ listing, sku: listing.sku, quantity: level.quantity, underQuota: false })
  }
  if (connection.stock_mode !== 'quota' || given.unarmed) return { writes, blocked, resting: [] }
  const own = await quotaLevels(
    client,
    writes.map(({ listing }) => listing),
    { connectionId: connection.id, now, skewSeconds: landing.skewSeconds, scales, compares: landing.compares },
  )
  return { blocked, resting: own.resting, writes: own.writes.map((write) => ({ ...write, underQuota: true })) }
}

async function intend(
  client: pg.ClientBase,
  levels: readonly (Level & { readonly connectionId: string })[],
  now: Date,
): Promise<ReadonlyMap<string, readonly PlannedWrite[]>> {
  const rows = levels.map(({ connectionId, sku, quantity, listing: { listing_key: key } }) => ({
    ...{ connectionId, key, sku, quantity },
    idempotencyKey: `stock/${connectionId}/${key}/${randomUUID()}`,
  }))
  const effectIds = await recordStockIntents(client, rows, now)
  const planned = new Map<string, PlannedWrite[]>()
  for (const [i, { connectionId, listing, underQuota, expected }] of levels.entries()) {
    const [row, effectId] = [rows[i], effectIds[i]]
    if (row === undefined || effectId === undefined) continue
    const { key, quantity, idempotencyKey } = row
    const told = { key, ids: listing.ids, sku: listing.channel_sku, quantity, idempotencyKey, ...(expected !== undefined && { expected }) }
    const write = { effectId, underQuota, write: told }
    const own = planned.get(connectionId)
    if (own) own.push(write)
    else planned.set(connectionId, [write])
  }
  return planned
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
  if (plan.writes.every(({ underQuota }) => !underQuota)) {
    // One statement of its own: nothing else hears of it.
    if (verdicts.every(({ verdict }) => verdict === 'done')) return writeVerdicts(context.pool, context.now, plan.connectionId, verdicts)
    return withTx(context.pool, (client) => writeVerdicts(client, context.now, plan.connectionId, verdicts))
  }
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
  client: pg.ClientBase | pg.Pool,
  now: Date,
  connectionId: string,
  verdicts: readonly StockVerdict[],
): Promise<Readonly<Record<StockVerdict['verdict'], number>>> {
  const counts = { done: 0, refused: 0, 'not-sent': 0, superseded: 0, unknown: 0 }
  const settled = await settleStock(client, connectionId, verdicts, now)
  for (const row of settled) counts[row.verdict] += 1
  const told = settled.filter((row) => row.verdict === 'done' && row.faulty).map((row) => row.listing_key)
  if (told.length > 0) await resolveFailures(client, 'effect', await refusedBefore(client, connectionId, told), now)
  const refused = settled.filter((row) => row.verdict === 'refused')
  if (refused.length > 0) {
    const { channel = '' } = (await outboundConnection(client, connectionId)) ?? {}
    const byId = new Map(verdicts.map((verdict) => [verdict.effectId, verdict]))
    await openFailures(
      client,
      refused.map((row) => ({ connectionId, channel, ...refusalOf(row, byId.get(row.id)) })),
    )
  }
  return counts
}

const refusalOf = (row: SettledStock, verdict: StockVerdict | undefined): Omit<FailureInput, 'connectionId' | 'channel'> => ({
  operation: 'push-stock',
  subjectKind: 'effect',
  subjectId: String(row.id),
  subject: row.listing_key,
  fault: { kind: 'refused', code: verdict?.code, message: verdict?.message ?? 'The channel refused the level.' },
})
