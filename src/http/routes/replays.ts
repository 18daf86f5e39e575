import { z } from 'zod'
import { createJob } from '../../store/jobs.ts'
import { noteFailure } from '../../store/edit/failures.ts'
import { readFailureGroup } from '../../store/read/failures.ts'
import { orderIds } from '../../store/read/orders.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, instant, nothing, rowId } from '../fields.ts'
import { orderFilter, orderFilterFields } from '../order-query.ts'
import { type Principal, requireConnection } from '../principal.ts'
import { Problem, badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { jobAnswer, startJob } from './jobs.ts'

const filter = z.strictObject({
  group: rowId.optional(),
  /** Several failure groups at once. */
  groups: z.array(rowId).min(1).max(200).optional(),
  order_ids: z.array(rowId).min(1).max(10_000).optional(),
  /** The filters of `GET /v1/orders`; at most 10,000 matches. */
  orders: z.strictObject(orderFilterFields).optional(),
  raw_ids: z.array(rowId).min(1).max(10_000).optional(),
  connection: connectionId.optional(),
  from: instant.optional(),
  to: instant.optional(),
  disposition: z.enum(['held', 'applied', 'ignored']).optional(),
})

const MAX_DAYS = 3 * 366
const MOST_ORDERS = 10_000

/** @throws Problem 400 for a range of time that is empty, or longer than anybody means */
function requireRange({ from, to }: z.output<typeof filter>, now: Date): void {
  const refuse = (pointer: string, message: string): never => {
    throw badInput([{ pointer, code: 'range-invalid', message }])
  }
  if (from === undefined) return to === undefined ? undefined : refuse('/filter/from', 'Say from when.')
  const days = (Date.parse(to ?? now.toISOString()) - Date.parse(from)) / 86_400_000
  if (days <= 0) return refuse('/filter/to', 'Must be after from, and from must not lie in the future.')
  if (days > MAX_DAYS) refuse('/filter/to', `Must be after from, by at most ${MAX_DAYS} days.`)
}

/** The filter as the replay reads it; a caller limited to some connections replays only those. */
function replayFilter(body: z.output<typeof filter>, scope: readonly string[] | null): Record<string, unknown> {
  return {
    ...(body.group !== undefined && { group: Number(body.group) }),
    ...(body.groups && { groups: body.groups.map(Number) }),
    ...(body.order_ids && { orderIds: body.order_ids.map(Number) }),
    ...(body.raw_ids && { rawIds: body.raw_ids.map(Number) }),
    ...(body.connection !== undefined && { connection: body.connection }),
    ...(body.from !== undefined && { from: body.from }),
    ...(body.to !== undefined && { to: body.to }),
    ...(body.disposition !== undefined && { disposition: body.disposition }),
    ...(scope !== null && { scope }),
  }
}

/** @throws Problem 422 `too-many-orders`: a window of a connection has no limit */
async function matches(deps: AppDeps, who: Principal, filters: NonNullable<z.output<typeof filter>['orders']>): Promise<readonly number[]> {
  const ids = await orderIds(deps.pool, orderFilter(filters, deps.now()), who.connections, MOST_ORDERS)
  if (ids.length > MOST_ORDERS)
    throw new Problem(
      422,
      'too-many-orders',
      `More than ${MOST_ORDERS} orders match. Narrow the filter, or replay a connection with a range of time.`,
      { params: { limit: MOST_ORDERS } },
    )
  return ids
}

const replay = route({
  method: 'post',
  path: '/v1/replays',
  tag: 'Failures',
  summary: 'Run stored documents through the mapping in force; a dry run only says what would change',
  scope: 'replay',
  audit: 'replay.start',
  status: 202,
  params: nothing,
  query: nothing,
  body: z.strictObject({ filter, dry_run: z.boolean(), rate: z.int().min(1).max(5000).optional() }),
  answer: jobAnswer,
  async handle({ deps, who, body, note }) {
    const chosen = body.filter
    if (Object.keys(chosen).length === 0)
      throw badInput([{ pointer: '/filter', code: 'filter-empty', message: 'Say which documents: a group, orders, a connection or a time range.' }])
    requireRange(chosen, deps.now())
    if (chosen.connection !== undefined) requireConnection(who, chosen.connection)
    if (chosen.group !== undefined && chosen.groups !== undefined)
      throw badInput([{ pointer: '/filter/groups', code: 'filter-twice', message: 'Name one group or several, not both.' }])
    const groups = chosen.groups ?? (chosen.group === undefined ? [] : [chosen.group])
    for (const id of groups) if (!(await readFailureGroup(deps.pool, id, who.connections))) throw notFound('failure')
    const matching = chosen.orders && (await matches(deps, who, chosen.orders))
    const connectionOfJob = chosen.connection ?? (who.connections?.length === 1 ? who.connections[0] : undefined)
    note({ filter: groups.length > 0 ? groups.join() : (chosen.connection ?? 'chosen documents'), dry_run: body.dry_run })
    const job = await createJob(deps.pool, {
      kind: 'replay',
      params: {
        filter: { ...replayFilter(chosen, who.connections), ...(matching && { orderIds: matching }) },
        dry_run: body.dry_run,
        ...(body.rate !== undefined && { rate: body.rate }),
      },
      createdBy: who.actor,
      ...(connectionOfJob !== undefined && { connectionId: connectionOfJob }),
    })
    if (!body.dry_run) for (const id of groups) await noteFailure(deps.pool, id, { kind: 'replay', text: job.id, author: who.actor })
    return startJob(deps, job.id, 'replay')
  },
})

export const replayRoutes: readonly Route[] = [replay]
