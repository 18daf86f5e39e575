import type pg from 'pg'
import type { Outcome } from '../core/connector.ts'
import { withStatement, withTx } from '../store/db.ts'
import { outboundConnection } from '../store/deliver/connection-row.ts'
import { answerEscrows, type Landing } from '../store/deliver/escrow.ts'
import { endCalls } from '../store/deliver/level-calls.ts'
import { openFailures, resolveFailures, type FailureInput } from '../store/deliver/open-failure.ts'
import { refusedBefore, settleStock, stillSending, type SettledStock, type StockVerdict } from '../store/deliver/settle-stock.ts'
import type { PlannedWrite, PushContext } from './push-stock.ts'
import { readOutcome } from './read-outcome.ts'

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

type Counts = Readonly<Record<StockVerdict['verdict'], number>>
const NONE: Counts = { done: 0, refused: 0, 'not-sent': 0, superseded: 0, unknown: 0 }

/** A call whose channel took all of its writes. */
export interface TakenCall {
  readonly id: number
  readonly connectionId: string
  readonly listingKeys: readonly string[]
  /** Writes the channel gave a proof of. */
  readonly proven: readonly StockVerdict[]
}

/** Records calls that were taken, one statement for all of them; answers for each whether it was still waited for. */
export async function recordTaken({ pool, now }: PushContext, calls: readonly TakenCall[]): Promise<readonly boolean[]> {
  const ids = calls.map(({ id }) => id)
  const proven = calls.flatMap((call) => call.proven)
  const ended = await withStatement(
    pool,
    (client) => endCalls(client, ids, proven, now),
    () => Promise.resolve(),
  )
  const found = new Map(ended.map((call) => [call.id, call]))
  for (const { id, connectionId, listingKeys } of calls)
    if (found.get(id)?.faulty) await resolveFailures(pool, 'effect', await refusedBefore(pool, connectionId, listingKeys), now)
  return calls.map(({ id }) => found.has(id))
}

/**
 * Records what became of a batch. Each write appears in `outcomes` at most once; one without an outcome is in doubt. A
 * listing in doubt is told nothing until its fence has passed and it was read back.
 * @param taken records a call whose writes were all taken, perhaps together with others
 */
export async function recordStockOutcomes(
  context: PushContext,
  plan: { readonly connectionId: string; readonly writes: readonly PlannedWrite[] } & Landing,
  outcomes: readonly Outcome[],
  taken: (call: TakenCall) => Promise<boolean> = async (call) => (await recordTaken(context, [call]))[0] ?? false,
): Promise<Counts> {
  const { connectionId, writes } = plan
  const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]))
  const notBefore = new Date(context.now.getTime() + fenceSeconds(plan) * 1000)
  const verdicts = writes.map((planned): StockVerdict => ({ effectId: planned.effectId, notBefore, ...readOutcome(byKey.get(planned.write.key)) }))
  const call = writes[0]?.call
  if (call === undefined) return withTx(context.pool, (client) => recordUnderQuota(client, context.now, plan, verdicts))
  if (verdicts.some(({ verdict }) => verdict !== 'done'))
    return withTx(context.pool, (client) => recordMixed(client, context.now, plan, call, verdicts))
  const listingKeys = writes.map(({ write: { key } }) => key)
  const proven = verdicts.filter(({ proof }) => proof !== undefined)
  return (await taken({ id: call, connectionId, listingKeys, proven })) ? { ...NONE, done: writes.length } : NONE
}

async function recordUnderQuota(
  client: pg.ClientBase,
  now: Date,
  plan: { readonly connectionId: string; readonly writes: readonly PlannedWrite[] } & Landing,
  verdicts: readonly StockVerdict[],
): Promise<Counts> {
  const effectIds = plan.writes.map(({ effectId }) => effectId)
  const sending = await stillSending(client, plan.connectionId, effectIds)
  const answers = plan.writes.flatMap(({ effectId, write: { key } }, i) =>
    sending.has(effectId) ? [{ key, said: SAID[verdicts[i]?.verdict ?? 'unknown'] }] : [],
  )
  await answerEscrows(client, plan.connectionId, answers, plan, now)
  return writeVerdicts(client, now, plan.connectionId, verdicts)
}

/** A call of which not every write was taken. */
async function recordMixed(
  client: pg.ClientBase,
  now: Date,
  { connectionId, writes }: { readonly connectionId: string; readonly writes: readonly PlannedWrite[] },
  call: number,
  verdicts: readonly StockVerdict[],
): Promise<Counts> {
  const [ended] = await endCalls(client, [call], verdicts, now)
  if (!ended) return NONE
  const settled = writes.map(({ effectId, write: { key } }, i) => {
    const verdict = verdicts[i]?.verdict ?? 'unknown'
    return { id: effectId, listing_key: key, verdict, faulty: ended.faulty }
  })
  return countVerdicts(client, now, connectionId, settled, verdicts)
}

/** Writes verdicts with the failures they open and close. */
export async function writeVerdicts(
  client: pg.ClientBase | pg.Pool,
  now: Date,
  connectionId: string,
  verdicts: readonly StockVerdict[],
): Promise<Counts> {
  return countVerdicts(client, now, connectionId, await settleStock(client, connectionId, verdicts, now), verdicts)
}

/** Counts what was settled, and opens and closes failures by it. */
async function countVerdicts(
  client: pg.ClientBase | pg.Pool,
  now: Date,
  connectionId: string,
  settled: readonly SettledStock[],
  verdicts: readonly StockVerdict[],
): Promise<Counts> {
  const counts = { ...NONE }
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
