import { z } from 'zod'
import type { AnyConnector, Registry } from '../core/connector.ts'
import { type InputError, Problem, badInput } from './problem.ts'

/** @throws Problem 400 for a channel this hub does not know */
export function requireConnector(registry: Registry, channel: string): AnyConnector {
  const connector = registry.get(channel)
  if (!connector) throw badInput([{ pointer: '/channel', code: 'channel-unknown', message: `Known channels: ${[...registry.keys()].join(', ')}.` }])
  return connector
}

const recordOf = z.record(z.string(), z.unknown())

/** Settings checked by the connector's own schema; each error points into `/config` or `/secrets`. */
export function parseConfig(connector: AnyConnector, config: unknown): Readonly<Record<string, unknown>> {
  return recordOf.parse(parseAt(connector.manifest.config, config, '/config'))
}

/** Credentials, all of them. Values are never repeated in an error. */
export function parseSecrets(connector: AnyConnector, secrets: unknown): Readonly<Record<string, string>> {
  const parsed = recordOf.parse(parseAt(connector.manifest.secrets, trimmed(secrets), '/secrets'))
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined && value !== null).map(([field, value]) => [field, String(value)]))
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
    pointer: [pointer, ...issue.path.map(String)].join('/'), code: issue.code.replaceAll('_', '-'), message: pointer === '/secrets' ? 'Missing or not in the expected form.' : `${issue.message}.`,
  }))
  throw badInput(errors)
}

/** @throws Problem 400 for a time zone the runtime does not know */
export function requireTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
  } catch (cause) {
    throw new Problem(400, 'timezone-unknown', 'The time zone is not an IANA name such as Asia/Shanghai.', { errors: [{ pointer: '/timezone', code: 'timezone-unknown', message: 'Not an IANA time zone.' }], cause })
  }
}
