import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import { changes, type ChangeList, type Entry } from './lists.ts'
import type { DouyinCall } from './manifest.ts'
import { isId } from './param-json.ts'

const ORDERS: ChangeList = {
  method: 'order.searchList',
  member: 'shop_order_list',
  changedAt: (doc) => Number(textField(doc, 'update_time')),
  parameters: (from, to) => ({ update_time_start: from, update_time_end: to, order_by: 'update_time', order_asc: false }),
}
const AFTER_SALES: ChangeList = {
  method: 'afterSale.List',
  member: 'items',
  changedAt: (doc) => Number(textField(field(doc, 'aftersale_info'), 'update_time')),
  parameters: (from, to) => ({ update_start_time: from, update_end_time: to, order_by: ['update_time desc'] }),
}

/** Orders are read one by one, this many at a time. */
const AT_ONCE = 4
/** An order has at most forty sub-orders; each may be asked back more than once. */
const AFTER_SALES_OF_ONE = 100

/** `orders`: documents of the list, which say as much as the call for one order does. `refunds`: after-sales. */
export async function* pullOrders(call: DouyinCall, request: PullRequest): AsyncGenerator<Page> {
  const { window, after } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${request.stream}" is read by window.` })
  const [list, record] = request.stream === 'refunds' ? [AFTER_SALES, refundRecord] : [ORDERS, orderRecord]
  for await (const page of changes(call, list, { window, after })) yield { records: page.entries.map(record), cursor: page.cursor }
}

/** Authoritative reads, one call each, with the after-sales of those that show some. Ids the shop does not know are absent. */
export async function fetchOrder(call: DouyinCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const found = await inGroups([...new Set(ids)].filter(isId), AT_ONCE, (id) => oneOrder(call, id))
  return found.flat()
}

async function oneOrder(call: DouyinCall, id: string): Promise<readonly RawRecord[] | undefined> {
  const entry = await readOrder(call, id)
  if (!entry) return undefined
  const record = orderRecord(entry)
  if (record.externalId !== id) throw unreadable('The order in the answer is not the one that was asked for.')
  const isAsked = (line: unknown): boolean => Number(textField(field(line, 'after_sale_info'), 'after_sale_status') ?? 0) !== 0
  return listField(entry.doc, 'sku_order_list').some(isAsked) ? [record, ...(await afterSalesOf(call, id))] : [record]
}

/** The document of one order; undefined where the shop has none of this number. */
export async function readOrder(call: DouyinCall, id: string): Promise<Entry | undefined> {
  const answer = await absentAs(read(call, 'order.orderDetail', { shop_order_id: id }))
  if (!answer) return undefined
  const doc = field(answer.data, 'shop_order_detail')
  if (typeof doc !== 'object' || doc === null) throw unreadable('order.orderDetail answered without an order.')
  return { doc, text: sliceJson(answer.body, '/data/shop_order_detail') }
}

export async function afterSalesOf(call: DouyinCall, orderId: string): Promise<readonly RawRecord[]> {
  const { body, data } = await read(call, AFTER_SALES.method, { order_id: orderId, page: 0, size: AFTER_SALES_OF_ONE })
  const docs = listField(data, AFTER_SALES.member)
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/data/${AFTER_SALES.member}`)
  return docs.map((doc, i) => refundRecord({ doc, text: texts[i] ?? '' }))
}

/** An order has one number, which is its id. */
export const findOrders = async (call: DouyinCall, text: string): Promise<readonly RawRecord[]> =>
  (await fetchOrder(call, [text.trim().replace(/^#/, '')])).filter(({ kind }) => kind === 'order')

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: DouyinCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  for await (const page of changes(call, ORDERS, { window, after: undefined }))
    if (page.entries.length > 0) yield page.entries.map((entry) => orderRecord(entry).externalId)
}

function orderRecord({ text, doc }: Entry): RawRecord {
  const id = textField(doc, 'order_id')
  if (!id) throw unreadable('The channel sent an order without its number.')
  return { kind: 'order', externalId: id, ...timed(doc), payload: text, doc }
}

function refundRecord({ text, doc }: Entry): RawRecord {
  const info = field(doc, 'aftersale_info')
  const [id, order] = [textField(info, 'aftersale_id'), textField(field(doc, 'order_info'), 'shop_order_id')]
  if (!id) throw unreadable('The channel sent an after-sale without its number.')
  return { kind: 'refund', externalId: id, ...(order ? { parentId: order } : {}), ...timed(info), payload: text, doc }
}

function timed(doc: unknown): { readonly sourceTime?: Instant } {
  const seconds = Number(textField(doc, 'update_time') ?? Number.NaN)
  return Number.isSafeInteger(seconds) && seconds > 0 ? { sourceTime: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` } : {}
}
