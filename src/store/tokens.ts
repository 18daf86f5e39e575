import type pg from 'pg'
import type { Tokens } from '../core/connector.ts'
import { DomainError } from '../core/fault.ts'
import { connectionAad } from './connection-secrets.ts'
import type { SecretBox } from './envelope.ts'

export type TokenValues = Readonly<Record<string, string>>

const RENEW_LOCK_CLASS = 7_203_010
const LOOK_AGAIN_MS = 200
const LONGEST_RENEWAL_MS = 60_000

/**
 * Tokens of one connection, sealed in Postgres. Renewing is single-flight over all workers: one holds a session advisory
 * lock while it asks the channel, outside of any transaction; the others wait and take what it stored.
 */
export function storedTokens(
  pool: pg.Pool,
  box: SecretBox,
  connectionId: string,
): {
  read(): Promise<TokenValues>
  renew(stale: TokenValues, refresh: () => Promise<Tokens>): Promise<TokenValues>
} {
  const read = async (): Promise<TokenValues> => {
    const { rows } = await pool.query<{ tokens: Buffer | null }>('select tokens from connections where id = $1', [connectionId])
    const sealed = rows[0]?.tokens
    return sealed ? parse(box.open(sealed, connectionAad(connectionId, 'tokens')).toString('utf8')) : {}
  }
  const store = async (tokens: Tokens): Promise<TokenValues> => {
    await pool.query('update connections set tokens = $2, tokens_expire_at = $3 where id = $1', [
      connectionId,
      box.seal(Buffer.from(JSON.stringify(tokens.values)), connectionAad(connectionId, 'tokens')),
      tokens.expiresAt ?? null,
    ])
    return tokens.values
  }
  return {
    read,
    renew: (stale, refresh) =>
      alone(pool, connectionId, async () => {
        const current = await read()
        return same(current, stale) ? store(await refresh()) : current
      }),
  }
}

async function alone<T>(pool: pg.Pool, connectionId: string, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const key = [RENEW_LOCK_CLASS, connectionId]
  let broken = false
  try {
    const until = Date.now() + LONGEST_RENEWAL_MS
    while (!(await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as got', key)).rows[0]?.got) {
      if (Date.now() > until)
        throw new DomainError('token-renewal-stuck', `Another worker has been renewing the token of connection ${connectionId} for too long.`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    }
    try {
      return await work()
    } finally {
      await client.query('select pg_advisory_unlock($1, hashtext($2))', key)
    }
  } catch (error) {
    broken = true // the session, and with it the lock, is dropped
    throw error
  } finally {
    client.release(broken)
  }
}

const same = (a: TokenValues, b: TokenValues): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value)

function parse(text: string): TokenValues {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) throw new DomainError('secret-unreadable', 'Stored tokens have an unknown form.')
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]))
}
