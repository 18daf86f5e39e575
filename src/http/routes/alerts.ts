import { z } from 'zod'
import { compileCondition, MAX_CONDITION } from '../../core/alert-conditions.ts'
import { ALERT_FACTS, ALERT_SCOPES, VARIABLES } from '../../core/alert-facts.ts'
import { BUILT_IN_RULES, SEVERITIES } from '../../core/alert-rules.ts'
import { readAlertSubjects } from '../../deliver/alert-facts.ts'
import { firingFor } from '../../deliver/alerts.ts'
import { type IncidentRow, listAlertIncidents, snoozeIncident } from '../../store/alerts/incidents.ts'
import { listDestinations } from '../../store/alerts/destinations.ts'
import {
  type AlertRule,
  changeAlertRule,
  createAlertRule,
  deleteAlertRule,
  listAlertRules,
  readAlertRule,
  type RuleInput,
} from '../../store/alerts/rules.ts'
import { listConnections } from '../../store/read/connections.ts'
import { ID, TEXT, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, cursor, done, idParam, instant, itemsOf, label, limit, listOf, nothing, record } from '../fields.ts'
import { etagVersion } from '../if-match.ts'
import { requireWholeHub } from '../principal.ts'
import { Problem, badInput, notFound } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'

const alertId = z.string().regex(/^[dr]_[a-z0-9]{1,20}$/)
const ruleParam = z.strictObject({ id: alertId })
const condition = z.string().min(1).max(MAX_CONDITION)
const scope = z.enum(ALERT_SCOPES)

const ruleAnswer = z.looseObject({
  id: z.string(),
  condition: z.string(),
  scope: z.string(),
  severity: z.string(),
  enabled: z.boolean(),
  version: z.number(),
})

const ruleView = (rule: AlertRule): Record<string, unknown> => ({
  ...rule,
  names: rule.name === null ? (BUILT_IN_RULES[rule.built_in ?? ''] ?? null) : null,
})

const listRules = route({
  method: 'get',
  path: '/v1/alerts/rules',
  tag: 'Alerts',
  summary: 'Rules of alerts: what has to be true, for how long, and whom to tell',
  scope: 'connections:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(ruleAnswer),
  async handle({ deps, who }) {
    requireWholeHub(who)
    return { items: (await listAlertRules(deps.pool)).map(ruleView) }
  },
})

const ruleFields = {
  name: label(120).nullable(),
  scope,
  condition,
  severity: z.enum(SEVERITIES),
  for_minutes: z.int().min(0).max(10_080),
  remind_minutes: z.int().min(5).max(43_200).nullable(),
  destinations: z.array(alertId).max(50).nullable(),
  connections: z.array(connectionId).max(1000).nullable(),
  enabled: z.boolean(),
  muted_until: instant.nullable(),
} as const

const createRule = route({
  method: 'post',
  path: '/v1/alerts/rules',
  tag: 'Alerts',
  summary: 'Add a rule; its condition is CEL over the facts of its scope',
  scope: 'connections:write',
  audit: 'alert-rule.create',
  status: 201,
  params: nothing,
  query: nothing,
  body: z.strictObject({ ...ruleFields, name: label(120) }).partial({
    for_minutes: true,
    remind_minutes: true,
    destinations: true,
    connections: true,
    enabled: true,
    muted_until: true,
  }),
  answer: ruleAnswer,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const { name, scope: about, condition: text, severity } = body
    const rule = merged(
      {
        name,
        scope: about,
        condition: text,
        severity,
        for_minutes: 0,
        remind_minutes: null,
        destinations: null,
        connections: null,
        enabled: true,
        muted_until: null,
      },
      body,
    )
    await requireSound(deps, rule)
    const id = await createAlertRule(deps.pool, rule, who.actor)
    note({ name: rule.name, condition: rule.condition, severity: rule.severity }, id)
    return replyRule(deps, id, 201)
  },
})

type RuleFields = { readonly [K in keyof RuleInput]?: RuleInput[K] | undefined }

