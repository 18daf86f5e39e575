import { z } from 'zod'
import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { nextPosition, positionOf, walkByTime, type Position } from '../../src/kit/pages-by-time.ts'
import { query, read, type VendureCall } from './client.ts'
import { ORDER_IDS, ORDER_TRACKING, ORDERS } from './documents.ts'

/** Carts are orders too; they are told apart by having been placed. */
const PLACED = { orderPlacedAt: { isNull: false } }
/** States that still move without `updatedAt` moving. */
const UNFINISHED = [
  'PaymentAuthorized',
  'PaymentSettled',
  'PartiallyShipped',
  'Shipped',
  'PartiallyDelivered',
  'Modifying',
  'ArrangingAdditionalPayment',
]

const head = z.object({ id: z.string(), updatedAt: z.string(), orderPlacedAt: z.string().nullish() })
const orderPage = z.object({ orders: z.object({ totalItems: z.number().int(), items: z.array(z.unknown()) }) })

/** Streams: `orders` by change time; `open` and `finished` = the orders the hub names. Without names `open` reads all unfinished ones. */
export function pullOrders(call: VendureCall, request: PullRequest): AsyncIterable<Page> {
  const { pageSize } = call.config
  if (request.stream === 'orders') {
    if (!request.window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: 'The orders stream needs a window.' })
    return byTime(call, { field: 'updatedAt', from: request.window.from, to: request.window.to, filter: PLACED, pageSize }, request.after)
  }
  if (request.openOrders) return byIds(call, request.openOrders, request.after)
  if (request.stream === 'finished') return byIds(call, [], request.after)
  return byTime(call, { field: 'orderPlacedAt', from: EPOCH, filter: { ...PLACED, state: { in: UNFINISHED } }, pageSize }, request.after)
}

const EPOCH = '1970-01-01T00:00:00.000Z'

interface Slice {
  readonly field: 'updatedAt' | 'orderPlacedAt'
  readonly from: string
  readonly to?: string
  readonly filter: Readonly<Record<string, unknown>>
  readonly pageSize: number
}

async function* byTime(call: VendureCall, slice: Slice, after: Cursor | undefined): AsyncIterable<Page> {
  const walk = walkByTime({
    from: positionOf(after, slice.from),
    ask: async (position) => {
      const answer = await query(call, ORDERS, { options: options(slice, position) })
      return { items: recordsOf(answer), total: read(orderPage, answer.data, 'order list').orders.totalItems }
    },
    placeOf: (record) => ({ id: record.externalId, at: timeOf(record, slice.field) }),
  })
  for await (const { items, cursor } of walk) {
    // A database that compares times as text may hand out the window's end as well.
    yield { records: items.filter((record) => slice.to === undefined || timeOf(record, slice.field) < slice.to), cursor }
  }
}

function timeOf({ doc }: RawRecord, field: Slice['field']): string {
  const order = read(head, doc, 'order')
  return order[field] ?? order.updatedAt
}

function options(slice: Slice, position: Position): unknown {
  const range = slice.to === undefined ? { after: position.after } : { between: { start: position.after, end: slice.to } }
  return {
    take: slice.pageSize,
    ...(position.skip > 0 ? { skip: position.skip } : {}),
    sort: { [slice.field]: 'ASC', id: 'ASC' },
    filter: { ...slice.filter, [slice.field]: range, ...(position.seen.length > 0 ? { id: { notIn: position.seen } } : {}) },
  }
}

async function* byIds(call: VendureCall, ids: readonly string[], after: Cursor | undefined): AsyncIterable<Page> {
  const last = typeof after?.['id'] === 'string' ? after['id'] : ''
  const rest = [...new Set(ids)].filter((id) => id > last).sort()
  if (rest.length === 0) yield { records: [], cursor: null }
  const size = Math.min(call.config.pageSize, 50)
  for (let at = 0; at < rest.length; at += size) {
    const batch = rest.slice(at, at + size)
    const isLast = at + size >= rest.length
    yield { records: await fetchOrder(call, batch), cursor: isLast ? null : { id: batch.at(-1) ?? '' } }
  }
}

