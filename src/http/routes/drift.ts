import { z } from 'zod'
import { acknowledgeDrift, listDrift } from '../../store/drift/list-drift.ts'
import { ID, decodeCursor, page } from '../cursor.ts'
import { connectionId, cursor, limit, listOf, nothing, rowId, text } from '../fields.ts'
import { type Route, route } from '../route.ts'

const notice = z.object({
  id: z.string(),
  connection_id: z.string(),
  kind: z.string(),
  what: z.enum(['field', 'type', 'value']),
  path: z.string(),
  detail: z.string(),
  count: z.number(),
  failing: z.boolean(),
  samples: z.array(z.object({ raw_id: z.string().nullable(), entity: z.string(), order_id: z.string().nullable() })),
  first_at: z.string(),
  last_at: z.string(),
  state: z.enum(['open', 'acknowledged']),
  closed_by: z.string().nullable(),
  closed_at: z.string().nullable(),
  note: z.string().nullable(),
})

const list = route({
  method: 'get',
  path: '/v1/drift',
  tag: 'Failures',
  summary: 'What is new in the documents channels send: members, types, words of states, with samples',
  scope: 'failures:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ connection: connectionId.optional(), state: z.enum(['open', 'acknowledged']).optional(), cursor, limit: limit(200, 100) }),
  answer: listOf(notice),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'drift', ID, ID).id
    const rows = await listDrift(deps.pool, { ...query, after }, who.connections)
    return page(rows, query.limit, ({ id }) => ({ sort: 'drift', value: id, id }))
  },
})

const acknowledge = route({
  method: 'post',
  path: '/v1/drift/acknowledge',
  tag: 'Failures',
  summary: 'Take what is new for known; it is no news from now on',
  scope: 'replay',
  audit: 'drift.acknowledge',
  params: nothing,
  query: nothing,
  body: z.strictObject({ ids: z.array(rowId).min(1).max(500), note: text(500).optional() }),
  answer: z.object({ acknowledged: z.number() }),
  async handle({ deps, who, body, note }) {
    const acknowledged = await acknowledgeDrift(deps.pool, body.ids, { actor: who.actor, note: body.note, now: deps.now() }, who.connections)
    note({ acknowledged, ids: body.ids })
    return { acknowledged }
  },
})

export const driftRoutes: readonly Route[] = [list, acknowledge]
