import { z } from 'zod'
import { DESTINATION_KINDS, type DestinationKind } from '../../core/alert-rules.ts'
import {
  changeDestination,
  createDestination,
  deleteDestination,
  type DestinationInput,
  type DestinationRow,
  listDestinations,
  mergedSecrets,
  readDestination,
} from '../../store/alerts/destinations.ts'
import { isSecretHint } from '../../store/connection-secrets.ts'
import type { AppDeps } from '../deps.ts'
import { itemsOf, label, line, nothing } from '../fields.ts'
import { etagVersion } from '../if-match.ts'
import { requireTimezone } from '../parse-connection.ts'
import { requireWholeHub } from '../principal.ts'
import { type InputError, badInput, notFound } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'

const destinationParam = z.strictObject({ id: z.string().regex(/^d_[a-z0-9]{1,20}$/) })
const answer = z.looseObject({ id: z.string(), name: z.string(), kind: z.enum(DESTINATION_KINDS), enabled: z.boolean(), version: z.number() })

const host = z.string().regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45})$/, 'must be a host name or an address')
/** What is not secret of each kind. The address of a robot or webhook is a credential. */
const CONFIGS = {
  email: z
    .strictObject({
      host,
      port: z.int().min(1).max(65_535),
      security: z.enum(['tls', 'starttls', 'none']),
      user: line(200).optional(),
      from: z.email().max(254),
      to: z.array(z.email().max(254)).min(1).max(20),
    })
    .refine(({ security, user }) => security !== 'none' || user === undefined, {
      message: 'A password is not sent over an open connection: use tls or starttls',
      path: ['security'],
    }),
  webhook: z.strictObject({}),
  wecom: z.strictObject({}),
  dingtalk: z.strictObject({}),
  feishu: z.strictObject({}),
} as const
const url = z.url({ protocol: /^https?$/ }).max(2000)
const robot = z.strictObject({ url, secret: z.string().min(1).max(500).optional() })
const SECRETS = {
  email: z.strictObject({ password: z.string().min(1).max(500).optional() }),
  webhook: z.strictObject({
    url,
    secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and the base64 of at least 24 bytes'),
  }),
  wecom: z.strictObject({ url }),
  dingtalk: robot,
  feishu: robot,
} as const

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
const fields = {
  name: label(120),
  config: z.record(z.string().max(40), z.unknown()),
  secrets: z.record(z.string().max(40), z.string().max(4000).nullable()),
  language: z.enum(['en', 'zh-CN']),
  timezone: line(60),
  quiet: z.strictObject({ from: clock, to: clock }).nullable(),
  enabled: z.boolean(),
} as const

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const textOf = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

function view({ quiet_from: from, quiet_to: to, ...row }: DestinationRow): Record<string, unknown> {
  return { ...row, quiet: from === null || to === null ? null : { from: textOf(from), to: textOf(to) } }
}

/** What is stored together fits together. @throws Problem 400 that points at the field; a credential's value is never repeated */
function checked(deps: AppDeps, input: DestinationInput): DestinationInput {
  requireTimezone(input.timezone)
  const config = CONFIGS[input.kind].safeParse(input.config)
  const secrets = SECRETS[input.kind].safeParse(input.secrets)
  const errors = [...errorsAt('/config', config.error), ...errorsAt('/secrets', secrets.error)]
  if (errors.length > 0 || !config.success) throw badInput(errors)
  const address = addressOf(input.kind, config.data, input.secrets)
  const why = address === undefined ? undefined : deps.refusesAddress?.(address)
  const pointer = input.kind === 'email' ? '/config/host' : '/secrets/url'
  if (why !== undefined) throw badInput([{ pointer, code: 'address-refused', message: `The address ${why}.` }])
  return { ...input, config: { ...config.data } }
}

const errorsAt = (base: string, error: z.ZodError | undefined): readonly InputError[] =>
  (error?.issues ?? []).map((issue) => ({
    pointer: [base, ...issue.path.map(String)].join('/'),
    code: issue.code.replaceAll('_', '-'),
    message: `${issue.message}.`,
  }))

/** Mail is no web: its ports are not refused as other protocols' are. */
function addressOf(kind: DestinationKind, config: object, secrets: Readonly<Record<string, string>>): string | undefined {
  if (kind !== 'email') return secrets['url']
  return 'host' in config && 'port' in config
    ? `sftp://${String(config.host).includes(':') ? `[${String(config.host)}]` : String(config.host)}:${String(config.port)}`
    : undefined
}

const list = route({
  method: 'get',
  path: '/v1/alerts/destinations',
  tag: 'Alerts',
  summary: 'Where alerts go, without credentials',
  scope: 'connections:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(answer),
  async handle({ deps, who }) {
    requireWholeHub(who)
    return { items: (await listDestinations(deps.pool)).map(view) }
  },
})

