import { z } from 'zod'
import { MAX_PUSHED_ORDERS, SimpleOrder } from '../../core/simple-order.ts'
import type { TakenOrder } from '../../normalize/take-orders.ts'
import { findConnection } from '../../store/read/connections.ts'
import { readOrder } from '../../store/read/order.ts'
import { listOrders } from '../../store/read/orders.ts'
import { listOffers, pushConnections, pushedStates } from '../../store/read/pushed-orders.ts'
import { ID, STAMP, TEXT, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, connectionParam, cursor, limit, listOf, money, nothing, record, skuCode, text, visible } from '../fields.ts'
import { detailView, summaryView } from '../order-view.ts'
import { type Principal, requireConnection } from '../principal.ts'
import { wire } from '../openapi.ts'
import { Problem, badInput, notFound } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'

const PUSH = 'push'
const wireOrder = wire(SimpleOrder, 'input')

const fault = z.object({ pointer: z.string(), code: z.string(), message: z.string() })
const taken = z.object({
  number: z.string(),
  result: z.enum(['created', 'changed', 'unchanged', 'superseded', 'held', 'handed-over', 'invalid']),
  change: z.enum(['created', 'changed', 'unchanged', 'superseded', 'handed-over', 'none']),
  order_id: z.string().nullable(),
  version: z.number().nullable(),
  holds: z.array(z.object({ code: z.string(), message: z.string() })),
  errors: z.array(fault),
})

/** The connection, if the caller may see it and it takes orders by this door. */
async function requirePush(deps: AppDeps, who: Principal, id: string): Promise<{ readonly id: string; readonly state: string }> {
  requireConnection(who, id)
  const found = await findConnection(deps.pool, id)
  if (!found) throw notFound('connection')
  if (found.channel !== PUSH) throw new Problem(422, 'connection-not-push', 'Orders of this connection come from its channel, not by this door.')
  return found
}

/** Held goes before how it came to be: the sender has something to repair. */
function takenView({ number, change, errors, state }: TakenOrder): z.output<typeof taken> {
  const holds = [...(state?.holds ?? [])]
  const result = change === 'none' ? 'invalid' : change !== 'superseded' && holds.length > 0 ? 'held' : change
  return { number, result, change, order_id: state?.id ?? null, version: state?.version ?? null, holds, errors: [...errors] }
}

const send = route({
  method: 'post',
  path: '/v1/connections/{id}/orders',
  tag: 'Push',
  summary: 'Send orders: one, or up to 500 as {"orders": […]}; the same number again is the same order',
  scope: 'orders:push',
  audit: 'orders.push',
  params: connectionParam,
  query: nothing,
  body: z.unknown().meta({
    'x-wire': {
      oneOf: [
        wireOrder,
        {
          type: 'object',
          required: ['orders'],
          additionalProperties: false,
          properties: { orders: { type: 'array', minItems: 1, maxItems: MAX_PUSHED_ORDERS, items: wireOrder } },
        },
      ],
    },
  }),
  answer: z.union([taken, z.object({ items: z.array(taken), counts: z.record(z.string(), z.number()) })]),
  async handle({ deps, who, params, body, bodyText, note }) {
    const connection = await requirePush(deps, who, params.id)
    if (connection.state === 'paused') throw new Problem(409, 'connection-paused', 'This connection is paused and takes no orders now.')
    const many = assertShape(bodyText() === '' ? undefined : body)
    const items = (await deps.control.takeOrders(connection.id, bodyText())).map(takenView)
    const counts: Record<string, number> = {}
    for (const { result } of items) counts[result] = (counts[result] ?? 0) + 1
    note({ orders: items.length, ...counts }, connection.id)
    if (many) return { items, counts }
    const [only] = items
    if (only === undefined || only.result === 'invalid') throw badInput(only?.errors ?? [])
    return new Reply(only, { status: only.change === 'created' ? 201 : 200 })
  },
})

/** Only the outermost form; what an order lacks is told order by order. Answers whether several were sent. */
function assertShape(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badInput([{ pointer: '', code: 'invalid-type', message: 'Send one order, or {"orders": […]}.' }])
  if (!('orders' in body)) return false
  const { orders, ...rest } = body
  const extra = Object.keys(rest).slice(0, 20)
  if (extra.length > 0) throw badInput(extra.map((key) => ({ pointer: `/${key.slice(0, 60)}`, code: 'unknown-field', message: 'Not known here.' })))
  if (!Array.isArray(orders) || orders.length === 0 || orders.length > MAX_PUSHED_ORDERS)
    throw badInput([{ pointer: '/orders', code: 'size', message: `A list of 1 to ${MAX_PUSHED_ORDERS} orders.` }])
  return true
}

