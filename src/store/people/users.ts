import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import type { SecretBox } from '../envelope.ts'
import { newId } from './new-id.ts'
import { assertPassword, hashPassword, verifyPassword } from './password.ts'
import { assertNewPassword, keepPassword } from './past-passwords.ts'
import { takeCode } from './second-factor.ts'

/** A person who may sign in. `connections: null` means all of them, `locations: null` all places. */
export interface User {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly connections: readonly string[] | null
  readonly locations: readonly string[] | null
  readonly must_change: boolean
  /** Since when a code is asked for beside the password. */
  readonly second_factor_at: string | null
  readonly locked_until: string | null
  readonly disabled_at: string | null
  readonly created_at: string
}

const COLUMNS = 'id, name, roles, connections, locations, must_change, second_factor_at, locked_until, disabled_at, created_at'
const LOCK_AFTER = 10
const LOCK_MINUTES = 15

export interface NewUser {
  readonly name: string
  readonly password: string
  readonly roles: readonly string[]
  readonly connections: readonly string[] | null
  readonly locations?: readonly string[] | null
  readonly mustChange: boolean
}

/** @throws DomainError `password-weak`, `user-exists` */
export async function createUser(db: Pick<pg.Pool, 'query'>, user: NewUser): Promise<User> {
  assertPassword(user.password, user.name)
  const hashed = await hashPassword(user.password)
  const { rows } = await db.query<User>(
    `insert into users (id, name, password, roles, connections, locations, must_change) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (name) do nothing returning ${COLUMNS}`,
    [newId('u'), user.name, hashed, user.roles, user.connections, user.locations ?? null, user.mustChange],
  )
  if (!rows[0]) throw new DomainError('user-exists', `There is a person named "${user.name}" already.`)
  await keepPassword(db, rows[0].id, hashed)
  return rows[0]
}

export async function listUsers(db: Pick<pg.Pool, 'query'>): Promise<readonly User[]> {
  return (await db.query<User>(`select ${COLUMNS} from users order by name`)).rows
}

export type LoginResult =
  | { readonly ok: true; readonly user: User }
  /** `code-needed`: the password is right, and a second factor is asked for. */
  | { readonly ok: false; readonly reason: 'refused' | 'locked' | 'code-needed' | 'code-wrong' }

export interface Login {
  readonly name: string
  readonly password: string
  /** Of the authenticator app, or a recovery code. */
  readonly code?: string | undefined
}

/**
 * Checks a password and, where the person has one, the second factor; ten wrong ones in a row lock the name for a quarter of an
 * hour. Takes as long for unknown names.
 */
export async function checkLogin(db: Pick<pg.Pool, 'query'>, box: SecretBox, login: Login, now: Date): Promise<LoginResult> {
  const { rows } = await db.query<User & { readonly password: string; readonly totp: Buffer | null; readonly locked: boolean }>(
    `select ${COLUMNS}, password, totp, coalesce(locked_until > now(), false) as locked from users where name = $1 and disabled_at is null`,
    [login.name],
  )
  const row = rows[0]
  const right = await verifyPassword(login.password, row?.password)
  if (!row) return { ok: false, reason: 'refused' }
  if (row.locked) return { ok: false, reason: 'locked' }
  const { password: _password, totp, locked: _locked, ...user } = row
  if (!right) return refused(db, row.id, 'refused')
  if (totp !== null) {
    if (login.code === undefined) return { ok: false, reason: 'code-needed' }
    if (!(await takeCode(db, box, { id: row.id, totp }, login.code, now))) return refused(db, row.id, 'code-wrong')
  }
  await db.query('update users set failed_logins = 0, locked_until = null where id = $1 and (failed_logins > 0 or locked_until is not null)', [
    row.id,
  ])
  return { ok: true, user }
}

