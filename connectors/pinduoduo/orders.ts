import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { instantOf, secondsOf, stampOf } from '../../src/kit/beijing-time.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { pagesBackwards, type Listed } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, type Api } from './client.ts'
import type { PddCall } from './manifest.ts'

/** One document of a list: its text as received and the same parsed. */
interface Entry {
  readonly id: string
  readonly text: string
  readonly doc: unknown
}

/** A list that is sorted by change time, newest first. */
interface ChangeList {
  readonly api: Api
  readonly list: string
  readonly id: string
  readonly changed: string
  readonly wanted: Readonly<Record<string, string | number>>
  /** Whether the channel skips counting when asked to, which is faster. */
  readonly canSkipCount: boolean
}

const ORDERS: ChangeList = {
  api: 'pdd.order.number.list.increment.get',
  list: 'order_sn_list',
  id: 'order_sn',
  changed: 'updated_at',
  // 5: all; lottery orders are orders too.
  wanted: { order_status: 5, refund_status: 5, is_lucky_flag: 0 },
  canSkipCount: true,
}
const REFUNDS: ChangeList = {
  api: 'pdd.refund.list.increment.get',
  list: 'refund_list',
  id: 'id',
  changed: 'updated_time',
  // 1: all, of either.
  wanted: { after_sales_status: 1, after_sales_type: 1 },
  canSkipCount: false,
}

/** Details are read this many at a time. */
const AT_ONCE = 4
const ORDER_SN = /^\d{6}-\d{6,20}$/

/** `orders` and `refunds`: documents of the lists, which hold all there is. An order that is listed without goods is read in full. */
export async function* pullOrders(call: PddCall, request: PullRequest): AsyncGenerator<Page> {
  const { window, after, stream } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  const list = stream === 'refunds' ? REFUNDS : ORDERS
  for await (const { entries, cursor } of changes(call, list, { window, after })) {
    const one = async (entry: Entry): Promise<RawRecord | undefined> =>
      listField(entry.doc, 'item_list').length > 0 ? orderRecord(entry) : ((await detail(call, entry.id)) ?? orderRecord(entry))
    yield { records: list === REFUNDS ? entries.map(refundRecord) : await inGroups(entries, AT_ONCE, one), cursor }
  }
}

/**
 * Documents changed in [from, to), last page first, as the channel demands. The window is asked for one second wider at its
 * beginning and cut to size here, since the documentation does not say which of its ends belong to it.
 */
function changes(
  call: PddCall,
  list: ChangeList,
  request: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: PullRequest['after'] },
): AsyncGenerator<{ readonly entries: readonly Entry[]; readonly cursor: Page['cursor'] }> {
  const { pageSize } = call.config
  const range = secondsOf(request.window)
  return pagesBackwards({ what: list.api, pageSize, after: request.after }, async (page, count) => {
    const { body, root, doc } = await read(call, list.api, {
      ...list.wanted,
      start_updated_at: range.from / 1000 - 1,
      end_updated_at: range.to / 1000,
      page,
      page_size: pageSize,
      ...(list.canSkipCount ? { use_has_next: !count } : {}),
    })
    // Without the count that was asked for the pages behind the first would never be read.
    if (count && textField(doc, 'total_count') === undefined) throw unreadable(`${list.api} does not say how many there are.`)
    return listedOf(body, { root, doc, list, range })
  })
}

function listedOf(
  body: string,
  given: { readonly root: string; readonly doc: unknown; readonly list: ChangeList; readonly range: { readonly from: number; readonly to: number } },
): Listed<Entry> {
  const { root, doc, list, range } = given
  const [count, more] = [textField(doc, 'total_count'), field(doc, 'has_next')]
  if (count === undefined && typeof more !== 'boolean')
    throw unreadable(`${list.api} answered neither how many there are nor whether there are more.`)
  const docs = listField(doc, list.list)
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/${root}/${list.list}`)
  const [from, to] = [new Date(range.from).toISOString().replace('.000', ''), new Date(range.to).toISOString().replace('.000', '')]
  const entries = docs.map((each, i): Entry & { readonly changed: Instant } => {
    const id = textField(each, list.id)
    if (id === undefined) throw unreadable(`${list.api} sent a document without ${list.id}.`)
    return { id, text: texts[i] ?? '', doc: each, changed: changedAt(each, list.changed) ?? from }
  })
  return { entries: entries.filter(({ changed }) => changed >= from && changed < to), total: Number(count ?? 0) }
}

function changedAt(doc: unknown, name: string): Instant | undefined {
  const value = textField(doc, name) ?? textField(doc, 'created_time') ?? ''
  // Pages show seconds since 1970 for after-sales documents, answers seen in the wild the clock of Beijing.
  return instantOf(/^\d{10}$/.test(value) ? stampOf(Number(value) * 1000) : value)
}

/** Authoritative reads, one call each; ids the channel does not know (or not any more: it shows three months) are absent. */
export function fetchOrder(call: PddCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const sound = [...new Set(ids)].filter((id) => ORDER_SN.test(id))
  return inGroups(sound, AT_ONCE, (id) => detail(call, id))
}

/** An order has one number, which is its id. */
export const findOrders = (call: PddCall, text: string): Promise<readonly RawRecord[]> => fetchOrder(call, [text.trim().replace(/^#/, '')])

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: PddCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  for await (const { entries } of changes(call, ORDERS, { window, after: undefined })) if (entries.length > 0) yield entries.map(({ id }) => id)
}

async function detail(call: PddCall, id: string): Promise<RawRecord | undefined> {
  const answer = await absentAs(read(call, 'pdd.order.information.get', { order_sn: id }))
  if (!answer) return undefined
  const doc = field(answer.doc, 'order_info')
  if (textField(doc, 'order_sn') !== id) throw unreadable('The order in the answer is not the one that was asked for.')
  return orderRecord({ id, text: sliceJson(answer.body, `/${answer.root}/order_info`), doc })
}

function orderRecord({ id, text, doc }: Entry): RawRecord {
  const at = changedAt(doc, ORDERS.changed)
  return { kind: 'order', externalId: id, ...(at === undefined ? {} : { sourceTime: at }), payload: text, doc }
}

function refundRecord({ id, text, doc }: Entry): RawRecord {
  const [at, orderSn] = [changedAt(doc, REFUNDS.changed), textField(doc, 'order_sn')]
  return {
    kind: 'refund',
    externalId: id,
    ...(orderSn === undefined ? {} : { parentId: orderSn }),
    ...(at === undefined ? {} : { sourceTime: at }),
    payload: text,
    doc,
  }
}
