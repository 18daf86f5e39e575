import { createHash, randomBytes } from 'node:crypto'
import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { withTx } from '../db.ts'
import type { SecretBox } from '../envelope.ts'
import { base32, newTotpSecret, stepOfCode, totpUri } from './totp.ts'

type Db = Pick<pg.Pool, 'query'>

/** What the secret of a person's second factor is bound to. */
export const totpAad = (userId: string): string => `totp|${userId}`

const RECOVERY_CODES = 10

/** A code for a lost telephone: 50 random bits, written in two groups. There is nothing to guess within the limits of signing in. */
const newRecoveryCode = (): string => base32(randomBytes(7)).slice(0, 10).toLowerCase().replace(/^.{5}/, '$&-')
const recoveryHash = (userId: string, code: string): Buffer =>
  createHash('sha256')
    .update(`${userId} ${code.toLowerCase().replaceAll(/[\s-]/g, '')}`)
    .digest()

/** A new secret that counts once a code of it was entered; one that is in force stays so until then. */
export async function beginSecondFactor(
  db: Db,
  box: SecretBox,
  user: { readonly id: string; readonly name: string },
): Promise<{ readonly secret: string; readonly uri: string }> {
  const secret = newTotpSecret()
  await db.query('update users set totp_pending = $2 where id = $1', [user.id, box.seal(secret, totpAad(user.id))])
  return { secret: base32(secret), uri: totpUri(secret, user.name) }
}

/**
 * Puts the new secret in force; answers the recovery codes, which are kept as hashes. Other sessions end.
 * @throws DomainError `second-factor-not-begun`, `code-wrong`
 */
export async function confirmSecondFactor(
  pool: pg.Pool,
  box: SecretBox,
  input: { readonly userId: string; readonly code: string; readonly now: Date; readonly keepSession: Buffer },
): Promise<readonly string[]> {
  return withTx(pool, async (client) => {
    const {
      rows: [row],
    } = await client.query<{ totp_pending: Buffer | null }>('select totp_pending from users where id = $1 for update', [input.userId])
    if (!row?.totp_pending) throw new DomainError('second-factor-not-begun', 'Begin with a new secret first.')
    const step = stepOfCode(box.open(row.totp_pending, totpAad(input.userId)), input.code, input.now)
    if (step === undefined)
      throw new DomainError('code-wrong', 'This code does not fit. Look at the clock of the telephone, and take the newest code.')
    await client.query('update users set totp = totp_pending, totp_pending = null, totp_step = $2, second_factor_at = now() where id = $1', [
      input.userId,
      step,
    ])
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
    await client.query('delete from recovery_codes where user_id = $1', [input.userId])
    await client.query('insert into recovery_codes (user_id, hash) select $1, unnest($2::bytea[])', [
      input.userId,
      codes.map((code) => recoveryHash(input.userId, code)),
    ])
    await client.query('delete from sessions where user_id = $1 and id_hash <> $2', [input.userId, input.keepSession])
    return codes
  })
}

/** Whether a code of the app or an unused recovery code; either works once. */
export async function takeCode(
  db: Db,
  box: SecretBox,
  person: { readonly id: string; readonly totp: Buffer },
  code: string,
  now: Date,
): Promise<boolean> {
  const step = /^\d{6}$/.test(code) ? stepOfCode(box.open(person.totp, totpAad(person.id)), code, now) : undefined
  const taken =
    step === undefined
      ? await db.query('update recovery_codes set used_at = now() where user_id = $1 and hash = $2 and used_at is null', [
          person.id,
          recoveryHash(person.id, code),
        ])
      : await db.query('update users set totp_step = $2 where id = $1 and totp_step < $2', [person.id, step])
  return taken.rowCount === 1
}

/** Takes the second factor away, and every session with it. @throws DomainError `user-unknown` */
export async function removeSecondFactor(pool: pg.Pool, userId: string, keepSession?: Buffer): Promise<void> {
  await withTx(pool, async (client) => {
    const gone = await client.query('update users set totp = null, totp_pending = null, totp_step = 0, second_factor_at = null where id = $1', [
      userId,
    ])
    if (gone.rowCount !== 1) throw new DomainError('user-unknown', 'There is no such person.')
    await client.query('delete from recovery_codes where user_id = $1', [userId])
    await client.query('delete from sessions where user_id = $1 and id_hash is distinct from $2', [userId, keepSession ?? null])
  })
}

/** Roles that may do nothing without a second factor. */
export async function secondFactorRoles(db: Db): Promise<readonly string[]> {
  const { rows } = await db.query<{ roles: readonly string[] }>(
    `select value->'second_factor_roles' as roles from settings where key = 'access-policy'`,
  )
  return rows[0]?.roles ?? []
}

export async function setSecondFactorRoles(db: Db, roles: readonly string[]): Promise<void> {
  await db.query(
    `insert into settings (key, value) values ('access-policy', $1) on conflict (key) do update set value = excluded.value, updated_at = now()`,
    [JSON.stringify({ second_factor_roles: roles })],
  )
}
