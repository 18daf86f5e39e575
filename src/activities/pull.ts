import type { AnyConnector, Call, Cursor, PullRequest, Stream } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import type { ChannelClock } from '../kit/channel-clock.ts'
import { nextWindow, settledEnd } from '../kit/windows.ts'
import { EMPTY_BATCH, joinBatches, prepareBatch, writeBatch, type IngestDeps, type PreparedBatch } from '../normalize/ingest.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import type { RawSource } from '../store/apply/rows.ts'
import type { Turn } from '../store/apply/turn.ts'
import { mayRead } from '../store/deliver/open-connection.ts'
import { commitPage, finishedOrderIds, loadStream, noteStreamFault, openOrderIds, startStream, type StreamState } from '../store/streams.ts'
import { BatchWriter } from './batch-writer.ts'
import { Prefetched } from './prefetched.ts'

/** A connection opened for work: parsed settings, a paced HTTP client, tokens. */
export interface OpenedConnection {
  readonly context: ConnectionContext
  readonly connector: AnyConnector
  readonly call: Call<unknown, unknown>
  /** What this opening's answers showed of the channel's clock. */
  readonly clock?: ChannelClock
}

export interface PullDeps extends IngestDeps {
  readonly open: (connectionId: string, signal: AbortSignal) => Promise<OpenedConnection>
}

export interface PullBudget {
  readonly signal: AbortSignal
  /** Stop taking new pages after this long; the cursor says where to go on. */
  readonly budgetMs: number
  readonly heartbeat: (details: { readonly stream: string; readonly seen: number }) => void
}

export interface PullReport {
  readonly seen: number
  readonly created: number
  readonly changed: number
  readonly held: number
  /** Work is left: call again without waiting. */
  readonly more: boolean
  readonly movedStock: boolean
}

/** Orders first seen by a new connection reach back this far, unless a start was chosen. */
const FIRST_LOOK_MS = 60 * 60_000
/** Records gathered before a commit: larger batches cost less each, smaller ones show sooner. */
const BATCH_RECORDS = 1000
const MAX_PAGES_PER_WINDOW = 20_000
const OPEN_ORDERS = 500
const FINISHED_ORDERS = 2000

const NOTHING: PullReport = { seen: 0, created: 0, changed: 0, held: 0, more: false, movedStock: false }

/** One round over all streams of a connection that are due, page by page, cursor after commit. */
export async function pullRound(deps: PullDeps, connectionId: string, budget: PullBudget, force: boolean): Promise<PullReport> {
  const opened = await deps.open(connectionId, budget.signal)
  const streams = opened.connector.manifest.capabilities.pullOrders?.streams ?? []
  const deadline = deps.now().getTime() + budget.budgetMs
  let total = NOTHING
  for (const stream of streams) {
    const report = await withFaultNote(deps, connectionId, stream.id, () => pullStream(deps, opened, stream, { ...budget, deadline, force }))
    total = add(total, report)
  }
  return total
}

interface Run extends PullBudget {
  readonly deadline: number
  readonly force: boolean
}

async function pullStream(deps: PullDeps, opened: OpenedConnection, stream: Stream, run: Run): Promise<PullReport> {
  const { connectionId } = opened.context
  let total = NOTHING
  for (;;) {
    const state = await loadStream(deps.pool, connectionId, stream.id)
    const now = deps.now()
    if (total === NOTHING && !run.force && isResting(state, stream, now)) return total
    if (!(await mayRead(deps.pool, connectionId, false))) return { ...total, more: true }
    if (stream.mode === 'sweep') {
      const openOrders =
        stream.finishedDays === undefined
          ? await openOrderIds(deps.pool, connectionId, OPEN_ORDERS)
          : await finishedOrderIds(deps.pool, connectionId, stream.finishedDays, FINISHED_ORDERS)
      const request: PullRequest = { stream: stream.id, openOrders, ...(state.cursor && { after: state.cursor }) }
      return add(total, await readPages(deps, opened, { request, source: 'poll', stateKey: stream.id }, run))
    }
    const watermark = state.watermark ?? new Date(now.getTime() - FIRST_LOOK_MS).toISOString()
    if (!state.watermark) await startStream(deps.pool, connectionId, stream.id, watermark)
    const window = state.window ?? nextWindow({ watermark, now, stream })
    if (!window) return total
    const request: PullRequest = { stream: stream.id, window: { from: window.from, to: window.to }, ...(state.cursor && { after: state.cursor }) }
    const end = (): string => settledEnd({ window, now: deps.now(), aheadMs: opened.clock?.aheadMs() ?? 0, stream })
    const report = await readPages(deps, opened, { request, source: 'poll', stateKey: stream.id, end }, run)
    total = add(total, report)
    const reachedNow = Date.parse(window.to) >= now.getTime() - (stream.lagSeconds ?? 0) * 1000 - 1000
    if (report.more || reachedNow) return total
    if (deps.now().getTime() >= run.deadline) return { ...total, more: true }
  }
}

/** True while it is too early for the next look. A stream that lags behind its pace goes on at once, also after a crash or a used-up budget. */
function isResting(state: StreamState, stream: Stream, now: Date): boolean {
  if (state.window || !state.lastSuccessAt) return false
  const behindMs = state.watermark === undefined ? 0 : now.getTime() - (stream.lagSeconds ?? 0) * 1000 - Date.parse(state.watermark)
  return now.getTime() - Date.parse(state.lastSuccessAt) < stream.everySeconds * 900 && behindMs <= stream.everySeconds * 1000
}

