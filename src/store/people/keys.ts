import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type pg from 'pg'
import { newId } from './new-id.ts'

/** An API key as shown in lists; the secret part is only ever in the answer that made it. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly string[]
  readonly connections: readonly string[] | null
  readonly created_at: string
  readonly created_by: string | null
  readonly last_used_at: string | null
  readonly expires_at: string | null
  readonly revoked_at: string | null
}

const COLUMNS = 'id, name, prefix, scopes, connections, created_at, created_by, last_used_at, expires_at, revoked_at'
/**
 * `chub_<id>_<secret><checksum>`: 256 random bits, then six characters by which scanners for leaked keys and this hub tell a
 * mistyped key without asking the database. Keys from before have none. A fast hash is right for these: there is nothing to guess.
 */
const FORM = /^(chub_([0-9a-z]{10})_[A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})?$/

const checksumOf = (text: string): string => createHash('sha256').update(`checksum ${text}`).digest('base64url').slice(0, 6)

/** The id of a key that is whole. */
function idOf(token: string): string | undefined {
  const [, text = '', id, checksum] = FORM.exec(token) ?? []
  return checksum === undefined || checksum === checksumOf(text) ? id : undefined
}

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest()

export interface NewKey {
  readonly name: string
  readonly scopes: readonly string[]
  readonly connections: readonly string[] | null
  readonly expiresAt?: string | undefined
  readonly createdBy: string
}

/** Makes a key; `secret` is the whole bearer token and cannot be shown again. */
export async function createKey(db: Pick<pg.Pool, 'query'>, input: NewKey): Promise<ApiKey & { readonly secret: string }> {
  const id = newId('k')
  const text = `chub_${id}_${randomBytes(32).toString('base64url')}`
  const secret = `${text}${checksumOf(text)}`
  const { rows } = await db.query<ApiKey>(
    `insert into api_keys (id, name, prefix, hash, scopes, connections, created_by, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${COLUMNS}`,
    [id, input.name, `chub_${id}`, hashOf(secret), input.scopes, input.connections, input.createdBy, input.expiresAt ?? null],
  )
  const [row] = rows
  if (!row) throw new Error('insert returned no row')
  return { ...row, secret }
}

export async function listKeys(db: Pick<pg.Pool, 'query'>): Promise<readonly ApiKey[]> {
  return (await db.query<ApiKey>(`select ${COLUMNS} from api_keys order by created_at desc, id`)).rows
}

/** Ends a key at once; false when there is none that still works. */
export async function revokeKey(db: Pick<pg.Pool, 'query'>, id: string): Promise<boolean> {
  return (await db.query('update api_keys set revoked_at = now() where id = $1 and revoked_at is null', [id])).rowCount === 1
}

/** The key behind a bearer token, or undefined when it is malformed, unknown, expired or revoked. Notes use once a minute. */
export async function findKey(db: Pick<pg.Pool, 'query'>, token: string): Promise<ApiKey | undefined> {
  const id = idOf(token)
  if (id === undefined) return undefined
  const { rows } = await db.query<ApiKey & { readonly hash: Buffer; readonly stale: boolean }>(
    `select ${COLUMNS}, hash, coalesce(last_used_at < now() - interval '1 minute', true) as stale
     from api_keys where id = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    [id],
  )
  const row = rows[0]
  if (!row || !timingSafeEqual(row.hash, hashOf(token))) return undefined
  if (row.stale) await db.query('update api_keys set last_used_at = now() where id = $1', [id])
  const { hash: _hash, stale: _stale, ...key } = row
  return key
}