async function refused(db: Pick<pg.Pool, 'query'>, id: string, reason: 'refused' | 'code-wrong'): Promise<LoginResult> {
  await db.query(
    `update users set failed_logins = case when failed_logins + 1 >= $2 then 0 else failed_logins + 1 end,
       locked_until = case when failed_logins + 1 >= $2 then now() + make_interval(mins => $3) else locked_until end where id = $1`,
    [id, LOCK_AFTER, LOCK_MINUTES],
  )
  return { ok: false, reason }
}

/** The password of somebody who is signed in already, before something that only they may do. @throws DomainError `password-wrong` */
export async function assertOwnPassword(db: Pick<pg.Pool, 'query'>, userId: string, password: string): Promise<void> {
  const { rows } = await db.query<{ password: string }>('select password from users where id = $1', [userId])
  if (!(await verifyPassword(password, rows[0]?.password))) throw new DomainError('password-wrong', 'The present password is not right.')
}

/** Sets a new password after checking the present one, and ends every other session of this person. */
export async function changePassword(
  db: Pick<pg.Pool, 'query'>,
  input: { readonly userId: string; readonly current: string; readonly next: string; readonly keepSession?: Buffer },
): Promise<void> {
  await assertOwnPassword(db, input.userId, input.current)
  const { rows } = await db.query<{ name: string }>('select name from users where id = $1', [input.userId])
  assertPassword(input.next, rows[0]?.name ?? '')
  await assertNewPassword(db, input.userId, input.next)
  const hashed = await hashPassword(input.next)
  await db.query('update users set password = $2, must_change = false where id = $1', [input.userId, hashed])
  await keepPassword(db, input.userId, hashed)
  await db.query('delete from sessions where user_id = $1 and id_hash is distinct from $2', [input.userId, input.keepSession ?? null])
}

export interface UserChange {
  readonly roles?: readonly string[] | undefined
  readonly connections?: readonly string[] | null | undefined
  readonly locations?: readonly string[] | null | undefined
  readonly disabled?: boolean | undefined
  readonly password?: string | undefined
}

/**
 * Changes a person; new rights, a new password or disabling end their sessions at once.
 * @throws DomainError `user-unknown`, `last-administrator`, `password-weak`
 */
export async function changeUser(db: Pick<pg.Pool, 'query'>, id: string, change: UserChange): Promise<User> {
  const {
    rows: [before],
  } = await db.query<User>(`select ${COLUMNS} from users where id = $1`, [id])
  if (!before) throw new DomainError('user-unknown', 'There is no such person.')
  const demoted = change.disabled === true || (change.roles !== undefined && !change.roles.includes('admin'))
  if (before.roles.includes('admin') && demoted) await assertAnotherAdmin(db, id)
  if (change.password !== undefined) {
    assertPassword(change.password, before.name)
    await assertNewPassword(db, id, change.password)
  }
  const hashed = change.password === undefined ? null : await hashPassword(change.password)
  const { rows } = await db.query<User>(
    `update users set roles = coalesce($2, roles), connections = case when $3 then $4::text[] else connections end,
       disabled_at = case when $5::boolean is null then disabled_at when $5 then coalesce(disabled_at, now()) else null end,
       password = coalesce($6, password), must_change = must_change or $6::text is not null, failed_logins = 0, locked_until = null,
       locations = case when $7 then $8::text[] else locations end
     where id = $1 returning ${COLUMNS}`,
    [
      id,
      change.roles ?? null,
      change.connections !== undefined,
      change.connections ?? null,
      change.disabled ?? null,
      hashed,
      change.locations !== undefined,
      change.locations ?? null,
    ],
  )
  if (hashed !== null) await keepPassword(db, id, hashed)
  await db.query('delete from sessions where user_id = $1', [id])
  return rows[0] ?? before
}

async function assertAnotherAdmin(db: Pick<pg.Pool, 'query'>, id: string): Promise<void> {
  const { rows } = await db.query(`select 1 from users where 'admin' = any(roles) and disabled_at is null and id <> $1 limit 1`, [id])
  if (rows.length === 0) throw new DomainError('last-administrator', 'Somebody has to remain administrator.')
}
