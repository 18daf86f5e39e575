import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { AFTER_SALES, afterSaleRecords, afterSalesOf, type AfterSale } from './after-sales.ts'
import { read } from './client.ts'
import { isId, type TikTokCall } from './manifest.ts'
import { changes, type Entry, type Search } from './search.ts'
import { timed } from './source-time.ts'

const ORDERS: Search = { path: '/order/202309/orders/search', member: 'orders', most: 100 }
/** Orders of one call by id. */
const MOST_IDS = 50

/** `orders`: as the search shows them, which is all of them. `cancellations` and `returns`: after-sales with the lines of their orders. */
export async function* pullOrders(call: TikTokCall, request: PullRequest): AsyncGenerator<Page> {
  const { stream, window, after } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  if (stream !== 'cancellations' && stream !== 'returns') {
    for await (const page of changes(call, ORDERS, { window, after })) yield { records: page.entries.map(orderRecord), cursor: page.cursor }
    return
  }
  const kind = stream === 'returns' ? 'return' : 'cancellation'
  for await (const page of changes(call, AFTER_SALES[kind], { window, after }))
    yield {
      records: await withOrders(
        call,
        page.entries.map((entry) => ({ kind, entry })),
      ),
      cursor: page.cursor,
    }
}

/** Whether the buyer asks to cancel shows in the order, but need not move its time: those orders are read along. */
async function withOrders(call: TikTokCall, all: readonly AfterSale[]): Promise<readonly RawRecord[]> {
  const orders = await ordersById(
    call,
    all.flatMap(({ entry }) => textField(entry.doc, 'order_id') ?? []),
  )
  const asked = new Set(
    all.flatMap(({ entry }) => (textField(entry.doc, 'cancel_type') === 'BUYER_CANCEL' ? (textField(entry.doc, 'order_id') ?? []) : [])),
  )
  const records = orders.map(orderRecord)
  return [...records.filter(({ externalId }) => asked.has(externalId)), ...afterSaleRecords(all, orders)]
}

/** Authoritative reads, with all cancellations and returns of these orders. Ids the shop does not know are absent. */
export async function fetchOrder(call: TikTokCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const orders = await ordersById(call, ids)
  if (orders.length === 0) return []
  const records = orders.map(orderRecord)
  return [
    ...records,
    ...afterSaleRecords(
      await afterSalesOf(
        call,
        records.map(({ externalId }) => externalId),
      ),
      orders,
    ),
  ]
}

/** Documents of orders; none of one the shop does not have. */
export async function ordersById(call: TikTokCall, ids: readonly string[]): Promise<readonly Entry[]> {
  const found: Entry[] = []
  for (const group of chunked([...new Set(ids)].filter(isId), MOST_IDS)) {
    const { body, data } = await read(call, { method: 'GET', path: '/order/202309/orders', query: { ids: group.join(',') } })
    const docs = listField(data, 'orders')
    const texts = docs.length === 0 ? [] : sliceJsonArray(body, '/data/orders')
    const wanted = new Set(group)
    for (const [i, doc] of docs.entries()) {
      if (!wanted.has(textField(doc, 'id') ?? '')) throw unreadable('An order in the answer is not one that was asked for.')
      found.push({ doc, text: texts[i] ?? '' })
    }
  }
  return found
}

/** An order has one number, which is its id. */
export async function findOrders(call: TikTokCall, text: string): Promise<readonly RawRecord[]> {
  return (await ordersById(call, [text.trim().replace(/^#/, '')])).map(orderRecord)
}

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: TikTokCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  const told = new Set<string>()
  for await (const page of changes(call, ORDERS, { window, after: undefined })) {
    const fresh = page.entries.map((entry) => orderRecord(entry).externalId).filter((id) => !told.has(id))
    for (const id of fresh) told.add(id)
    if (fresh.length > 0) yield fresh
  }
}

function orderRecord({ text, doc }: Entry): RawRecord {
  const id = textField(doc, 'id')
  if (!id) throw unreadable('The channel sent an order without its number.')
  return { kind: 'order', externalId: id, ...timed(doc), payload: text, doc }
}
