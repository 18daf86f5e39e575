import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChannelError } from '../core/fault.ts'
import { planStockPushes, type PlanRequest } from '../deliver/push-stock.ts'
import { recordTaken, type TakenCall } from '../deliver/record-levels.ts'
import { dueStock, endTurns, keepTurns, takeTurns, type DueStock } from '../store/deliver/due-stock.ts'
import type { StoredConnection } from '../store/deliver/open-connection.ts'
import type { Wake } from '../store/listen.ts'
import { noteSuccess } from './connection-health.ts'
import type { ActivityLog } from './failure.ts'
import { gather } from './gather.ts'
import { limited } from './one-attempt.ts'
import { levelRequest, ownBooks, pushBatches, type Books } from './push-levels.ts'
import type { PushDeps } from './push.ts'
import type { OpenedConnection } from './pull.ts'
import { keepQuotaBooks } from './quota.ts'

export interface DeskDeps extends PushDeps {
  /** Connections as they are stored, in one look. */
  readonly loadAll: (connectionIds: readonly string[]) => Promise<ReadonlyMap<string, StoredConnection>>
  /** Opens what was loaded. @throws ChannelError `misconfigured` */
  readonly openLoaded: (stored: StoredConnection, signal: AbortSignal) => OpenedConnection
  /** Resolves when listings were marked. */
  readonly wake: Pick<Wake, 'wait'>
  readonly log: Pick<ActivityLog, 'warn'>
}

export interface PushDesk {
  start(): void
  /** No new batch is begun; a call on the wire is waited for up to `graceMs`, then given up and in doubt. */
  stop(graceMs?: number): Promise<void>
}

/** Looks by itself at this pace: what became due by time alone, and where no notification arrives. */
const LOOK_MS = 500
/** So many connections at once: one that hangs keeps nobody else from being told. */
const LANES = 64
/** Connections are planned together up to so many levels: their stock is locked meanwhile. So many are recorded together. */
const PLANNED_TOGETHER = 5_000
const RECORDED_TOGETHER = 2_500
const LANES_OF_BOOKS = 2
/** Answers of several channels to one change come within so long of each other; nobody waits for their record. */
const RECORD_PATIENCE_MS = 4
/** Whoever goes on with its next batch waits so long for others at work: listings of the same SKUs planned together have their levels worked out once. */
const PLAN_PATIENCE_MS = 15
/** Turns that are over at about the same time are given back together. */
const GIVE_BACK_MS = 3
const KEEP_MS = 5_000
const GRACE_MS = 5_000
const AGAIN_MS = 200

const FIRST_REST_MS = 2_000
const LONGEST_REST_MS = 60_000
/** After an answer that asks for a person: not again at once. */
const REST_FOR_PERSON_MS = 5 * 60_000

/**
 * Tells all connections their levels: called by every mark, many connections planned in one transaction, each told by itself. Any number of
 * workers have a desk; who is at a connection is decided in Postgres. Temporal only keeps the desks alive.
 */
export function createDesk(deps: DeskDeps): PushDesk {
  let desk: Desk | undefined
  return {
    start: () => {
      desk ??= new Desk(deps)
    },
    stop: async (graceMs = GRACE_MS) => {
      const leaving = desk
      desk = undefined
      await leaving?.leave(graceMs)
    },
  }
}

/** A connection in work. */
interface Turn {
  readonly due: DueStock
  readonly opened: OpenedConnection
  readonly request: PlanRequest
}

class Desk {
  readonly #deps: DeskDeps
  readonly #owner = randomUUID()
  readonly #leaving = new AbortController()
  readonly #busy = new Set<string>()
  /** Turns that are over, and for how long nobody shall take them. */
  #ended: { readonly connectionId: string; readonly restMs: number }[] = []
  readonly #faults = new Map<string, number>()
  readonly #cursors = new Map<string, string | undefined>()
  /** Looks that found nothing to do: the books of a connection under quota wait for its orders, a channel takes no levels. */
  readonly #idle = new Map<string, { readonly readAt: string | null; readonly silenceMs: number; readonly until: number }>()
  readonly #works = new Set<Promise<void>>()
  readonly #books: Books
  readonly #loop: Promise<void>
  #stopping = false
  #poke: () => void = () => undefined

