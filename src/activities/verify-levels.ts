import { ChannelError } from '../core/fault.ts'
import { withTx } from '../store/db.ts'
import { openFailures, resolveFailures, type FailureInput } from '../store/deliver/open-failure.ts'
import {
  countVerifiable,
  levelsToVerify,
  noteVerified,
  recordVerified,
  suspectsWait,
  verifiedAt,
  type Verified,
} from '../store/deliver/verify-levels.ts'
import type { OpenedConnection } from './pull.ts'
import type { PushDeps } from './push.ts'

type Deps = Pick<PushDeps, 'pool' | 'now'>

const EVERY_MS = 15 * 60_000
/** Turns in a day: each takes its part, so that every listing is compared within one. */
const TURNS = 96
const MOST_AT_ONCE = 500
/** A few more each turn than are due: a channel of few listings is looked at more often than daily. */
const AT_LEAST = 20
/** No further batch after this; the rest has its turn later. A limited channel has other things to answer, too. */
const BUDGET_MS = 20_000
/** Beside what the channel declares: orders that explain a difference are in the store by then. */
const EXPLAINED_MS = 90_000

/** True when levels of this connection are to be compared with what its channel shows. */
export async function levelsDue(deps: Deps, opened: OpenedConnection): Promise<boolean> {
  if (!opened.connector.readInventory || !opened.connector.pushInventory) return false
  const { connectionId } = opened.context
  const last = await verifiedAt(deps.pool, connectionId)
  if (!last) return false
  const now = deps.now().getTime()
  return last.at === null || now - Date.parse(last.at) >= EVERY_MS || suspectsWait(deps.pool, connectionId, new Date(now - patienceMs(opened)))
}

/** So long after a level was told, or a difference was seen, no order can explain it any more. */
function patienceMs({ connector }: OpenedConnection): number {
  const { lagSeconds, skewSeconds, tMaxSeconds } = connector.manifest.capabilities.pushInventory ?? { lagSeconds: 0, skewSeconds: 0, tMaxSeconds: 0 }
  return Math.max((lagSeconds + skewSeconds) * 1000, tMaxSeconds * 1000) + EXPLAINED_MS
}

/**
 * Compares a part of a connection's levels with what its channel shows: all within a day, those that move more often, and those seen different once more. What
 * differs twice was set by somebody else: it is told its newest level again, and said. A fault of the channel leaves the rest to the next turn.
 */
export async function verifyLevels(
  deps: Deps,
  opened: OpenedConnection,
  heartbeat: () => void,
): Promise<{ readonly read: number; readonly drifted: number }> {
  const { connectionId } = opened.context
  const startedAt = deps.now()
  const all = Math.min(MOST_AT_ONCE, Math.max(AT_LEAST, Math.ceil((await countVerifiable(deps.pool, connectionId)) / TURNS)))
  const before = new Date(startedAt.getTime() - patienceMs(opened))
  const listings = await levelsToVerify(deps.pool, connectionId, { toldBefore: before, seenBefore: before }, { moved: all, all })
  const batch = opened.connector.manifest.capabilities.readInventory?.maxBatch ?? 1
  const report = { read: 0, drifted: 0 }
  await noteVerified(deps.pool, connectionId, startedAt)
  for (let at = 0; at < listings.length && deps.now().getTime() - startedAt.getTime() < BUDGET_MS; at += batch) {
    const asked = listings.slice(at, at + batch).map((each) => ({ key: each.listing_key, ids: each.ids, sku: each.channel_sku }))
    const begun = deps.now()
    const readings = (await read(opened, asked)) ?? []
    const shown = readings.flatMap(({ key, quantity }) => (quantity === undefined ? [] : [{ key, quantity }]))
    const seen = await withTx(deps.pool, (client) => recordVerified(client, connectionId, shown, { startedAt: begun, endedAt: deps.now() }))
    await say(deps, opened, seen)
    report.read += seen.length
    report.drifted += seen.filter(({ drifted }) => drifted).length
    heartbeat()
    if (readings.length === 0) break
  }
  return report
}

/** Undefined when the channel could not be read now. */
async function read({ connector, call }: OpenedConnection, asked: Parameters<NonNullable<typeof connector.readInventory>>[1]) {
  try {
    return await connector.readInventory?.(call, asked)
  } catch (error) {
    if (error instanceof ChannelError) return undefined
    throw error
  }
}

const subjectOf = (connectionId: string, key: string): string => `${connectionId}/drift/${key}`

async function say(deps: Deps, { context: { connectionId, channel } }: OpenedConnection, seen: readonly Verified[]): Promise<void> {
  const same = seen.filter(({ shown, confirmed }) => shown === confirmed).map(({ listing_key: key }) => subjectOf(connectionId, key))
  await resolveFailures(deps.pool, 'stream', same, deps.now())
  await openFailures(
    deps.pool,
    seen
      .filter(({ drifted }) => drifted)
      .map((row): FailureInput => ({
        ...{
          connectionId,
          channel,
          operation: 'push-stock',
          subject: row.listing_key,
          subjectKind: 'stream',
          subjectId: subjectOf(connectionId, row.listing_key),
        },
        fault: {
          kind: 'in-doubt',
          code: 'stock-drift',
          message: `Listing ${row.listing_key} (${row.sku}) shows ${row.shown}, the hub set it to ${row.confirmed} at ${row.confirmed_at}. Somebody else changed it; it is set again.`,
        },
      })),
  )
}
