import { DomainError } from '../core/fault.ts'
import type { SecretBox } from './envelope.ts'

/** Credentials of one connection, by field name. */
export type SecretValues = Readonly<Record<string, string>>

/** What a connection's sealed column is bound to. */
export const connectionAad = (connectionId: string, column: 'secrets' | 'tokens'): string => `connection|${connectionId}|${column}`

/** Credentials that were replaced and until when deliveries signed with them are still taken. */
export interface Replaced {
  readonly values: SecretValues
  readonly until: string
}

/** No field of a connector begins so. */
const REPLACED = '~replaced'

/** Seals all credentials of a connection as one value bound to its id. */
export const sealSecrets = (box: SecretBox, connectionId: string, values: SecretValues, replaced?: Replaced): Buffer =>
  box.seal(
    Buffer.from(JSON.stringify(replaced ? { ...values, [REPLACED]: JSON.stringify(replaced) } : values)),
    connectionAad(connectionId, 'secrets'),
  )

/** Opens `connections.secrets`; null (none stored) is an empty record. Throws `secret-unreadable` under another master key. */
export function openSecrets(box: SecretBox, connectionId: string, sealed: Buffer | null): SecretValues {
  return Object.fromEntries(Object.entries(openAll(box, connectionId, sealed)).filter(([name]) => name !== REPLACED))
}

/** The credentials as they were before they were last changed; undefined once that is too long ago. */
export function openReplaced(box: SecretBox, connectionId: string, sealed: Buffer | null, now: Date): SecretValues | undefined {
  const all = openAll(box, connectionId, sealed)
  const kept = all[REPLACED]
  const parsed: unknown = kept === undefined ? undefined : JSON.parse(kept)
  if (typeof parsed !== 'object' || parsed === null || !('values' in parsed) || !('until' in parsed)) return undefined
  if (now.getTime() >= Date.parse(String(parsed.until))) return undefined
  return { ...openSecrets(box, connectionId, sealed), ...textsOf(parsed.values) }
}

function openAll(box: SecretBox, connectionId: string, sealed: Buffer | null): SecretValues {
  if (sealed === null) return {}
  const parsed: unknown = JSON.parse(box.open(sealed, connectionAad(connectionId, 'secrets')).toString('utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new DomainError('secret-unreadable', 'Stored credentials have an unknown form.')
  return textsOf(parsed)
}

const textsOf = (record: unknown): SecretValues => Object.fromEntries(Object.entries(Object(record)).map(([name, value]) => [name, String(value)]))

/** What may be shown of a credential: the last four characters of a long one, nothing of a short one. */
export const secretHint = (value: string): string => (value.length >= 12 ? `••••${value.slice(-4)}` : '••••')
/** A hint that came back from a form; it must never overwrite the secret itself. */
export const isSecretHint = (value: unknown): boolean => typeof value === 'string' && /^(?:•{4}|\*{4})/.test(value)