const summary = z.looseObject({
  id: z.string(),
  channel_order_no: z.string(),
  label: z.object({ code: z.string(), params: record }),
  total: money,
  holds: z.array(z.string()),
})

const list = route({
  method: 'get',
  path: '/v1/connections/{id}/orders',
  tag: 'Push',
  summary: 'Orders sent to this connection, newest first',
  scope: 'orders:push',
  params: connectionParam,
  query: z.strictObject({ q: text(100).optional(), cursor, limit: limit(100, 50) }),
  body: nothing,
  answer: listOf(summary),
  async handle({ deps, who, params, query }) {
    const connection = await requirePush(deps, who, params.id)
    const sort = '-placed_at'
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, sort, STAMP, ID)
    const q = query.q?.trim() === '' ? undefined : query.q?.trim()
    const rows = await listOrders(deps.pool, { connection: connection.id, q }, [connection.id], { sort, limit: query.limit, after })
    const found = page(rows, query.limit, (row) => ({ sort, value: row.sort_value ?? '', id: row.id }))
    return { ...found, items: found.items.map(summaryView) }
  },
})

const read = route({
  method: 'get',
  path: '/v1/connections/{id}/orders/{number}',
  tag: 'Push',
  summary: 'One sent order by its number: where it stands, what of it was shipped and with which parcel numbers',
  scope: 'orders:push',
  params: z.strictObject({ id: connectionId, number: visible(100) }),
  query: nothing,
  body: nothing,
  answer: z.looseObject({ ...summary.shape, lines: z.array(record), shipments: z.array(record), holds_detail: z.array(record) }),
  async handle({ deps, who, params }) {
    const connection = await requirePush(deps, who, params.id)
    const state = (await pushedStates(deps.pool, connection.id, [params.number])).get(params.number)
    const row = state && (await readOrder(deps.pool, state.id, [connection.id]))
    if (!row) throw notFound('order')
    const { lines, nodes, refunds } = detailView(row, [], undefined)
    // Who of the hub's people did what is not the sender's business.
    const shipments = row.shipment_rows.map(({ created_by: _by, source: _source, forced: _forced, ...parcel }) => parcel)
    const view = { ...summaryView(row), lines, nodes, refunds, shipments, holds_detail: state.holds }
    return new Reply(view, { headers: { etag: `"${row.version}"` } })
  },
})

const stock = route({
  method: 'get',
  path: '/v1/connections/{id}/stock',
  tag: 'Push',
  summary: 'SKUs with what this connection may sell of them, and a price where one is known',
  scope: 'orders:push',
  params: connectionParam,
  query: z.strictObject({ q: text(100).optional(), sku: skuCode.optional(), cursor, limit: limit(200, 50) }),
  body: nothing,
  answer: listOf(
    z.object({
      sku: z.string(),
      title: z.string(),
      barcode: z.string().nullable(),
      available: z.string().nullable(),
      price: z.string().nullable(),
      price_from: z.enum(['last-order', 'listing']).nullable(),
    }),
  ),
  async handle({ deps, who, params, query }) {
    const connection = await requirePush(deps, who, params.id)
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'sku', TEXT, TEXT).value
    const q = query.q?.trim() === '' ? undefined : query.q?.trim()
    const rows = await listOffers(deps.pool, connection.id, { q, sku: query.sku, after, limit: query.limit }, who.connections)
    return page(rows, query.limit, (row) => ({ sort: 'sku', value: row.sku, id: row.sku }))
  },
})

const places = route({
  method: 'get',
  path: '/v1/push-connections',
  tag: 'Push',
  summary: 'Connections of this kind that the caller may send orders to',
  scope: 'orders:push',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), currency: z.string(), timezone: z.string(), state: z.string() })) }),
  async handle({ deps, who }) {
    return { items: await pushConnections(deps.pool, who.connections) }
  },
})

export const pushedOrderRoutes: readonly Route[] = [places, send, list, read, stock]
