import { z } from 'zod'
import type { RuleSpec } from '../../core/overrides.ts'
import type { DryRunFigures } from '../../normalize/dry-run.ts'
import { amountsOf } from '../../normalize/value-changes.ts'
import { createJob } from '../../store/jobs.ts'
import { pastDocuments } from '../../store/overrides/documents.ts'
import { readDraft } from '../../store/overrides/drafts.ts'
import { listComparisons } from '../../store/overrides/dry-run-items.ts'
import { standingRules } from '../../store/overrides/write-version.ts'
import { headOf, openHead } from '../../store/read/head.ts'
import { type JobRow, readJob } from '../../store/read/jobs.ts'
import { TEXT, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, connectionParam, cursor, itemsOf, limit, line, listOf, money, nothing } from '../fields.ts'
import { entityField, masked, readRules, readSettings, setBody, settingNames } from '../mapping-fields.ts'
import type { Principal } from '../principal.ts'
import { badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { jobAnswer, startJob } from './jobs.ts'
import { requireDraft, requireMapped } from './mappings.ts'

const FAILING = 50
const RECENT = 50

const documents = route({
  method: 'get',
  path: '/v1/mappings/{id}/documents',
  tag: 'Mappings',
  summary: 'Past documents to write rules beside: those that fail first, then the newest orders',
  scope: 'failures:read',
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: itemsOf(
    z.object({
      entity: z.string(),
      order_id: z.string().nullable(),
      channel_order_no: z.string().nullable(),
      source_status: z.string().nullable(),
      placed_at: z.string().nullable(),
      problem: z.string().nullable(),
    }),
  ),
  async handle({ deps, who, params }) {
    await requireMapped(deps, who, params.id)
    return { items: await pastDocuments(deps.pool, params.id, { failing: FAILING, recent: RECENT }) }
  },
})

const document = route({
  method: 'get',
  path: '/v1/mappings/{id}/document',
  tag: 'Mappings',
  summary: 'One past document as received, personal data masked',
  scope: 'failures:read',
  params: connectionParam,
  query: z.strictObject({ entity: entityField }),
  body: nothing,
  answer: z.object({ entity: z.string(), text: z.string() }),
  async handle({ deps, who, params, query }) {
    await requireMapped(deps, who, params.id)
    const head = await headOf(deps.pool, params.id, query.entity)
    if (!head) throw notFound('document')
    return { entity: query.entity, text: await masked(deps, params.id, query.entity, await openHead(deps.keys, head)) }
  },
})

const reading = z.object({ kind: z.string(), doc: z.record(z.string(), z.unknown()).nullable(), problem: z.string().nullable() })
const change = z.looseObject({ path: z.string(), from: z.string(), to: z.string() })

const preview = route({
  method: 'post',
  path: '/v1/mappings/{id}/preview',
  tag: 'Mappings',
  summary: 'What a set would make of one past document, beside what the version in force makes of it; nothing is stored',
  scope: 'failures:read',
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ ...setBody, entity: entityField }),
  answer: z.object({ entity: z.string(), number: z.string(), outcome: z.string(), changes: z.array(change), live: reading, draft: reading }),
  async handle({ deps, who, params, body }) {
    const row = await requireMapped(deps, who, params.id)
    const standing = await standingRules(deps.pool, row.id)
    const known: readonly RuleSpec[] = [...standing, ...((await readDraft(deps.pool, row.id))?.rules ?? [])]
    const set = { rules: await readRules(deps, row.id, body.rules, known), settings: readSettings(deps, row, body.settings) }
    const found = await deps.control.compareDocument(row.id, { set, names: settingNames(deps, row), entity: body.entity })
    if (!found) throw notFound('document')
    return { ...found, changes: found.changes.map(({ path, from, to }) => ({ path, from, to })) }
  },
})

const MOST = 100_000
const DAY_MS = 86_400_000

