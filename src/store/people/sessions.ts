import { createHash, randomBytes } from 'node:crypto'
import type pg from 'pg'

/** Idle for half an hour: over. */
const IDLE_MINUTES = 30

export interface SessionUser {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly connections: readonly string[] | null
  readonly must_change: boolean
}

/** What a session cookie is known by in the database. */
export const sessionHash = (cookie: string): Buffer => createHash('sha256').update(cookie).digest()

/** A new session that ends after `hours` whatever happens; the returned value goes into the cookie and is kept nowhere else. */
export async function openSession(
  db: Pick<pg.Pool, 'query'>,
  userId: string,
  client: { readonly ip?: string; readonly agent?: string },
  hours: number,
): Promise<string> {
  const cookie = randomBytes(32).toString('base64url')
  await db.query(`insert into sessions (id_hash, user_id, expires_at, ip, agent) values ($1, $2, now() + make_interval(hours => $3), $4, $5)`, [
    sessionHash(cookie),
    userId,
    hours,
    client.ip ?? null,
    client.agent?.slice(0, 200) ?? null,
  ])
  await db.query('delete from sessions where expires_at < now()')
  return cookie
}

/** The person behind a cookie, or undefined when the session is over. Notes the visit at most once a minute. */
export async function findSession(db: Pick<pg.Pool, 'query'>, cookie: string): Promise<SessionUser | undefined> {
  const hash = sessionHash(cookie)
  const { rows } = await db.query<SessionUser & { readonly stale: boolean }>(
    `select u.id, u.name, u.roles, u.connections, u.must_change, s.last_seen < now() - interval '1 minute' as stale
     from sessions s join users u on u.id = s.user_id
     where s.id_hash = $1 and s.expires_at > now() and s.last_seen > now() - make_interval(mins => $2) and u.disabled_at is null`,
    [hash, IDLE_MINUTES],
  )
  const row = rows[0]
  if (!row) return undefined
  if (row.stale) await db.query('update sessions set last_seen = now() where id_hash = $1', [hash])
  const { stale: _stale, ...user } = row
  return user
}

export async function closeSession(db: Pick<pg.Pool, 'query'>, cookie: string): Promise<void> {
  await db.query('delete from sessions where id_hash = $1', [sessionHash(cookie)])
}
