import { createHash, randomBytes } from 'node:crypto'
import type pg from 'pg'

/** Idle for half an hour: over. */
const IDLE_MINUTES = 30

export interface SessionUser {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly connections: readonly string[] | null
  readonly locations: readonly string[] | null
  readonly must_change: boolean
  /** Whether a second factor stands. */
  readonly second_factor: boolean
  /** A role of theirs asks for one, and it is not there yet. */
  readonly must_enrol: boolean
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
    `select u.id, u.name, u.roles, u.connections, u.locations, u.must_change, u.totp is not null as second_factor,
       u.totp is null and exists (select 1 from settings p, json_array_elements_text(p.value->'second_factor_roles') r(role) where p.key = 'access-policy' and r.role = any(u.roles)) as must_enrol,
       s.last_seen < now() - interval '1 minute' as stale
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

/** A sign-in as its owner sees it. */
export interface SessionView {
  /** Of the session's hash; says nothing of its cookie. */
  readonly id: string
  readonly created_at: string
  readonly last_seen: string
  readonly expires_at: string
  readonly ip: string | null
  readonly agent: string | null
  /** The one that asks. */
  readonly current: boolean
}

const SESSION_ID = `encode(substring(id_hash from 1 for 12), 'hex')`

/** Where a person is signed in at this moment, newest visit first. */
export async function listSessions(db: Pick<pg.Pool, 'query'>, userId: string, current: Buffer): Promise<readonly SessionView[]> {
  const { rows } = await db.query<SessionView>(
    `select ${SESSION_ID} as id, created_at, last_seen, least(expires_at, last_seen + make_interval(mins => $3)) as expires_at, ip, agent, id_hash = $2 as current
     from sessions where user_id = $1 and expires_at > now() and last_seen > now() - make_interval(mins => $3) order by id_hash = $2 desc, last_seen desc limit 200`,
    [userId, current, IDLE_MINUTES],
  )
  return rows
}

/** Ends one session of a person by its id; false when there is none. */
export async function endSession(db: Pick<pg.Pool, 'query'>, userId: string, id: string): Promise<boolean> {
  return ((await db.query(`delete from sessions where user_id = $1 and ${SESSION_ID} = $2`, [userId, id])).rowCount ?? 0) > 0
}

/** Ends every session of a person but one; answers how many. */
export async function endOtherSessions(db: Pick<pg.Pool, 'query'>, userId: string, keep: Buffer): Promise<number> {
  return (await db.query('delete from sessions where user_id = $1 and id_hash <> $2', [userId, keep])).rowCount ?? 0
}