/** A rule with what was sent in place of what stood there. */
function merged(before: RuleInput, sent: RuleFields): RuleInput {
  const of = <T>(value: T | undefined, otherwise: T): T => (value === undefined ? otherwise : value)
  return {
    name: of(sent.name, before.name),
    scope: of(sent.scope, before.scope),
    condition: of(sent.condition, before.condition),
    severity: of(sent.severity, before.severity),
    for_minutes: of(sent.for_minutes, before.for_minutes),
    remind_minutes: of(sent.remind_minutes, before.remind_minutes),
    destinations: of(sent.destinations, before.destinations),
    connections: of(sent.connections, before.connections),
    enabled: of(sent.enabled, before.enabled),
    muted_until: of(sent.muted_until, before.muted_until),
  }
}

const changeRule = route({
  method: 'patch',
  path: '/v1/alerts/rules/{id}',
  tag: 'Alerts',
  summary: 'Change, mute or switch off a rule',
  scope: 'connections:write',
  audit: 'alert-rule.change',
  params: ruleParam,
  query: nothing,
  body: z.strictObject(ruleFields).partial(),
  answer: ruleAnswer,
  async handle({ deps, who, params, body, request, note }) {
    requireWholeHub(who)
    const before = await readAlertRule(deps.pool, params.id)
    if (!before) throw notFound('rule')
    const rule = merged(before, body)
    if (rule.name === null && before.built_in === null)
      throw badInput([{ pointer: '/name', code: 'invalid-type', message: 'Only rules that came with the hub go by a name of their own.' }])
    await requireSound(deps, rule)
    await changeAlertRule(deps.pool, params.id, etagVersion(request) ?? before.version, rule, who.actor)
    note(body, params.id)
    return replyRule(deps, params.id, 200)
  },
})

const removeRule = route({
  method: 'delete',
  path: '/v1/alerts/rules/{id}',
  tag: 'Alerts',
  summary: 'Remove a rule; what it found stays in the history',
  scope: 'connections:write',
  audit: 'alert-rule.delete',
  status: 204,
  params: ruleParam,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params }) {
    requireWholeHub(who)
    if (!(await deleteAlertRule(deps.pool, params.id))) throw notFound('rule')
    return null
  },
})

async function replyRule(deps: AppDeps, id: string, status: number): Promise<Reply> {
  const rule = await readAlertRule(deps.pool, id)
  if (!rule) throw notFound('rule')
  return new Reply(ruleView(rule), { status, headers: { etag: `"${rule.version}"` } })
}

/** @throws Problem 422 naming the place in the condition; 400 for names of nothing */
async function requireSound(deps: AppDeps, rule: RuleInput): Promise<void> {
  const compiled = compileCondition(rule.scope, rule.condition)
  if (!compiled.ok) {
    const { message, from } = compiled.fault
    const errors = [
      { pointer: '/condition', code: 'condition-invalid', message: `At character ${from + 1}: ${message}`, params: { character: from + 1, message } },
    ]
    throw new Problem(422, 'condition-invalid', `The condition cannot be used. At character ${from + 1}: ${message}`, {
      errors,
      params: { character: from + 1, message },
    })
  }
  await requireKnown('/destinations', rule.destinations, async () => (await listDestinations(deps.pool)).map(({ id }) => id))
  await requireKnown('/connections', rule.connections, async () => (await listConnections(deps.pool, null)).map(({ id }) => id))
}

async function requireKnown(pointer: string, ids: readonly string[] | null, read: () => Promise<readonly string[]>): Promise<void> {
  if (ids === null || ids.length === 0) return
  const known = new Set(await read())
  const at = ids.findIndex((id) => !known.has(id))
  if (at >= 0) throw badInput([{ pointer: `${pointer}/${at}`, code: 'reference-unknown', message: 'There is nothing with this id.' }])
}

