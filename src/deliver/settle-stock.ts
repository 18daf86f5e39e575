import type { InventoryReading } from '../core/connector.ts'
import { withTx } from '../store/db.ts'
import { anchorEscrows, answerEscrows, type Landing } from '../store/deliver/escrow.ts'
import { expireCalls } from '../store/deliver/level-calls.ts'
import { doubtfulStock, expireLeases, type DoubtfulStock, type StockVerdict } from '../store/deliver/settle-stock.ts'
import type { PushContext } from './push-stock.ts'
import { fenceSeconds, writeVerdicts } from './record-levels.ts'

/** A write is on the wire at most this long; a longer silence means its process is gone. */
export const LEASE_SECONDS = 300

/** Turns writes of dead processes into doubt, to be read back. Answers how many. */
export const expireSending = (context: PushContext, connectionId: string, fence: Landing): Promise<number> =>
  withTx(context.pool, async (client) => {
    const sentBefore = new Date(context.now.getTime() - LEASE_SECONDS * 1000)
    const gone = await expireLeases(client, connectionId, sentBefore, fenceSeconds(fence))
    const calls = await expireCalls(client, connectionId, sentBefore, fenceSeconds(fence))
    const answers = gone.flatMap((key) => (key === null ? [] : [{ key, said: 'unknown' as const }]))
    await answerEscrows(client, connectionId, answers, fence, context.now)
    return gone.length + calls.length
  })

/** Stock writes in doubt whose fence has passed: nothing of them can land any more, so reading is conclusive. */
export const planStockReadback = (context: PushContext, connectionId: string, limit: number): Promise<readonly DoubtfulStock[]> =>
  doubtfulStock(context.pool, connectionId, context.now, limit)

/**
 * Settles doubt by what the channel shows: equal means the write arrived; anything else means that the shown number is
 * what we know now, and the newest level is planned again. Without a reading (`readings` undefined: the channel cannot
 * be read) the passed fence alone allows a new absolute write.
 */
export async function recordStockReadings(
  context: PushContext,
  connectionId: string,
  doubtful: readonly DoubtfulStock[],
  readings: readonly InventoryReading[] | undefined,
  reading?: { readonly startedAt: Date; readonly skewSeconds: number },
): Promise<Readonly<Record<StockVerdict['verdict'], number>>> {
  const byKey = new Map(readings?.map((reading) => [reading.key, reading]))
  const verdicts = doubtful.map((effect): StockVerdict => {
    if (readings === undefined)
      return {
        effectId: effect.id,
        verdict: 'not-sent',
        code: 'fence-passed',
        message: 'This channel cannot be read back; the level is set again now that the old write can no longer land.',
      }
    const shown = byKey.get(effect.listing_key)?.quantity
    if (shown === undefined)
      return { effectId: effect.id, verdict: 'refused', code: 'not-readable', message: 'The channel shows no quantity for this listing.' }
    const proof = { read_back: String(shown), read_at: context.now.toISOString() }
    if (shown === effect.quantity) return { effectId: effect.id, verdict: 'done', proof }
    return {
      effectId: effect.id,
      verdict: 'superseded',
      shown,
      proof,
      message: `Read back: the channel shows ${shown}, the write said ${effect.quantity}.`,
    }
  })
  const shown = (readings ?? []).flatMap(({ key, quantity }) => (quantity === undefined ? [] : [{ key, quantity }]))
  return withTx(context.pool, async (client) => {
    if (reading) await anchorEscrows(client, connectionId, shown, { before: reading.startedAt, after: context.now, skewSeconds: reading.skewSeconds })
    return writeVerdicts(client, context.now, connectionId, verdicts)
  })
}
