import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { readJsonArray, sliceJson, type JsonDocument } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import type { Listed } from '../../src/kit/pages-backwards.ts'
import { pagesInParts, type PartedList } from '../../src/kit/pages-in-parts.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, type Answer } from './client.ts'
import type { XhsCall } from './manifest.ts'

/** Details are read this many at a time. */
const AT_ONCE = 6
/** Page numbers end here. */
const LAST_PAGE = 100
/** Page number times page size, for after-sales. */
const MOST_REFUNDS = 50_000
const REFUND_PAGE = 100

type Window = { readonly from: Instant; readonly to: Instant }
type Pages = AsyncGenerator<{ readonly entries: readonly JsonDocument[]; readonly cursor: Cursor | null }>

/** `timeType` 2 goes by change time, newest first. */
const BY_CHANGE = 2

/** Which ends belong to a window is not documented: it is asked for a second wider at its beginning and cut to size here. */
const listOf = (
  list: Pick<PartedList<JsonDocument>, 'what' | 'pageSize' | 'most'>,
  ask: (from: number, to: number, page: number) => Promise<Listed<JsonDocument>>,
): PartedList<JsonDocument> => ({
  ...list,
  ask: async ({ from, to }, page) => {
    const { entries, total } = await ask(from - 1000, to, page)
    // What was listed for another reason than the time it shows is nobody else's: it is read.
    const isIn = (ms: number): boolean => ms < to && (ms >= from || ms < from - 1000)
    return { entries: entries.filter(({ doc }) => isIn(changedAt(doc) ?? from)), total }
  },
})

function ordersIn(call: XhsCall, window: Window, after: Cursor | undefined): Pages {
  const { pageSize } = call.config
  const list = listOf({ what: 'order.getOrderList', pageSize, most: LAST_PAGE * pageSize }, async (from, to, page) => {
    const times = { startTime: Math.floor(from / 1000), endTime: Math.ceil(to / 1000) }
    const answer = await read(call, 'order.getOrderList', { ...times, timeType: BY_CHANGE, pageNo: page, pageSize })
    return listed(answer, 'orderList', 'total')
  })
  return pagesInParts(list, { window, after })
}

function refundsIn(call: XhsCall, window: Window, after: Cursor | undefined): Pages {
  const list = listOf({ what: 'afterSale.listAfterSaleInfos', pageSize: REFUND_PAGE, most: MOST_REFUNDS }, (from, to, page) =>
    refundPage(call, { startTime: from, endTime: to, timeType: BY_CHANGE }, page),
  )
  return pagesInParts(list, { window, after })
}

const refundPage = async (call: XhsCall, about: Readonly<Record<string, unknown>>, page: number): Promise<Listed<JsonDocument>> =>
  listed(await read(call, 'afterSale.listAfterSaleInfos', { ...about, pageNo: page, pageSize: REFUND_PAGE }), 'afterSaleBasicInfos', 'totalCount')

/** Without the count the pages behind this one would never be read. */
function listed({ body, root, data }: Answer, name: string, count: string): Listed<JsonDocument> {
  const total = Number(textField(data, count) ?? Number.NaN)
  if (!Number.isSafeInteger(total) || total < 0) throw unreadable('Xiaohongshu does not say how many there are.')
  if (Array.isArray(field(data, name))) return { entries: readJsonArray(body, `${root}/${name}`).documents, total }
  if (total > 0) throw unreadable(`Xiaohongshu counts ${total} and shows no list of them.`)
  return { entries: [], total }
}

export async function* pullOrders(call: XhsCall, { window, after, stream }: PullRequest): AsyncGenerator<Page> {
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  const isRefunds = stream === 'refunds'
  for await (const { entries, cursor } of isRefunds ? refundsIn(call, window, after) : ordersIn(call, window, after)) {
    // Lists hold neither goods nor money. What is listed and cannot be read alone is kept as it was listed, for a person to see.
    const one = async (entry: JsonDocument): Promise<RawRecord> =>
      isRefunds
        ? ((await refundOf(call, idOf(entry.doc, 'returnsId'))) ?? refundRecord(entry))
        : ((await orderOf(call, idOf(entry.doc, 'orderId'))) ?? orderRecord(entry))
    yield { records: await inGroups(entries, AT_ONCE, one), cursor }
  }
}

