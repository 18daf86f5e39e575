import type { RawRecord } from '../core/connector.ts'
import { ChannelError, DomainError } from '../core/fault.ts'
import { mapRecord } from '../normalize/prepare.ts'
import { daysToAsk, storeAskFault, storeListed, type ListedOrder } from '../store/edit/ledger-asks.ts'
import { unseenOrders } from '../store/deliver/care.ts'
import { finishJob, loadJob, progressJob } from '../store/jobs.ts'
import { lastBusinessDay, readBusinessDay } from '../store/read/ledger-entries.ts'
import type { JobBudget } from './jobs.ts'
import type { OpenedConnection, PullDeps } from './pull.ts'

const HOUR_MS = 3_600_000
/** Days of the past that are asked about again each night until they are known to be complete. */
const LOOK_BACK_DAYS = 3

interface Window {
  readonly from: string
  readonly to: string
}

/** Whether a channel has a list of its own: files and pushed orders have none. */
const canBeAsked = ({ connector }: Pick<OpenedConnection, 'connector'>): boolean =>
  connector.listOrderIds !== undefined || connector.manifest.capabilities.pullOrders?.streams.some((one) => one.mode === 'window') === true

/**
 * Asks a channel which orders of a business day it has, and for how much. Its orders are read again as they are now and its own list of ids beside
 * them, independent of everything the hub has stored; what the list names and the reading did not bring is fetched one by one.
 * @throws ChannelError when it cannot be asked now; it is noted
 */
export async function askChannelForDay(
  deps: PullDeps,
  connectionId: string,
  day: string,
  signal: AbortSignal,
  heartbeat: (seen: number) => void,
): Promise<number> {
  const window = await readBusinessDay(deps.pool, connectionId, day)
  if (!window) throw new DomainError('connection-unknown', `There is no connection ${connectionId}.`)
  const ask = { connectionId, day, window }
  const askedAt = deps.now()
  try {
    const opened = await deps.open(connectionId, signal)
    if (!canBeAsked(opened)) throw new DomainError('ledger-no-list', `${opened.connector.manifest.title.en} has no list of orders to ask for.`)
    const reading = new Reading(deps, opened, window)
    await reading.documents(askedAt, heartbeat)
    await reading.list(askedAt, heartbeat)
    await storeListed(deps.pool, { ...ask, askedAt, how: reading.how }, reading.found)
    return reading.found.length
  } catch (error) {
    if (error instanceof ChannelError) await storeAskFault(deps.pool, ask, error.fault, deps.now())
    throw error
  }
}

/** The channel's own word on a day, put together. */
class Reading {
  readonly #deps: PullDeps
  readonly #opened: OpenedConnection
  readonly #day: Window
  readonly #listed = new Map<string, ListedOrder>()
  readonly #others = new Set<string>()
  readonly #ways: string[] = []

  constructor(deps: PullDeps, opened: OpenedConnection, day: Window) {
    this.#deps = deps
    this.#opened = opened
    this.#day = day
  }

