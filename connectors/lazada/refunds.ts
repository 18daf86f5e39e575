import type { Cursor, Page, RawRecord } from '../../src/core/connector.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import type { Listed } from '../../src/kit/pages-backwards.ts'
import { pagesInParts } from '../../src/kit/pages-in-parts.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { read, resultOf } from './client.ts'
import { itemsOfOrders, likeOf, type Items } from './items.ts'
import type { LazadaCall } from './manifest.ts'
import { msOf } from './time.ts'

const PATH = '/reverse/getreverseordersforseller'
const PAGE = 50
/** No limit is written down; the one of orders is taken. */
const MOST = 5000

/** Reverse orders whose lines changed in a window, last page first. Each line goes its own way and is a refund of its own. */
export async function* pullRefunds(
  call: LazadaCall,
  { window, after }: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: Cursor | undefined },
): AsyncGenerator<Page> {
  const list = {
    what: PATH,
    pageSize: PAGE,
    most: MOST,
    ask: async ({ from, to }: { readonly from: number; readonly to: number }, page: number): Promise<Listed<RawRecord>> => {
      // Which of the two ends belong to the window is not written anywhere: asked for wider, and cut to size here.
      const bounds = { ReverseOrderLineModifiedTimeRangeStart: from - 1000, ReverseOrderLineModifiedTimeRangeEnd: to }
      const { records, total } = await reverseOrders(call, { ...bounds, page_no: page, page_size: PAGE })
      return { entries: records.filter(({ sourceTime }) => isWithin(sourceTime, from, to)), total }
    },
  }
  for await (const page of pagesInParts(list, { window, after })) yield { records: await withItems(call, page.entries), cursor: page.cursor }
}

const isWithin = (at: Instant | undefined, from: number, to: number): boolean => at === undefined || (Date.parse(at) >= from && Date.parse(at) < to)

/** What was given back, or asked back, of one order. */
export async function refundsOf(call: LazadaCall, orderId: string): Promise<readonly RawRecord[]> {
  const records: RawRecord[] = []
  for (let page = 1; page <= MOST / PAGE; page += 1) {
    const found = await reverseOrders(call, { trade_order_id: orderId, page_no: page, page_size: PAGE })
    // Whatever was asked for: what is of another order says nothing about this one.
    records.push(...found.records.filter(({ parentId }) => parentId === orderId))
    if (page * PAGE >= found.total || found.records.length === 0) return withItems(call, records)
  }
  throw unreadable('The reverse orders of one order do not end.')
}

async function reverseOrders(
  call: LazadaCall,
  parameters: Readonly<Record<string, string | number>>,
): Promise<{ readonly records: readonly RawRecord[]; readonly total: number }> {
  const answer = await read(call, PATH, parameters)
  const result = resultOf(answer, 'result', PATH)
  const total = Number(textField(result, 'total') ?? Number.NaN)
  if (!Number.isSafeInteger(total) || textField(result, 'success') === 'false')
    throw unreadable('The channel does not say how many reverse orders there are.')
  const docs = listField(result, 'items')
  const texts = docs.length === 0 ? [] : sliceJsonArray(answer.body, '/result/items')
  return { total, records: docs.flatMap((doc, i) => recordsOf(doc, texts[i] ?? '')) }
}

/** The whole reverse order for each of its lines: the mapping takes the line whose number the record has. */
function recordsOf(doc: unknown, text: string): readonly RawRecord[] {
  const order = textField(doc, 'trade_order_id')
  return listField(doc, 'reverse_order_lines').map((line) => {
    const id = textField(line, 'reverse_order_line_id')
    if (id === undefined) throw unreadable('The channel sent a line of a reverse order without its number.')
    const changed = msOf(textField(line, 'return_order_line_gmt_modified') ?? textField(line, 'return_order_line_gmt_create'))
    return {
      kind: 'refund',
      externalId: id,
      ...(order === undefined ? {} : { parentId: order }),
      ...(changed === undefined ? {} : { sourceTime: new Date(changed).toISOString() }),
      payload: text,
      doc,
    }
  })
}

/**
 * A line of a reverse order names one unit, and a line of an order is several that are alike: they are laid beside it, each
 * as received, so that the mapping can tell which line it is about.
 */
async function withItems(call: LazadaCall, records: readonly RawRecord[]): Promise<readonly RawRecord[]> {
  const orders = [...new Set(records.flatMap(({ parentId }) => (parentId !== undefined && /^[1-9]\d*$/.test(parentId) ? [parentId] : [])))]
  const all = orders.length === 0 ? new Map<string, Items>() : ((await absentAs(itemsOfOrders(call, orders))) ?? (await oneByOne(call, orders)))
  return records.map((record) => {
    const { texts, docs } = all.get(record.parentId ?? '') ?? { texts: [], docs: [] }
    const line = listField(record.doc, 'reverse_order_lines').find((each) => textField(each, 'reverse_order_line_id') === record.externalId)
    const unit = docs.find((doc) => textField(doc, 'order_item_id') === textField(line, 'trade_order_line_id'))
    const alike = docs.flatMap((doc, i) => (unit !== undefined && likeOf(doc) === likeOf(unit) ? [i] : []))
    return {
      ...record,
      payload: `{"reverse_order":${record.payload},"order_items":[${alike.map((i) => texts[i] ?? 'null').join(',')}]}`,
      doc: { reverse_order: record.doc, order_items: alike.map((i) => docs[i]) },
    }
  })
}

/** One order the channel knows no more spoils the answer for the others. */
async function oneByOne(call: LazadaCall, orders: readonly string[]): Promise<ReadonlyMap<string, Items>> {
  const found = await inGroups(orders, 4, (id) => absentAs(itemsOfOrders(call, [id])))
  return new Map(found.flatMap((items) => [...items]))
}
