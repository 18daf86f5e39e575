import { z } from 'zod'
import { forgetWebhookCheck, pauseConnection, resumeConnection } from '../../store/edit/connections.ts'
import { createJob } from '../../store/jobs.ts'
import { type ConnectionRow, readConnection } from '../../store/read/connections.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, connectionParam, currencyCode, done, instant, line, nothing, reason } from '../fields.ts'
import { newSecrets, parseCallable, parseSecrets, requireConnector, requireSecretsForNewHosts, requireTimezone } from '../parse-connection.ts'
import { type Principal, requireConnection, requireWholeHub } from '../principal.ts'
import { Problem, badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'
import { connectionAnswer, replyConnection, settingsFields } from './connections.ts'
import { jobAnswer, startJob } from './jobs.ts'

const MAX_BACKFILL_DAYS = 3 * 366

/** @throws Problem 404 */
export async function requireRow(deps: AppDeps, who: Principal, id: string): Promise<ConnectionRow> {
  requireConnection(who, id)
  const row = await readConnection(deps.pool, id)
  if (!row) throw notFound('connection')
  return row
}

async function requireActive(deps: AppDeps, who: Principal, id: string): Promise<ConnectionRow> {
  const row = await requireRow(deps, who, id)
  if (row.state !== 'active') throw new Problem(422, 'connection-not-active', `This connection is ${row.state}. Resume it first.`)
  return row
}

const report = z.looseObject({
  ok: z.boolean(),
  steps: z.array(z.looseObject({ step: z.object({ en: z.string(), zh: z.string() }), ok: z.boolean() })),
})

const checkNew = route({
  method: 'post',
  path: '/v1/connections/check',
  tag: 'Connections',
  summary: 'Try settings against the channel without storing anything',
  scope: 'connections:write',
  audit: 'connection.try',
  secretAnswer: true,
  params: nothing,
  query: nothing,
  body: z.strictObject({
    channel: line(60),
    config: settingsFields,
    secrets: z.record(z.string().max(100), z.union([z.string().max(20_000), z.null()])),
    timezone: line(60).optional(),
    currency: currencyCode.optional(),
    connection: connectionId.optional(),
  }),
  answer: report,
  async handle({ deps, who, body, note }) {
    if (body.connection === undefined) requireWholeHub(who)
    const stored = body.connection === undefined ? undefined : await requireRow(deps, who, body.connection)
    if (stored !== undefined && stored.channel !== body.channel)
      throw badInput([{ pointer: '/channel', code: 'channel-other', message: 'This connection is on another channel.' }])
    const connector = requireConnector(deps.registry, body.channel)
    if (body.timezone !== undefined) requireTimezone(body.timezone)
    const config = parseCallable(connector, body.config, deps.refusesAddress)
    const secrets = stored === undefined ? parseSecrets(connector, body.secrets) : newSecrets(body.secrets)
    if (stored !== undefined) requireSecretsForNewHosts(connector, stored, { config, secrets })
    note({ channel: body.channel })
    return deps.control.checkConnection({
      channel: body.channel,
      config,
      secrets,
      timezone: body.timezone ?? stored?.timezone ?? 'UTC',
      currency: body.currency ?? stored?.currency ?? 'CNY',
      ...(stored !== undefined && { connectionId: stored.id }),
    })
  },
})

const checkStored = route({
  method: 'post',
  path: '/v1/connections/{id}/check',
  tag: 'Connections',
  summary: 'Try the stored settings against the channel',
  scope: 'connections:read',
  audit: 'connection.check',
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: report,
  async handle({ deps, who, params }) {
    const row = await requireRow(deps, who, params.id)
    return deps.control.checkConnection({
      channel: row.channel,
      config: row.config,
      secrets: {},
      timezone: row.timezone,
      currency: row.currency,
      connectionId: row.id,
    })
  },
})

const pause = route({
  method: 'post',
  path: '/v1/connections/{id}/pause',
  tag: 'Connections',
  summary: 'Stop reading and pushing until resumed',
  scope: 'connections:write',
  audit: 'connection.pause',
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ reason }),
  answer: connectionAnswer,
  async handle({ deps, who, params, body, request, note }) {
    await requireRow(deps, who, params.id)
    await pauseConnection(deps.pool, params.id, body.reason)
    note({ reason: body.reason })
    await tell(deps, 'connection.pause', deps.control.connectionChanged(params.id))
    return replyConnection(deps, request, params.id)
  },
})

