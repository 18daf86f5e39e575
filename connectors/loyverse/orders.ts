import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { read, type Answer } from './client.ts'
import { manifest, type LoyverseCall } from './manifest.ts'

interface Span {
  readonly from: Instant
  readonly to: Instant
}

/** Sales and what was given back, by change time. */
export async function* pullOrders(call: LoyverseCall, { stream, window, after }: PullRequest): AsyncGenerator<Page> {
  if (!window)
    throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream.slice(0, 40)}" is read by window.` })
  yield* changed(call, window, cursorOf(after, window))
}

/** The channel keeps the question with its cursor: one of another window would answer that one and end ours. */
function cursorOf(after: Cursor | undefined, { from, to }: Span): string | undefined {
  if (after === undefined) return undefined
  const { cursor } = after
  if (typeof cursor !== 'string' || cursor === '' || after['from'] !== from || after['to'] !== to) throw cursorInvalid()
  return cursor
}

/** Both ends of the channel's range belong to it; ours ends before `to`, and stamps carry milliseconds. */
async function* changed(call: LoyverseCall, { from, to }: Span, after: string | undefined): AsyncGenerator<Page> {
  const end = Date.parse(to) - 1
  if (end < Date.parse(from)) return yield { records: [], cursor: null }
  const query = {
    store_id: call.config.storeId,
    updated_at_min: new Date(from).toISOString(),
    updated_at_max: new Date(end).toISOString(),
    limit: String(call.config.pageSize),
  }
  for (let cursor = after; ;) {
    const answer = await read(call, 'receipts', { ...query, ...(cursor === undefined ? {} : { cursor }) })
    const next = nextOf(answer.doc, cursor)
    yield { records: recordsIn(answer, call.config.storeId), cursor: next === undefined ? null : { cursor: next, from, to } }
    if (next === undefined) return
    cursor = next
  }
}

/** A cursor that comes again leads nowhere. */
export function nextOf(doc: unknown, cursor: string | undefined): string | undefined {
  const next = textField(doc, 'cursor') ?? ''
  return next === '' || next === cursor ? undefined : next
}

/** Receipts of one store, as received. */
export function recordsIn({ body, doc }: Answer, storeId: string | undefined): readonly RawRecord[] {
  const docs = field(doc, 'receipts')
  if (!Array.isArray(docs)) throw unreadable('The answer holds no list of receipts.')
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, '/receipts')
  return docs.flatMap((each: unknown, i) => {
    const id = textField(each, 'receipt_number')
    if (id === undefined || id === '') throw unreadable('Loyverse sent a receipt without its number.')
    const store = textField(each, 'store_id')
    return storeId !== undefined && store !== undefined && store.toLowerCase() !== storeId.toLowerCase() ? [] : [recordOf(id, each, texts[i] ?? '')]
  })
}

/** What was given back is a receipt of its own, which names the sale. */
function recordOf(externalId: string, doc: unknown, payload: string): RawRecord {
  const time = Date.parse(textField(doc, 'updated_at') ?? textField(doc, 'created_at') ?? '')
  const sale = textField(doc, 'refund_for')
  const isRefund = textField(doc, 'receipt_type') === 'REFUND'
  return {
    kind: isRefund ? 'refund' : 'order',
    externalId,
    ...(isRefund && sale !== undefined && sale !== '' ? { parentId: sale } : {}),
    ...(Number.isNaN(time) ? {} : { sourceTime: new Date(time).toISOString() }),
    payload,
    doc,
  }
}

const isNumber = (text: string): boolean => /^[\w-]{1,40}$/.test(text)
const MAX_BATCH = manifest.capabilities.fetchOrder.maxBatch

/** Authoritative reads by number; of other stores, or of none, nothing comes. */
export async function fetchOrder(call: LoyverseCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const found: RawRecord[] = []
  for (const group of chunked([...new Set(ids)].filter(isNumber), MAX_BATCH)) {
    const answer = await read(call, 'receipts', { receipt_numbers: group.join(','), limit: '250' })
    // Money of another receipt must never be counted under this one.
    found.push(...recordsIn(answer, call.config.storeId).filter(({ externalId }) => group.includes(externalId)))
  }
  return found
}

export const findOrders = (call: LoyverseCall, text: string): Promise<readonly RawRecord[]> => fetchOrder(call, [text.trim().replace(/^#/, '')])

/** Numbers of the sales changed in a window, for the ledger. */
export async function* listOrderIds(call: LoyverseCall, window: Span): AsyncGenerator<readonly string[]> {
  for await (const { records } of changed(call, window, undefined)) {
    const ids = records.flatMap(({ kind, externalId }) => (kind === 'order' ? [externalId] : []))
    if (ids.length > 0) yield ids
  }
}
