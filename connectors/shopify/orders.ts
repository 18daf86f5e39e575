import { z } from 'zod'
import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { bulkPages } from './bulk.ts'
import { affordablePage, affordableParts, paced, query, type Answer } from './client.ts'
import { complete } from './complete.ts'
import { ORDER_IDS, ORDERS, ORDERS_BY_ID } from './documents.ts'
import { gidOf, isBefore, isId, shortId } from './ids.ts'
import type { ShopifyCall } from './manifest.ts'

interface Span {
  readonly from: string
  readonly to: string
}

const orderPage = z.object({
  orders: z.object({
    nodes: z.array(z.looseObject({ id: z.string(), updatedAt: z.string() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  }),
})

const DAY_MS = 86_400_000

/** Pages of a window by change time, or, for a span longer than the settings say, a bulk operation. A cursor goes on in its own way. */
export function pullOrders(call: ShopifyCall, request: PullRequest): AsyncIterable<Page> {
  const { window, after } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: 'The orders stream needs a window.' })
  const { bulkAfterDays } = call.config
  const isWide = bulkAfterDays > 0 && Date.parse(window.to) - Date.parse(window.from) > bulkAfterDays * DAY_MS
  const inBulk = typeof after?.['bulk'] === 'string' || (isWide && after === undefined)
  return inBulk ? inBulkOrPages(call, window, after) : byPages(call, window, after)
}

/** A bulk operation that failed at Shopify's side leaves the window to the pages. */
async function* inBulkOrPages(call: ShopifyCall, window: Span, after: Cursor | undefined): AsyncIterable<Page> {
  const done = yield* bulkPages(call, { filter: filterOf(window), window }, after)
  if (!done) yield* byPages(call, window, undefined)
}

/**
 * Shopify's pages are positions behind a last order, not offsets: orders that change meanwhile move to the end and shift
 * nothing. Times are whole seconds and both ends may be included, so the window is asked for in whole seconds around it.
 */
async function* byPages(call: ShopifyCall, window: Span, after: Cursor | undefined): AsyncIterable<Page> {
  let position = typeof after?.['after'] === 'string' ? after['after'] : undefined
  let size = typeof after?.['size'] === 'number' ? after['size'] : call.config.pageSize
  for (;;) {
    const asked = await affordablePage(size, (first) => query(call, ORDERS, { query: filterOf(window), after: position ?? null, first }))
    size = asked.size
    const { nodes, pageInfo } = readAnswer(orderPage, asked.answer.data, 'order list').orders
    const records = await recordsOf(call, asked.answer, '/data/orders/nodes', (i) => isBefore(nodes[i]?.updatedAt, window.to))
    position = pageInfo.endCursor ?? position
    const more = pageInfo.hasNextPage && position !== undefined
    yield { records, cursor: more ? { after: position ?? '', size } : null }
    if (!more) return
    await paced(call, asked.answer)
  }
}

/** Shopify's search syntax; values with colons stand in quotes. Without a status all orders are meant, closed and cancelled ones too. */
const filterOf = (window: Span): string => `updated_at:>='${second(window.from, Math.floor)}' updated_at:<='${second(window.to, Math.ceil)}'`
const second = (instant: string, round: (n: number) => number): string =>
  `${new Date(round(Date.parse(instant) / 1000) * 1000).toISOString().slice(0, 19)}Z`

async function recordsOf(
  call: ShopifyCall,
  answer: Answer,
  pointer: string,
  keep: (i: number) => boolean = () => true,
): Promise<readonly RawRecord[]> {
  const docs = pointer
    .split('/')
    .slice(2)
    .reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined), answer.data)
  const slices = sliceJsonArray(answer.body, pointer)
  const list: readonly unknown[] = Array.isArray(docs) ? docs : []
  const orders = slices.flatMap((payload, i) => (list[i] !== null && list[i] !== undefined && keep(i) ? [{ doc: list[i], payload }] : []))
  return complete(
    call,
    orders.filter(({ doc }) => typeof doc === 'object' && doc !== null && 'id' in doc),
  )
}

/** Reads by id; ids the shop does not know are absent. */
export async function fetchOrder(call: ShopifyCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const known = [...new Set(ids)].filter(isId)
  if (known.length === 0) return []
  const gids = known.map((id) => gidOf('Order', id))
  const answers = await affordableParts(gids, (ids) => query(call, ORDERS_BY_ID, { ids }))
  return (await Promise.all(answers.map((answer) => recordsOf(call, answer, '/data/nodes')))).flat()
}

/** By number (`#1001`, `1001`) or id. */
export async function findOrders(call: ShopifyCall, text: string): Promise<readonly RawRecord[]> {
  const wanted = text.trim()
  if (wanted === '') return []
  const name = wanted.replace(/["'\\\s]/g, '').slice(0, 80)
  const answer = await query(call, ORDERS, { query: `name:"${name}"`, first: 5, after: null })
  const found = await recordsOf(call, answer, '/data/orders/nodes')
  return found.length > 0 || !isId(wanted) ? found : fetchOrder(call, [wanted])
}

export async function* listOrderIds(call: ShopifyCall, window: Span): AsyncIterable<readonly string[]> {
  for (let after: string | null = null; ;) {
    const answer: Answer = await query(call, ORDER_IDS, { query: filterOf(window), first: 250, after })
    const { nodes, pageInfo }: z.output<typeof orderPage>['orders'] = readAnswer(orderPage, answer.data, 'order list').orders
    yield nodes.filter((order) => isBefore(order.updatedAt, window.to)).map((order) => shortId(order.id))
    if (!pageInfo.hasNextPage || !pageInfo.endCursor || pageInfo.endCursor === after) return
    after = pageInfo.endCursor
    await paced(call, answer)
  }
}
