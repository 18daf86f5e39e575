import { z } from 'zod'
import { listConnections } from '../../store/read/connections.ts'
import { findByContact, findByNumbers, findBySku, findRaw, findShipments } from '../../store/read/find.ts'
import { summariesById } from '../../store/read/orders.ts'
import type { ChannelAnswer } from '../control.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, line, nothing } from '../fields.ts'
import { summaryView } from '../order-view.ts'
import { type Principal, requireConnection } from '../principal.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { orderSummary } from './orders.ts'

const MAX_HITS = 50
const foundRaw = z.looseObject({
  raw_id: z.string(),
  connection_id: z.string(),
  disposition: z.string().nullable(),
  reason: z.string().nullable(),
  received_at: z.string(),
})

const find = route({
  method: 'get',
  path: '/v1/find',
  tag: 'Find',
  summary: 'Anything by what a person types: number, id, tracking number, phone (or its last four), e-mail, SKU',
  scope: 'orders:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ q: line(100) }),
  answer: z.object({
    orders: z.array(orderSummary),
    raw: z.array(foundRaw),
    shipments: z.array(z.looseObject({ id: z.string(), order_id: z.string(), tracking_no: z.string() })),
  }),
  async handle({ deps, who, query }) {
    const q = query.q.trim()
    const numbers = (await findByNumbers(deps.pool, [q], who.connections)).get(q) ?? []
    const contact = await findByContact(deps.pool, deps.secrets, q, who.connections, MAX_HITS)
    const sku = numbers.length + contact.length > 0 ? [] : await findBySku(deps.pool, q, who.connections, MAX_HITS)
    const ids = [...new Set([...numbers, ...contact, ...sku])].slice(0, MAX_HITS)
    const orders = await summariesById(deps.pool, ids, who.connections)
    const stored = new Set(orders.map((row) => row.id))
    const raw = (await findRaw(deps.pool, q, who.connections)).filter((event) => event.order_id === null || !stored.has(event.order_id))
    return { orders: orders.map(summaryView), raw, shipments: await findShipments(deps.pool, q, who.connections) }
  },
})

/** What the hub itself knows of a channel id on one connection. */
interface HubWord {
  readonly hub: 'stored' | 'held' | 'ignored' | 'not-received'
  readonly order_id: string | null
  readonly rule: string | null
  readonly reason: string | null
}

async function hubWord(deps: AppDeps, connection: string, texts: readonly string[]): Promise<HubWord> {
  const hits = await findByNumbers(deps.pool, texts, [connection])
  const orderId = texts.flatMap((text) => hits.get(text) ?? [])[0]
  if (orderId !== undefined) return { hub: 'stored', order_id: orderId, rule: null, reason: null }
  for (const text of texts) {
    const event = (await findRaw(deps.pool, text, null, connection)).find((raw) => raw.kind === 'order')
    if (event?.disposition === 'ignored') return { hub: 'ignored', order_id: null, rule: event.reason, reason: event.reason }
    if (event) return { hub: 'held', order_id: null, rule: null, reason: event.reason ?? 'Received and waiting to be read.' }
  }
  return { hub: 'not-received', order_id: null, rule: null, reason: null }
}

const answer = z.looseObject({
  connection_id: z.string(),
  answer: z.enum(['found', 'unknown-to-channel', 'fault', 'not-asked']),
  hub: z.enum(['stored', 'held', 'ignored', 'not-received']),
})

async function askOne(
  deps: AppDeps,
  connection: { readonly id: string; readonly name: string; readonly channel: string },
  q: string,
): Promise<Record<string, unknown>> {
  const said: ChannelAnswer = await deps.control.askChannel(connection.id, q)
  const texts = said.kind === 'found' ? [...new Set([said.externalId, ...(said.channelOrderNo === null ? [] : [said.channelOrderNo]), q])] : [q]
  const fault = said.kind === 'fault' ? { kind: said.fault.kind, code: said.fault.code ?? null, message: said.fault.message } : null
  return {
    connection_id: connection.id,
    connection_name: connection.name,
    channel: connection.channel,
    answer: said.kind,
    external_id: said.kind === 'found' ? said.externalId : null,
    channel_order_no: said.kind === 'found' ? said.channelOrderNo : null,
    fault,
    why: said.kind === 'not-asked' ? said.why : null,
    fetched: false,
    ...(await hubWord(deps, connection.id, texts)),
  }
}

const ask = route({
  method: 'post',
  path: '/v1/find/ask',
  tag: 'Find',
  summary: 'Where is order X? Asks the channels live and says what the hub did with it',
  scope: 'orders:read',
  audit: 'find.ask',
  params: nothing,
  query: nothing,
  body: z.strictObject({ q: line(100), connection: connectionId.optional() }),
  answer: z.object({ answers: z.array(answer) }),
  async handle({ deps, who, body, note }) {
    if (body.connection !== undefined) requireConnection(who, body.connection)
    const all = await listConnections(deps.pool, who.connections)
    const asked = all.filter((row) => body.connection === undefined || row.id === body.connection).slice(0, 50)
    if (body.connection !== undefined && asked.length === 0) throw notFound('connection')
    note({ connections: asked.length }, body.connection ?? 'all')
    return { answers: await Promise.all(asked.map((row) => askOne(deps, row, body.q.trim()))) }
  },
})

const fetchOne = route({
  method: 'post',
  path: '/v1/find/fetch',
  tag: 'Find',
  summary: 'Read one order from the channel and keep it',
  scope: 'orders:write',
  audit: 'find.fetch',
  params: nothing,
  query: nothing,
  body: z.strictObject({ connection: connectionId, external_id: line(100) }),
  answer: z.looseObject({
    order: orderSummary.nullable(),
    hub: z.enum(['stored', 'held', 'ignored', 'not-received']),
    rule: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  async handle({ deps, who, body, note }) {
    requireConnection(who, body.connection)
    note({ external_id: body.external_id }, body.connection)
    const fetched = await deps.control.fetchNow(body.connection, body.external_id)
    const word = await hubWord(deps, body.connection, [body.external_id])
    const orderId = fetched === undefined ? word.order_id : String(fetched.orderId)
    return { ...word, order: await orderIn(deps, who, orderId), ...(orderId !== null && { hub: 'stored' }) }
  },
})

async function orderIn(deps: AppDeps, who: Principal, id: string | null): Promise<Record<string, unknown> | null> {
  if (id === null) return null
  const [row] = await summariesById(deps.pool, [id], who.connections)
  return row === undefined ? null : summaryView(row)
}

export const findRoutes: readonly Route[] = [find, ask, fetchOne]
