import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { newId } from './new-id.ts'
import { assertPassword, hashPassword, verifyPassword } from './password.ts'

/** A person who may sign in. `connections: null` means all of them. */
export interface User {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly connections: readonly string[] | null
  readonly must_change: boolean
  readonly locked_until: string | null
  readonly disabled_at: string | null
  readonly created_at: string
}

const COLUMNS = 'id, name, roles, connections, must_change, locked_until, disabled_at, created_at'
const LOCK_AFTER = 10
const LOCK_MINUTES = 15

export interface NewUser {
  readonly name: string
  readonly password: string
  readonly roles: readonly string[]
  readonly connections: readonly string[] | null
  readonly mustChange: boolean
}

/** @throws DomainError `password-weak`, `user-exists` */
export async function createUser(db: Pick<pg.Pool, 'query'>, user: NewUser): Promise<User> {
  assertPassword(user.password, user.name)
  const { rows } = await db.query<User>(
    `insert into users (id, name, password, roles, connections, must_change) values ($1, $2, $3, $4, $5, $6)
     on conflict (name) do nothing returning ${COLUMNS}`,
    [newId('u'), user.name, await hashPassword(user.password), user.roles, user.connections, user.mustChange],
  )
  if (!rows[0]) throw new DomainError('user-exists', `There is a person named "${user.name}" already.`)
  return rows[0]
}

export async function listUsers(db: Pick<pg.Pool, 'query'>): Promise<readonly User[]> {
  return (await db.query<User>(`select ${COLUMNS} from users order by name`)).rows
}

export type LoginResult = { readonly ok: true; readonly user: User } | { readonly ok: false; readonly reason: 'refused' | 'locked' }

/** Checks a password; ten wrong ones in a row lock the name for a quarter of an hour. Takes as long for unknown names. */
export async function checkLogin(db: Pick<pg.Pool, 'query'>, name: string, password: string): Promise<LoginResult> {
  const { rows } = await db.query<User & { readonly password: string; readonly locked: boolean }>(
    `select ${COLUMNS}, password, coalesce(locked_until > now(), false) as locked from users where name = $1 and disabled_at is null`,
    [name],
  )
  const row = rows[0]
  const right = await verifyPassword(password, row?.password)
  if (!row) return { ok: false, reason: 'refused' }
  if (row.locked) return { ok: false, reason: 'locked' }
  if (!right) {
    await db.query(
      `update users set failed_logins = case when failed_logins + 1 >= $2 then 0 else failed_logins + 1 end,
         locked_until = case when failed_logins + 1 >= $2 then now() + make_interval(mins => $3) else locked_until end where id = $1`,
      [row.id, LOCK_AFTER, LOCK_MINUTES],
    )
    return { ok: false, reason: 'refused' }
  }
  await db.query('update users set failed_logins = 0, locked_until = null where id = $1 and (failed_logins > 0 or locked_until is not null)', [
    row.id,
  ])
  const { password: _password, locked: _locked, ...user } = row
  return { ok: true, user }
}

/** Sets a new password after checking the present one, and ends every other session of this person. */
export async function changePassword(
  db: Pick<pg.Pool, 'query'>,
  input: { readonly userId: string; readonly current: string; readonly next: string; readonly keepSession?: Buffer },
): Promise<void> {
  const { rows } = await db.query<{ name: string; password: string }>('select name, password from users where id = $1', [input.userId])
  const row = rows[0]
  if (!(await verifyPassword(input.current, row?.password)) || !row) throw new DomainError('password-wrong', 'The present password is not right.')
  if (input.current === input.next) throw new DomainError('password-weak', 'Choose a password you have not used here.')
  assertPassword(input.next, row.name)
  await db.query('update users set password = $2, must_change = false where id = $1', [input.userId, await hashPassword(input.next)])
  await db.query('delete from sessions where user_id = $1 and id_hash is distinct from $2', [input.userId, input.keepSession ?? null])
}

export interface UserChange {
  readonly roles?: readonly string[] | undefined
  readonly connections?: readonly string[] | null | undefined
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
  if (change.password !== undefined) assertPassword(change.password, before.name)
  const { rows } = await db.query<User>(
    `update users set roles = coalesce($2, roles), connections = case when $3 then $4::text[] else connections end,
       disabled_at = case when $5::boolean is null then disabled_at when $5 then coalesce(disabled_at, now()) else null end,
       password = coalesce($6, password), must_change = must_change or $6::text is not null, failed_logins = 0, locked_until = null
     where id = $1 returning ${COLUMNS}`,
    [
      id,
      change.roles ?? null,
      change.connections !== undefined,
      change.connections ?? null,
      change.disabled ?? null,
      change.password === undefined ? null : await hashPassword(change.password),
    ],
  )
  await db.query('delete from sessions where user_id = $1', [id])
  return rows[0] ?? before
}

async function assertAnotherAdmin(db: Pick<pg.Pool, 'query'>, id: string): Promise<void> {
  const { rows } = await db.query(`select 1 from users where 'admin' = any(roles) and disabled_at is null and id <> $1 limit 1`, [id])
  if (rows.length === 0) throw new DomainError('last-administrator', 'Somebody has to remain administrator.')
}
