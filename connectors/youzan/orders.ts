import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { instantOf, stampOf } from '../../src/kit/beijing-time.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, faultOf, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { pagesInParts, type PartedList } from '../../src/kit/pages-in-parts.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { YouzanCall } from './manifest.ts'
import { isOrderNo } from './webhooks.ts'

/** One document of a list: its text as received and the same parsed. */
interface Entry {
  readonly id: string
  readonly text: string
  readonly doc: unknown
  readonly changed: string
}

/** Details are read this many at a time. */
const AT_ONCE = 8
/** A hundred pages of orders; of refunds page × size must stay below 3000. */
const LAST_PAGE = 100
const MOST_REFUNDS = 3000
const AHEAD_MS = 5 * 86_400_000

const branch = ({ config }: YouzanCall): Readonly<Record<string, string>> => (config.nodeKdtId === '' ? {} : { node_kdt_id: config.nodeKdtId })

const orderOf = (doc: unknown): unknown => field(doc, 'full_order_info')
const infoOf = (doc: unknown): unknown => field(orderOf(doc), 'order_info')
const changedOf = (doc: unknown): string => textField(infoOf(doc), 'update_time') ?? textField(infoOf(doc), 'created') ?? ''

/** The window is asked for a second wider on both sides and cut to size here: which of its ends belong to it is not written anywhere. */
const ordersOf = (call: YouzanCall): PartedList<Entry> => ({
  what: 'youzan.trades.sold.get',
  pageSize: call.config.pageSize,
  most: LAST_PAGE * call.config.pageSize,
  ask: async ({ from, to }, page) => {
    // Windows that end more than a week ahead are refused; nothing changes there.
    const latest = call.now().getTime() + AHEAD_MS
    if (from > latest) return { entries: [], total: 0 }
    const { body, root, doc } = await read(call, 'youzan.trades.sold.get/4.0.4', {
      start_update: stampOf(from - 1000),
      end_update: stampOf(Math.min(to, latest)),
      page_no: page,
      page_size: call.config.pageSize,
      ...branch(call),
    })
    const docs = listField(doc, 'full_order_info_list')
    const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/${root}/full_order_info_list`)
    const entries = docs.map((each, i) => ({ id: textField(infoOf(each), 'tid') ?? '', text: texts[i] ?? '', doc: each, changed: changedOf(each) }))
    return { entries: within(entries, from, to), total: countOf(doc, 'total_results') }
  },
})

const refundsOf = (call: YouzanCall): PartedList<Entry> => ({
  what: 'youzan.trade.refund.search',
  pageSize: call.config.pageSize,
  most: Math.min(LAST_PAGE, Math.floor(MOST_REFUNDS / call.config.pageSize)) * call.config.pageSize,
  ask: async ({ from, to }, page) => {
    const { body, root, doc } = await read(call, 'youzan.trade.refund.search/3.0.1', {
      update_time_start: from / 1000 - 1,
      update_time_end: to / 1000,
      page_no: page,
      page_size: call.config.pageSize,
      ...branch(call),
    })
    const docs = listField(doc, 'refunds')
    const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/${root}/refunds`)
    const entries = docs.map((each, i) => ({
      id: textField(each, 'refund_id') ?? '',
      text: texts[i] ?? '',
      doc: each,
      changed: textField(each, 'modified') ?? '',
    }))
    return { entries: within(entries, from, to), total: countOf(doc, 'total') }
  },
})

function within(entries: readonly Entry[], from: number, to: number): readonly Entry[] {
  if (entries.some(({ id }) => id === '')) throw unreadable('The channel sent a document without its number.')
  const [first, end] = [stampOf(from), stampOf(to)]
  return entries.filter(({ changed }) => changed === '' || (changed >= first && changed < end))
}

function countOf(doc: unknown, name: string): number {
  const count = Number(textField(doc, name) ?? Number.NaN)
  if (!Number.isSafeInteger(count) || count < 0) throw unreadable('The channel does not say how many documents there are.')
  return count
}

/** `orders`: each read in full where there is more to say than the list does. `refunds`: each read in full, since lists name no lines. */
export async function* pullOrders(call: YouzanCall, request: PullRequest): AsyncGenerator<Page> {
  const { window, after, stream } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  if (stream === 'refunds') {
    for await (const page of pagesInParts(refundsOf(call), { window, after }))
      yield { records: await inGroups(page.entries, AT_ONCE, (entry) => fullRefund(call, entry.id, entry)), cursor: page.cursor }
    return
  }
  for await (const page of pagesInParts(ordersOf(call), { window, after })) {
    const one = (entry: Entry): Promise<RawRecord | undefined> =>
      hasMore(entry.doc) ? fullOrder(call, entry.id, entry) : Promise.resolve(orderRecord(entry.id, entry))
    yield { records: await inGroups(page.entries, AT_ONCE, one), cursor: page.cursor }
  }
}

