import { z } from 'zod'
import { startOutbound, stopOutbound } from '../../deliver/arm.ts'
import { readOverview } from '../../store/read/overview.ts'
import { done, nothing, reason, record } from '../fields.ts'
import { requireWholeHub } from '../principal.ts'
import { type Route, route } from '../route.ts'

const overview = route({
  method: 'get',
  path: '/v1/overview',
  tag: 'Overview',
  summary: 'The figures of the top bar',
  scope: 'connections:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.object({
    outbound: record,
    counts: record,
    dispositions_today: z.record(z.string(), z.number()),
    sandbox: z.object({ on: z.boolean(), connections: z.number() }),
    version: z.string(),
  }),
  async handle({ deps, who }) {
    const [row, totals] = await Promise.all([readOverview(deps.pool, who.connections), deps.totals(who.connections)])
    const count = (disposition: string): number => totals.dispositions[disposition] ?? 0
    const applied = ['applied', 'superseded', 'duplicate', 'held', 'ignored']
    return {
      outbound: {
        state: row.outbound?.state ?? 'running',
        stopped_by: row.outbound?.state === 'stopped' ? (row.outbound.by ?? null) : null,
        stopped_at: row.outbound?.state === 'stopped' ? (row.outbound.at ?? null) : null,
        reason: row.outbound?.state === 'stopped' ? (row.outbound.reason ?? null) : null,
        pending: row.pending,
        unknown: row.unknown,
        confirmed_last_hour: row.confirmed_last_hour,
      },
      counts: { orders: totals.orders, open_failures: row.open_failures, open_effects: row.open_effects, connections: row.connections },
      dispositions_today: {
        received: applied.reduce((sum, disposition) => sum + count(disposition), row.unprocessed),
        ...Object.fromEntries(applied.map((disposition) => [disposition, count(disposition)])),
        unprocessed: row.unprocessed,
      },
      sandbox: { on: row.sandbox_connections > 0, connections: row.sandbox_connections },
      version: deps.settings.version,
    }
  },
})

const stop = route({
  method: 'post',
  path: '/v1/outbound/stop',
  tag: 'Overview',
  summary: 'Halt all outbound writes at once',
  scope: 'stock:write',
  audit: 'outbound.stop',
  params: nothing,
  query: nothing,
  body: z.strictObject({ reason }),
  answer: done,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    await stopOutbound({ pool: deps.pool, actor: who.actor, reason: body.reason, now: deps.now() })
    note({ reason: body.reason })
    return { ok: true }
  },
})

const start = route({
  method: 'post',
  path: '/v1/outbound/start',
  tag: 'Overview',
  summary: 'Let outbound writes go again',
  scope: 'connections:write',
  audit: 'outbound.start',
  params: nothing,
  query: nothing,
  body: z.strictObject({ reason }),
  answer: done,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    await startOutbound({ pool: deps.pool, actor: who.actor, reason: body.reason, now: deps.now() })
    note({ reason: body.reason })
    return { ok: true }
  },
})

export const overviewRoutes: readonly Route[] = [overview, stop, start]