const facts = route({
  method: 'get',
  path: '/v1/alerts/facts',
  tag: 'Alerts',
  summary: 'What conditions may ask about, by scope, with types and meaning',
  scope: 'connections:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.object({ variables: z.record(z.string(), z.array(z.string())), facts: z.record(z.string(), record) }),
  handle: () => Promise.resolve({ variables: VARIABLES, facts: ALERT_FACTS }),
})

const preview = route({
  method: 'post',
  path: '/v1/alerts/preview',
  tag: 'Alerts',
  summary: 'Whether a condition can be used, and of what it is true at this moment',
  scope: 'connections:write',
  params: nothing,
  query: nothing,
  body: z.strictObject({ scope, condition: z.string().max(MAX_CONDITION), connections: z.array(connectionId).max(1000).nullable().optional() }),
  answer: z.object({
    fault: z.object({ message: z.string(), from: z.number(), to: z.number() }).nullable(),
    subjects: z.array(z.looseObject({ subject: z.string(), connection_id: z.string().nullable(), facts: record })),
    looked_at: z.number(),
  }),
  async handle({ deps, who, body }) {
    requireWholeHub(who)
    const compiled = compileCondition(body.scope, body.condition)
    if (!compiled.ok) return { fault: compiled.fault, subjects: [], looked_at: 0 }
    const wanted = { nodes: body.scope === 'node', ledger: compiled.condition.fields.includes('connection.ledger_red_days') }
    const subjects = await readAlertSubjects(deps, wanted, deps.now())
    const found = firingFor(compiled.condition, body.scope, body.connections ?? null, subjects)
    return {
      fault: found.fault === undefined ? null : { message: found.fault, from: 0, to: 0 },
      subjects: found.subjects.map(({ subject, connectionId: id, values }) => ({ subject, connection_id: id, facts: values })),
      looked_at: subjects.filter((one) => one.scope === body.scope).length,
    }
  },
})

const incident = z.looseObject({ id: z.string(), severity: z.string(), subject: z.string(), opened_at: z.string(), closed_at: z.string().nullable() })

const incidentView = (row: IncidentRow): Record<string, unknown> => ({
  ...row,
  names: row.rule.name === null ? (BUILT_IN_RULES[row.rule.built_in ?? ''] ?? null) : null,
})

const incidents = route({
  method: 'get',
  path: '/v1/alerts',
  tag: 'Alerts',
  summary: 'What rules found, newest first, with the messages that were sent',
  scope: 'connections:read',
  params: nothing,
  query: z.strictObject({ state: z.enum(['open', 'closed']).optional(), limit: limit(200, 50), cursor }),
  body: nothing,
  answer: listOf(incident),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'alerts', TEXT, ID)
    const rows = await listAlertIncidents(deps.pool, { state: query.state, after: after?.id, limit: query.limit }, who.connections)
    const found = page(rows, query.limit, (row) => ({ sort: 'alerts', value: '', id: row.id }))
    return { ...found, items: found.items.map(incidentView) }
  },
})

const snooze = route({
  method: 'post',
  path: '/v1/alerts/{id}/snooze',
  tag: 'Alerts',
  summary: 'Say nothing more about this until then, but that it is over; null = go on',
  scope: 'orders:write',
  audit: 'alert.snooze',
  params: idParam,
  query: nothing,
  body: z.strictObject({ until: instant.nullable() }),
  answer: done,
  async handle({ deps, who, params, body, note }) {
    const [row] = await listAlertIncidents(deps.pool, { id: params.id, limit: 1 }, who.connections)
    if (!row) throw notFound('alert')
    if (body.until !== null && Date.parse(body.until) <= deps.now().getTime())
      throw badInput([{ pointer: '/until', code: 'past', message: 'This time is over.' }])
    if (!(await snoozeIncident(deps.pool, params.id, body.until, who.actor))) throw new Problem(409, 'alert-over', 'This is over already.')
    note({ until: body.until })
    return { ok: true }
  },
})

export const alertRoutes: readonly Route[] = [listRules, createRule, changeRule, removeRule, facts, preview, incidents, snooze]
