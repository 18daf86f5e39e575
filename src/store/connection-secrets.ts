import { DomainError } from '../core/fault.ts'
import type { SecretBox } from './envelope.ts'

/** Credentials of one connection, by field name. */
export type SecretValues = Readonly<Record<string, string>>

/** What a connection's sealed column is bound to. */
export const connectionAad = (connectionId: string, column: 'secrets' | 'tokens'): string => `connection|${connectionId}|${column}`

/** Seals all credentials of a connection as one value bound to its id. */
export const sealSecrets = (box: SecretBox, connectionId: string, values: SecretValues): Buffer =>
  box.seal(Buffer.from(JSON.stringify(values)), connectionAad(connectionId, 'secrets'))

/** Opens `connections.secrets`; null (none stored) is an empty record. Throws `secret-unreadable` under another master key. */
export function openSecrets(box: SecretBox, connectionId: string, sealed: Buffer | null): SecretValues {
  if (sealed === null) return {}
  const parsed: unknown = JSON.parse(box.open(sealed, connectionAad(connectionId, 'secrets')).toString('utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new DomainError('secret-unreadable', 'Stored credentials have an unknown form.')
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]))
}

/** What may be shown of a credential: the last four characters of a long one, nothing of a short one. */
export const secretHint = (value: string): string => (value.length >= 12 ? `••••${value.slice(-4)}` : '••••')
/** A hint that came back from a form; it must never overwrite the secret itself. */
export const isSecretHint = (value: unknown): boolean => typeof value === 'string' && /^(?:•{4}|\*{4})/.test(value)
