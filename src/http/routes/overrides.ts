import { z } from 'zod'
import { scalarIn } from '../../normalize/scalar-in.ts'
import { noteFailure } from '../../store/edit/failures.ts'
import { addOverride, endOverride, listOverrides, type NewOverride } from '../../store/overrides/edit-overrides.ts'
import { readConnection } from '../../store/read/connections.ts'
import { readFailureGroup } from '../../store/read/failures.ts'
import { headOf, openHead } from '../../store/read/head.ts'
import { orderIdOf } from '../../store/read/ids.ts'
import { openParties } from '../../store/read/raw.ts'
import { connectionId, idParam, itemsOf, line, nothing, reason, rowId, text } from '../fields.ts'
import type { AppDeps } from '../deps.ts'
import { maskRaw } from '../mask-raw.ts'
import { requireConnection } from '../principal.ts'
import { Problem, badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const override = z.object({
  id: z.string(),
  connection_id: z.string(),
  kind: z.enum(['word', 'field', 'carrier']),
  field: z.string(),
  entity: z.string(),
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  author: z.string(),
  version: z.number(),
  created_at: z.string(),
  ended_version: z.number().nullable(),
  ended_at: z.string().nullable(),
  ended_by: z.string().nullable(),
})
const LISTED = 500

const list = route({
  method: 'get',
  path: '/v1/overrides',
  tag: 'Failures',
  summary: 'Rules people made for reading documents and naming carriers, newest first',
  scope: 'failures:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ connection: connectionId.optional(), state: z.enum(['active', 'ended']).optional() }),
  answer: itemsOf(override),
  async handle({ deps, who, query }) {
    const active = query.state === undefined ? undefined : query.state === 'active'
    return { items: await listOverrides(deps.pool, { connection: query.connection, active, limit: LISTED }, who.connections) }
  },
})

const value = text(200)
const body = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('word'),
    connection: connectionId,
    field: line(100),
    from: value.min(1),
    to: value.min(1),
    reason,
    group: rowId.optional(),
  }),
  z.strictObject({ kind: z.literal('carrier'), connection: connectionId, from: line(60), to: line(60), reason, group: rowId.optional() }),
  z.strictObject({
    kind: z.literal('field'),
    connection: connectionId,
    entity: z.string().regex(/^(order|refund)\/.{1,200}$/, 'must be order/… or refund/…'),
    field: z
      .string()
      .max(300)
      .regex(/^(\/[^\u0000-\u001f]*)+$/, 'must be a JSON pointer'),
    to: value,
    reason,
    group: rowId.optional(),
  }),
])

const add = route({
  method: 'post',
  path: '/v1/overrides',
  tag: 'Failures',
  summary: 'Make a rule: what a word means, what a value should read, what a carrier is called there; documents stay as they came',
  scope: 'replay',
  audit: 'override.add',
  status: 201,
  params: nothing,
  query: nothing,
  body,
  answer: override,
  async handle({ deps, who, body: given, note }) {
    requireConnection(who, given.connection)
    if (!(await readConnection(deps.pool, given.connection))) throw notFound('connection')
    if (given.group !== undefined && !(await readFailureGroup(deps.pool, given.group, who.connections))) throw notFound('failure')
    const rule = await ruleOf(deps, given)
    if (rule.from === rule.to) throw badInput([{ pointer: '/to', code: 'same', message: 'Is what stands there already.' }])
    const row = await addOverride(deps.pool, { ...rule, connectionId: given.connection, reason: given.reason, author: who.actor, now: deps.now() })
    note({ kind: row.kind, field: row.field, version: row.version, reason: row.reason }, `override/${row.id}`)
    if (given.group !== undefined)
      await noteFailure(deps.pool, given.group, { kind: 'fix', text: `${row.field} ${row.from} → ${row.to}`.trim(), author: who.actor })
    return row
  },
})

/** What a rule says, its value of before read from the document where it is about one. */
async function ruleOf(deps: AppDeps, given: z.output<typeof body>): Promise<Pick<NewOverride, 'kind' | 'field' | 'entity' | 'from' | 'to'>> {
  if (given.kind === 'word') return { kind: 'word', field: given.field, entity: '', from: given.from, to: given.to }
  if (given.kind === 'carrier') return { kind: 'carrier', field: '', entity: '', from: given.from, to: given.to }
  const head = await headOf(deps.pool, given.connection, given.entity)
  if (!head) throw notFound('document')
  const document = await openHead(deps.keys, head)
  const from = scalarIn(document, given.field)
  if (from === undefined) throw badInput([{ pointer: '/field', code: 'no-value', message: 'The document has no single value there.' }])
  const [kind = '', ...id] = given.entity.split('/')
  const orderId = kind === 'order' ? await orderIdOf(deps.pool, given.connection, id.join('/')) : undefined
  const parties = orderId === undefined ? undefined : (await openParties(deps.pool, deps.keys, [String(orderId)])).get(String(orderId))
  if (shownAt(maskRaw(document, parties ?? {}), given.field) !== from)
    throw new Problem(422, 'field-personal', 'This value is personal data: it is corrected at the channel, not here.')
  return { kind: 'field', field: given.field, entity: given.entity, from, to: given.to }
}

/** What a masked document shows there; undefined too where masking left no document. */
function shownAt(masked: string, pointer: string): string | undefined {
  try {
    return scalarIn(masked, pointer)
  } catch {
    return undefined
  }
}

const end = route({
  method: 'post',
  path: '/v1/overrides/{id}/end',
  tag: 'Failures',
  summary: 'Take a rule back; replay what it touched to see it undone',
  scope: 'replay',
  audit: 'override.end',
  params: idParam,
  query: nothing,
  body: z.strictObject({ reason }),
  answer: override,
  async handle({ deps, who, params, body: given, note }) {
    const [row] = await listOverrides(deps.pool, { ids: [params.id], limit: 1 }, who.connections)
    if (!row) throw notFound('override')
    note({ reason: given.reason, version: row.version }, `override/${row.id}`)
    return endOverride(deps.pool, params.id, { author: who.actor, now: deps.now() })
  },
})

export const overrideRoutes: readonly Route[] = [list, add, end]
