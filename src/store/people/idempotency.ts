import { createHash } from 'node:crypto'
import type pg from 'pg'

/** A request that died (process killed) frees its key after this long. */
const IN_FLIGHT_MINUTES = 2
const KEEP_HOURS = 48

export type Claim =
  | { readonly kind: 'new' }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'in-flight' }
  | { readonly kind: 'other-request' }

export interface IdempotencyKey {
  readonly actor: string
  readonly key: string
}

export const requestHash = (method: string, path: string, body: Uint8Array): Buffer =>
  createHash('sha256').update(`${method} ${path}\n`).update(body).digest()

/** Takes a key for one request, or says what became of it. */
export async function claimKey(db: Pick<pg.Pool, 'query'>, { actor, key }: IdempotencyKey, hash: Buffer): Promise<Claim> {
  const { rowCount } = await db.query(
    `insert into idempotency_keys (actor, key, request_hash) values ($1, $2, $3)
     on conflict (actor, key) do update set created_at = now(), request_hash = excluded.request_hash, status = null, body = null
     where (idempotency_keys.status is null and idempotency_keys.created_at < now() - make_interval(mins => $4))
        or idempotency_keys.created_at < now() - make_interval(hours => $5)`,
    [actor, key, hash, IN_FLIGHT_MINUTES, KEEP_HOURS],
  )
  if (rowCount === 1) return { kind: 'new' }
  const { rows } = await db.query<{ request_hash: Buffer; status: number | null; body: string | null }>(
    'select request_hash, status, body from idempotency_keys where actor = $1 and key = $2',
    [actor, key],
  )
  const row = rows[0]
  if (!row) return { kind: 'in-flight' }
  if (!row.request_hash.equals(hash)) return { kind: 'other-request' }
  return row.status === null ? { kind: 'in-flight' } : { kind: 'answered', status: row.status, body: row.body ?? '' }
}

/** Keeps the answer for the next time the same request comes. */
export async function keepAnswer(db: Pick<pg.Pool, 'query'>, { actor, key }: IdempotencyKey, status: number, body: string): Promise<void> {
  await db.query('update idempotency_keys set status = $3, body = $4 where actor = $1 and key = $2', [actor, key, status, body])
}

/** Gives the key back after a failure of ours, so that the request may be tried again. */
export async function releaseKey(db: Pick<pg.Pool, 'query'>, { actor, key }: IdempotencyKey): Promise<void> {
  await db.query('delete from idempotency_keys where actor = $1 and key = $2 and status is null', [actor, key])
}
