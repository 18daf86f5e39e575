import { z } from 'zod'
import { dropView, listViews, saveView } from '../../store/people/saved-views.ts'
import { done, idParam, itemsOf, label, line, nothing, text } from '../fields.ts'
import { Problem, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const pages = z.enum(['orders', 'failures'])
/** Parameters of the console's address, as they stand there. */
const search = z.record(line(40), text(300)).refine((value) => Object.keys(value).length <= 20, 'has more than 20 parameters')
const view = z.object({
  id: z.string(),
  page: pages,
  name: z.string(),
  owner: z.string(),
  shared: z.boolean(),
  search: z.record(z.string(), z.string()),
  /** The caller keeps it. */
  own: z.boolean(),
})

const list = route({
  method: 'get',
  path: '/v1/views',
  tag: 'Orders',
  summary: 'Saved views of a list: your own, and those that are shared',
  scope: 'orders:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ page: pages }),
  answer: itemsOf(view),
  async handle({ deps, who, query }) {
    const rows = await listViews(deps.pool, { page: query.page, owner: who.actor }, who.connections)
    return { items: rows.map((row) => ({ ...row, own: row.owner === who.actor })) }
  },
})

const save = route({
  method: 'post',
  path: '/v1/views',
  tag: 'Orders',
  summary: 'Keep a view, for yourself or for all; your view of the same name takes on what is given',
  scope: 'orders:read',
  audit: 'view.save',
  status: 201,
  params: nothing,
  query: nothing,
  body: z.strictObject({ page: pages, name: label(40), shared: z.boolean(), search }),
  answer: view,
  async handle({ deps, who, body, note }) {
    if (body.shared && !who.scopes.has('orders:write'))
      throw new Problem(403, 'scope-missing', 'Sharing a view needs the right to work on orders.', { params: { scope: 'orders:write' } })
    const row = await saveView(deps.pool, { ...body, owner: who.actor })
    note({ page: row.page, shared: row.shared }, `view/${row.id}`)
    return { ...row, own: true }
  },
})

const drop = route({
  method: 'delete',
  path: '/v1/views/{id}',
  tag: 'Orders',
  summary: 'Let a view go: your own, or as an administrator a shared one',
  scope: 'orders:read',
  audit: 'view.drop',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: done,
  async handle({ deps, who, params, note }) {
    if (!(await dropView(deps.pool, params.id, { owner: who.actor, any: who.scopes.has('admin') }))) throw notFound('view')
    note({}, `view/${params.id}`)
    return { ok: true }
  },
})

export const viewRoutes: readonly Route[] = [list, save, drop]
