import { z } from 'zod'
import { changeFailureGroup } from '../../store/edit/failures.ts'
import { type FailureGroupRow, failureItems, listFailureGroups, readFailureGroup } from '../../store/read/failures.ts'
import { ID, STAMP, decodeCursor, page } from '../cursor.ts'
import { connectionId, cursor, idParam, instant, limit, line, listOf, money, nothing, text } from '../fields.ts'
import { amount } from '../order-view.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const statuses = z.enum(['open', 'acknowledged', 'resolved', 'ignored'])
const group = z.looseObject({
  id: z.string(),
  operation: z.string(),
  fault_kind: z.string(),
  code: z.string(),
  message: z.string(),
  connection_id: z.string().nullable(),
  count: z.number(),
  orders: z.number(),
  money: z.array(money),
  trend: z.array(z.number()).length(8),
  status: statuses,
  regressed: z.boolean(),
})
const SAMPLE = 50

const groupView = ({ sort_value: _sort, money: sums, ...row }: FailureGroupRow): Record<string, unknown> => ({ ...row, money: sums.map(amount) })

const list = route({
  method: 'get',
  path: '/v1/failures',
  tag: 'Failures',
  summary: 'Failures grouped by signature, the most recently seen first',
  scope: 'failures:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({
    status: statuses.optional(),
    connection: connectionId.optional(),
    operation: text(60).optional(),
    cursor,
    limit: limit(200, 50),
  }),
  answer: listOf(group),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'failures', STAMP, ID)
    const rows = await listFailureGroups(deps.pool, { ...query, after }, who.connections)
    const found = page(rows, query.limit, (row) => ({ sort: 'failures', value: row.sort_value, id: row.id }))
    return { ...found, items: found.items.map(groupView) }
  },
})

const read = route({
  method: 'get',
  path: '/v1/failures/{id}',
  tag: 'Failures',
  summary: 'One group with its newest items',
  scope: 'failures:read',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: z.looseObject({ ...group.shape, items: z.array(z.looseObject({ id: z.string(), subject_kind: z.string(), message: z.string() })) }),
  async handle({ deps, who, params }) {
    const row = await readFailureGroup(deps.pool, params.id, who.connections)
    if (!row) throw notFound('failure')
    return { ...groupView(row), items: await failureItems(deps.pool, params.id, SAMPLE) }
  },
})

const change = route({
  method: 'patch',
  path: '/v1/failures/{id}',
  tag: 'Failures',
  summary: 'Take over, resolve, ignore for a while, note',
  scope: 'orders:write',
  audit: 'failure.change',
  params: idParam,
  query: nothing,
  body: z.strictObject({
    status: statuses.optional(),
    owner: line(100).nullable().optional(),
    note: text(2000).nullable().optional(),
    ignored_until: instant.nullable().optional(),
  }),
  answer: group,
  async handle({ deps, who, params, body, note }) {
    if (!(await readFailureGroup(deps.pool, params.id, who.connections))) throw notFound('failure')
    await changeFailureGroup(deps.pool, params.id, body)
    note({ status: body.status, owner: body.owner })
    const row = await readFailureGroup(deps.pool, params.id, who.connections)
    if (!row) throw notFound('failure')
    return groupView(row)
  },
})

export const failureRoutes: readonly Route[] = [list, read, change]
