import { z } from 'zod'
import { stringify } from 'csv-stringify/sync'
import { cancelJob } from '../../store/jobs.ts'
import { replayReport } from '../../store/replay/replay-items.ts'
import { type JobRow, listJobItems, listJobs, readJob } from '../../store/read/jobs.ts'
import type { JobKind } from '../control.ts'
import { STAMP, TEXT, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, cursor, limit, listOf, nothing } from '../fields.ts'
import { neutral } from '../order-csv.ts'
import { Problem, notFound } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'
import { eventStream } from '../sse.ts'
import { streamText } from '../stream-lines.ts'
import { tell } from '../tell.ts'

export const jobAnswer = z.looseObject({
  id: z.string(),
  kind: z.string(),
  state: z.enum(['planned', 'running', 'done', 'failed', 'cancelled']),
  done: z.number(),
  total: z.number().nullable(),
  rate: z.number().nullable(),
})
const jobId = z.string().regex(/^j_[0-9a-z]{6,32}$/)
const jobParam = z.strictObject({ id: jobId })
const kinds = z.enum(['backfill', 'replay', 'import', 'export', 'sandbox-remove', 'listings', 'ledger', 'mapping'])

const jobView = ({ sort_value: _sort, ...row }: JobRow): Omit<JobRow, 'sort_value'> => row

/** Hands a planned job on and answers 202 with it; the workflows also find planned jobs by themselves. */
export async function startJob(deps: AppDeps, id: string, kind: JobKind): Promise<Reply> {
  await tell(deps, `job.${kind}`, deps.control.startJob(id, kind))
  const row = await readJob(deps.pool, id, null)
  if (!row) throw notFound('job')
  return new Reply(jobView(row), { status: 202, headers: { location: `/v1/jobs/${id}` } })
}

const list = route({
  method: 'get',
  path: '/v1/jobs',
  tag: 'Jobs',
  summary: 'Long work, newest first',
  scope: 'connections:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({
    kind: kinds.optional(),
    state: z.enum(['planned', 'running', 'done', 'failed', 'cancelled']).optional(),
    connection: connectionId.optional(),
    cursor,
    limit: limit(200, 50),
  }),
  answer: listOf(jobAnswer),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'jobs', STAMP, TEXT)
    const rows = await listJobs(deps.pool, { ...query, ...(after && { after }) }, who.connections)
    const found = page(rows, query.limit, (row) => ({ sort: 'jobs', value: row.sort_value, id: row.id }))
    return { ...found, items: found.items.map(jobView) }
  },
})

const read = route({
  method: 'get',
  path: '/v1/jobs/{id}',
  tag: 'Jobs',
  summary: 'One job with its result and, page by page, its items',
  scope: 'connections:read',
  params: jobParam,
  body: nothing,
  query: z.strictObject({ items: z.enum(['0', '1']).optional(), outcome: z.string().max(60).optional(), cursor, limit: limit(200, 100) }),
  answer: jobAnswer,
  async handle({ deps, who, params, query }) {
    const row = await readJob(deps.pool, params.id, who.connections)
    if (!row) throw notFound('job')
    if (query.items !== '1') return jobView(row)
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'job-items', TEXT, TEXT)
    const items = await listJobItems(deps.pool, params.id, { outcome: query.outcome, after: after?.value, limit: query.limit })
    return { ...jobView(row), items: page(items, query.limit, (item) => ({ sort: 'job-items', value: item.item, id: item.item })) }
  },
})

const cancel = route({
  method: 'post',
  path: '/v1/jobs/{id}/cancel',
  tag: 'Jobs',
  summary: 'End a job after its present batch',
  scope: 'connections:write',
  audit: 'job.cancel',
  params: jobParam,
  query: nothing,
  body: nothing,
  answer: jobAnswer,
  async handle({ deps, who, params }) {
    const before = await readJob(deps.pool, params.id, who.connections)
    if (!before) throw notFound('job')
    if (!(await cancelJob(deps.pool, params.id))) throw new Problem(409, 'job-over', `This job is ${before.state} already.`)
    await tell(deps, 'job.cancel', deps.control.cancelJob(params.id, before.kind))
    const after = await readJob(deps.pool, params.id, who.connections)
    return jobView(after ?? before)
  },
})

const OVER = new Set(['done', 'failed', 'cancelled'])

const events = route({
  method: 'get',
  path: '/v1/jobs/{id}/events',
  tag: 'Jobs',
  summary: 'Progress as server-sent events until the job is over',
  scope: 'connections:read',
  params: jobParam,
  query: nothing,
  body: nothing,
  answer: z.string(),
  produces: 'text/event-stream',
  async handle({ deps, who, params, request }) {
    const first = await readJob(deps.pool, params.id, who.connections)
    if (!first) throw notFound('job')
    return eventStream({ signal: request.signal, log: deps.log }, async () => {
      const row = await readJob(deps.pool, params.id, who.connections)
      return { event: 'job', data: row === undefined ? null : jobView(row), last: row === undefined || OVER.has(row.state) }
    })
  },
})

const SLICE = 2000
const REPORT_COLUMNS = ['number', 'outcome', 'total', 'currency', 'reason', 'changes', 'document'] as const

async function* reportLines(deps: AppDeps, id: string): AsyncGenerator<string> {
  yield `\ufeff${stringify([[...REPORT_COLUMNS]])}`
  for (let after = ''; ;) {
    const rows = await replayReport(deps.pool, id, after, SLICE)
    const last = rows.at(-1)
    if (!last) return
    yield stringify(
      rows.map((row) =>
        [
          row.number,
          row.outcome,
          row.total,
          row.currency,
          row.reason,
          (row.changes ?? []).map(({ path, from, to }) => `${path}: ${from} → ${to}`).join('; '),
          row.item,
        ].map(neutral),
      ),
    )
    after = last.item
  }
}

const report = route({
  method: 'get',
  path: '/v1/jobs/{id}/report.csv',
  tag: 'Jobs',
  summary: 'What became of each document of a replay, or in a dry run would; those left as they are have no row',
  scope: 'connections:read',
  audit: 'job.report',
  params: jobParam,
  query: nothing,
  body: nothing,
  answer: z.string(),
  produces: 'text/csv',
  async handle({ deps, who, params }) {
    const row = await readJob(deps.pool, params.id, who.connections)
    if (!row || row.kind !== 'replay') throw notFound('job')
    const headers = { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="replay-${row.id}.csv"` }
    return streamText(reportLines(deps, row.id), headers, () => undefined)
  },
})

export const jobRoutes: readonly Route[] = [list, read, cancel, events, report]
