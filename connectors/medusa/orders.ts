import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { readJsonArray, type JsonDocument } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { positionOf, walkByTime, type Position } from '../../src/kit/pages-by-time.ts'
import { field, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { get, type Answer, type Query } from './client.ts'
import { ORDER_FIELDS } from './fields.ts'
import { MAX_IDS, type MedusaCall } from './manifest.ts'

const EPOCH = '1970-01-01T00:00:00.000Z'

/** Streams: `orders` by change time; `open` and `finished` = the orders the hub names. Without names `open` reads all unfinished ones. */
export function pullOrders(call: MedusaCall, request: PullRequest): AsyncIterable<Page> {
  if (request.stream === 'orders') {
    if (!request.window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: 'The orders stream needs a window.' })
    return byTime(call, { by: 'updated_at', ...request.window, filter: {} }, request.after)
  }
  if (request.openOrders) return byIds(call, request.openOrders, request.after)
  if (request.stream === 'finished') return byIds(call, [], request.after)
  return byTime(call, { by: 'created_at', from: EPOCH, filter: { status: ['pending', 'requires_action'] } }, request.after)
}

interface Slice {
  readonly by: 'updated_at' | 'created_at'
  readonly from: string
  readonly to?: string
  readonly filter: Query
}

/** The lower bound is strict, and the orders already seen at the last instant are left out by name: nothing depends on offsets. */
const queryOf = (call: MedusaCall, slice: Slice, { position, size }: { readonly position: Position; readonly size: number }): Query => ({
  limit: size,
  offset: position.skip,
  order: slice.by,
  [`${slice.by}[$gt]`]: position.after,
  [`${slice.by}[$lt]`]: slice.to,
  'id[$nin]': position.seen,
  ...scopeOf(call),
  ...slice.filter,
})

const scopeOf = ({ config }: MedusaCall): Query => (config.salesChannelId === undefined ? {} : { sales_channel_id: [config.salesChannelId] })

async function* byTime(call: MedusaCall, slice: Slice, after: Cursor | undefined): AsyncIterable<Page> {
  // A position behind this window would end it at once, with everything in it unread.
  const begin = after?.['after']
  if (slice.to !== undefined && typeof begin === 'string' && !(Date.parse(begin) < Date.parse(slice.to))) throw cursorInvalid()
  const walk = walkByTime({
    from: positionOf(after, slice.from),
    maxNamed: MAX_IDS,
    ask: async (position) => {
      const page = pageOf(await get(call, 'orders', { ...queryOf(call, slice, { position, size: call.config.pageSize }), fields: ORDER_FIELDS }))
      return { items: page.documents.map(recordOf), total: page.count }
    },
    placeOf: ({ externalId, doc }) => ({ id: externalId, at: timeOf(doc, slice.by) }),
  })
  for await (const { items, cursor } of walk) yield { records: items, cursor }
}

async function* byIds(call: MedusaCall, ids: readonly string[], after: Cursor | undefined): AsyncIterable<Page> {
  const last = typeof after?.['id'] === 'string' ? after['id'] : ''
  const rest = chunked([...new Set(ids)].filter((id) => id > last).sort(), Math.min(call.config.pageSize, 50))
  if (rest.length === 0) yield { records: [], cursor: null }
  for (const [n, batch] of rest.entries())
    yield { records: await fetchOrder(call, batch), cursor: n === rest.length - 1 ? null : { id: batch.at(-1) ?? '' } }
}

/** Reads by id; ids the shop, or its sales channel, does not know are absent. */
export async function fetchOrder(call: MedusaCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const found: RawRecord[] = []
  for (const batch of chunked([...new Set(ids)], MAX_IDS))
    found.push(
      ...pageOf(await get(call, 'orders', { limit: batch.length, id: batch, ...scopeOf(call), fields: ORDER_FIELDS })).documents.map(recordOf),
    )
  return found
}

const SEARCH = 200
const MOST_SEARCHED = 1000

/** By id, else by the number people see: Medusa's search finds much that only contains it, of which the newest 1,000 are looked through. */
export async function findOrders(call: MedusaCall, text: string): Promise<readonly RawRecord[]> {
  const wanted = text.trim().replace(/^#/, '')
  if (wanted === '') return []
  if (/^order_\w+$/.test(wanted)) return fetchOrder(call, [wanted])
  for (let offset = 0; offset < MOST_SEARCHED; offset += SEARCH) {
    const query = { q: wanted, limit: SEARCH, offset, order: '-created_at', fields: 'id,display_id,custom_display_id', ...scopeOf(call) }
    const { documents, count } = pageOf(await get(call, 'orders', query))
    const ids = documents
      .filter(({ doc }) => [textField(doc, 'display_id'), textField(doc, 'custom_display_id')].includes(wanted))
      .map(({ doc }) => idOf(doc))
    if (ids.length > 0) return fetchOrder(call, ids)
    if (offset + SEARCH >= count) break
  }
  return []
}

/** Ids of the orders whose change time lies in [from, to): the same question `orders` answers with documents. */
export async function* listOrderIds(call: MedusaCall, window: { readonly from: string; readonly to: string }): AsyncIterable<readonly string[]> {
  const slice: Slice = { by: 'updated_at', ...window, filter: {} }
  const walk = walkByTime({
    from: positionOf(undefined, window.from),
    maxNamed: MAX_IDS,
    ask: async (position) => {
      const page = pageOf(await get(call, 'orders', { ...queryOf(call, slice, { position, size: SEARCH }), fields: 'id,updated_at' }))
      return { items: page.documents, total: page.count }
    },
    placeOf: ({ doc }) => ({ id: idOf(doc), at: timeOf(doc, 'updated_at') }),
  })
  for await (const { items } of walk) yield items.map(({ doc }) => idOf(doc))
}

function pageOf({ body }: Answer): { readonly documents: readonly JsonDocument[]; readonly count: number } {
  const { documents, rest } = readJsonArray(body, '/orders')
  const count = field(rest, 'count')
  if (typeof count !== 'number') throw unreadable('The list of orders does not say how many there are.')
  return { documents, count }
}

function idOf(doc: unknown): string {
  const id = textField(doc, 'id')
  if (id === undefined || id === '') throw unreadable('An order has no id.')
  return id
}

function timeOf(doc: unknown, name: Slice['by']): string {
  const at = Date.parse(textField(doc, name) ?? '')
  if (Number.isNaN(at)) throw unreadable(`An order has no ${name}.`)
  return new Date(at).toISOString()
}

const recordOf = ({ text, doc }: JsonDocument): RawRecord => ({
  kind: 'order',
  externalId: idOf(doc),
  sourceTime: latestChange(doc, timeOf(doc, 'updated_at')),
  payload: text,
  doc,
})

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** The newest `updated_at` of the order and all its parts: the order's own stands still when a payment is captured. */
function latestChange(doc: unknown, latest: string): string {
  if (Array.isArray(doc)) return doc.reduce<string>((newest, each) => latestChange(each, newest), latest)
  if (typeof doc !== 'object' || doc === null) return latest
  return Object.entries(doc).reduce((newest, [name, value]) => {
    if (name === 'metadata' || name === 'data') return newest
    if (name !== 'updated_at' || typeof value !== 'string') return latestChange(value, newest)
    return value > newest && INSTANT.test(value) ? value : newest
  }, latest)
}
