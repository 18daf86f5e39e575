import type { Call, InventoryWrite, Outcome } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import { planStockPushes, type PlannedWrite, type PlanRequest, type StockPlan } from '../deliver/push-stock.ts'
import { recordStockOutcomes, recordTaken, type TakenCall } from '../deliver/record-levels.ts'
import { aboutToRunOut } from '../deliver/running-out.ts'
import { noteSuccess, noteWriteFault } from './connection-health.ts'
import { attempt, isBlocking, landingOf, limited } from './one-attempt.ts'
import type { OpenedConnection } from './pull.ts'
import type { PushDeps, PushReport } from './push.ts'
import { keepQuotaBooks } from './quota.ts'

/** After this no new batch is begun; what is left goes to the next call. */
const BUDGET_MS = 45_000

/** A batch that took this long went to a channel that is slow or limited: from then on what runs out goes first. */
const PACED_MS = 400
/** Looking for what runs out takes at most this part of the time that is spent waiting anyway. */
const LOOKING_SHARE = 0.05
/** What runs out gets at most this part of a batch, and every fourth batch is without: whoever waits has a turn, too. */
const FAST_SHARE = 0.75
const FAST_OF = 4

/** What a connection is to be asked for its next batch; undefined when its channel takes no levels. */
export function levelRequest({ connector, context: { connectionId } }: OpenedConnection): PlanRequest | undefined {
  const stock = connector.manifest.capabilities.pushInventory
  return stock && connector.pushInventory ? { connectionId, maxBatch: stock.maxBatch, landing: landingOf(connector) } : undefined
}

/** How batches are planned and recorded: by themselves, or together with those of other connections. */
export interface Books {
  plan(request: PlanRequest): Promise<StockPlan | undefined>
  taken(call: TakenCall): Promise<boolean>
}

/** Every batch by itself. */
export const ownBooks = (deps: Pick<PushDeps, 'pool' | 'now'>): Books => ({
  plan: async (request) => (await planStockPushes({ pool: deps.pool, now: deps.now() }, [request])).get(request.connectionId),
  taken: async (call) => (await recordTaken({ pool: deps.pool, now: deps.now() }, [call]))[0] ?? false,
})

const NO_REPORT: PushReport = { sent: 0, done: 0, refused: 0, unknown: 0, more: false }

/** Tells a connection's dirty listings their newest level, in batches of the channel's size, each write exactly once. */
export async function pushStock(deps: PushDeps, connectionId: string, signal: AbortSignal): Promise<PushReport> {
  const opened = await deps.open(connectionId, limited(signal), 'write')
  const request = levelRequest(opened)
  if (!request) return NO_REPORT
  await keepQuotaBooks(deps, opened)
  const { sent, done, refused, unknown, more } = await pushBatches(deps, opened, request, signal, ownBooks(deps))
  if (done > 0) await noteSuccess(deps, connectionId, 'push-stock')
  return { sent, done, refused, unknown, more }
}

interface BatchesReport extends PushReport {
  /** Marks that were taken although nothing is told. */
  readonly blocked: number
  /** Where to go on when the time is over. */
  readonly last?: string | undefined
}

/**
 * Sends batch after batch until nothing waits or the time is over.
 * @throws ChannelError when a fault will meet the next write as well, after everything was recorded
 */
export async function pushBatches(
  deps: PushDeps,
  opened: OpenedConnection,
  request: PlanRequest,
  signal: AbortSignal,
  books: Books,
): Promise<BatchesReport> {
  const startedAt = deps.now().getTime()
  const lane = new FastLane(deps, request)
  let total: BatchesReport = { ...NO_REPORT, blocked: 0 }
  let last = request.after
  for (;;) {
    const plan = await books.plan({ ...request, after: last, first: await lane.next() })
    if (!plan) return total
    last = plan.last ?? last
    total = { ...total, blocked: total.blocked + plan.blocked }
    if (plan.writes.length > 0) {
      const counts = await sendLevels(deps, opened, plan.writes, books)
      lane.took(counts.callMs)
      total = {
        ...total,
        sent: total.sent + plan.writes.length,
        done: total.done + counts.done,
        refused: total.refused + counts.refused,
        unknown: total.unknown + counts.unknown,
      }
    }
    if (plan.writes.length + plan.blocked < request.maxBatch) return total
    if (signal.aborted || deps.now().getTime() - startedAt > BUDGET_MS) return { ...total, more: true, last }
  }
}

/** Which listings go before the others on a channel that makes them wait. */
class FastLane {
  readonly #deps: PushDeps
  readonly #request: PlanRequest
  #batches = 0
  #pacedMs = 0
  #lookedMs = 0

  constructor(deps: PushDeps, request: PlanRequest) {
    this.#deps = deps
    this.#request = request
  }

  took(ms: number): void {
    if (ms >= PACED_MS) this.#pacedMs += ms
  }

  async next(): Promise<readonly string[]> {
    this.#batches += 1
    if (this.#batches % FAST_OF === 0 || this.#pacedMs === 0 || this.#lookedMs > this.#pacedMs * LOOKING_SHARE) return []
    const startedAt = performance.now()
    const { connectionId, maxBatch } = this.#request
    const keys = await aboutToRunOut(this.#deps.pool, connectionId, Math.max(1, Math.floor(maxBatch * FAST_SHARE)))
    this.#lookedMs += performance.now() - startedAt
    return keys
  }
}

async function sendLevels(
  deps: PushDeps,
  opened: OpenedConnection,
  planned: readonly PlannedWrite[],
  books: Books,
): Promise<{ readonly done: number; readonly refused: number; readonly unknown: number; readonly callMs: number }> {
  const { connectionId, channel } = opened.context
  const sentAt = performance.now()
  const { outcomes, fault, crash } = await attempt(
    (call) =>
      sendBatch(
        opened,
        call,
        planned.map((plan) => plan.write),
      ),
    opened.call,
    planned.map((plan) => plan.write.key),
  )
  const callMs = performance.now() - sentAt
  const plan = { connectionId, writes: planned, ...landingOf(opened.connector) }
  const counts = await recordStockOutcomes({ pool: deps.pool, now: deps.now() }, plan, outcomes, books.taken)
  if (crash !== undefined) throw crash
  const blocking = fault ?? outcomes.flatMap((outcome) => ('fault' in outcome && isBlocking(outcome.fault) ? [outcome.fault] : []))[0]
  if (counts['not-sent'] > 0 && blocking) {
    await noteWriteFault(deps, { id: connectionId, channel }, 'push-stock', blocking)
    throw new ChannelError(blocking)
  }
  return { ...counts, callMs }
}

const sendBatch = (opened: OpenedConnection, call: Call<unknown, unknown>, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> =>
  opened.connector.pushInventory?.(call, writes) ?? Promise.resolve([])
