import { z } from 'zod'
import { type AckResult, ackOrders } from '../../store/deliver/ack-orders.ts'
import { ackPosition, createConsumer, deleteConsumer, listConsumers } from '../../store/edit/consumers.ts'
import { connectionId, itemsOf, line, nothing, reason, rowId } from '../fields.ts'
import { Problem, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { requireConnection } from '../principal.ts'
import { consumerName, feedReader } from './changes.ts'

const consumer = z.looseObject({
  name: z.string(),
  connections: z.array(z.string()).nullable(),
  include_sandbox: z.boolean(),
  acked_seq: z.number(),
  lag: z.number(),
})
const nameParam = z.strictObject({ name: consumerName })

const list = route({
  method: 'get',
  path: '/v1/consumers',
  tag: 'Feed',
  summary: 'Who reads the feed, and how far behind',
  scope: 'feed:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(consumer),
  async handle({ deps, who }) {
    const all = await listConsumers(deps.pool)
    return { items: all.filter((one) => who.connections === null || one.connections?.every((id) => who.connections?.includes(id)) === true) }
  },
})

const create = route({
  method: 'post',
  path: '/v1/consumers',
  tag: 'Feed',
  summary: 'Register a consumer; sandbox data only reaches it when it says so',
  scope: 'connections:write',
  audit: 'consumer.create',
  status: 201,
  params: nothing,
  query: nothing,
  body: z.strictObject({
    name: consumerName,
    connections: z.array(connectionId).max(1000).nullable().optional(),
    include_sandbox: z.boolean().optional(),
  }),
  answer: consumer,
  async handle({ deps, who, body, note }) {
    const connections = body.connections ?? who.connections
    for (const id of connections ?? []) requireConnection(who, id)
    note({ connections, include_sandbox: body.include_sandbox === true }, body.name)
    return createConsumer(deps.pool, { name: body.name, connections, include_sandbox: body.include_sandbox === true })
  },
})

const remove = route({
  method: 'delete',
  path: '/v1/consumers/{name}',
  tag: 'Feed',
  summary: 'Forget a consumer and its acknowledgements',
  scope: 'connections:write',
  audit: 'consumer.delete',
  status: 204,
  params: nameParam,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params }) {
    await feedReader(deps, who, { consumer: params.name })
    if (!(await deleteConsumer(deps.pool, params.name))) throw notFound('consumer')
    return null
  },
})

const ack = route({
  method: 'post',
  path: '/v1/consumers/{name}/ack',
  tag: 'Feed',
  summary: 'Everything up to this position is safely mine',
  scope: 'feed:read',
  params: nameParam,
  query: nothing,
  body: z.strictObject({ seq: z.int().min(0) }),
  answer: z.object({ acked_seq: z.number() }),
  async handle({ deps, who, params, body }) {
    await feedReader(deps, who, { consumer: params.name })
    return { acked_seq: await ackPosition(deps.pool, params.name, body.seq) }
  },
})

const orderAck = {
  version: z.int().min(1).max(2_000_000_000),
  status: z.enum(['accepted', 'rejected']),
  reference: line(200).optional(),
  code: line(100).optional(),
  reason: reason.optional(),
} as const

/** A rejection without a reason helps nobody. */
const explained = (item: { readonly status: string; readonly reason?: string | undefined }): boolean =>
  item.status === 'accepted' || item.reason !== undefined
const EXPLAIN = { message: 'A rejection needs a reason', path: ['reason'] }

const STATUS_OF: Readonly<Record<Exclude<AckResult['result'], 'stored' | 'older'>, readonly [number, string, string]>> = {
  'unknown-order': [404, 'not-found', 'No such order, or it is outside your scope.'],
  'version-ahead': [422, 'version-ahead', 'The order has not reached this version.'],
}

const ackOrder = route({
  method: 'post',
  path: '/v1/consumers/{name}/orders/{id}/ack',
  tag: 'Feed',
  summary: 'What this consumer made of one order version; a rejection becomes a failure',
  scope: 'orders:write',
  params: z.strictObject({ name: consumerName, id: rowId }),
  query: nothing,
  body: z.strictObject(orderAck).refine(explained, EXPLAIN),
  answer: z.object({ order_id: z.string(), result: z.enum(['stored', 'older']) }),
  async handle({ deps, who, params, body }) {
    await feedReader(deps, who, { consumer: params.name })
    const [result] = await ackOrders(deps.pool, params.name, [{ orderId: params.id, ...body }], who.connections, deps.now())
    if (result?.result === 'unknown-order' || result?.result === 'version-ahead') {
      const [status, code, message] = STATUS_OF[result.result]
      throw new Problem(status, code, message)
    }
    return result
  },
})

const ackMany = route({
  method: 'post',
  path: '/v1/consumers/{name}/acks',
  tag: 'Feed',
  summary: 'Up to 500 acknowledgements; one answer per item',
  scope: 'orders:write',
  params: nameParam,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(z.strictObject({ order_id: rowId, ...orderAck }).refine(explained, EXPLAIN))
      .min(1)
      .max(500),
  }),
  answer: z.object({ items: z.array(z.object({ order_id: z.string(), result: z.enum(['stored', 'older', 'unknown-order', 'version-ahead']) })) }),
  async handle({ deps, who, params, body }) {
    await feedReader(deps, who, { consumer: params.name })
    return {
      items: await ackOrders(
        deps.pool,
        params.name,
        body.items.map(({ order_id: orderId, ...rest }) => ({ orderId, ...rest })),
        who.connections,
        deps.now(),
      ),
    }
  },
})

export const consumerRoutes: readonly Route[] = [list, create, remove, ack, ackOrder, ackMany]