  constructor(deps: DeskDeps) {
    this.#deps = deps
    this.#books = sharedBooks(deps, () => this.#busy.size > 1)
    this.#loop = this.#run()
  }

  async leave(graceMs: number): Promise<void> {
    this.#stopping = true
    this.#poke()
    await this.#loop
    const timer = setTimeout(() => this.#leaving.abort(), graceMs)
    await Promise.all(this.#works)
    clearTimeout(timer)
    await this.#giveBack().catch(() => undefined)
  }

  async #run(): Promise<void> {
    const keeping = setInterval(() => void keepTurns(this.#deps.pool, this.#owner, [...this.#busy]).catch(() => undefined), KEEP_MS)
    let faults = 0
    let called = false
    let listening: Promise<void> | undefined
    while (!this.#stopping) {
      called = false
      const poked = new Promise<void>((resolve) => {
        this.#poke = resolve
      })
      try {
        await this.#look()
        faults = 0
      } catch (error) {
        faults += 1
        if (faults === 3) this.#deps.log.warn('Looking for levels to tell failed; it goes on.', { error: nameOf(error) })
      }
      // One ear at a time: a second one would hear the call that came during a look, and nobody would listen to it.
      listening ??= this.#deps.wake.wait(Math.min(LOOK_MS * 2 ** faults, 10_000)).then(() => {
        listening = undefined
        called = true
      })
      if (!this.#stopping && !called) await Promise.race([poked.then(() => sleep(GIVE_BACK_MS)), listening])
    }
    clearInterval(keeping)
  }

  /** Begins with every connection that is due and free. */
  async #look(): Promise<void> {
    await this.#giveBack()
    const { pool } = this.#deps
    const now = this.#deps.now()
    const due = (await dueStock(pool, now, [...this.#busy])).filter((one) => this.#isTurn(one, now.getTime())).slice(0, LANES - this.#busy.size)
    const ids = due.map(({ connectionId }) => connectionId)
    const mine = new Set(await takeTurns(pool, this.#owner, ids))
    if (mine.size === 0) return
    for (const id of mine) this.#busy.add(id)
    const work: Promise<void> = this.#begin(due.filter(({ connectionId }) => mine.has(connectionId))).finally(() => this.#works.delete(work))
    this.#works.add(work)
  }

  #isTurn({ connectionId, marked, readAt }: DueStock, now: number): boolean {
    const idle = this.#idle.get(connectionId)
    if (!idle || now >= idle.until) return true
    // A mark that could not be taken a moment ago is tried again soon; a channel that takes no levels has them for ever.
    return marked ? idle.silenceMs < LONGEST_REST_MS && now >= idle.until - idle.silenceMs + AGAIN_MS : readAt !== idle.readAt
  }

  async #begin(due: readonly DueStock[]): Promise<void> {
    const signal = limited(this.#leaving.signal)
    setMaxListeners(2 * LANES, signal) // each waits for its limit or its answer; Node takes more than ten for a leak
    const turns: Turn[] = []
    let stored: ReadonlyMap<string, StoredConnection>
    try {
      stored = await this.#deps.loadAll(due.map(({ connectionId }) => connectionId))
    } catch (error) {
      for (const one of due) this.#failed(one.connectionId, error)
      return
    }
    for (const one of due) {
      const row = stored.get(one.connectionId)
      try {
        const opened = row && this.#deps.openLoaded(row, signal)
        const request = opened && levelRequest(opened)
        if (opened && request) turns.push({ due: one, opened, request: { ...request, after: this.#cursors.get(one.connectionId) } })
        else this.#over(one, 0, LONGEST_REST_MS)
      } catch (error) {
        this.#failed(one.connectionId, error)
      }
    }
    await Promise.all(turns.map((turn) => this.#tell(turn, signal)))
  }

  async #tell({ due, opened, request }: Turn, signal: AbortSignal): Promise<void> {
    const { connectionId } = due
    try {
      if (due.underQuota) await keepQuotaBooks(this.#deps, opened)
      const report = await pushBatches(this.#deps, opened, request, signal, due.underQuota ? ownBooks(this.#deps) : this.#books)
      this.#cursors.set(connectionId, report.more ? report.last : undefined)
      if (report.done > 0 && due.faulty) await noteSuccess(this.#deps, connectionId, 'push-stock')
      this.#faults.delete(connectionId)
      this.#over(due, report.sent + report.blocked, LOOK_MS)
    } catch (error) {
      this.#failed(connectionId, error)
    }
  }

  #over({ connectionId, readAt }: DueStock, handled: number, silenceMs: number): void {
    const before = this.#idle.get(connectionId)
    if (handled > 0) this.#idle.delete(connectionId)
    else {
      const longer = Math.min(LONGEST_REST_MS, before && before.readAt === readAt ? before.silenceMs * 2 : silenceMs)
      this.#idle.set(connectionId, { readAt, silenceMs: longer, until: this.#deps.now().getTime() + longer })
    }
    this.#end(connectionId, 0)
  }

  #failed(connectionId: string, error: unknown): void {
    const faults = (this.#faults.get(connectionId) ?? 0) + 1
    this.#faults.set(connectionId, faults)
    const restMs = restAfter(error, faults)
    const kind = error instanceof ChannelError ? error.fault.kind : nameOf(error)
    this.#deps.log.warn('Telling a connection its levels failed; it is tried again.', { connectionId, error: kind, faults, restMs })
    this.#end(connectionId, restMs)
  }

  #end(connectionId: string, restMs: number): void {
    this.#ended.push({ connectionId, restMs })
    this.#poke()
  }

  async #giveBack(): Promise<void> {
    const ended = this.#ended
    this.#ended = []
    try {
      await endTurns(this.#deps.pool, this.#owner, ended)
    } finally {
      for (const { connectionId } of ended) this.#busy.delete(connectionId)
    }
  }
}

function restAfter(error: unknown, faults: number): number {
  const growing = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (faults - 1))
  if (!(error instanceof ChannelError)) return growing
  const { kind, retryAfterMs } = error.fault
  if (kind === 'unauthorized' || kind === 'misconfigured') return REST_FOR_PERSON_MS
  return kind === 'throttled' ? Math.min(REST_FOR_PERSON_MS, retryAfterMs ?? growing) : growing
}

/** Connections that ask at about the same time are planned in one transaction, and what they were told is recorded in one statement. */
function sharedBooks({ pool, now, log }: DeskDeps, inCompany: () => boolean): Books {
  const options = { lanes: LANES_OF_BOOKS }
  const plan = gather({
    ...options,
    room: PLANNED_TOGETHER,
    size: ({ maxBatch }: PlanRequest) => maxBatch,
    patienceMs: ({ after }: PlanRequest) => (after === undefined || !inCompany() ? 0 : PLAN_PATIENCE_MS),
    run: async (requests) => {
      const plans = await planStockPushes({ pool, now: now() }, requests)
      return requests.map(({ connectionId }) => plans.get(connectionId) ?? null)
    },
    onApart: (error) => log.warn('Levels of several connections could not be planned together.', { error: nameOf(error) }),
  })
  const taken = gather({
    ...options,
    room: RECORDED_TOGETHER,
    size: ({ listingKeys }: TakenCall) => listingKeys.length,
    patienceMs: () => RECORD_PATIENCE_MS,
    run: (calls) => recordTaken({ pool, now: now() }, calls),
    onApart: (error) => log.warn('Answers of several connections could not be recorded together.', { error: nameOf(error) }),
  })
  return { plan: async (request) => (await plan(request)) ?? undefined, taken }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown')
