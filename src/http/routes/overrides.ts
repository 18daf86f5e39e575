import { z } from 'zod'
import { RULE_KINDS, ruleKey, type RuleSpec } from '../../core/overrides.ts'
import { noteFailure } from '../../store/edit/failures.ts'
import { addOverride, endOverride, listOverrides } from '../../store/overrides/edit-overrides.ts'
import { pick, standingRules, type Overruled } from '../../store/overrides/write-version.ts'
import { type ConnectionRow, readConnection } from '../../store/read/connections.ts'
import { readFailureGroup } from '../../store/read/failures.ts'
import { connectionId, idParam, itemsOf, nothing, reason, rowId } from '../fields.ts'
import type { AppDeps } from '../deps.ts'
import { carrierFields, isEmpty, placeFields, requireLocations, settingNames, valueBefore, valueFields, wordFields } from '../mapping-fields.ts'
import { requireNoNewFailures } from '../mapping-gate.ts'
import { requireConnection } from '../principal.ts'
import { badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const override = z.object({
  id: z.string(),
  connection_id: z.string(),
  kind: z.enum(RULE_KINDS),
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
  summary: 'Rules people made for reading documents, naming carriers and binding places, newest first',
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

/** Who it is for, why, and why it holds although recent documents would newly fail. */
const about = { connection: connectionId, reason, override_reason: reason.optional(), group: rowId.optional() }
const body = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('word'), ...wordFields, ...about }),
  z.strictObject({ kind: z.literal('carrier'), ...carrierFields, ...about }),
  z.strictObject({ kind: z.literal('place'), ...placeFields, ...about }),
  z.strictObject({ kind: z.literal('field'), ...valueFields, ...about }),
])

const add = route({
  method: 'post',
  path: '/v1/overrides',
  tag: 'Failures',
  summary:
    'Make a rule: what a word means, what a value should read, what a carrier is called there, which of our locations a place is; documents stay as they came',
  scope: 'replay',
  audit: 'override.add',
  status: 201,
  params: nothing,
  query: nothing,
  body,
  answer: override,
  async handle({ deps, who, body: given, note }) {
    requireConnection(who, given.connection)
    const connection = await readConnection(deps.pool, given.connection)
    if (!connection) throw notFound('connection')
    if (given.group !== undefined && !(await readFailureGroup(deps.pool, given.group, who.connections))) throw notFound('failure')
    const rule = await ruleOf(deps, given)
    if (isEmpty(rule)) throw badInput([{ pointer: '/to', code: 'same', message: 'Is what stands there already.' }])
    await requireLocations(deps, [rule], () => '/to')
    const others = (await standingRules(deps.pool, connection.id)).filter((one) => ruleKey(one) !== ruleKey(rule))
    const override = await tried(deps, connection, { rules: [...others, rule], overrideReason: given.override_reason })
    const row = await addOverride(deps.pool, {
      ...rule,
      ...(override && { override }),
      connectionId: given.connection,
      reason: given.reason,
      author: who.actor,
      now: deps.now(),
    })
    note({ kind: row.kind, field: row.field, version: row.version, reason: row.reason }, `override/${row.id}`)
    if (given.group !== undefined)
      await noteFailure(deps.pool, given.group, { kind: 'fix', text: `${row.field} ${row.from} → ${row.to}`.trim(), author: who.actor })
    return row
  },
})

/** What a rule says, its value of before read from the document where it is about one. */
async function ruleOf(deps: AppDeps, given: z.output<typeof body>): Promise<RuleSpec> {
  if (given.kind === 'word') return { kind: 'word', field: given.field, entity: '', from: given.from, to: given.to }
  if (given.kind !== 'field') return { kind: given.kind, field: '', entity: '', from: given.from, to: given.to }
  const from = await valueBefore(deps, given.connection, given)
  return { kind: 'field', field: given.field, entity: given.entity, from, to: given.to }
}

/** The rules of a connection with one more, or without one; its settings stay. @throws Problem 409 where recent documents would newly fail */
async function tried(
  deps: AppDeps,
  connection: Pick<ConnectionRow, 'id' | 'channel' | 'config'>,
  asked: { readonly rules: readonly RuleSpec[]; readonly overrideReason: string | undefined },
): Promise<Overruled | undefined> {
  const names = settingNames(deps, connection)
  const set = { rules: asked.rules, settings: pick(connection.config, names) }
  return requireNoNewFailures(deps, connection.id, { set, names, overrideReason: asked.overrideReason })
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
  body: z.strictObject({ reason, override_reason: reason.optional() }),
  answer: override,
  async handle({ deps, who, params, body: given, note }) {
    const [row] = await listOverrides(deps.pool, { ids: [params.id], limit: 1 }, who.connections)
    if (!row) throw notFound('override')
    note({ reason: given.reason, version: row.version }, `override/${row.id}`)
    const connection = await readConnection(deps.pool, row.connection_id)
    if (!connection) throw notFound('connection')
    const rules = (await standingRules(deps.pool, connection.id)).filter(({ id }) => id !== row.id)
    const override = row.ended_at === null ? await tried(deps, connection, { rules, overrideReason: given.override_reason }) : undefined
    return endOverride(deps.pool, params.id, { author: who.actor, reason: given.reason, now: deps.now(), ...(override && { override }) })
  },
})

export const overrideRoutes: readonly Route[] = [list, add, end]
