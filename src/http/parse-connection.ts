import { z } from 'zod'
import type { AnyConnector, Registry } from '../core/connector.ts'
import { isSecretHint } from '../store/connection-secrets.ts'
import { type InputError, Problem, badInput } from './problem.ts'

/** @throws Problem 400 for a channel this hub does not know */
export function requireConnector(registry: Registry, channel: string): AnyConnector {
  const connector = registry.get(channel)
  if (!connector) throw badInput([{ pointer: '/channel', code: 'channel-unknown', message: `Known channels: ${[...registry.keys()].join(', ')}.` }])
  return connector
}

const recordOf = z.record(z.string(), z.unknown())

/** Settings checked by the connector's own schema; each error points into `/config` or `/secrets`. */
function parseConfig(connector: AnyConnector, config: unknown): Readonly<Record<string, unknown>> {
  return recordOf.parse(parseAt(connector.manifest.config, config, '/config'))
}

/**
 * Settings that also name nobody the hub must not call: private addresses, other protocols, ports of databases.
 * @throws Problem 400 that points at the setting
 */
export function parseCallable(
  connector: AnyConnector,
  config: unknown,
  refuses: ((address: string) => string | undefined) | undefined,
): Readonly<Record<string, unknown>> {
  const parsed = parseConfig(connector, config)
  const errors = connector.manifest.hosts(parsed).flatMap((host): readonly InputError[] => {
    const why = refuses?.(host)
    const field = Object.entries(parsed).find(([, value]) => value === host)?.[0]
    return why === undefined
      ? []
      : [
          {
            pointer: field === undefined ? '/config' : `/config/${field}`,
            code: 'address-refused',
            message: `The address ${why}.`,
            params: { address: host },
          },
        ]
  })
  if (errors.length > 0) throw badInput(errors)
  return parsed
}

/** Credentials, all of them. Values are never repeated in an error. */
export function parseSecrets(connector: AnyConnector, secrets: unknown): Readonly<Record<string, string>> {
  assertNoHints(secrets)
  const parsed = recordOf.parse(parseAt(connector.manifest.secrets, trimmed(secrets), '/secrets'))
  return Object.fromEntries(
    Object.entries(parsed)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([field, value]) => [field, String(value)]),
  )
}

/** A new connection has nothing a hint could stand for. */
function assertNoHints(secrets: unknown): void {
  const fields = recordOf.safeParse(secrets)
  const hints = Object.entries(fields.success ? fields.data : {}).filter(([, value]) => isSecretHint(value))
  if (hints.length > 0)
    throw badInput(hints.map(([field]) => ({ pointer: `/secrets/${field}`, code: 'secret-hint', message: 'Enter the credential itself.' })))
}

/** Pasted credentials carry blanks and line breaks at their ends. */
function trimmed(secrets: unknown): unknown {
  const fields = recordOf.safeParse(secrets)
  if (!fields.success) return secrets
  return Object.fromEntries(Object.entries(fields.data).map(([field, value]) => [field, typeof value === 'string' ? value.trim() : value]))
}

function parseAt(schema: z.ZodType, value: unknown, pointer: string): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors: InputError[] = parsed.error.issues.slice(0, 20).map((issue) => ({
    pointer: [pointer, ...issue.path.map(String)].join('/'),
    code: issue.code.replaceAll('_', '-'),
    message: pointer === '/secrets' ? 'Missing or not in the expected form.' : `${issue.message}.`,
  }))
  throw badInput(errors)
}

/** @throws Problem 400 for a time zone the runtime does not know */
export function requireTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
  } catch (cause) {
    throw new Problem(400, 'timezone-unknown', 'The time zone is not an IANA name such as Asia/Shanghai.', {
      errors: [{ pointer: '/timezone', code: 'timezone-unknown', message: 'Not an IANA time zone.' }],
      cause,
    })
  }
}

/** The credentials of a form that are meant: without blanks, without hints that only came back. */
export function newSecrets(sent: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(sent).flatMap(([field, value]) => (value === null || value.trim() === '' || isSecretHint(value) ? [] : [[field, value.trim()]])),
  )
}

/**
 * Stored credentials only ever go to the hosts they were given for: pointing a connection elsewhere takes all of them again.
 * @throws Problem 422 `secrets-required`
 */
export function requireSecretsForNewHosts(
  connector: AnyConnector,
  stored: { readonly config: Readonly<Record<string, unknown>>; readonly secrets_hint: Readonly<Record<string, string>> },
  next: { readonly config: Readonly<Record<string, unknown>>; readonly secrets: Readonly<Record<string, string>> },
): void {
  const before = new Set(connector.manifest.hosts(stored.config))
  const elsewhere = connector.manifest.hosts(next.config).some((host) => !before.has(host))
  const kept = Object.keys(stored.secrets_hint).filter((field) => next.secrets[field] === undefined)
  if (elsewhere && kept.length > 0)
    throw new Problem(422, 'secrets-required', `The address changes: enter the credentials again (${kept.join(', ')}).`, { params: { fields: kept } })
}

/**
 * Units of their own need a channel that is told levels, shows them again, and lists its orders by change time.
 * @throws Problem 422 `quota-not-possible`
 */
export function requireQuota({ manifest: { title, capabilities } }: AnyConnector): void {
  const { pushInventory, readInventory, pullOrders } = capabilities
  if (pushInventory && readInventory && pullOrders?.streams.some(({ mode }) => mode === 'window')) return
  throw new Problem(422, 'quota-not-possible', `${title.en} cannot be given units of its own: its levels or its orders cannot be read back.`)
}

/**
 * Two connections to one shop would read every order twice and ship from both.
 * @throws Problem 409 `connection-exists`
 */
export function requireNewShop(
  connector: AnyConnector,
  config: Readonly<Record<string, unknown>>,
  others: readonly { readonly name: string; readonly channel: string; readonly config: Readonly<Record<string, unknown>> }[],
): void {
  const shop = connector.manifest.shop?.(config)
  if (shop === undefined) return
  const twin = others.find((other) => {
    const parsed = other.channel === connector.manifest.id ? connector.manifest.config.safeParse(other.config) : undefined
    return parsed?.success === true && connector.manifest.shop?.(recordOf.parse(parsed.data)) === shop
  })
  if (twin !== undefined)
    throw new Problem(409, 'connection-exists', `"${twin.name}" is connected to this shop already.`, { params: { why: 'shop', name: twin.name } })
}