/** One slice of a backfill [from, to): a stream position of its own, so the live poll is never disturbed. */
export async function pullRange(
  deps: PullDeps,
  connectionId: string,
  range: { readonly jobId: string; readonly from: string; readonly to: string },
  budget: PullBudget,
): Promise<PullReport & { readonly watermark: string }> {
  const opened = await deps.open(connectionId, budget.signal)
  const stream = opened.connector.manifest.capabilities.pullOrders?.streams.find((s) => s.mode === 'window')
  if (!stream)
    throw new ChannelError({ kind: 'misconfigured', code: 'no-history', message: `${opened.context.channel} cannot be read by time range.` })
  const stateKey = `backfill/${range.jobId}`
  await startStream(deps.pool, connectionId, stateKey, range.from)
  const deadline = deps.now().getTime() + budget.budgetMs
  let total = NOTHING
  for (;;) {
    const state = await loadStream(deps.pool, connectionId, stateKey)
    const watermark = state.watermark ?? range.from
    if (!state.window && Date.parse(watermark) >= Date.parse(range.to)) return { ...total, watermark }
    const longest = (stream.maxWindowHours ?? 24 * 3650) * 3_600_000
    const window = state.window ?? { from: watermark, to: new Date(Math.min(Date.parse(watermark) + longest, Date.parse(range.to))).toISOString() }
    const request: PullRequest = { stream: stream.id, window, ...(state.cursor && { after: state.cursor }) }
    const report = await readPages(deps, opened, { request, source: 'backfill', stateKey }, { ...budget, deadline, force: true })
    total = add(total, report)
    if (report.more || deps.now().getTime() >= deadline) return { ...total, more: true, watermark: window.from }
  }
}

interface Reading {
  readonly request: PullRequest
  readonly source: RawSource
  readonly stateKey: string
  /** Where the next window begins once this one was read whole; at its end without it. */
  readonly end?: () => string
}

/** Reads pages, prepares each as it comes, and writes them in their order; one batch is written while the next is prepared. */
async function readPages(deps: PullDeps, opened: OpenedConnection, reading: Reading, run: Run): Promise<PullReport> {
  const pull = opened.connector.pullOrders
  if (!pull) return NOTHING
  const { context } = opened
  const pages = new Prefetched(pull.call(opened.connector, opened.call, reading.request)[Symbol.asyncIterator](), deps.now)
  const { writer, total } = batchWriter(deps, context, reading, run)
  let batch = EMPTY_BATCH
  let last: Cursor | undefined
  try {
    for (let count = 0; ; count += 1) {
      const { page, readStartedAt } = await pages.next()
      if (page && page.cursor !== null && last !== undefined && sameCursor(page.cursor, last)) throw endless(reading.stateKey)
      if (count > MAX_PAGES_PER_WINDOW) throw endless(reading.stateKey)
      const given = { source: reading.source, receivedAt: readStartedAt, readStartedAt, authoritative: true }
      const incoming = (page?.records ?? []).map((record) => ({ record, ...given }))
      batch = joinBatches(
        batch,
        await prepareBatch(deps, context, incoming, { takeDocs: true, unsettled: hashOf([batch, ...writer.unsettled.map((taken) => taken.batch)]) }),
      )
      const cursor = page ? page.cursor : null
      const late = deps.now().getTime() >= run.deadline || run.signal.aborted
      const pause = cursor !== null && (late || !(await mayRead(deps.pool, context.connectionId, reading.source === 'backfill')))
      if (cursor === null || pause || batch.seen >= BATCH_RECORDS) {
        await writer.next({ batch, cursor })
        batch = EMPTY_BATCH
      }
      if (cursor === null) {
        await writer.done()
        await opened.connector.commitPull?.(opened.call, reading.request.stream)
        return total()
      }
      if (pause) {
        await writer.done()
        return { ...total(), more: true }
      }
      last = cursor
    }
  } finally {
    await writer.settled()
    await pages.close()
  }
}

/** Hash of an entity in the first of these batches that names it. */
const hashOf =
  (batches: readonly PreparedBatch[]) =>
  (entity: string): Buffer | undefined =>
    batches.find(({ entities }) => entities.has(entity))?.entities.get(entity)

interface Prepared {
  readonly batch: PreparedBatch
  readonly cursor: Cursor | null
}

function batchWriter(
  deps: PullDeps,
  context: ConnectionContext,
  reading: Reading,
  run: PullBudget,
): { readonly writer: BatchWriter<Prepared>; readonly total: () => PullReport } {
  let total = NOTHING
  const writer = new BatchWriter<Prepared>(async (prepared, turn) => {
    total = add(total, await writePage(deps, context, reading, prepared, turn))
    run.heartbeat({ stream: reading.stateKey, seen: total.seen })
  })
  return { writer, total: () => total }
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

async function withFaultNote(deps: PullDeps, connectionId: string, stream: string, work: () => Promise<PullReport>): Promise<PullReport> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ChannelError) await noteStreamFault(deps.pool, connectionId, stream, error.fault)
    throw error
  }
}

const add = (a: PullReport, b: PullReport): PullReport => ({
  seen: a.seen + b.seen,
  created: a.created + b.created,
  changed: a.changed + b.changed,
  held: a.held + b.held,
  more: a.more || b.more,
  movedStock: a.movedStock || b.movedStock,
})