/** Reads by internal id; ids the shop does not know are absent. */
export async function fetchOrder(call: VendureCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  if (ids.length === 0) return []
  return recordsOf(await query(call, ORDERS, { options: { take: ids.length, filter: { id: { in: ids } } } }))
}

/** By order code or internal id; failing that by tracking code among the newest 1,000 orders (Vendure cannot search fulfilments). */
export async function findOrders(call: VendureCall, text: string): Promise<readonly RawRecord[]> {
  const wanted = text.trim()
  if (wanted === '') return []
  // A number is asked for as an id only in the form ids have: a database with numeric ids fails on anything else.
  const byId = /^(?:\d{1,18}|[0-9a-f-]{36})$/i.test(wanted) ? [{ id: { eq: wanted } }] : []
  const filter = { ...PLACED, _or: [{ code: { eq: wanted } }, ...byId] }
  const found = recordsOf(await query(call, ORDERS, { options: { take: 10, filter } }))
  return found.length > 0 ? found : fetchOrder(call, await idsByTracking(call, wanted))
}

const tracked = z.object({
  orders: z.object({
    items: z.array(z.object({ id: z.string(), fulfillments: z.array(z.object({ trackingCode: z.string().nullish() })).nullish() })),
  }),
})

async function idsByTracking(call: VendureCall, code: string): Promise<readonly string[]> {
  for (let skip = 0; skip < 1000; skip += 200) {
    const answer = await query(call, ORDER_TRACKING, { options: { take: 200, skip, sort: { orderPlacedAt: 'DESC' }, filter: PLACED } })
    const { items } = read(tracked, answer.data, 'order list').orders
    const ids = items.filter((order) => order.fulfillments?.some((f) => f.trackingCode === code)).map((order) => order.id)
    if (ids.length > 0 || items.length < 200) return ids
  }
  return []
}

const idPage = z.object({ orders: z.object({ items: z.array(head) }) })

/** Ids of the orders whose change time lies in [from, to): the same question `orders` answers with documents. */
export async function* listOrderIds(call: VendureCall, window: { readonly from: string; readonly to: string }): AsyncIterable<readonly string[]> {
  const slice: Slice = { field: 'updatedAt', from: window.from, to: window.to, filter: PLACED, pageSize: 500 }
  let position = positionOf(undefined, window.from)
  for (;;) {
    const answer = await query(call, ORDER_IDS, { options: options(slice, position) })
    const { items } = read(idPage, answer.data, 'order list').orders
    yield items.filter((order) => order.updatedAt < window.to).map((order) => order.id)
    if (items.length < slice.pageSize) return
    position = nextPosition(
      position,
      items.map((order) => ({ id: order.id, at: order.updatedAt })),
    )
  }
}

/** Each order of a page as the very text the shop sent. */
function recordsOf(answer: { readonly body: string; readonly data: unknown }): readonly RawRecord[] {
  const docs = read(orderPage, answer.data, 'order list').orders.items
  const slices = sliceJsonArray(answer.body, '/data/orders/items')
  return docs.map((doc, i) => ({
    kind: 'order' as const,
    externalId: read(head, doc, 'order').id,
    sourceTime: latestChange(doc),
    payload: slices[i] ?? '',
    doc,
  }))
}

/** The newest `updatedAt` of the order and of all its parts: the order's own stands still when a part changes. */
function latestChange(doc: unknown): string {
  if (Array.isArray(doc)) return doc.map(latestChange).reduce((a, b) => (a > b ? a : b), '')
  if (typeof doc !== 'object' || doc === null) return ''
  return Object.entries(doc).reduce((latest, [name, value]) => {
    const found = name === 'updatedAt' && typeof value === 'string' ? value : latestChange(value)
    return found > latest ? found : latest
  }, '')
}
