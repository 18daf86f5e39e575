import type pg from 'pg'
import type { AlertLanguage, DestinationKind } from '../../core/alert-rules.ts'
import { DomainError } from '../../core/fault.ts'
import { type SecretValues, isSecretHint, secretHint } from '../connection-secrets.ts'
import { sqlState, withTx } from '../db.ts'
import type { SecretBox } from '../envelope.ts'
import { newId } from '../people/new-id.ts'
import type { Db } from '../read/scope.ts'

/** Where messages go, without its credentials. */
export interface DestinationRow {
  readonly id: string
  readonly name: string
  readonly kind: DestinationKind
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets_hint: Readonly<Record<string, string>>
  readonly language: AlertLanguage
  readonly timezone: string
  /** Minutes after midnight by its clock. */
  readonly quiet_from: number | null
  readonly quiet_to: number | null
  readonly enabled: boolean
  readonly version: number
  readonly last_sent_at: string | null
  readonly last_fault: string | null
  readonly last_fault_at: string | null
}

/** One with its credentials opened, to send to. */
export interface OpenDestination extends DestinationRow {
  readonly secrets: SecretValues
}

export interface DestinationInput {
  readonly name: string
  readonly kind: DestinationKind
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: SecretValues
  readonly language: AlertLanguage
  readonly timezone: string
  readonly quiet: { readonly from: number; readonly to: number } | null
  readonly enabled: boolean
}

const COLUMNS =
  'id, name, kind, config, secrets_hint, language, timezone, quiet_from, quiet_to, enabled, version, last_sent_at, last_fault, last_fault_at'

/** What the sealed column of a destination is bound to. */
export const destinationAad = (id: string): string => `alert-destination|${id}|secrets`

const sealed = (box: SecretBox, id: string, secrets: SecretValues): Buffer | null =>
  Object.keys(secrets).length === 0 ? null : box.seal(Buffer.from(JSON.stringify(secrets)), destinationAad(id))

function opened(box: SecretBox, id: string, bytes: Buffer | null): SecretValues {
  if (bytes === null) return {}
  const parsed: unknown = JSON.parse(box.open(bytes, destinationAad(id)).toString('utf8'))
  return Object.fromEntries(Object.entries(Object(parsed)).map(([name, value]) => [name, String(value)]))
}

export async function listDestinations(db: Db): Promise<readonly DestinationRow[]> {
  const { rows } = await db.query<DestinationRow>(`select ${COLUMNS} from alert_destinations order by name`)
  return rows
}

export async function readDestination(db: Db, id: string): Promise<DestinationRow | undefined> {
  const { rows } = await db.query<DestinationRow>(`select ${COLUMNS} from alert_destinations where id = $1`, [id])
  return rows[0]
}

/** With credentials, to send to. @throws DomainError `secret-unreadable` */
export async function openDestination(db: Db, box: SecretBox, id: string): Promise<OpenDestination | undefined> {
  const { rows } = await db.query<DestinationRow & { readonly sealed: Buffer | null }>(
    `select ${COLUMNS}, secrets as sealed from alert_destinations where id = $1`,
    [id],
  )
  const [row] = rows
  if (!row) return undefined
  const { sealed: bytes, ...rest } = row
  return { ...rest, secrets: opened(box, id, bytes) }
}

const nameTaken = (error: unknown, name: string): unknown =>
  sqlState(error) === '23505' ? new DomainError('destination-exists', `There is a destination named "${name}" already.`) : error

/** @throws DomainError `destination-exists` */
export async function createDestination(pool: pg.Pool, box: SecretBox, input: DestinationInput, actor: string): Promise<string> {
  const id = newId('d')
  try {
    await pool.query(
      `insert into alert_destinations (id, name, kind, config, secrets, secrets_hint, language, timezone, quiet_from, quiet_to, enabled, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        id,
        input.name,
        input.kind,
        JSON.stringify(input.config),
        sealed(box, id, input.secrets),
        JSON.stringify(hintsOf(input.secrets)),
        input.language,
        input.timezone,
        input.quiet?.from ?? null,
        input.quiet?.to ?? null,
        input.enabled,
        actor,
      ],
    )
  } catch (error) {
    throw nameTaken(error, input.name)
  }
  return id
}

const hintsOf = (secrets: SecretValues): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([field, value]) => [field, secretHint(value)]))

/**
 * Changes a destination. Credentials that were not sent, or came back as the hint they are shown by, stay as they are; an empty one goes.
 * @throws DomainError `destination-unknown`, `version-stale`, `destination-exists`
 */
export async function changeDestination(
  pool: pg.Pool,
  box: SecretBox,
  id: string,
  /** Made from the row as it stands, so that what is stored together is checked together. */
  next: (before: OpenDestination) => DestinationInput,
  expectedVersion: number | undefined,
): Promise<void> {
  await withTx(pool, async (client) => {
    await client.query('select 1 from alert_destinations where id = $1 for update', [id])
    const before = await openDestination(client, box, id)
    if (!before) throw new DomainError('destination-unknown', 'There is no such destination.')
    if (expectedVersion !== undefined && before.version !== expectedVersion)
      throw new DomainError('version-stale', 'Somebody changed this destination meanwhile. Load it again.')
    const input = next(before)
    await client
      .query(
        `update alert_destinations set name = $2, config = $3, secrets = $4, secrets_hint = $5, language = $6, timezone = $7, quiet_from = $8, quiet_to = $9, enabled = $10,
           version = version + 1, last_fault = null, last_fault_at = null where id = $1`,
        [
          id,
          input.name,
          JSON.stringify(input.config),
          sealed(box, id, input.secrets),
          JSON.stringify(hintsOf(input.secrets)),
          input.language,
          input.timezone,
          input.quiet?.from ?? null,
          input.quiet?.to ?? null,
          input.enabled,
        ],
      )
      .catch((error: unknown) => {
        throw nameTaken(error, input.name)
      })
  })
}

/** Credentials after a change: what was sent replaces what was there. */
export function mergedSecrets(before: SecretValues, sent: Readonly<Record<string, string | null>>): SecretValues {
  const merged = new Map(Object.entries(before))
  for (const [field, value] of Object.entries(sent)) {
    if (value === null || value === '') merged.delete(field)
    else if (!isSecretHint(value)) merged.set(field, value)
  }
  return Object.fromEntries(merged)
}

/** Its waiting messages go with it. Rules that told only this one tell nobody any more. */
export async function deleteDestination(pool: pg.Pool, id: string): Promise<boolean> {
  return withTx(pool, async (client) => {
    const { rowCount } = await client.query('delete from alert_destinations where id = $1', [id])
    await client.query('update alert_rules set destinations = array_remove(destinations, $1), version = version + 1 where $1 = any(destinations)', [
      id,
    ])
    return rowCount === 1
  })
}

/** How the last sending went. */
export async function noteSent(db: Db, id: string, now: Date, fault: string | null): Promise<void> {
  await db.query(
    fault === null
      ? 'update alert_destinations set last_sent_at = $2, last_fault = null, last_fault_at = null where id = $1'
      : 'update alert_destinations set last_fault = $3, last_fault_at = $2 where id = $1',
    fault === null ? [id, now] : [id, now, fault],
  )
}
