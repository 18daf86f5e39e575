import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { type SecretValues, isSecretHint, openSecrets, sealSecrets, secretHint } from '../connection-secrets.ts'
import { sqlState, withTx } from '../db.ts'
import type { SecretBox } from '../envelope.ts'
import { noteSettings } from '../overrides/write-version.ts'
import { newId } from '../people/new-id.ts'

export interface NewConnection {
  readonly channel: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: SecretValues
  readonly timezone: string
  readonly currency: string
  /** Streams to read, each from this instant on. */
  readonly streams: readonly string[]
  readonly startFrom: string
  readonly sandbox?: boolean
  /** Imported without credentials: waits for a person. */
  readonly needsAuth?: boolean
}

const nameTaken = (name: string): DomainError => new DomainError('connection-exists', `There is a connection named "${name}" already.`)
const isTaken = (error: unknown): boolean => sqlState(error) === '23505'

/** Stores a connection; it only reads until somebody arms it. @throws DomainError `connection-exists` */
export async function createConnection(pool: pg.Pool, box: SecretBox, input: NewConnection): Promise<string> {
  const id = newId('c')
  const hints = Object.fromEntries(Object.entries(input.secrets).map(([field, value]) => [field, secretHint(value)]))
  try {
    await withTx(pool, async (client) => {
      await client.query(
        `insert into connections (id, channel, name, state, state_reason, config, secrets, secrets_hint, timezone, currency, sandbox, webhook_token)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          id,
          input.channel,
          input.name,
          input.needsAuth === true ? 'needs-auth' : 'active',
          input.needsAuth === true ? 'Imported without credentials.' : null,
          JSON.stringify(input.config),
          Object.keys(input.secrets).length === 0 ? null : sealSecrets(box, id, input.secrets),
          JSON.stringify(hints),
          input.timezone,
          input.currency,
          input.sandbox === true,
          randomBytes(24).toString('base64url'),
        ],
      )
      await client.query('insert into streams (connection_id, stream, watermark) select $1, s, $3 from unnest($2::text[]) s order by s', [
        id,
        input.streams,
        input.startFrom,
      ])
    })
  } catch (error) {
    if (isTaken(error)) throw nameTaken(input.name)
    throw error
  }
  return id
}

export interface ConnectionChange {
  readonly name?: string | undefined
  readonly config?: Readonly<Record<string, unknown>> | undefined
  /** Only the fields to replace; hints that came back from a form are dropped. */
  readonly secrets?: SecretValues | undefined
  readonly timezone?: string | undefined
  readonly currency?: string | undefined
  readonly stock_share?: string | undefined
  readonly stock_buffer?: number | undefined
  readonly unpaid_hold_minutes?: number | null | undefined
  readonly stock_mode?: 'shared' | 'quota' | undefined
  readonly learned_buffer?: boolean | undefined
  readonly poll_seconds?: number | null | undefined
  /** Who changes it, and the settings that steer its mapping: with these a version of the mapping comes to be. */
  readonly mapping?: { readonly names: readonly string[]; readonly author: string; readonly now: Date } | undefined
}

/**
 * Changes settings. New credentials or settings bring a connection back that had stopped for want of them.
 * @throws DomainError `version-changed`, `connection-unknown`, `connection-exists`
 */
export async function changeConnection(
  pool: pg.Pool,
  box: SecretBox,
  id: string,
  change: ConnectionChange,
  expectedVersion: number | undefined,
): Promise<void> {
  try {
    await withTx(pool, (client) => applyChange(client, box, id, change, expectedVersion))
  } catch (error) {
    if (isTaken(error)) throw nameTaken(change.name ?? '')
    throw error
  }
}

async function applyChange(
  client: pg.PoolClient,
  box: SecretBox,
  id: string,
  change: ConnectionChange,
  expectedVersion: number | undefined,
): Promise<void> {
  const {
    rows: [row],
  } = await client.query<{
    version: number
    config: Readonly<Record<string, unknown>>
    secrets: Buffer | null
    secrets_hint: Record<string, string>
    until: string
  }>(
    `select version, config, secrets, secrets_hint, now() + interval '24 hours' as until from connections where id = $1 and state <> 'removed' for update`,
    [id],
  )
  if (!row) throw new DomainError('connection-unknown', 'There is no such connection.')
  if (expectedVersion !== undefined && row.version !== expectedVersion)
    throw new DomainError('version-stale', 'Somebody changed this connection meanwhile. Load it again.')
  const fresh = Object.entries(change.secrets ?? {}).filter(([, value]) => !isSecretHint(value))
  const before = openSecrets(box, id, row.secrets)
  const secrets = { ...before, ...Object.fromEntries(fresh) }
  // The channel goes on signing with the old secret until it has learned of the new one.
  const replaced = Object.fromEntries(Object.entries(before).filter(([field, value]) => secrets[field] !== value))
  const hints = { ...row.secrets_hint, ...Object.fromEntries(fresh.map(([field, value]) => [field, secretHint(value)])) }
  await client.query(
    `update connections set name = coalesce($2, name), config = coalesce($3::json, config), secrets = case when $4 then $5 else secrets end, secrets_hint = $6,
       tokens = case when $4 then null else tokens end, timezone = coalesce($7, timezone), currency = coalesce($8, currency), stock_share = coalesce($9::numeric, stock_share),
       stock_buffer = coalesce($10, stock_buffer), poll_seconds = case when $11 then $12 else poll_seconds end, stock_mode = coalesce($13, stock_mode), unpaid_hold_minutes = case when $14 then $15 else unpaid_hold_minutes end,
       state = case when state in ('needs-auth','misconfigured') and ($4 or $3 is not null) then 'active' else state end,
       state_reason = case when state in ('needs-auth','misconfigured') and ($4 or $3 is not null) then null else state_reason end,
       version = version + 1, updated_at = now() where id = $1`,
    [
      id,
      change.name ?? null,
      change.config === undefined ? null : JSON.stringify(change.config),
      fresh.length > 0,
      fresh.length > 0 ? sealSecrets(box, id, secrets, { values: replaced, until: new Date(row.until).toISOString() }) : null,
      JSON.stringify(hints),
      change.timezone ?? null,
      change.currency ?? null,
      change.stock_share ?? null,
      change.stock_buffer ?? null,
      change.poll_seconds !== undefined,
      change.poll_seconds ?? null,
      change.stock_mode ?? null,
      change.unpaid_hold_minutes !== undefined,
      change.unpaid_hold_minutes ?? null,
    ],
  )
  if (change.mapping && change.config)
    await noteSettings(client, { connectionId: id, ...change.mapping }, { before: row.config, after: change.config })
  if (change.learned_buffer !== undefined)
    await client.query('update connections set stock_learned_buffer = $2 where id = $1', [id, change.learned_buffer])
  if (change.learned_buffer === false || change.stock_mode === 'quota')
    await client.query('delete from learned_buffers where connection_id = $1', [id])
  // Back in the shared pool a connection has no units of its own.
  if (change.stock_mode === 'shared') await client.query('delete from escrows where connection_id = $1', [id])
  if (
    change.stock_share !== undefined ||
    change.stock_buffer !== undefined ||
    change.stock_mode !== undefined ||
    change.learned_buffer !== undefined
  ) {
    await client.query(
      'insert into listing_dirty (connection_id, listing_key) select connection_id, listing_key from listings where connection_id = $1 order by 1, 2 on conflict do nothing',
      [id],
    )
  }
}

/** Stops reading and pushing until resumed. */
export async function pauseConnection(pool: pg.Pool, id: string, reason: string): Promise<void> {
  await pool.query(
    `update connections set state = 'paused', state_reason = $2, state_since = now(), version = version + 1, updated_at = now() where id = $1 and state <> 'removed'`,
    [id, reason],
  )
}

/** Back to work, whatever had stopped it; the next fault stops it again. */
export async function resumeConnection(pool: pg.Pool, id: string): Promise<void> {
  await pool.query(
    `update connections set state = 'active', state_reason = null, state_since = now(), version = version + 1, updated_at = now() where id = $1 and state not in ('removed','active')`,
    [id],
  )
}

/** Takes a connection away for good: credentials are erased, its orders stay. */
export async function removeConnection(pool: pg.Pool, id: string): Promise<void> {
  await withTx(pool, async (client) => {
    await client.query(
      `update connections set state = 'removed', state_reason = null, state_since = now(), secrets = null, secrets_hint = '{}', tokens = null, tokens_expire_at = null, webhook_token = null,
         armed_stock = false, armed_shipments = false, version = version + 1, updated_at = now() where id = $1`,
      [id],
    )
    await client.query('delete from listing_dirty where connection_id = $1', [id])
    await client.query('delete from escrows where connection_id = $1', [id])
    await client.query('delete from fetch_queue where connection_id = $1', [id])
    await client.query(
      `update effects set state = 'cancelled', settled_at = now(), message = 'The connection was removed.' where connection_id = $1 and state = 'pending'`,
      [id],
    )
  })
}

/** The next round looks after the subscription, whenever it was looked at last. */
export const forgetWebhookCheck = (pool: pg.Pool, id: string): Promise<unknown> =>
  pool.query('update connections set webhook_checked_at = null where id = $1', [id])