const start = route({
  method: 'post',
  path: '/v1/mappings/{id}/dry-runs',
  tag: 'Mappings',
  summary: 'Read the last documents, or those of the last days, with the draft and with what holds; nothing is changed',
  scope: 'replay',
  audit: 'mapping.dry-run',
  status: 202,
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ last: z.int().min(1).max(MOST).optional(), days: z.int().min(1).max(366).optional() }),
  answer: jobAnswer,
  async handle({ deps, who, params, body, note }) {
    if ((body.last === undefined) === (body.days === undefined))
      throw badInput([{ pointer: '/last', code: 'range-invalid', message: 'Say either how many documents or how many days.' }])
    const row = await requireMapped(deps, who, params.id)
    const draft = await requireDraft(deps, row.id)
    note({ draft: draft.version, ...body }, row.id)
    const job = await createJob(deps.pool, {
      kind: 'mapping',
      connectionId: row.id,
      params: {
        draft: draft.version,
        base: draft.base,
        rules: draft.rules,
        settings: draft.settings,
        names: settingNames(deps, row),
        last: body.last ?? MOST,
        ...(body.days !== undefined && { days: body.days, since: new Date(deps.now().getTime() - body.days * DAY_MS).toISOString() }),
      },
      createdBy: who.actor,
    })
    return startJob(deps, job.id, 'mapping')
  },
})

const runParam = z.strictObject({ id: connectionId, job: z.string().regex(/^j_[0-9a-z]{6,32}$/) })
const counts = z.object({
  changed: z.number(),
  newly_fails: z.number(),
  newly_passes: z.number(),
  still_fails: z.number(),
  unchanged: z.number(),
  expired: z.number(),
})

async function requireRun(deps: AppDeps, who: Principal, params: { readonly id: string; readonly job: string }): Promise<JobRow> {
  await requireMapped(deps, who, params.id)
  const row = await readJob(deps.pool, params.job, who.connections)
  if (!row || row.kind !== 'mapping' || row.connection_id !== params.id) throw notFound('dry run')
  return row
}

const run = route({
  method: 'get',
  path: '/v1/mappings/{id}/dry-runs/{job}',
  tag: 'Mappings',
  summary: 'What a draft would do: documents by outcome, and each canonical value that differs with how often and by how much',
  scope: 'failures:read',
  params: runParam,
  query: nothing,
  body: nothing,
  answer: z.object({
    job: jobAnswer,
    draft: z.number(),
    counts: counts.nullable(),
    fields: z.array(z.object({ path: z.string(), orders: z.number(), sums: z.array(money), from: z.string(), to: z.string() })),
    more_fields: z.number(),
  }),
  async handle({ deps, who, params }) {
    const { params: given, result, sort_value: _sort, ...job } = await requireRun(deps, who, params)
    const figures = isFigures(result) ? result : undefined
    const fields = Object.entries(figures?.fields ?? {}).map(([path, { sums, ...field }]) => ({ path, ...field, sums: amountsOf(sums) }))
    return {
      job,
      draft: Number(given['draft']),
      counts: figures?.counts ?? null,
      fields: fields.toSorted((a, b) => b.orders - a.orders || (a.path < b.path ? -1 : 1)),
      more_fields: figures?.more_fields ?? 0,
    }
  },
})

const isFigures = (result: JobRow['result']): result is JobRow['result'] & DryRunFigures => typeof result['counts'] === 'object'

const runDocuments = route({
  method: 'get',
  path: '/v1/mappings/{id}/dry-runs/{job}/documents',
  tag: 'Mappings',
  summary: 'Documents of a dry run with one outcome, or in which one value differs, each with what it was and would be',
  scope: 'failures:read',
  params: runParam,
  query: z.strictObject({
    outcome: z.enum(['changed', 'newly_fails', 'newly_passes', 'still_fails', 'expired']).optional(),
    path: line(200).optional(),
    cursor,
    limit: limit(200, 20),
  }),
  body: nothing,
  answer: listOf(
    z.object({
      entity: z.string(),
      outcome: z.string(),
      number: z.string(),
      problem: z.string().nullable(),
      changes: z.array(change),
    }),
  ),
  async handle({ deps, who, params, query }) {
    await requireRun(deps, who, params)
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'dry-run', TEXT, TEXT).value
    const rows = await listComparisons(deps.pool, params.job, { outcome: query.outcome, path: query.path, after, limit: query.limit })
    const items = rows.map(({ item, outcome, detail }) => ({
      entity: item,
      outcome,
      number: detail.number,
      problem: detail.problem ?? null,
      changes: detail.changes.filter(({ path }) => query.path === undefined || path === query.path),
    }))
    return page(items, query.limit, ({ entity }) => ({ sort: 'dry-run', value: entity, id: entity }))
  },
})

export const mappingTrialRoutes: readonly Route[] = [documents, document, preview, start, run, runDocuments]
