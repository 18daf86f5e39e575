import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import { type AuditFilter, type AuditRow, audit, listAudit, verifyAudit } from '../../store/people/audit.ts'
import { ID, TEXT, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { cursor, instant, limit, listOf, nothing, text } from '../fields.ts'
import { neutral } from '../order-csv.ts'
import { requireWholeHub } from '../principal.ts'
import { type Route, route } from '../route.ts'
import { streamText } from '../stream-lines.ts'

const row = z.looseObject({ id: z.string(), at: z.string(), actor: z.string(), action: z.string(), subject: z.string().nullable() })
const filterFields = {
  actor: text(120).optional(),
  action: text(60).optional(),
  subject: text(200).optional(),
  from: instant.optional(),
  to: instant.optional(),
} as const

const list = route({
  method: 'get',
  path: '/v1/audit',
  tag: 'People and keys',
  summary: 'Who did what, newest first',
  scope: 'admin',
  params: nothing,
  body: nothing,
  query: z.strictObject({ ...filterFields, cursor, limit: limit(200, 50) }),
  answer: listOf(row),
  async handle({ deps, who, query }) {
    requireWholeHub(who)
    const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'audit', TEXT, ID).id
    const rows = await listAudit(deps.pool, { ...query, before, limit: query.limit + 1 })
    const found = page(rows, query.limit, (one) => ({ sort: 'audit', value: '', id: String(one.id) }))
    return { ...found, items: found.items.map((one) => ({ ...one, id: String(one.id) })) }
  },
})

const verify = route({
  method: 'get',
  path: '/v1/audit/verify',
  tag: 'People and keys',
  summary: 'Follow the chain of the audit log: is every entry as it was written? A head noted earlier must still stand in it',
  scope: 'admin',
  params: nothing,
  body: nothing,
  query: z.strictObject({
    head: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')
      .optional(),
  }),
  answer: z.object({
    whole: z.boolean(),
    entries: z.number(),
    head: z.string().nullable(),
    first_broken: z.string().nullable(),
    head_found: z.boolean().nullable(),
  }),
  async handle({ deps, who, query }) {
    requireWholeHub(who)
    // Each look reads the whole log.
    const ended = deps.gates.stream(who.actor)
    try {
      const found = await verifyAudit(deps.pool, query.head)
      if (found.firstBroken !== null)
        await audit(deps.pool, { actor: who.actor, action: 'audit.broken', subject: String(found.firstBroken) }, deps.now())
      return {
        whole: found.firstBroken === null && found.headFound !== false,
        entries: found.entries,
        head: found.head,
        first_broken: found.firstBroken === null ? null : String(found.firstBroken),
        head_found: found.headFound,
      }
    } finally {
      ended()
    }
  },
})

const exportLog = route({
  method: 'get',
  path: '/v1/audit.csv',
  tag: 'People and keys',
  summary: 'Entries of a filter as CSV, newest first',
  scope: 'admin',
  audit: 'audit.export',
  params: nothing,
  body: nothing,
  query: z.strictObject(filterFields),
  answer: z.string(),
  produces: 'text/csv',
  async handle({ deps, who, query, note }) {
    requireWholeHub(who)
    note({ ...query })
    return streamText(
      csvLines(deps, query),
      { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment; filename="audit.csv"' },
      deps.gates.stream(who.actor),
    )
  },
})

const PART = 1000

async function* csvLines(deps: AppDeps, filter: AuditFilter): AsyncGenerator<string> {
  yield `\ufeff${stringify([['id', 'at', 'actor', 'action', 'subject', 'details']])}`
  for (let before: string | undefined; ;) {
    const rows: readonly AuditRow[] = await listAudit(deps.pool, { ...filter, before, limit: PART })
    const cells = rows.map((one) => [one.id, one.at, one.actor, one.action, one.subject, one.details === null ? null : JSON.stringify(one.details)])
    if (cells.length > 0) yield stringify(cells.map((line) => line.map(neutral)))
    if (rows.length < PART) return
    before = String(rows.at(-1)?.id)
  }
}

export const auditRoutes: readonly Route[] = [list, verify, exportLog]
