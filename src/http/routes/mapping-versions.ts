import { z } from 'zod'
import { differenceOf } from '../../core/overrides.ts'
import { listVersions, setAt, type MappingVersionRow } from '../../store/overrides/read-versions.ts'
import { liveVersion, outdated, pick, publishMapping } from '../../store/overrides/write-version.ts'
import { connectionId, connectionParam, cursor, limit, listOf, nothing, reason, whole } from '../fields.ts'
import { decodeCursor, ID, page } from '../cursor.ts'
import { etagVersion } from '../if-match.ts'
import { requireNoNewFailures } from '../mapping-gate.ts'
import { readSettings, ruleAnswer, settingNames } from '../mapping-fields.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'
import { requireDraft, requireMapped, requireSettingsScope } from './mappings.ts'

const versionNumber = z.int().min(0).max(2_000_000_000)
const published = z.object({ version: z.number() })

const publish = route({
  method: 'post',
  path: '/v1/mappings/{id}/publish',
  tag: 'Mappings',
  summary: 'Make the draft hold as the next version; refused where recent documents would newly fail, unless a reason says why',
  scope: 'replay',
  audit: 'mapping.publish',
  status: 201,
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ reason, override_reason: reason.optional() }),
  answer: published,
  async handle({ deps, who, params, body, request, note }) {
    const row = await requireMapped(deps, who, params.id)
    const draft = await requireDraft(deps, row.id)
    const names = settingNames(deps, row)
    const live = await liveVersion(deps.pool, row.id)
    if (live !== draft.base) throw outdated(live)
    // Saved some time ago: the connection's other settings may have changed since.
    const set = { rules: draft.rules, settings: readSettings(deps, row, draft.settings) }
    requireSettingsScope(who, pick(row.config, names), set.settings)
    const override = await requireNoNewFailures(deps, row.id, { set, names, overrideReason: body.override_reason })
    const version = await publishMapping(deps.pool, {
      connectionId: row.id,
      origin: 'draft',
      base: draft.base,
      draft: etagVersion(request) ?? draft.version,
      set,
      names,
      reason: body.reason,
      author: who.actor,
      now: deps.now(),
      ...(override && { override }),
    })
    note({ version, reason: body.reason, ...(override && { newly_failing: override.failing.length, override_reason: override.reason }) }, row.id)
    await tell(deps, 'mapping.publish', deps.control.connectionChanged(row.id))
    return { version }
  },
})

const rollback = route({
  method: 'post',
  path: '/v1/mappings/{id}/rollback',
  tag: 'Mappings',
  summary: 'Publish an earlier version once more, as the next one; 0 is before anybody said anything',
  scope: 'replay',
  audit: 'mapping.rollback',
  status: 201,
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ version: versionNumber, reason, override_reason: reason.optional() }),
  answer: published,
  async handle({ deps, who, params, body, note }) {
    const row = await requireMapped(deps, who, params.id)
    const names = settingNames(deps, row)
    const base = await liveVersion(deps.pool, row.id)
    const set = await setAt(deps.pool, row, body.version, names)
    if (!set) throw notFound('version')
    requireSettingsScope(who, pick(row.config, names), set.settings)
    const override = await requireNoNewFailures(deps, row.id, { set, names, overrideReason: body.override_reason })
    const version = await publishMapping(deps.pool, {
      connectionId: row.id,
      origin: 'rollback',
      restored: body.version,
      base,
      set,
      names,
      reason: body.reason,
      author: who.actor,
      now: deps.now(),
      ...(override && { override }),
    })
    note({ version, restored: body.version, reason: body.reason, ...(override && { override_reason: override.reason }) }, row.id)
    await tell(deps, 'mapping.rollback', deps.control.connectionChanged(row.id))
    return { version }
  },
})

const failing = z.object({ entity: z.string(), number: z.string(), reason: z.string() })
const versionAnswer = z.object({
  version: z.number(),
  parent: z.number(),
  origin: z.enum(['rule', 'draft', 'rollback', 'settings']),
  restored: z.number().nullable(),
  reason: z.string(),
  author: z.string(),
  at: z.string(),
  begun: z.number(),
  ended: z.number(),
  settings_changed: z.boolean(),
  failing: z.array(failing).nullable(),
  override_reason: z.string().nullable(),
})

const list = route({
  method: 'get',
  path: '/v1/mappings/{id}/versions',
  tag: 'Mappings',
  summary: 'Versions of a mapping, newest first: who, when, why, and what was published although documents newly failed',
  scope: 'failures:read',
  params: connectionParam,
  query: z.strictObject({ cursor, limit: limit(200, 50) }),
  body: nothing,
  answer: listOf(versionAnswer),
  async handle({ deps, who, params, query }) {
    await requireMapped(deps, who, params.id)
    const before = query.cursor === undefined ? undefined : Number(decodeCursor(query.cursor, 'mapping-versions', ID, ID).value)
    const rows = await listVersions(deps.pool, params.id, { before, limit: query.limit })
    return page(rows, query.limit, ({ version }: MappingVersionRow) => ({ sort: 'mapping-versions', value: String(version), id: String(version) }))
  },
})

const setting = z.object({ name: z.string(), before: z.unknown(), after: z.unknown() })
const setAnswer = z.object({
  version: z.number(),
  against: z.number(),
  rules: z.array(ruleAnswer),
  settings: z.record(z.string(), z.unknown()),
  added: z.array(ruleAnswer),
  removed: z.array(ruleAnswer),
  changed: z.array(z.object({ before: ruleAnswer, after: ruleAnswer })),
  settings_changed: z.array(setting),
})

const read = route({
  method: 'get',
  path: '/v1/mappings/{id}/versions/{version}',
  tag: 'Mappings',
  summary: 'What held at a version, and how it differs from another (the one before it, where none is named)',
  scope: 'failures:read',
  params: z.strictObject({ id: connectionId, version: whole(0, 2_000_000_000) }),
  query: z.strictObject({ against: whole(0, 2_000_000_000).optional() }),
  body: nothing,
  answer: setAnswer,
  async handle({ deps, who, params, query }) {
    const row = await requireMapped(deps, who, params.id)
    const names = settingNames(deps, row)
    const against = query.against ?? Math.max(0, params.version - 1)
    const [set, other] = [await setAt(deps.pool, row, params.version, names), await setAt(deps.pool, row, against, names)]
    if (!set || !other) throw notFound('version')
    const { settings, ...rules } = differenceOf(other, set)
    return { version: params.version, against, rules: set.rules, settings: set.settings, ...rules, settings_changed: settings }
  },
})

export const mappingVersionRoutes: readonly Route[] = [publish, rollback, list, read]