const create = route({
  method: 'post',
  path: '/v1/alerts/destinations',
  tag: 'Alerts',
  summary: 'Add a destination: e-mail, a signed webhook, or a robot of WeCom, DingTalk or Feishu',
  scope: 'connections:write',
  audit: 'alert-destination.create',
  status: 201,
  params: nothing,
  query: nothing,
  body: z.strictObject({ ...fields, kind: z.enum(DESTINATION_KINDS) }).partial({ secrets: true, quiet: true, enabled: true }),
  answer,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const { name, kind, config, language, timezone } = body
    const quiet = body.quiet ? { from: minutesOf(body.quiet.from), to: minutesOf(body.quiet.to) } : null
    const input = { name, kind, config, language, timezone, quiet, secrets: mergedSecrets({}, trimmed(body.secrets)), enabled: body.enabled ?? true }
    const id = await createDestination(deps.pool, deps.secrets, checked(deps, input), who.actor)
    note({ name, kind }, id)
    return reply(deps, id, 201)
  },
})

/** Pasted credentials carry blanks and line breaks at their ends. */
const trimmed = (secrets: Readonly<Record<string, string | null>> | undefined): Readonly<Record<string, string | null>> =>
  Object.fromEntries(Object.entries(secrets ?? {}).map(([field, value]) => [field, value?.trim() ?? null]))

const change = route({
  method: 'patch',
  path: '/v1/alerts/destinations/{id}',
  tag: 'Alerts',
  summary: 'Change a destination; credentials that are not sent stay',
  scope: 'connections:write',
  audit: 'alert-destination.change',
  params: destinationParam,
  query: nothing,
  body: z.strictObject(fields).partial(),
  answer,
  async handle({ deps, who, params, body, request, note }) {
    requireWholeHub(who)
    await changeDestination(
      deps.pool,
      deps.secrets,
      params.id,
      (before) => {
        const standing = before.quiet_from === null || before.quiet_to === null ? null : { from: before.quiet_from, to: before.quiet_to }
        const sent = body.quiet ? { from: minutesOf(body.quiet.from), to: minutesOf(body.quiet.to) } : null
        requireSecretForNewServer(before, body)
        return checked(deps, {
          name: body.name ?? before.name,
          kind: before.kind,
          config: body.config ?? before.config,
          secrets: mergedSecrets(before.secrets, trimmed(body.secrets)),
          language: body.language ?? before.language,
          timezone: body.timezone ?? before.timezone,
          quiet: body.quiet === undefined ? standing : sent,
          enabled: body.enabled ?? before.enabled,
        })
      },
      etagVersion(request),
    )
    note({ fields: Object.keys(body) }, params.id)
    return reply(deps, params.id, 200)
  },
})

/** A stored password is never handed to another server than the one it was entered for. @throws Problem 400 */
function requireSecretForNewServer(
  before: DestinationRow,
  body: { readonly config?: Readonly<Record<string, unknown>> | undefined; readonly secrets?: Readonly<Record<string, string | null>> | undefined },
): void {
  const password = body.secrets?.['password']
  const isSent = password === null || (password !== undefined && !isSecretHint(password))
  const moved =
    body.config !== undefined && (['host', 'port', 'user', 'security'] as const).some((name) => body.config?.[name] !== before.config[name])
  if (before.kind === 'email' && moved && before.secrets_hint['password'] !== undefined && !isSent)
    throw badInput([{ pointer: '/secrets/password', code: 'secret-needed', message: 'Enter the password again for another server or user.' }])
}

const remove = route({
  method: 'delete',
  path: '/v1/alerts/destinations/{id}',
  tag: 'Alerts',
  summary: 'Remove a destination and the messages that waited for it',
  scope: 'connections:write',
  audit: 'alert-destination.delete',
  status: 204,
  params: destinationParam,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params }) {
    requireWholeHub(who)
    if (!(await deleteDestination(deps.pool, params.id))) throw notFound('destination')
    return null
  },
})

const test = route({
  method: 'post',
  path: '/v1/alerts/destinations/{id}/test',
  tag: 'Alerts',
  summary: 'Send a test message now, and show what the other side answered',
  scope: 'connections:write',
  audit: 'alert-destination.test',
  params: destinationParam,
  query: nothing,
  body: nothing,
  answer: z.object({ ok: z.boolean(), answer: z.string() }),
  async handle({ deps, who, params, note }) {
    requireWholeHub(who)
    const sent = await deps.control.testDestination(params.id)
    if (!sent) throw notFound('destination')
    note({ ok: sent.ok })
    return sent
  },
})

async function reply(deps: AppDeps, id: string, status: number): Promise<Reply> {
  const row = await readDestination(deps.pool, id)
  if (!row) throw notFound('destination')
  return new Reply(view(row), { status, headers: { etag: `"${row.version}"` } })
}

export const alertDestinationRoutes: readonly Route[] = [list, create, change, remove, test]
