import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import type { Param } from '../../src/kit/int64-json.ts'
import { readJsonArray, sliceJson, type JsonDocument } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, type Answer } from './client.ts'
import type { KuaishouCall } from './manifest.ts'

/** Details are read this many at a time. */
const AT_ONCE = 6
const HOUR_MS = 3_600_000
/** What a cursor says at the end of its list. */
const END = 'nomore'

/** Times in milliseconds; both ends belong to a window as far as is known. */
interface Range {
  readonly from: number
  readonly to: number
}
interface Listed {
  readonly entries: readonly JsonDocument[]
  readonly next: string
}
type List = (range: Range, at: { readonly cursor: string; readonly page: number }) => Promise<Listed>

/** Nothing older is shown: the channel refuses a window that begins before. */
const REACH_MS = 90 * 24 * HOUR_MS - HOUR_MS

/** The part of a window the channel still shows; undefined where that is nothing. */
function shown(call: KuaishouCall, { from, to }: Range): Range | undefined {
  const earliest = call.now().getTime() - REACH_MS
  return to <= earliest ? undefined : { from: Math.max(from, earliest), to }
}

const NOTHING: Listed = { entries: [], next: END }

/** `queryType` 2 goes by change time; oldest first (`sort` 2), so that what changes meanwhile comes again at the end. */
const changedOrders =
  (call: KuaishouCall): List =>
  async (range, { cursor }) => {
    const window = shown(call, range)
    if (!window) return NOTHING
    const answer = await read(call, 'open.order.cursor.list', {
      orderViewStatus: 1,
      pageSize: call.config.pageSize,
      sort: 2,
      queryType: 2,
      beginTime: window.from,
      endTime: window.to,
      cpsType: 0,
      cursor,
    })
    return listed(answer, ['orderList'], 'cursor')
  }

/** Both the cursor and the number of the page are asked for. */
const refundList =
  (call: KuaishouCall, orderId?: string): List =>
  async (range, { cursor, page }) => {
    const window = orderId === undefined ? shown(call, range) : undefined
    if (orderId === undefined && !window) return NOTHING
    // Of one order they come whenever they were.
    const about: Readonly<Record<string, Param>> =
      orderId === undefined ? { beginTime: window?.from ?? 0, endTime: window?.to ?? 0 } : { orderId: BigInt(orderId) }
    const param = { ...about, type: 9, pageSize: 100, currentPage: page, sort: 2, queryType: 2, pcursor: cursor }
    const answer = await read(call, 'open.seller.order.refund.pcursor.list', param)
    return listed(answer, ['refundOrderInfoList', 'dataList'], 'pcursor')
  }

/** An empty window may leave its list out; a page that others follow has one, or its documents would be lost. */
function listed({ body, data }: Answer, names: readonly string[], cursor: string): Listed {
  const [name, next] = [names.find((each) => Array.isArray(field(data, each))), nextOf(data, cursor)]
  if (name === undefined && next !== END) throw unreadable('Kuaishou shows no list and says that it goes on.')
  return { entries: name === undefined ? [] : readJsonArray(body, `/data/${name}`).documents, next }
}

/** An answer that does not say how it goes on may hide the rest of the window. */
function nextOf(data: unknown, name: string): string {
  const next = textField(data, name)
  if (next === undefined || next === '') throw unreadable('Kuaishou does not say whether its list goes on.')
  return next
}

