import type { AnyConnector, Call, PullRequest, Stream } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import type { ChannelClock } from '../kit/channel-clock.ts'
import { nextWindow, settledEnd } from '../kit/windows.ts'
import type { IngestDeps } from '../normalize/ingest.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import { mayRead } from '../store/deliver/open-connection.ts'
import { finishedOrderIds, loadStream, noteStreamFault, openOrderIds, startStream, type StreamState } from '../store/streams.ts'
import { add, NOTHING, readPages } from './read-pages.ts'

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
const OPEN_ORDERS = 500
const FINISHED_ORDERS = 2000

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

export interface Run extends PullBudget {
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
    // Where pages come slowly, the end of the window is long past when the last of them is read.
    const tookLong = deps.now().getTime() - now.getTime() >= stream.everySeconds * 1000
    const reachedNow = !tookLong && Date.parse(window.to) >= now.getTime() - (stream.lagSeconds ?? 0) * 1000 - 1000
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

async function withFaultNote(deps: PullDeps, connectionId: string, stream: string, work: () => Promise<PullReport>): Promise<PullReport> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ChannelError) await noteStreamFault(deps.pool, connectionId, stream, error.fault)
    throw error
  }
}
