import { z } from 'zod'
import { DomainError } from '../../core/fault.ts'
import type { AppDeps } from '../deps.ts'
import { type PrivacyRequest, carryOut, caseOf, decideRequest, listRequests, ordersOfRequest } from '../../store/privacy/requests.ts'
import { done, idParam, itemsOf, line, nothing } from '../fields.ts'
import { type Principal, requireConnection } from '../principal.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

/** More than waits anywhere; what is settled is cut off at the end. */
const MOST = 500
/** More orders than a request that is answered at once erases; the rest follows by night. */
const AT_ONCE = 1000

const requestRow = z.object({
  id: z.string(),
  /** How the list of erasures and the audit log name it. */
  case: z.string(),
  connection_id: z.string(),
  connection: z.string(),
  ask: z.enum(['erase', 'erase-all', 'export']),
  reference: z.string().nullable(),
  received_at: z.string(),
  due_at: z.string(),
  state: z.enum(['open', 'confirmed', 'done', 'dismissed']),
  decided_by: z.string().nullable(),
  decided_at: z.string().nullable(),
  reason: z.string().nullable(),
  done_at: z.string().nullable(),
  erased: z.number(),
})
const viewOf = (row: PrivacyRequest): z.output<typeof requestRow> => ({ ...row, case: caseOf(row.id) })

const list = route({
  method: 'get',
  path: '/v1/privacy/requests',
  tag: 'Privacy',
  summary: 'What channels ask about personal data of their buyers: waiting ones first, by the day they are due',
  scope: 'privacy',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(requestRow),
  async handle({ deps, who }) {
    return { items: (await listRequests(deps.pool, who.connections, { limit: MOST })).map(viewOf) }
  },
})

/** One the caller may see. */
async function requireRequest(deps: AppDeps, who: Principal, id: string): Promise<PrivacyRequest> {
  const [row] = await listRequests(deps.pool, who.connections, { id, limit: 1 })
  if (!row) throw notFound('request')
  requireConnection(who, row.connection_id)
  return row
}

const orderRow = z.object({
  order_id: z.string(),
  channel_order_no: z.string(),
  placed_at: z.string(),
  result: z.enum(['erased', 'open', 'would-erase']),
})

const orders = route({
  method: 'get',
  path: '/v1/privacy/requests/{id}',
  tag: 'Privacy',
  summary: 'A request and the orders it is about, a thousand at most; those under way are named and left',
  scope: 'privacy',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: z.object({ request: requestRow, orders: z.array(orderRow) }),
  async handle({ deps, who, params }) {
    const request = await requireRequest(deps, who, params.id)
    const found = await ordersOfRequest(deps.pool, params.id, AT_ONCE)
    return {
      request: viewOf(request),
      orders: found.map((order) => ({
        order_id: String(order.id),
        channel_order_no: order.channel_order_no,
        placed_at: order.placed_at,
        result: order.erased ? ('erased' as const) : order.open ? ('open' as const) : ('would-erase' as const),
      })),
    }
  },
})

const confirm = route({
  method: 'post',
  path: '/v1/privacy/requests/{id}/confirm',
  tag: 'Privacy',
  summary:
    'Carry a request out: erases at once what is done, the rest by night when it is; of one that asks for data it says that they were handed out',
  scope: 'privacy',
  audit: 'privacy.request',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: z.object({ request: requestRow, erased: z.number() }),
  async handle({ deps, who, params, note }) {
    const request = await requireRequest(deps, who, params.id)
    const now = deps.now()
    const asksForData = request.ask === 'export'
    if (!(await decideRequest(deps.pool, params.id, { state: asksForData ? 'done' : 'confirmed', actor: who.actor, now }))) throw decided()
    const erased = asksForData ? 0 : await carryOut(deps.pool, params.id, { actor: who.actor, now, most: AT_ONCE })
    note({ ask: request.ask, connection: request.connection_id, erased }, caseOf(params.id))
    return { request: viewOf(await requireRequest(deps, who, params.id)), erased }
  },
})

const decided = (): DomainError => new DomainError('request-decided', 'Somebody decided about this request already.')

const dismiss = route({
  method: 'post',
  path: '/v1/privacy/requests/{id}/dismiss',
  tag: 'Privacy',
  summary: 'Leave a request be, with the reason',
  scope: 'privacy',
  audit: 'privacy.request-dismiss',
  params: idParam,
  query: nothing,
  body: z.strictObject({ reason: line(500).min(1) }),
  answer: done,
  async handle({ deps, who, params, body, note }) {
    const request = await requireRequest(deps, who, params.id)
    if (!(await decideRequest(deps.pool, params.id, { state: 'dismissed', actor: who.actor, reason: body.reason, now: deps.now() }))) throw decided()
    note({ ask: request.ask, connection: request.connection_id }, caseOf(params.id))
    return { ok: true }
  },
})

export const privacyRequestRoutes: readonly Route[] = [list, orders, confirm, dismiss]
