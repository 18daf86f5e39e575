import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { verifyPassword } from './password.ts'

/** So many passwords back none is taken again. */
const KEPT = 10

/** @throws DomainError `password-used` */
export async function assertNewPassword(db: Pick<pg.Pool, 'query'>, userId: string, password: string): Promise<void> {
  const { rows } = await db.query<{ password: string }>(
    'select password from users where id = $1 union select password from (select password from past_passwords where user_id = $1 order by at desc limit $2) p',
    [userId, KEPT],
  )
  for (const row of rows)
    if (await verifyPassword(password, row.password))
      throw new DomainError('password-used', `Choose a password you have not used here: the last ${KEPT} are not taken again.`)
}

/** Remembers the hash of a password that is in force now. */
export async function keepPassword(db: Pick<pg.Pool, 'query'>, userId: string, hashed: string): Promise<void> {
  await db.query('insert into past_passwords (user_id, password, at) values ($1, $2, clock_timestamp())', [userId, hashed])
  await db.query(
    'delete from past_passwords where user_id = $1 and at < (select min(at) from (select at from past_passwords where user_id = $1 order by at desc limit $2) p)',
    [userId, KEPT],
  )
}
