import type { Cursor, Page, PullRequest } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import { EMPTY_BATCH, joinBatches, prepareJudged, writeBatch, type PreparedBatch } from '../normalize/ingest.ts'
import { judgeBatch, type JudgedBatch } from '../normalize/judge.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import type { RawSource } from '../store/apply/rows.ts'
import type { Turn } from '../store/apply/turn.ts'
import { mayRead } from '../store/deliver/open-connection.ts'
import { commitPage } from '../store/streams.ts'
import { BatchWriter } from './batch-writer.ts'
import { Prefetched } from './prefetched.ts'
import type { OpenedConnection, PullBudget, PullDeps, PullReport, Run } from './pull.ts'

/** Records gathered before a commit: larger batches cost less each, smaller ones show sooner. */
const BATCH_RECORDS = 1000
const MAX_PAGES_PER_WINDOW = 20_000

export const NOTHING: PullReport = { seen: 0, created: 0, changed: 0, held: 0, more: false, movedStock: false }

export interface Reading {
  readonly request: PullRequest
  readonly source: RawSource
  readonly stateKey: string
  /** Where the next window begins once this one was read whole; at its end without it. */
  readonly end?: () => string
}

/** A page compared with what stands, its preparing under way. */
interface UnderWay {
  readonly cursor: Cursor | null
  readonly judged: JudgedBatch
  readonly prepared: Promise<PreparedBatch>
}

/**
 * Reads pages, prepares each as it comes, and writes them in their order. While one page is prepared the next is compared
 * with what stands, and one batch is written while the next is gathered: nobody waits for an answer of the database with
 * nothing else to do.
 */
export async function readPages(deps: PullDeps, opened: OpenedConnection, reading: Reading, run: Run): Promise<PullReport> {
  const pull = opened.connector.pullOrders
  if (!pull) return NOTHING
  const pages = new Prefetched(pull.call(opened.connector, opened.call, reading.request)[Symbol.asyncIterator](), deps.now, run.deadline)
  const gathering = new Gathering(deps, opened.context, reading, run)
  let last: Cursor | undefined
  try {
    for (let count = 0; ; count += 1) {
      const { page, readStartedAt } = await pages.next()
      const cursor = page ? page.cursor : null
      if (cursor !== null && last !== undefined && sameCursor(cursor, last)) throw endless(reading.stateKey)
      if (count > MAX_PAGES_PER_WINDOW) throw endless(reading.stateKey)
      const allowed = cursor === null || mayRead(deps.pool, opened.context.connectionId, reading.source === 'backfill')
      const [isAllowed] = await Promise.all([allowed, gathering.take(page, cursor, readStartedAt)])
      if (cursor === null) {
        await gathering.finish()
        await opened.connector.commitPull?.(opened.call, reading.request.stream)
        return gathering.total
      }
      if (!isAllowed) gathering.drop()
      if (!isAllowed || !pages.isAhead || run.signal.aborted) {
        await gathering.finish()
        return { ...gathering.total, more: true }
      }
      last = cursor
    }
  } finally {
    await gathering.settled()
    await pages.close()
  }
}

/** Pages on their way into the store, in their order. */
class Gathering {
  readonly #deps: PullDeps
  readonly #context: ConnectionContext
  readonly #reading: Reading
  readonly #writer: BatchWriter<Prepared>
  #underWay: UnderWay | undefined
  #batch = EMPTY_BATCH
  total = NOTHING

  constructor(deps: PullDeps, context: ConnectionContext, reading: Reading, run: PullBudget) {
    this.#deps = deps
    this.#context = context
    this.#reading = reading
    this.#writer = new BatchWriter<Prepared>(async (prepared, turn) => {
      // Two are under way at once: what the other added meanwhile counts too.
      const report = await writePage(deps, context, reading, prepared, turn)
      this.total = add(this.total, report)
      run.heartbeat({ stream: reading.stateKey, seen: this.total.seen })
    })
  }

  async take(page: Page | undefined, cursor: Cursor | null, readStartedAt: string): Promise<void> {
    const given = { source: this.#reading.source, receivedAt: readStartedAt, readStartedAt, authoritative: true }
    const incoming = (page?.records ?? []).map((record) => ({ record, ...given }))
    const before = this.#underWay
    const unsettled = [...(before ? [before.judged] : []), this.#batch, ...this.#writer.unsettled.map((taken) => taken.batch)]
    const judged = await judgeBatch(this.#deps, this.#context, incoming, { unsettled: hashOf(unsettled) })
    const prepared = prepareJudged(this.#deps, this.#context, judged, true)
    prepared.catch(() => undefined) // said when its turn comes
    this.#underWay = { cursor, judged, prepared }
    if (before) await this.#hand(before, false)
  }

  /** The page taken last is not wanted any more: the connection was paused or removed meanwhile. */
  drop(): void {
    this.#underWay = undefined
  }

  /** Everything taken is written. */
  async finish(): Promise<void> {
    const before = this.#underWay
    this.#underWay = undefined
    if (before) await this.#hand(before, true)
    await this.#writer.done()
  }

  /** Nothing is under way any more, whatever became of it. */
  async settled(): Promise<void> {
    await this.#underWay?.prepared.catch(() => undefined)
    await this.#writer.settled()
  }

  async #hand({ prepared, cursor }: UnderWay, isLast: boolean): Promise<void> {
    this.#batch = joinBatches(this.#batch, await prepared)
    if (!isLast && this.#batch.seen < BATCH_RECORDS) return
    await this.#writer.next({ batch: this.#batch, cursor })
    this.#batch = EMPTY_BATCH
  }
}

/** Hash of an entity in the first of these batches that names it. */
const hashOf =
  (batches: readonly Pick<PreparedBatch, 'entities'>[]) =>
  (entity: string): Buffer | undefined =>
    batches.find(({ entities }) => entities.has(entity))?.entities.get(entity)

interface Prepared {
  readonly batch: PreparedBatch
  readonly cursor: Cursor | null
}

async function writePage(deps: PullDeps, context: ConnectionContext, reading: Reading, { batch, cursor }: Prepared, turn: Turn): Promise<PullReport> {
  const asked = reading.request.window
  const window = asked && cursor === null && reading.end ? { ...asked, to: reading.end() } : asked
  const { seen } = batch
  const result = await writeBatch(deps, context, batch, {
    turn,
    alongside: (client, unchanged) =>
      commitPage(client, { connectionId: context.connectionId, stream: reading.stateKey, cursor, seen, unchanged, ...(window && { window }) }),
  })
  return { seen, created: result.created, changed: result.changed, held: result.held, more: false, movedStock: result.movedStock }
}

const sameCursor = (a: Cursor, b: Cursor): boolean => JSON.stringify(a) === JSON.stringify(b)

const endless = (stream: string): ChannelError =>
  new ChannelError({
    kind: 'unreadable',
    code: 'endless-pages',
    message: `Stream ${stream}: the channel repeats the same page for ever. The position is kept; nothing was skipped.`,
  })

export const add = (a: PullReport, b: PullReport): PullReport => ({
  seen: a.seen + b.seen,
  created: a.created + b.created,
  changed: a.changed + b.changed,
  held: a.held + b.held,
  more: a.more || b.more,
  movedStock: a.movedStock || b.movedStock,
})
