import { z } from 'zod'
import { changeConnection, createConnection, removeConnection } from '../../store/edit/connections.ts'
import { type ConnectionRow, type LimitUse, listConnections, readConnection, readLimitUse } from '../../store/read/connections.ts'
import { type ConnectionSigns, readConnectionSigns } from '../../store/read/connection-signs.ts'
import { NO_SIGNS } from '../connection-signs.ts'
import { connectionView } from '../connection-view.ts'
import type { HttpDeps } from '../deps.ts'
import { connectionParam, currencyCode, instant, itemsOf, label, line, nothing } from '../fields.ts'
import { etagVersion } from '../if-match.ts'
import {
  newSecrets,
  parseCallable,
  parseSecrets,
  requireConnector,
  requireNewShop,
  requireQuota,
  requireSecretsForNewHosts,
  requireTimezone,
} from '../parse-connection.ts'
import { requireConnection, requireScope, requireWholeHub } from '../principal.ts'
import { notFound } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'
import { tell } from '../tell.ts'

export const connectionAnswer = z.looseObject({
  id: z.string(),
  channel: z.string(),
  name: z.string(),
  state: z.string(),
  health: z.looseObject({ kind: z.string(), code: z.string() }),
  version: z.number(),
})
export const settingsFields = z.record(z.string().max(100), z.unknown())
const secretFields = z.record(z.string().max(100), z.union([z.string().max(20_000), z.null()]))

/** Where a new connection begins when nobody says: far enough back to see that it works. */
const DEFAULT_START_DAYS = 7

export const publicUrlOf = (deps: HttpDeps, request: Request): string => deps.settings.publicUrl ?? new URL(request.url).origin

export function viewOf(
  deps: HttpDeps,
  request: Request,
  row: ConnectionRow,
  limits: ReadonlyMap<string, LimitUse>,
  signs: ReadonlyMap<string, ConnectionSigns>,
): Record<string, unknown> {
  const more = { limits, signs: signs.get(row.id) ?? NO_SIGNS }
  return connectionView(row, deps.registry.get(row.channel), { now: deps.now(), publicUrl: publicUrlOf(deps, request), ...more })
}

export async function replyConnection(deps: HttpDeps, request: Request, id: string, status = 200): Promise<Reply> {
  const row = await readConnection(deps.pool, id)
  if (!row) throw notFound('connection')
  const headers: Record<string, string> = { etag: `"${row.version}"` }
  if (status === 201) headers['location'] = `/v1/connections/${id}`
  return new Reply(viewOf(deps, request, row, await readLimitUse(deps.pool), await readConnectionSigns(deps.pool, null, id)), { status, headers })
}

const list = route({
  method: 'get',
  path: '/v1/connections',
  tag: 'Connections',
  summary: 'All connections with their health',
  scope: 'connections:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(connectionAnswer),
  async handle({ deps, who, request }) {
    const limits = await readLimitUse(deps.pool)
    const signs = await readConnectionSigns(deps.pool, who.connections)
    return { items: (await listConnections(deps.pool, who.connections)).map((row) => viewOf(deps, request, row, limits, signs)) }
  },
})

const create = route({
  method: 'post',
  path: '/v1/connections',
  tag: 'Connections',
  summary: 'Add a connection; it only reads until it is armed',
  scope: 'connections:write',
  audit: 'connection.create',
  status: 201,
  params: nothing,
  query: nothing,
  body: z.strictObject({
    channel: line(60),
    name: label(120),
    config: settingsFields,
    secrets: secretFields,
    timezone: line(60),
    currency: currencyCode,
    start_from: instant.optional(),
  }),
  answer: connectionAnswer,
  async handle({ deps, who, body, request, note }) {
    requireWholeHub(who)
    const connector = requireConnector(deps.registry, body.channel)
    requireTimezone(body.timezone)
    const config = parseCallable(connector, body.config, deps.refusesAddress)
    requireNewShop(connector, config, await listConnections(deps.pool, null))
    const id = await createConnection(deps.pool, deps.secrets, {
      channel: body.channel,
      name: body.name,
      config,
      secrets: parseSecrets(connector, body.secrets),
      timezone: body.timezone,
      currency: body.currency,
      streams: connector.manifest.capabilities.pullOrders?.streams.map((stream) => stream.id) ?? [],
      startFrom: body.start_from ?? new Date(deps.now().getTime() - DEFAULT_START_DAYS * 86_400_000).toISOString(),
    })
    note({ channel: body.channel, name: body.name }, id)
    await tell(deps, 'connection.create', deps.control.connectionChanged(id))
    return replyConnection(deps, request, id, 201)
  },
})

