import { z } from 'zod'
import { connectionFieldMap, FIELD_MAP_PRESETS } from '../../core/field-map-presets.ts'
import { differenceOf, isSame, rebased } from '../../core/overrides.ts'
import { dropDraft, readDraft, saveDraft, type MappingDraft } from '../../store/overrides/drafts.ts'
import { listMappings, setAt } from '../../store/overrides/read-versions.ts'
import { liveVersion, pick, standingRules } from '../../store/overrides/write-version.ts'
import { type ConnectionRow, readConnection } from '../../store/read/connections.ts'
import type { AppDeps } from '../deps.ts'
import { connectionParam, itemsOf, nothing } from '../fields.ts'
import { etagVersion } from '../if-match.ts'
import { readRules, readSettings, ruleAnswer, setBody, settingNames } from '../mapping-fields.ts'
import { type Principal, requireConnection, requireScope } from '../principal.ts'
import { Problem, notFound } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'

const settingsAnswer = z.record(z.string(), z.unknown())
const draftAnswer = z.object({
  version: z.number(),
  base: z.number(),
  rules: z.array(ruleAnswer),
  settings: settingsAnswer,
  author: z.string(),
  created_at: z.string(),
  updated_by: z.string(),
  updated_at: z.string(),
})
const mapping = z.object({
  connection_id: z.string(),
  channel: z.string(),
  name: z.string(),
  version: z.number(),
  rules: z.array(ruleAnswer.extend({ id: z.string() })),
  settings: settingsAnswer,
  setting_names: z.array(z.string()),
  written_out: settingsAnswer,
  draft: draftAnswer.nullable(),
})

/** The connection, where this caller may see it. @throws Problem 404 */
export async function requireMapped(deps: AppDeps, who: Principal, id: string): Promise<ConnectionRow> {
  requireConnection(who, id)
  const row = await readConnection(deps.pool, id)
  if (!row) throw notFound('connection')
  return row
}

/** @throws Problem 404 */
export async function requireDraft(deps: AppDeps, id: string): Promise<MappingDraft> {
  const draft = await readDraft(deps.pool, id)
  if (!draft) throw notFound('draft')
  return draft
}

const list = route({
  method: 'get',
  path: '/v1/mappings',
  tag: 'Mappings',
  summary: 'Connections with the version of what people decided about their documents, and whether a draft waits',
  scope: 'failures:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(
    z.object({
      connection_id: z.string(),
      name: z.string(),
      channel: z.string(),
      version: z.number(),
      rules: z.number(),
      draft_by: z.string().nullable(),
      draft_at: z.string().nullable(),
      last_at: z.string().nullable(),
      last_by: z.string().nullable(),
    }),
  ),
  async handle({ deps, who }) {
    return { items: await listMappings(deps.pool, who.connections) }
  },
})

/** Field maps that are only named, written out: a person who changes one begins with its fields. */
const presetsIn = (settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      const preset = FIELD_MAP_PRESETS.find((one) => one === value)
      return preset === undefined ? [] : [[name, connectionFieldMap({ fieldMap: preset })] as const]
    }),
  )

/** The mapping of a connection with its draft; the tag is the draft's version, 0 where there is none. */
async function replyMapping(deps: AppDeps, row: ConnectionRow): Promise<Reply> {
  const names = settingNames(deps, row)
  const draft = (await readDraft(deps.pool, row.id)) ?? null
  const { id, channel, name } = row
  return new Reply(
    {
      connection_id: id,
      channel,
      name,
      version: await liveVersion(deps.pool, id),
      rules: await standingRules(deps.pool, id),
      settings: pick(row.config, names),
      setting_names: names,
      written_out: presetsIn({ ...pick(row.config, names), ...draft?.settings }),
      draft,
    },
    { headers: { etag: `"${draft?.version ?? 0}"` } },
  )
}

const read = route({
  method: 'get',
  path: '/v1/mappings/{id}',
  tag: 'Mappings',
  summary: 'Rules and settings that hold for reading the documents of a connection, and the draft of the next version',
  scope: 'failures:read',
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: mapping,
  async handle({ deps, who, params }) {
    return replyMapping(deps, await requireMapped(deps, who, params.id))
  },
})

const save = route({
  method: 'patch',
  path: '/v1/mappings/{id}/draft',
  tag: 'Mappings',
  summary: 'Save the draft as a whole; If-Match with its version (0: none yet) refuses to write over somebody else',
  scope: 'replay',
  audit: 'mapping.draft',
  params: connectionParam,
  query: nothing,
  body: z.strictObject(setBody),
  answer: mapping,
  async handle({ deps, who, params, body, request, note }) {
    const row = await requireMapped(deps, who, params.id)
    const standing = await standingRules(deps.pool, row.id)
    const before = await readDraft(deps.pool, row.id)
    const rules = await readRules(deps, row.id, body.rules, [...standing, ...(before?.rules ?? [])])
    const settings = readSettings(deps, row, body.settings)
    requireSettingsScope(who, pick(row.config, settingNames(deps, row)), settings)
    const saved = await saveDraft(deps.pool, row.id, { rules, settings, expected: etagVersion(request), author: who.actor, now: deps.now() })
    note({ rules: rules.length, version: saved.version }, row.id)
    return replyMapping(deps, row)
  },
})

/** Rules are for whoever may replay; settings of a connection for whoever may change them. @throws Problem 403 */
export function requireSettingsScope(who: Principal, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): void {
  if (!isSame(differenceOf({ rules: [], settings: before }, { rules: [], settings: after }))) requireScope(who, 'connections:write')
}

const drop = route({
  method: 'delete',
  path: '/v1/mappings/{id}/draft',
  tag: 'Mappings',
  summary: 'Throw the draft away; what holds stays',
  scope: 'replay',
  audit: 'mapping.draft-drop',
  status: 204,
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params, request }) {
    await requireMapped(deps, who, params.id)
    await requireDraft(deps, params.id)
    if (!(await dropDraft(deps.pool, params.id, etagVersion(request))))
      throw new Problem(412, 'version-stale', 'Somebody changed this draft meanwhile. Load it again.')
    return null
  },
})

const rebase = route({
  method: 'post',
  path: '/v1/mappings/{id}/draft/rebase',
  tag: 'Mappings',
  summary: 'Carry the draft over to the version published meanwhile: what it says itself stays, the rest is as published',
  scope: 'replay',
  audit: 'mapping.draft-rebase',
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: mapping,
  async handle({ deps, who, params, request, note }) {
    const row = await requireMapped(deps, who, params.id)
    const draft = await requireDraft(deps, row.id)
    const names = settingNames(deps, row)
    const base = (await setAt(deps.pool, row, draft.base, names)) ?? { rules: [], settings: {} }
    const now = await liveVersion(deps.pool, row.id)
    const set = rebased(base, { rules: await standingRules(deps.pool, row.id), settings: pick(row.config, names) }, draft)
    await saveDraft(deps.pool, row.id, { ...set, base: now, expected: etagVersion(request) ?? draft.version, author: who.actor, now: deps.now() })
    note({ from: draft.base, to: now }, row.id)
    return replyMapping(deps, row)
  },
})

export const mappingRoutes: readonly Route[] = [list, read, save, drop, rebase]