/** Authoritative reads, one call for each order and more for the after-sales of those that have any; unknown ids are absent. */
export async function fetchOrder(call: XhsCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const orders = await inGroups([...new Set(ids)].filter(isOrderId), AT_ONCE, (id) => orderOf(call, id))
  const withRefunds = orders.filter(
    ({ doc }) => !['', '1'].includes(textField(doc, 'orderAfterSalesStatus') ?? '') || textField(doc, 'cancelStatus') === '1',
  )
  return [...orders, ...(await inGroups(withRefunds, AT_ONCE, ({ externalId }) => refundsOf(call, externalId))).flat()]
}

/** Every after-sale of one order. */
export async function refundsOf(call: XhsCall, orderId: string): Promise<readonly RawRecord[]> {
  const { entries, total } = await refundPage(call, { orderId }, 1)
  if (total > entries.length) throw unreadable('Xiaohongshu did not show all after-sales of an order.')
  const all = await inGroups(entries, AT_ONCE, async (entry) => (await refundOf(call, idOf(entry.doc, 'returnsId'))) ?? refundRecord(entry))
  return all.filter(({ parentId }) => parentId === orderId)
}

/** An order has one number, which is its id. */
export const findOrders = (call: XhsCall, text: string): Promise<readonly RawRecord[]> =>
  inGroups([text.trim().replace(/^#/, '').toUpperCase()].filter(isOrderId), 1, (id) => orderOf(call, id))

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: XhsCall, window: Window): AsyncGenerator<readonly string[]> {
  for await (const { entries } of ordersIn(call, window, undefined)) if (entries.length > 0) yield entries.map(({ doc }) => idOf(doc, 'orderId'))
}

export const isOrderId = (text: string): boolean => /^[A-Z]{0,2}\d{8,24}$/.test(text)

function idOf(doc: unknown, name: string): string {
  const id = textField(doc, name)
  if (id === undefined || id === '') throw unreadable(`A document in the answer has no ${name}.`)
  return id
}

async function orderOf(call: XhsCall, id: string): Promise<RawRecord | undefined> {
  const answer = await absentAs(read(call, 'order.getOrderDetail', { orderId: id }))
  if (!answer) return undefined
  if (textField(answer.data, 'orderId') !== id) throw unreadable('The order in the answer is not the one that was asked for.')
  return orderRecord({ text: sliceJson(answer.body, answer.root), doc: answer.data })
}

export async function refundOf(call: XhsCall, id: string): Promise<RawRecord | undefined> {
  const answer = await absentAs(read(call, 'afterSale.getAfterSaleInfo', { returnsId: id }))
  if (!answer) return undefined
  const doc = field(answer.data, 'afterSaleInfo')
  if (textField(doc, 'returnsId') !== id) throw unreadable('The after-sale in the answer is not the one that was asked for.')
  return refundRecord({ text: sliceJson(answer.body, `${answer.root}/afterSaleInfo`), doc })
}

const orderRecord = ({ text, doc }: JsonDocument): RawRecord => ({
  kind: 'order',
  externalId: idOf(doc, 'orderId'),
  ...sourceTime(doc),
  payload: text,
  doc,
})

function refundRecord({ text, doc }: JsonDocument): RawRecord {
  const order = textField(doc, 'orderId')
  return {
    kind: 'refund',
    externalId: idOf(doc, 'returnsId'),
    ...(order === undefined ? {} : { parentId: order }),
    ...sourceTime(doc),
    payload: text,
    doc,
  }
}

function changedAt(doc: unknown): number | undefined {
  const text = textField(doc, 'updateTime') ?? textField(doc, 'updatedAt') ?? ''
  // Milliseconds: a number of seconds would lie outside every window.
  return /^\d{12,14}$/.test(text) ? Number(text) : undefined
}

function sourceTime(doc: unknown): Pick<RawRecord, 'sourceTime'> {
  const ms = changedAt(doc)
  return ms === undefined ? {} : { sourceTime: new Date(ms).toISOString() }
}

/** Everything the packages of an order are read from. */
export const detailOf = async (call: XhsCall, id: string): Promise<unknown> => (await orderOf(call, id))?.doc
export const linesIn = (doc: unknown): readonly unknown[] => listField(doc, 'skuList')