/** Page by page until the channel says that there is no more; a cursor that comes again ends it, since the last page would come for ever. */
async function* pagesOf(
  list: List,
  { parts, after }: { readonly parts: readonly Range[]; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly JsonDocument[]; readonly cursor: Cursor | null }> {
  let { part, cursor, page } = positionOf(after, parts)
  for (let range = parts[part]; range; range = parts[part]) {
    const { entries, next } = await list(range, { cursor, page })
    if (next === END || next === cursor) [part, cursor, page] = [part + 1, '', 1]
    else [cursor, page] = [next, page + 1]
    const rest = parts[part]
    yield { entries, cursor: rest ? { from: rest.from, to: rest.to, part, cursor, page } : null }
  }
}

/** A position belongs to the window it was made in: its part has to be one of this window's. */
function positionOf(after: Cursor | undefined, parts: readonly Range[]): { part: number; cursor: string; page: number } {
  if (after === undefined) return { part: 0, cursor: '', page: 1 }
  const { part, cursor, page, from, to } = after
  if (typeof part !== 'number' || typeof page !== 'number' || typeof cursor !== 'string' || page < 1) throw cursorInvalid()
  if (parts[part]?.from !== from || parts[part]?.to !== to) throw cursorInvalid()
  return { part, cursor, page }
}

const rangeOf = ({ from, to }: { readonly from: Instant; readonly to: Instant }): Range => ({ from: Date.parse(from), to: Date.parse(to) })

/** Stretches of at most so many hours. */
function stretches({ from, to }: Range, hours: number): readonly Range[] {
  const count = Math.max(1, Math.ceil((to - from) / (hours * HOUR_MS)))
  return Array.from({ length: count }, (_, i) => ({ from: from + i * hours * HOUR_MS, to: Math.min(to, from + (i + 1) * hours * HOUR_MS) }))
}

export async function* pullOrders(call: KuaishouCall, { window, after, stream }: PullRequest): AsyncGenerator<Page> {
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  const range = rangeOf(window)
  if (stream === 'refunds') {
    for await (const { entries, cursor } of pagesOf(refundList(call), { parts: stretches(range, call.config.refundWindowHours), after }))
      yield { records: entries.map(refundRecord), cursor }
    return
  }
  for await (const { entries, cursor } of pagesOf(changedOrders(call), { parts: [range], after }))
    yield { records: await inGroups(entries, AT_ONCE, (entry) => wholeOrder(call, entry)), cursor }
}

/** Lists name the presents of an order by number only: such an order is read by itself. */
async function wholeOrder(call: KuaishouCall, entry: JsonDocument): Promise<RawRecord> {
  const presents = listField(entry.doc, 'subOrderInfo')
  const isShort = presents.some((each) => field(each, 'subOrderBaseInfo') === undefined)
  return (isShort ? await orderOf(call, idOf(entry.doc)) : undefined) ?? orderRecord(entry)
}

/** Authoritative reads, one call for each order and one more for the after-sales of those that have any; unknown ids are absent. */
export async function fetchOrder(call: KuaishouCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const orders = await inGroups([...new Set(ids)].filter(isOrderId), AT_ONCE, (id) => orderOf(call, id))
  const withRefunds = orders.filter(({ doc }) => refundsNamed(doc).length > 0)
  return [...orders, ...(await inGroups(withRefunds, AT_ONCE, ({ externalId }) => refundsOf(call, externalId))).flat()]
}

/** The latest after-sale of an order, under the name the list or the detail has for it. */
const refundsNamed = (doc: unknown): readonly unknown[] => [...listField(doc, 'orderDetailRefundList'), ...listField(doc, 'orderRefundList')]

/** Every after-sale of one order. */
export async function refundsOf(call: KuaishouCall, orderId: string): Promise<readonly RawRecord[]> {
  const found: RawRecord[] = []
  const parts = [{ from: 0, to: 0 }]
  for await (const { entries } of pagesOf(refundList(call, orderId), { parts, after: undefined })) found.push(...entries.map(refundRecord))
  return found.filter(({ parentId }) => parentId === orderId)
}

/** An order has one number, which is its id. */
export const findOrders = (call: KuaishouCall, text: string): Promise<readonly RawRecord[]> =>
  inGroups([text.trim().replace(/^#/, '')].filter(isOrderId), 1, (id) => orderOf(call, id))

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: KuaishouCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  for await (const { entries } of pagesOf(changedOrders(call), { parts: [rangeOf(window)], after: undefined }))
    if (entries.length > 0) yield entries.map(({ doc }) => idOf(doc))
}

export const isOrderId = (text: string): boolean => /^[1-9]\d{4,18}$/.test(text)

const idOf = (doc: unknown): string => {
  const id = textField(field(doc, 'orderBaseInfo'), 'oid')
  if (id === undefined || id === '') throw unreadable('An order in the answer has no number.')
  return id
}

async function orderOf(call: KuaishouCall, id: string): Promise<RawRecord | undefined> {
  const answer = await absentAs(read(call, 'open.order.detail', { oid: BigInt(id) }))
  if (!answer) return undefined
  if (idOf(answer.data) !== id) throw unreadable('The order in the answer is not the one that was asked for.')
  return orderRecord({ text: sliceJson(answer.body, '/data'), doc: answer.data })
}

const orderRecord = ({ text, doc }: JsonDocument): RawRecord => ({
  kind: 'order',
  externalId: idOf(doc),
  ...changeTime(field(doc, 'orderBaseInfo')),
  payload: text,
  doc,
})

function refundRecord({ text, doc }: JsonDocument): RawRecord {
  const [id, oid] = [textField(doc, 'refundId'), textField(doc, 'oid')]
  if (id === undefined || id === '') throw unreadable('An after-sale in the answer has no number.')
  return { kind: 'refund', externalId: id, ...(oid === undefined ? {} : { parentId: oid }), ...changeTime(doc), payload: text, doc }
}

function changeTime(doc: unknown): Pick<RawRecord, 'sourceTime'> {
  const ms = Number(textField(doc, 'updateTime') ?? Number.NaN)
  return Number.isSafeInteger(ms) && ms > 0 ? { sourceTime: new Date(ms).toISOString() } : {}
}
