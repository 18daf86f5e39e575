import { z } from 'zod'
import { listIncidents, type IncidentRow } from '../../store/read/incidents.ts'
import { ID, TEXT, decodeCursor, page } from '../cursor.ts'
import { cursor, idParam, limit, listOf, nothing, record, skuCode } from '../fields.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const incident = z.looseObject({
  id: z.string(),
  sku: z.string(),
  opened_at: z.string(),
  closed_at: z.string().nullable(),
  short_most: z.string(),
  short_now: z.string(),
  causes: z.array(record),
})

const list = route({
  method: 'get',
  path: '/v1/stock/incidents',
  tag: 'Stock',
  summary: 'SKUs of which more was promised than there is, newest first, with the causes',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ state: z.enum(['open', 'closed']).optional(), sku: skuCode.optional(), cursor, limit: limit(200, 50) }),
  answer: listOf(incident),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'incidents', TEXT, ID)
    const rows = await listIncidents(deps.pool, { ...query, after: after?.id }, who.connections)
    const found = page(rows, query.limit, (row) => ({ sort: 'incidents', value: '', id: row.id }))
    return { ...found, items: found.items.map(withoutTrail) }
  },
})

const withoutTrail = ({ trail, ...row }: IncidentRow): Record<string, unknown> => ({ ...row, events: trail.length })

const read = route({
  method: 'get',
  path: '/v1/stock/incidents/{id}',
  tag: 'Stock',
  summary: 'One shortage with what led to it: orders, levels, counts, and words that channels did not keep',
  scope: 'stock:read',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: incident.extend({ trail: z.array(record) }),
  async handle({ deps, who, params }) {
    const [row] = await listIncidents(deps.pool, { id: params.id, limit: 1 }, who.connections)
    if (!row) throw notFound('incident')
    return { ...row }
  },
})

export const stockIncidentRoutes: readonly Route[] = [list, read]