  get found(): readonly ListedOrder[] {
    return [...this.#listed.values()]
  }

  get how(): string {
    return this.#ways.join('+')
  }

  /** An order placed on the day was last changed on it or since. */
  *#slices(hours: number | undefined, now: Date): Generator<Window> {
    const step = (hours ?? 24 * 31) * HOUR_MS
    for (let from = Date.parse(this.#day.from); from < now.getTime(); from += step)
      yield { from: new Date(from).toISOString(), to: new Date(Math.min(from + step, now.getTime())).toISOString() }
  }

  async documents(now: Date, heartbeat: (seen: number) => void): Promise<void> {
    const { connector, call } = this.#opened
    const stream = connector.manifest.capabilities.pullOrders?.streams.find((one) => one.mode === 'window')
    if (!stream || !connector.pullOrders) return
    this.#ways.push('documents')
    for (const window of this.#slices(stream.maxWindowHours, now))
      for await (const page of connector.pullOrders(call, { stream: stream.id, window })) {
        for (const record of page.records) this.#take(record)
        heartbeat(this.#listed.size)
      }
  }

  async list(now: Date, heartbeat: (seen: number) => void): Promise<void> {
    const { connector, call } = this.#opened
    const capability = connector.manifest.capabilities.listOrderIds
    if (!capability || !connector.listOrderIds) return
    this.#ways.push('list')
    const unknown = new Set<string>()
    for (const window of this.#slices(capability.maxWindowHours, now))
      for await (const ids of connector.listOrderIds(call, window)) {
        for (const id of ids) if (!this.#listed.has(id) && !this.#others.has(id)) unknown.add(id)
        heartbeat(this.#listed.size + unknown.size)
      }
    await this.#lookUp([...unknown], heartbeat)
  }

  /** The reading brought none of these: each is asked for by name. Where that cannot be done, those the hub never saw are named as they are. */
  async #lookUp(ids: readonly string[], heartbeat: (seen: number) => void): Promise<void> {
    const { connector, call, context } = this.#opened
    const batch = connector.manifest.capabilities.fetchOrder?.maxBatch ?? 0
    if (!connector.fetchOrder || batch === 0) {
      for (const externalId of await unseenOrders(this.#deps.pool, context.connectionId, ids))
        this.#listed.set(externalId, { externalId, outcome: 'order' })
      return
    }
    for (let at = 0; at < ids.length; at += batch) {
      for (const record of await connector.fetchOrder(call, ids.slice(at, at + batch))) this.#take(record)
      heartbeat(this.#listed.size)
    }
  }

  #take(record: RawRecord): void {
    if (record.kind !== 'order') return
    const mapping = this.#deps.mappings.get(this.#opened.context.channel)
    if (!mapping) return
    const outcome = mapRecord(record, mapping, this.#opened.context)
    const time = record.sourceTime === undefined ? {} : { sourceTime: record.sourceTime }
    if (outcome.kind === 'order') {
      const { total } = outcome.order.totals
      if (this.#isOfDay(outcome.order.placedAt))
        this.#listed.set(record.externalId, {
          externalId: record.externalId,
          outcome: 'order',
          currency: total.currency,
          totalMinor: total.minor,
          ...time,
        })
      else this.#others.add(record.externalId)
    } else if (record.sourceTime !== undefined && this.#isOfDay(record.sourceTime) && outcome.kind !== 'refund')
      this.#listed.set(record.externalId, { externalId: record.externalId, outcome: outcome.kind === 'ignored' ? 'ignored' : 'held', ...time })
    else this.#others.add(record.externalId)
  }

  #isOfDay = (at: string): boolean => Date.parse(at) >= Date.parse(this.#day.from) && Date.parse(at) < Date.parse(this.#day.to)
}

/** The nightly question about the business day that ended, and those before it that are not complete yet. A channel's fault is noted and stops nothing. */
export async function askLastDays(deps: PullDeps, connectionId: string, signal: AbortSignal, heartbeat: (seen: number) => void): Promise<void> {
  const last = await lastBusinessDay(deps.pool, connectionId, deps.now())
  if (last === undefined || !canBeAsked(await deps.open(connectionId, signal))) return
  for (const day of await daysToAsk(deps.pool, connectionId, last, LOOK_BACK_DAYS)) {
    try {
      await askChannelForDay(deps, connectionId, day, signal, heartbeat)
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      return
    }
  }
}

/** One question about one day, asked for by a person: `{day}`. */
export async function ledgerStep(deps: PullDeps, jobId: string, budget: JobBudget): Promise<{ readonly more: boolean }> {
  const job = await loadJob(deps.pool, jobId)
  const day = job?.params['day']
  if (!job || job.connection_id === null || typeof day !== 'string') throw new DomainError('job-unknown', `Ledger job ${jobId} names no day.`)
  if (!(await progressJob(deps.pool, jobId, { done: 0 }))) return { more: false }
  try {
    const listed = await askChannelForDay(deps, job.connection_id, day, budget.signal, budget.heartbeat)
    await progressJob(deps.pool, jobId, { done: listed, total: listed, result: { listed } })
    await finishJob(deps.pool, jobId, 'done')
  } catch (error) {
    if (!(error instanceof ChannelError) && !(error instanceof DomainError)) throw error
    await finishJob(deps.pool, jobId, 'failed', error.message)
  }
  return { more: false }
}
