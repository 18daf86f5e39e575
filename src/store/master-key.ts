import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { connectionAad } from './connection-secrets.ts'
import { withTx } from './db.ts'
import { dataKeyAad, SecretBox } from './envelope.ts'

const INDEX_AAD = 'blind-index-key'

interface KeyRow {
  readonly id: string
  /** The blind index key, sealed under the master key, base64. */
  readonly index: string
}

/**
 * Opens this database's secrets with the master key, or makes it the key of a new database.
 * @throws DomainError `master-key-wrong` when the database was filled under another key: nothing stored would open
 */
export async function unlock(pool: pg.Pool, masterKey: Buffer): Promise<SecretBox> {
  const box = new SecretBox(masterKey)
  const fresh: KeyRow = { id: box.keyId, index: box.seal(randomBytes(32), INDEX_AAD).toString('base64') }
  const {
    rows: [row],
  } = await pool.query<{ value: KeyRow }>(
    `insert into settings (key, value) values ('master-key', $1) on conflict (key) do update set key = excluded.key returning value`,
    [JSON.stringify(fresh)],
  )
  if (row?.value.id !== box.keyId) {
    throw new DomainError(
      'master-key-wrong',
      'The master key is not the one this database was filled with. Give HUB_MASTER_KEY (or HUB_HOME/master.key) of the first start.',
    )
  }
  return new SecretBox(masterKey, box.open(Buffer.from(row.value.index, 'base64'), INDEX_AAD))
}

/**
 * Puts everything under another master key, in one transaction: the keys of documents, credentials, tokens and the blind
 * index key. Documents themselves are untouched. No hub may run meanwhile: it would go on sealing under the old key.
 */
export async function rotateMasterKey(pool: pg.Pool, from: Buffer, to: Buffer): Promise<{ readonly dataKeys: number; readonly connections: number }> {
  const before = await unlock(pool, from)
  const after = new SecretBox(to)
  return withTx(pool, async (client) => {
    const {
      rows: [row],
    } = await client.query<{ value: KeyRow }>(`select value from settings where key = 'master-key' for update`)
    if (row?.value.id !== before.keyId) throw new DomainError('master-key-wrong', 'Somebody else changed the master key meanwhile.')
    const reseal = (sealed: Buffer, aad: string): Buffer => after.seal(before.open(sealed, aad), aad)
    const index = reseal(Buffer.from(row.value.index, 'base64'), INDEX_AAD).toString('base64')
    await client.query(`update settings set value = $1, updated_at = now() where key = 'master-key'`, [JSON.stringify({ id: after.keyId, index })])
    return { dataKeys: await resealDataKeys(client, reseal, after.keyId), connections: await resealConnections(client, reseal) }
  })
}

type Reseal = (sealed: Buffer, aad: string) => Buffer

async function resealDataKeys(client: pg.PoolClient, reseal: Reseal, kekId: string): Promise<number> {
  const { rows } = await client.query<{ id: number; connection_id: string; month: string; wrapped: Buffer }>(
    'select id, connection_id, month::text, wrapped from data_keys order by id for update',
  )
  for (const row of rows)
    await client.query('update data_keys set wrapped = $2, kek_id = $3 where id = $1', [
      row.id,
      reseal(row.wrapped, dataKeyAad(row.connection_id, row.month)),
      kekId,
    ])
  return rows.length
}

async function resealConnections(client: pg.PoolClient, reseal: Reseal): Promise<number> {
  const { rows } = await client.query<{ id: string; secrets: Buffer | null; tokens: Buffer | null }>(
    'select id, secrets, tokens from connections order by id for update',
  )
  for (const row of rows) {
    const column = (name: 'secrets' | 'tokens'): Buffer | null => {
      const sealed = row[name]
      return sealed && reseal(sealed, connectionAad(row.id, name))
    }
    await client.query('update connections set secrets = $2, tokens = $3 where id = $1', [row.id, column('secrets'), column('tokens')])
  }
  return rows.length
}
