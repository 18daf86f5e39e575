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
 * Sends batch after batch until nothing waits or the time is over. While what was taken is recorded the next batch is planned already; in the shared pool
 * neither knows of the other's listings.
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
  const record = new Record(deps, opened, books)
  let blocked = 0
  let last = request.after
  let more = false
  try {
    for (;;) {
      const plan = await books.plan({ ...request, after: last, first: await lane.next() })
      if (!plan) break
      last = plan.last ?? last
      blocked += plan.blocked
      if (plan.writes.length > 0) lane.took(await record.send(plan.writes))
      if (plan.writes.length + plan.blocked < request.maxBatch) break
      more = signal.aborted || deps.now().getTime() - startedAt > BUDGET_MS
      if (more) break
    }
  } finally {
    await record.settled()
  }
  return { ...record.total(), blocked, more, ...(more && { last }) }
}

/** The calls of one run and what became of them. One call at a time, and one record. */
class Record {
  readonly #deps: PushDeps
  readonly #opened: OpenedConnection
  readonly #books: Books
  #sent = 0
  readonly #counts = { done: 0, refused: 0, unknown: 0 }
  #recording: Promise<void> = Promise.resolve()

  constructor(deps: PushDeps, opened: OpenedConnection, books: Books) {
    this.#deps = deps
    this.#opened = opened
    this.#books = books
  }

  total(): { readonly sent: number; readonly done: number; readonly refused: number; readonly unknown: number } {
    return { sent: this.#sent, ...this.#counts }
  }

  settled(): Promise<void> {
    return this.#recording
  }

  /** Calls the channel once; answers how long that took. What was taken is recorded meanwhile, anything else before this returns. */
  async send(writes: readonly PlannedWrite[]): Promise<number> {
    this.#sent += writes.length
    const startedAt = performance.now()
    const answer = await attempt(
      (call) =>
        sendBatch(
          this.#opened,
          call,
          writes.map(({ write }) => write),
        ),
      this.#opened.call,
      writes.map(({ write }) => write.key),
    )
    const callMs = performance.now() - startedAt
    const before = this.#recording
    const own = this.#write(writes, answer)
    this.#recording = Promise.all([before, own]).then(() => undefined)
    const isTaken =
      writes[0]?.call !== undefined && answer.outcomes.length === writes.length && answer.outcomes.every(({ status }) => status === 'applied')
    // Whoever looks after the next batch hears of it; a record that fails while nobody waits for it is heard of at the end.
    this.#recording.catch(() => undefined)
    await (isTaken ? before : this.#recording)
    return callMs
  }

  async #write(writes: readonly PlannedWrite[], { outcomes, fault, crash }: Awaited<ReturnType<typeof attempt>>): Promise<void> {
    const { pool, now } = this.#deps
    const { connectionId, channel } = this.#opened.context
    const counts = await recordStockOutcomes(
      { pool, now: now() },
      { connectionId, writes, ...landingOf(this.#opened.connector) },
      outcomes,
      this.#books.taken,
    )
    this.#counts.done += counts.done
    this.#counts.refused += counts.refused
    this.#counts.unknown += counts.unknown
    if (crash !== undefined) throw crash
    const blocking = fault ?? outcomes.flatMap((outcome) => ('fault' in outcome && isBlocking(outcome.fault) ? [outcome.fault] : []))[0]
    if (counts['not-sent'] > 0 && blocking) {
      await noteWriteFault(this.#deps, { id: connectionId, channel }, 'push-stock', blocking)
      throw new ChannelError(blocking)
    }
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

const sendBatch = (opened: OpenedConnection, call: Call<unknown, unknown>, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> =>
  opened.connector.pushInventory?.(call, writes) ?? Promise.resolve([])
