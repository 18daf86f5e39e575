import { z } from 'zod'
import { applyChange, previewChange, ruleFaults, type ChangeRequest } from '../../deliver/edit-rules.ts'
import { isChanged, type RulePreview } from '../../deliver/rule-preview.ts'
import { listRuleChanges } from '../../store/read/rule-changes.ts'
import { readRules, readRuleState } from '../../store/read/stock-rules.ts'
import { connectionsOfMarks } from '../../store/deliver/stock-rules.ts'
import { flag, instant, nothing, record, text } from '../fields.ts'
import type { AppDeps } from '../deps.ts'
import { requireWholeHub, sees } from '../principal.ts'
import { badInput } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { rowProblem } from '../row-problem.ts'
import { readRuleFile, rulesCsv } from '../rule-file.ts'
import { changeBody, reasonField, ruleAnswer, ruleView } from '../stock-rule-fields.ts'
import { tell } from '../tell.ts'
import { readUpload } from '../upload.ts'

const list = route({
  method: 'get',
  path: '/v1/stock/rules',
  tag: 'Stock rules',
  summary: 'What decides how much each listing shows',
  scope: 'stock:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.object({ version: z.number(), next_at: z.string().nullable(), items: z.array(ruleAnswer) }),
  async handle({ deps, who }) {
    const state = await readRuleState(deps.pool)
    const rules = await readRules(deps.pool)
    const at = deps.now().toISOString()
    return {
      version: state.version,
      next_at: state.next_at,
      // Rules for all connections concern everybody; one for another's connection does not.
      items: rules.filter((rule) => rule.connection_id === null || sees(who, rule.connection_id)).map((rule) => ruleView(rule, at)),
    }
  },
})

const previewItem = z.object({
  connection_id: z.string(),
  connection: z.string(),
  listing_key: z.string(),
  sku: z.string(),
  title: z.string(),
  mode: z.enum(['shared', 'quota']),
  armed: z.boolean(),
  showing: z.number().nullable(),
  before: z.number().nullable(),
  after: z.number().nullable(),
  reason: z.string().nullable(),
  by: z.array(z.object({ field: z.string(), rule: z.string(), id: z.number() })),
})
const perConnection = z.object({
  connection_id: z.string(),
  connection: z.string(),
  armed: z.boolean(),
  listings: z.number(),
  changed: z.number(),
  zero: z.number(),
  before: z.number(),
  after: z.number(),
})

const preview = route({
  method: 'post',
  path: '/v1/stock/rules/preview',
  tag: 'Stock rules',
  summary: 'What every listing would show after a change of the rules, now or at a time to come; stores nothing',
  scope: 'stock:read',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    change: changeBody,
    at: instant.optional(),
    all: z.boolean().optional(),
    q: text(200).optional(),
    limit: z.int().min(1).max(5000).optional(),
  }),
  answer: z.object({
    version: z.number(),
    hash: z.string(),
    at: z.string(),
    totals: z.record(z.string(), z.number()),
    connections: z.array(perConnection),
    items: z.array(previewItem),
    has_more: z.boolean(),
  }),
  async handle({ deps, who, body }) {
    requireWholeHub(who)
    const request: ChangeRequest = { change: body.change, at: body.at, now: deps.now() }
    await requireSound(deps, request)
    const found = await previewChange(deps.pool, request)
    const limit = body.limit ?? 200
    const wanted = found.items.filter((item) => (body.all === true || isChanged(item)) && isAbout(item, body.q))
    return {
      version: found.version,
      hash: found.hash,
      at: body.at ?? request.now.toISOString(),
      totals: { ...found.totals },
      connections: byConnection(found),
      items: wanted.slice(0, limit).map(itemView),
      has_more: wanted.length > limit,
    }
  },
})

const isAbout = ({ listing }: RulePreview['items'][number], q: string | undefined): boolean =>
  q === undefined || [listing.sku, listing.title, listing.connection_name].some((word) => word.toLowerCase().includes(q.trim().toLowerCase()))

const itemView = ({ listing, before, after, reason, by }: RulePreview['items'][number]) => ({
  connection_id: listing.connection_id,
  connection: listing.connection_name,
  listing_key: listing.listing_key,
  sku: listing.sku,
  title: listing.title,
  mode: listing.stock_mode,
  armed: listing.armed,
  showing: listing.showing,
  before,
  after,
  reason,
  by,
})

