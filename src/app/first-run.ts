import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type pg from 'pg'
import { SCOPES } from '../http/scopes.ts'
import { createKey, findKey } from '../store/people/keys.ts'
import { createUser } from '../store/people/users.ts'
import { localKeyFile } from './cli/context.ts'

/** The first administrator, with a generated password that is shown once; undefined when people exist already. */
export async function firstAdministrator(pool: pg.Pool): Promise<{ readonly name: string; readonly password: string } | undefined> {
  const { rows } = await pool.query('select 1 from users limit 1')
  if (rows.length > 0) return undefined
  const password = `${randomBytes(12).toString('base64url')}-Aa1`
  await createUser(pool, { name: 'admin', password, roles: ['admin'], connections: null, mustChange: true })
  return { name: 'admin', password }
}

/** Lets the command line of this machine's owner in: a key in a file only the owner can read. */
export async function localKey(pool: pg.Pool, home: string): Promise<void> {
  const file = localKeyFile(home)
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined && (await findKey(pool, known.trim()))) return
  const { secret } = await createKey(pool, { name: 'command line on this machine', scopes: [...SCOPES], connections: null, createdBy: 'hub' })
  await writeFile(file, `${secret}\n`, { mode: 0o600 })
}