const read = route({
  method: 'get',
  path: '/v1/connections/{id}',
  tag: 'Connections',
  summary: 'One connection',
  scope: 'connections:read',
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: connectionAnswer,
  async handle({ deps, who, params, request }) {
    requireConnection(who, params.id)
    return replyConnection(deps, request, params.id)
  },
})

const change = route({
  method: 'patch',
  path: '/v1/connections/{id}',
  tag: 'Connections',
  summary: 'Change settings; credentials only where sent (these alone need connections:renew only)',
  scope: 'connections:renew',
  audit: 'connection.change',
  params: connectionParam,
  query: nothing,
  body: z.strictObject({
    name: label(120).optional(),
    config: settingsFields.optional(),
    secrets: secretFields.optional(),
    timezone: line(60).optional(),
    currency: currencyCode.optional(),
    stock_share: z
      .string()
      .regex(/^(0(\.\d{1,4})?|1(\.0{1,4})?)$/, 'must be between 0 and 1')
      .optional(),
    stock_buffer: z.int().min(0).max(1_000_000).optional(),
    unpaid_hold_minutes: z.int().min(1).max(525_600).nullable().optional(),
    stock_mode: z.enum(['shared', 'quota']).optional(),
    learned_buffer: z.boolean().optional(),
    poll_seconds: z.int().min(10).max(86_400).nullable().optional(),
  }),
  answer: connectionAnswer,
  async handle({ deps, who, params, body, request, note }) {
    requireConnection(who, params.id)
    if (Object.keys(body).some((field) => field !== 'secrets')) requireScope(who, 'connections:write')
    const row = await readConnection(deps.pool, params.id)
    if (!row) throw notFound('connection')
    const connector = requireConnector(deps.registry, row.channel)
    if (body.timezone !== undefined) requireTimezone(body.timezone)
    if (body.stock_mode === 'quota') requireQuota(connector)
    const { secrets, config, ...rest } = body
    const sent = newSecrets(secrets ?? {})
    const parsed = config === undefined ? undefined : parseCallable(connector, config, deps.refusesAddress)
    if (parsed !== undefined) {
      requireSecretsForNewHosts(connector, row, { config: parsed, secrets: sent })
      requireNewShop(
        connector,
        parsed,
        (await listConnections(deps.pool, null)).filter((other) => other.id !== row.id),
      )
    }
    await changeConnection(
      deps.pool,
      deps.secrets,
      params.id,
      {
        ...rest,
        mapping: { names: connector.manifest.mappingSettings ?? [], author: who.actor, now: deps.now() },
        ...(parsed !== undefined && { config: parsed }),
        ...(Object.keys(sent).length > 0 && { secrets: sent }),
      },
      etagVersion(request),
    )
    note({ fields: Object.keys(rest), config: config !== undefined, secrets: Object.keys(sent) })
    await tell(deps, 'connection.change', deps.control.connectionChanged(params.id))
    return replyConnection(deps, request, params.id)
  },
})

const remove = route({
  method: 'delete',
  path: '/v1/connections/{id}',
  tag: 'Connections',
  summary: 'Remove a connection and its credentials; its orders stay',
  scope: 'connections:write',
  audit: 'connection.remove',
  status: 204,
  params: connectionParam,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params }) {
    requireConnection(who, params.id)
    if (!(await readConnection(deps.pool, params.id))) throw notFound('connection')
    await removeConnection(deps.pool, params.id)
    await tell(deps, 'connection.remove', deps.control.connectionChanged(params.id))
    return null
  },
})

export const connectionRoutes: readonly Route[] = [list, create, read, change, remove]