function byConnection({ items }: RulePreview): readonly z.output<typeof perConnection>[] {
  const rows = new Map<string, z.output<typeof perConnection>>()
  for (const { listing, before, after } of items) {
    const id = listing.connection_id
    const row = rows.get(id) ?? { connection_id: id, connection: listing.connection_name, armed: listing.armed, ...NONE }
    rows.set(id, {
      ...row,
      listings: row.listings + 1,
      changed: row.changed + (isChanged({ before, after }) ? 1 : 0),
      zero: row.zero + (after === 0 && (before ?? 0) > 0 ? 1 : 0),
      before: row.before + (before ?? 0),
      after: row.after + (after ?? 0),
    })
  }
  return [...rows.values()].sort((a, b) => a.connection.localeCompare(b.connection))
}
const NONE = { listings: 0, changed: 0, zero: 0, before: 0, after: 0 }

async function requireSound(deps: AppDeps, request: ChangeRequest): Promise<void> {
  const faults = await ruleFaults(deps.pool, request)
  if (faults.length > 0) throw badInput(faults.map((fault) => ({ ...fault, pointer: `/change${fault.pointer}` })))
}

const apply = route({
  method: 'post',
  path: '/v1/stock/rules',
  tag: 'Stock rules',
  summary: 'Change the rules exactly as previewed; drafts need no preview',
  scope: 'stock:write',
  audit: 'stock.rules',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    change: changeBody,
    at: instant.optional(),
    preview_hash: text(100).optional(),
    confirm_zero: z.boolean().optional(),
    reason: reasonField,
  }),
  answer: z.object({ version: z.number(), marked: z.number() }),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const request: ChangeRequest = { change: body.change, at: body.at, now: deps.now() }
    await requireSound(deps, request)
    const done = await applyChange(deps.pool, {
      ...request,
      previewHash: body.preview_hash,
      confirmZero: body.confirm_zero === true,
      actor: who.actor,
      reason: body.reason ?? '',
    })
    const { put, remove, restore } = body.change
    note({
      version: done.version,
      put: put.map(({ id, name, enabled }) => ({ id, name, enabled })),
      remove,
      restore,
      marked: done.marked,
      reason: body.reason,
    })
    if (done.marked > 0) await tell(deps, 'stock.rules', deps.control.pushSoon(await connectionsOfMarks(deps.pool)))
    return done
  },
})

const changes = route({
  method: 'get',
  path: '/v1/stock/rules/changes',
  tag: 'Stock rules',
  summary: 'Who changed which rules when, newest first; any version can be restored',
  scope: 'stock:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.object({
    items: z.array(z.looseObject({ version: z.number(), at: z.string(), actor: z.string(), reason: z.string(), rules: z.array(record) })),
  }),
  async handle({ deps, who }) {
    requireWholeHub(who)
    return { items: await listRuleChanges(deps.pool, 100) }
  },
})

const exportCsv = route({
  method: 'get',
  path: '/v1/stock/rules/export',
  tag: 'Stock rules',
  summary: 'The rules as CSV, one a row',
  scope: 'stock:read',
  audit: 'stock.rules-export',
  produces: 'text/csv',
  params: nothing,
  query: z.strictObject({ enabled: flag.optional() }),
  body: nothing,
  answer: z.string(),
  async handle({ deps, who, query }) {
    requireWholeHub(who)
    const rules = (await readRules(deps.pool)).filter((rule) => query.enabled === undefined || rule.enabled === query.enabled)
    return new Response(rulesCsv(rules), {
      headers: { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment; filename="stock-rules.csv"' },
    })
  },
})

const parseCsv = route({
  method: 'post',
  path: '/v1/stock/rules/parse',
  tag: 'Stock rules',
  summary: 'Read a CSV or XLSX file of rules into a change to preview and apply; stores nothing',
  scope: 'stock:write',
  params: nothing,
  query: nothing,
  body: nothing,
  raw: {
    contentType: 'multipart/form-data',
    schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
  },
  answer: z.object({
    put: z.array(record),
    rows: z.number(),
    refused: z.array(rowProblem),
  }),
  async handle({ deps, who, request }) {
    requireWholeHub(who)
    const { file } = await readUpload(request, 5 * 1024 * 1024)
    return readRuleFile(deps, file.name, file.bytes)
  },
})

export const stockRuleRoutes: readonly Route[] = [list, preview, apply, changes, exportCsv, parseCsv]
