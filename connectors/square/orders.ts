import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { variationsOf } from './catalogue.ts'
import { read } from './client.ts'
import { locationsOf, type SquareCall } from './manifest.ts'

/** One order as received, sales and returns alike. */
export interface SquareOrder {
  readonly id: string
  readonly text: string
  readonly doc: unknown
}

interface Span {
  readonly from: Instant
  readonly to: Instant
}

const MAX_BATCH = 100
const MAX_REFUNDS = 100

/** `orders`: by change time. `refunds`: refunds by change time, each read as its return and the sale it belongs to. */
export async function* pullOrders(call: SquareCall, request: PullRequest): AsyncGenerator<Page> {
  const { window, stream } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  const cursor = textField(request.after, 'cursor')
  const after = typeof request.after?.['cursor'] === 'string' ? cursor : undefined
  if (stream !== 'refunds') {
    for await (const page of searched(call, window, after)) yield { records: await recordsOf(call, page.orders), cursor: page.cursor }
    return
  }
  for await (const page of refunded(call, window, after)) yield { records: await fetchOrder(call, page.ids), cursor: page.cursor }
}

/**
 * Both ends of Square's range belong to it; ours ends before `to`, and stamps carry milliseconds. Square keeps the whole query
 * with the cursor. Sorted oldest first, an order that changes meanwhile moves to pages that are still to come.
 */
async function* searched(
  call: SquareCall,
  { from, to }: Span,
  after: string | undefined,
): AsyncGenerator<{ readonly orders: readonly SquareOrder[]; readonly cursor: { readonly cursor: string } | null }> {
  const end = Date.parse(to) - 1
  if (end < Date.parse(from)) return yield { orders: [], cursor: null }
  const query = {
    filter: { date_time_filter: { updated_at: { start_at: from, end_at: new Date(end).toISOString() } } },
    sort: { sort_field: 'UPDATED_AT', sort_order: 'ASC' },
  }
  for (let cursor = after; ;) {
    const body = { location_ids: locationsOf(call.config), limit: call.config.pageSize, query, ...(cursor === undefined ? {} : { cursor }) }
    const answer = await read(call, { method: 'POST', path: 'orders/search', body })
    const next = nextOf(answer.doc, cursor)
    yield { orders: ordersIn(answer.body, answer.doc), cursor: next === undefined ? null : { cursor: next } }
    if (next === undefined) return
    cursor = next
  }
}

async function* refunded(
  call: SquareCall,
  { from, to }: Span,
  after: string | undefined,
): AsyncGenerator<{ readonly ids: readonly string[]; readonly cursor: { readonly cursor: string } | null }> {
  const query = {
    updated_at_begin_time: from,
    updated_at_end_time: to,
    sort_field: 'UPDATED_AT',
    sort_order: 'ASC',
    limit: String(Math.min(MAX_REFUNDS, call.config.pageSize)),
  }
  for (let cursor = after; ;) {
    const parameters = new URLSearchParams({ ...query, ...(cursor === undefined ? {} : { cursor }) })
    const { doc } = await read(call, { method: 'GET', path: `refunds?${parameters.toString()}` })
    const ours = listField(doc, 'refunds').filter((each) => isHere(call, each))
    const ids = ours.flatMap((each) => textField(each, 'order_id') ?? [])
    const next = nextOf(doc, cursor)
    yield { ids: [...new Set(ids)], cursor: next === undefined ? null : { cursor: next } }
    if (next === undefined) return
    cursor = next
  }
}

/** A cursor that comes again leads nowhere. */
function nextOf(doc: unknown, cursor: string | undefined): string | undefined {
  const next = textField(doc, 'cursor') ?? ''
  return next === '' || next === cursor ? undefined : next
}

/** An answer without orders leaves the list out; anything but a list in its place is no answer of Square's. */
function ordersIn(body: string, doc: unknown): readonly SquareOrder[] {
  if (typeof doc !== 'object' || doc === null || Array.isArray(doc)) throw unreadable('The answer is not one of Square’s.')
  if (!Object.hasOwn(doc, 'orders')) return []
  const docs = field(doc, 'orders')
  if (!Array.isArray(docs)) throw unreadable('The answer holds no list of orders.')
  const texts = sliceJsonArray(body, '/orders')
  return docs.map((each: unknown, i) => {
    const id = textField(each, 'id')
    if (id === undefined) throw unreadable('Square sent an order without its id.')
    return { id, text: texts[i] ?? '', doc: each }
  })
}