const resume = route({
  method: 'post',
  path: '/v1/connections/{id}/resume',
  tag: 'Connections',
  summary: 'Back to work',
  scope: 'connections:renew',
  audit: 'connection.resume',
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: connectionAnswer,
  async handle({ deps, who, params, request }) {
    await requireRow(deps, who, params.id)
    await resumeConnection(deps.pool, params.id)
    await tell(deps, 'connection.resume', deps.control.connectionChanged(params.id))
    return replyConnection(deps, request, params.id)
  },
})

const pull = route({
  method: 'post',
  path: '/v1/connections/{id}/pull',
  tag: 'Connections',
  summary: 'Read from the channel now',
  scope: 'connections:read',
  audit: 'connection.pull',
  status: 202,
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: done,
  async handle({ deps, who, params }) {
    await requireActive(deps, who, params.id)
    await tell(deps, 'connection.pull', deps.control.pullNow(params.id))
    return { ok: true }
  },
})

const subscribe = route({
  method: 'post',
  path: '/v1/connections/{id}/subscribe',
  tag: 'Connections',
  summary: 'Look after the webhook subscription at the channel now: it is made again where it is gone',
  scope: 'connections:read',
  audit: 'connection.subscribe',
  status: 202,
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: done,
  async handle({ deps, who, params }) {
    const row = await requireActive(deps, who, params.id)
    if (!deps.registry.get(row.channel)?.manifest.capabilities.ensureWebhooks)
      throw new Problem(422, 'webhooks-by-hand', 'The hub cannot subscribe at this channel: enter the webhook address there.')
    await forgetWebhookCheck(deps.pool, params.id)
    await tell(deps, 'connection.subscribe', deps.control.pullNow(params.id))
    return { ok: true }
  },
})

const backfill = route({
  method: 'post',
  path: '/v1/connections/{id}/backfill',
  tag: 'Connections',
  summary: 'Read a past time range again',
  scope: 'connections:write',
  audit: 'connection.backfill',
  status: 202,
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ from: instant, to: instant }),
  answer: jobAnswer,
  async handle({ deps, who, params, body, note }) {
    const row = await requireRow(deps, who, params.id)
    const days = (Date.parse(body.to) - Date.parse(body.from)) / 86_400_000
    if (Date.parse(body.from) > deps.now().getTime()) throw badInput([{ pointer: '/from', code: 'range-invalid', message: 'Lies in the future.' }])
    if (!(days > 0) || days > MAX_BACKFILL_DAYS)
      throw badInput([{ pointer: '/to', code: 'range-invalid', message: `Must be after from, by at most ${MAX_BACKFILL_DAYS} days.` }])
    if (requireConnector(deps.registry, row.channel).manifest.capabilities.pullOrders === undefined)
      throw new Problem(422, 'not-supported', 'This channel is not read by time.')
    note({ from: body.from, to: body.to })
    const job = await createJob(deps.pool, {
      kind: 'backfill',
      connectionId: params.id,
      params: { from: body.from, to: body.to },
      createdBy: who.actor,
    })
    return startJob(deps, job.id, 'backfill')
  },
})

const refreshListings = route({
  method: 'post',
  path: '/v1/connections/{id}/listings/refresh',
  tag: 'Listings',
  summary: "Read the channel's own SKUs again",
  scope: 'connections:read',
  audit: 'listings.refresh',
  status: 202,
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: jobAnswer,
  async handle({ deps, who, params }) {
    const row = await requireRow(deps, who, params.id)
    if (requireConnector(deps.registry, row.channel).manifest.capabilities.pullListings === undefined)
      throw new Problem(422, 'not-supported', 'This channel has no listings to read.')
    const job = await createJob(deps.pool, { kind: 'listings', connectionId: params.id, params: {}, createdBy: who.actor })
    return startJob(deps, job.id, 'listings')
  },
})

export const connectionActionRoutes: readonly Route[] = [checkNew, checkStored, pause, resume, pull, subscribe, backfill, refreshListings]