/**
 * Lists leave out packages, refunds, the names of reductions and what cards paid; for an order to come out the same however it
 * was found, it is read in full. Only of an order nobody has paid and nothing was taken off is there no more to say.
 */
function hasMore(doc: unknown): boolean {
  const order = orderOf(doc)
  const [info, pay] = [infoOf(doc), field(order, 'pay_info')]
  if (textField(info, 'status') !== 'WAIT_BUYER_PAY' || field(field(info, 'order_tags'), 'is_down_payment_pre') === true) return true
  const money = (of: unknown, name: string): number => Math.round(Number(textField(of, name) ?? 0) * 100)
  const price = (line: unknown): number => money(line, 'price') * Number(textField(line, 'num') ?? 0)
  const listed = listField(order, 'orders').reduce<number>((sum, line) => sum + price(line), 0)
  return money(pay, 'payment') !== listed + money(pay, 'post_fee')
}

/** Authoritative reads, one call for each order and one for each of its refunds; ids the channel does not know are absent. */
export async function fetchOrder(call: YouzanCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const orders = await inGroups([...new Set(ids)].filter(isOrderNo), AT_ONCE, (id) => fullOrder(call, id, undefined))
  const refunds = orders.flatMap(({ doc }) => listField(doc, 'refund_order').flatMap((each) => textField(each, 'refund_id') ?? []))
  return [...orders, ...(await inGroups([...new Set(refunds)], AT_ONCE, (id) => fullRefund(call, id, undefined)))]
}

/** An order has one number, which is its id. */
export const findOrders = (call: YouzanCall, text: string): Promise<readonly RawRecord[]> =>
  inGroups([text.trim().replace(/^#/, '').toUpperCase()].filter(isOrderNo), 1, (id) => fullOrder(call, id, undefined))

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: YouzanCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  for await (const { entries } of pagesInParts(ordersOf(call), { window, after: undefined }))
    if (entries.length > 0) yield entries.map(({ id }) => id)
}

type Listed = Pick<Entry, 'text' | 'doc'>

/** One that the channel refuses to show, though it lists it, is kept as listed: a single order must not stop the others. */
async function fullOrder(call: YouzanCall, id: string, listed: Listed | undefined): Promise<RawRecord | undefined> {
  try {
    const { body, root, doc } = await read(call, 'youzan.trade.get/4.0.2', { tid: id })
    // To the token of another shop the channel answers with an empty order.
    if (textField(infoOf(doc), 'tid') === undefined) return listed && orderRecord(id, listed)
    return orderRecord(id, { text: sliceJson(body, `/${root}`), doc })
  } catch (error) {
    const { kind } = faultOf(error)
    if (kind !== 'missing' && (kind !== 'refused' || !listed)) throw error
    return listed && orderRecord(id, listed)
  }
}

/** Parts of a gift, whose numbers begin with "C", are shown as the order they belong to. */
function orderRecord(id: string, { text, doc }: Listed): RawRecord {
  const tid = textField(infoOf(doc), 'tid') ?? ''
  if (tid !== id && !id.startsWith('C')) throw unreadable('The order in the answer is not the one that was asked for.')
  return { kind: 'order', externalId: tid, ...timeOf(changedOf(doc)), payload: text, doc }
}

async function fullRefund(call: YouzanCall, id: string, listed: Listed | undefined): Promise<RawRecord | undefined> {
  const answer = await absentAs(read(call, 'youzan.trade.refund.get/3.0.1', { refund_id: id }))
  if (!answer) return listed && refundRecord(id, listed)
  return refundRecord(id, { text: sliceJson(answer.body, `/${answer.root}`), doc: answer.doc })
}

function refundRecord(id: string, { text, doc }: Listed): RawRecord {
  const tid = textField(doc, 'tid')
  return {
    kind: 'refund',
    externalId: id,
    ...(tid === undefined ? {} : { parentId: tid }),
    ...timeOf(textField(doc, 'modified') ?? ''),
    payload: text,
    doc,
  }
}

function timeOf(stamp: string): Pick<RawRecord, 'sourceTime'> {
  const at = instantOf(stamp)
  return at === undefined ? {} : { sourceTime: at }
}