const isHere = (call: SquareCall, doc: unknown): boolean => {
  const location = textField(doc, 'location_id')
  return location === undefined || locationsOf(call.config).includes(location)
}

/** Ids Square does not know it leaves out; what belongs to other locations is left out here. */
export async function ordersById(call: SquareCall, ids: readonly string[]): Promise<readonly SquareOrder[]> {
  const found: SquareOrder[] = []
  for (const group of chunked([...new Set(ids)].filter(isId), MAX_BATCH)) {
    const { body, doc } = await read(call, { method: 'POST', path: 'orders/batch-retrieve', body: { order_ids: group } })
    found.push(...ordersIn(body, doc).filter((order) => isHere(call, order.doc)))
  }
  return found
}

export const isId = (text: string): boolean => /^[A-Za-z0-9_-]{6,192}$/.test(text)

const sourcesOf = (doc: unknown): readonly string[] => listField(doc, 'returns').flatMap((each) => textField(each, 'source_order_id') ?? [])

/** Authoritative reads. With a return comes the sale it belongs to: what was given back shows there too. */
export async function fetchOrder(call: SquareCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const orders = await ordersById(call, ids)
  const known = new Set(orders.map((order) => order.id))
  const sources = orders.flatMap(({ doc }) => sourcesOf(doc)).filter((id) => !known.has(id))
  return recordsOf(call, [...orders, ...(await ordersById(call, sources))])
}

/** Orders have no number people could type beside their id. */
export const findOrders = (call: SquareCall, text: string): Promise<readonly RawRecord[]> => fetchOrder(call, [text.trim().replace(/^#/, '')])

/** Ids of the sales changed in a window, for the ledger. */
export async function* listOrderIds(call: SquareCall, window: Span): AsyncGenerator<readonly string[]> {
  for await (const { orders } of searched(call, window, undefined)) {
    const ids = orders.filter(({ doc }) => isSale(doc)).map((order) => order.id)
    if (ids.length > 0) yield ids
  }
}

/** A return is an order of its own that sells nothing; an exchange sells and takes back. */
const isSale = (doc: unknown): boolean => listField(doc, 'line_items').length > 0 || listField(doc, 'returns').length === 0

/**
 * Order lines name a variation of the catalogue and not its SKU, so a document is the order as received with the SKUs of its
 * variations beside it. A return is kept as a refund of the sale it names.
 */
async function recordsOf(call: SquareCall, orders: readonly SquareOrder[]): Promise<readonly RawRecord[]> {
  const wanted = (doc: unknown): readonly string[] =>
    [...listField(doc, 'line_items'), ...listField(doc, 'returns').flatMap((each) => listField(each, 'return_line_items'))].flatMap(
      (line) => textField(line, 'catalog_object_id') ?? [],
    )
  const variations = await variationsOf(
    call,
    orders.flatMap(({ doc }) => wanted(doc)),
  )
  return orders.flatMap(({ id, text, doc }): readonly RawRecord[] => {
    const beside = [...new Set(wanted(doc))].sort().flatMap((one) => variations.get(one) ?? [])
    const time = Date.parse(textField(doc, 'updated_at') ?? textField(doc, 'created_at') ?? '')
    const record = {
      externalId: id,
      ...(Number.isNaN(time) ? {} : { sourceTime: new Date(time).toISOString() }),
      payload: `{"order":${text},"variations":${JSON.stringify(beside)}}`,
      doc: { order: doc, variations: beside },
    }
    const [source] = sourcesOf(doc)
    return [
      ...(isSale(doc) ? [{ ...record, kind: 'order' as const }] : []),
      ...(listField(doc, 'returns').length === 0
        ? []
        : [{ ...record, kind: 'refund' as const, ...(source === undefined ? {} : { parentId: source }) }]),
    ]
  })
}
