import { z } from 'zod'
import { NODES } from '../../core/nodes.ts'
import { listDeadlines, setDeadlines } from '../../store/alerts/node-load.ts'
import { withTx } from '../../store/db.ts'
import { connectionId, done, nothing, record } from '../fields.ts'
import { requireConnection, requireWholeHub } from '../principal.ts'
import { type Route, route } from '../route.ts'
import { eventStream } from '../sse.ts'

const node = z.enum(NODES)

const boardAnswer = z.looseObject({
  at: z.string(),
  rates: z.object({ in: z.number(), normalised: z.number(), acked: z.number(), fed: z.number() }),
  backlog: z.record(z.string(), z.number()).nullable(),
  privacy: z.object({ waiting: z.number(), due_at: z.string().nullable() }),
  connections: z.array(record),
  nodes_at: z.string().nullable(),
  nodes: z.array(z.looseObject({ connection_id: z.string(), node, orders: z.number(), stuck: z.number(), overdue: z.number(), oldest: z.string() })),
})

const read = route({
  method: 'get',
  path: '/v1/board',
  tag: 'Board',
  summary: 'The hub at work: the last minute, what waits, each connection, and the orders at each station',
  scope: 'orders:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: boardAnswer,
  handle: ({ deps, who }) => deps.board.look(who.connections),
})

/** The first event does not wait longer for open orders to be counted by station: a later one brings them. */
const PATIENCE_MS = 300
/** After so long the client connects again: who was signed out meanwhile is then sent away. */
const STREAM_MS = 5 * 60_000

const events = route({
  method: 'get',
  path: '/v1/board/events',
  tag: 'Board',
  summary: 'The same every second, as server-sent events',
  scope: 'orders:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.string(),
  produces: 'text/event-stream',
  handle({ deps, who, request }) {
    const until = Date.now() + STREAM_MS
    return Promise.resolve(
      eventStream({ signal: request.signal, log: deps.log }, async () => ({
        event: 'board',
        data: await deps.board.look(who.connections, PATIENCE_MS),
        last: Date.now() >= until,
      })),
    )
  },
})

const deadline = z.object({ connection_id: z.string().nullable(), node, minutes: z.number().nullable() })

const deadlines = route({
  method: 'get',
  path: '/v1/board/deadlines',
  tag: 'Board',
  summary: 'How long an order may wait for each station: everywhere, and where a connection has its own',
  scope: 'orders:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.object({ nodes: z.array(z.string()), items: z.array(deadline) }),
  handle: async ({ deps, who }) => ({ nodes: NODES, items: await listDeadlines(deps.pool, who.connections) }),
})

const change = route({
  method: 'patch',
  path: '/v1/board/deadlines',
  tag: 'Board',
  summary: 'Set deadlines; null minutes = never overdue, "unset" = as everywhere',
  scope: 'connections:write',
  audit: 'board.deadlines',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    connection: connectionId.nullable(),
    deadlines: z
      .array(z.strictObject({ node, minutes: z.union([z.int().min(1).max(525_600), z.literal('unset')]).nullable() }))
      .min(1)
      .max(NODES.length)
      .refine((all) => new Set(all.map((one) => one.node)).size === all.length, 'names a station twice'),
  }),
  answer: done,
  async handle({ deps, who, body, note }) {
    if (body.connection === null) requireWholeHub(who)
    else requireConnection(who, body.connection)
    await withTx(deps.pool, (client) => setDeadlines(client, body.connection, body.deadlines, who.actor))
    note({ connection: body.connection, deadlines: body.deadlines })
    return { ok: true }
  },
})

export const boardRoutes: readonly Route[] = [read, events, deadlines, change]
