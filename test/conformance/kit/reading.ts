import type { Call, Cursor, Page, PullRequest, RawRecord } from '../../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../../src/core/fault.ts'
import type { Order } from '../../../src/core/order.ts'
import { mapRecord } from '../../../src/normalize/prepare.ts'
import type { Stage } from './stage.ts'
import { ability, capabilitiesOf, windowStream, type Subject } from './subject.ts'

const MAX_PAGES = 2000

/** Pages until the window is complete. */
export async function pages(subject: Subject, call: Call<unknown, unknown>, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of ability(subject, 'pullOrders')(call, request)) {
    found.push(page)
    if (page.cursor === null) return found
    if (found.length > MAX_PAGES) throw new Error('The pull does not end.')
  }
  return found
}

export const instant = (ms: number): string => new Date(ms).toISOString()

/** A request for everything the stage's channel has: by change time where it can, else the first stream as a whole. */
export function everything(stage: Stage, aheadMs = 60_000): PullRequest {
  const stream = windowStream(stage.subject)
  const first = capabilitiesOf(stage.subject).pullOrders?.streams[0]?.id ?? ''
  if (!stream) return { stream: first, openOrders: [] }
  const longest = Math.min(stream.maxWindowHours ?? 24 * 30, 24 * 30) * 3_600_000
  const to = stage.now() + aheadMs
  return { stream: stream.id, window: { from: instant(to - longest), to: instant(to) } }
}

/** Consecutive requests that together cover the stage's history, each no longer than the channel takes. */
function wholeHistory(stage: Stage): readonly PullRequest[] {
  const stream = windowStream(stage.subject)
  if (!stream) return [everything(stage)]
  const longest = (stream.maxWindowHours ?? 24 * 365) * 3_600_000
  const end = stage.now() + 60_000
  const requests: PullRequest[] = []
  for (let from = stage.now() - stage.spreadDays * 86_400_000 - 60_000; from < end; from += longest) {
    requests.push({ stream: stream.id, window: { from: instant(from), to: instant(Math.min(end, from + longest)) } })
  }
  return requests
}

/** Everything of the stage's history, page by page. */
export async function history(stage: Stage, call = stage.call()): Promise<readonly Page[]> {
  const found: Page[] = []
  for (const request of wholeHistory(stage)) found.push(...(await pages(stage.subject, call, request)))
  return found
}

export const recordsOf = (found: readonly Page[]): readonly RawRecord[] => found.flatMap((page) => page.records)
export const orderIds = (records: readonly RawRecord[]): readonly string[] =>
  [...new Set(records.filter((record) => record.kind === 'order').map((record) => record.externalId))].sort()
export const truthIds = (stage: Stage): readonly string[] =>
  stage.sim.ledger
    .orders()
    .map((truth) => truth.orderId)
    .sort()

/** A cursor as it comes back from the database. */
export const stored = (cursor: Cursor): Cursor => JSON.parse(JSON.stringify(cursor))

/** The fault a call ends in; anything else that is thrown fails the check. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work
  } catch (error) {
    if (error instanceof ChannelError) return error.fault
    throw error
  }
  throw new Error('The call succeeded where it had to fail.')
}

/** Maps one record the way the hub does; a held one is an error here. */
export function orderOf(stage: Stage, record: RawRecord | undefined): Order {
  if (!record) throw new Error('There is no such record.')
  const outcome = mapRecord(record, stage.subject.mapping, stage.context)
  if (outcome.kind !== 'order')
    throw new Error(`Order ${record.externalId} came out as ${outcome.kind}${'code' in outcome ? ` (${outcome.code})` : ''}.`)
  return outcome.order
}

/** Reads one order anew, as the hub does when it is told that something changed. */
export async function readOrder(stage: Stage, orderId: string, call = stage.call()): Promise<RawRecord> {
  const fetch = stage.subject.connector.fetchOrder
  const records = fetch ? await fetch.call(stage.subject.connector, call, [orderId]) : recordsOf(await pages(stage.subject, call, everything(stage)))
  const record = records.find((one) => one.kind === 'order' && one.externalId === orderId)
  if (!record) throw new Error(`The channel does not bring order ${orderId}.`)
  return record
}
