import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { destinationAad } from './alerts/destinations.ts'
import { connectionAad } from './connection-secrets.ts'
import { withTx } from './db.ts'
import { dataKeyAad, SecretBox } from './envelope.ts'
import { totpAad } from './people/second-factor.ts'

const INDEX_AAD = 'blind-index-key'

interface KeyRow {
  readonly id: string
  /** The blind index key, sealed under the master key, base64. */
  readonly index: string
}

/**
 * Opens this database's secrets with the master key, or makes it the key of a new database. With `nextKey` the process lives
 * through a rotation: whichever of the two is in force, both open.
 * @throws DomainError `master-key-wrong` when the database was filled under another key: nothing stored would open
 */
export async function unlock(pool: pg.Pool, masterKey: Buffer, nextKey?: Buffer): Promise<SecretBox> {
  const box = new SecretBox(masterKey, undefined, nextKey)
  const fresh: KeyRow = { id: box.keyId, index: box.seal(randomBytes(32), INDEX_AAD).toString('base64') }
  const {
    rows: [row],
  } = await pool.query<{ value: KeyRow }>(
    `insert into settings (key, value) values ('master-key', $1) on conflict (key) do update set key = excluded.key returning value`,
    [JSON.stringify(fresh)],
  )
  if (row === undefined || !box.sealUnder(row.value.id)) {
    throw new DomainError(
      'master-key-wrong',
      'The master key is not the one this database was filled with. Give HUB_MASTER_KEY (or HUB_HOME/master.key) of the first start.',
    )
  }
  const opened = new SecretBox(masterKey, box.open(Buffer.from(row.value.index, 'base64'), INDEX_AAD), nextKey)
  opened.sealUnder(row.value.id)
  return opened
}

/** Seals under the key that is in force by now: a running hub looks every few seconds while it knows two. */
export async function followMasterKey(pool: pg.Pool, box: SecretBox): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(`select value->>'id' as id from settings where key = 'master-key'`)
  if (rows[0] !== undefined) box.sealUnder(rows[0].id)
}

export interface Rotated {
  readonly dataKeys: number
  readonly connections: number
}

const ONLINE_BATCH = 200

/**
 * Puts everything under another master key while hubs run that know both (`unlock` with `nextKey`): first the new key is in
 * force, then, once every hub has seen that (`settleMs`), what the old one sealed is sealed anew in small transactions.
 * May be repeated after an interruption.
 */
export async function rotateMasterKeyOnline(pool: pg.Pool, from: Buffer, to: Buffer, settleMs: number): Promise<Rotated> {
  const both = await unlock(pool, from, to)
  const after = new SecretBox(to)
  await withTx(pool, async (client) => {
    const {
      rows: [row],
    } = await client.query<{ value: KeyRow }>(`select value from settings where key = 'master-key' for update`)
    if (row === undefined) throw new DomainError('master-key-wrong', 'This database has no master key yet.')
    const index = after.seal(both.open(Buffer.from(row.value.index, 'base64'), INDEX_AAD), INDEX_AAD).toString('base64')
    await client.query(`update settings set value = $1, updated_at = now() where key = 'master-key'`, [JSON.stringify({ id: after.keyId, index })])
  })
  await sleep(settleMs)
  const reseal: Reseal = (sealed, aad) => after.seal(both.open(sealed, aad), aad)
  const dataKeys = await inBatches((last) =>
    withTx(pool, (client) => resealDataKeys(client, reseal, after.keyId, { after: Number(last || 0), limit: ONLINE_BATCH })),
  )
  const connections = await inBatches((last) => withTx(pool, (client) => resealConnections(client, reseal, { after: last, limit: ONLINE_BATCH })))
  await withTx(pool, (client) => resealDestinations(client, reseal))
  await withTx(pool, (client) => resealPeople(client, reseal))
  return { dataKeys, connections }
}

interface Batch {
  readonly count: number
  /** Key of its last row; undefined at the end. */
  readonly last: string | undefined
}

async function inBatches(next: (last: string) => Promise<Batch>): Promise<number> {
  let count = 0
  for (let batch = await next(''); ; batch = await next(batch.last)) {
    count += batch.count
    if (batch.last === undefined) return count
  }
}

/**
 * Puts everything under another master key, in one transaction: the keys of documents, credentials, tokens and the blind
 * index key. Documents themselves are untouched. No hub may run meanwhile: it would go on sealing under the old key.
 */
export async function rotateMasterKey(pool: pg.Pool, from: Buffer, to: Buffer): Promise<Rotated> {
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
    const dataKeys = await resealDataKeys(client, reseal, after.keyId)
    const connections = await resealConnections(client, reseal)
    await resealDestinations(client, reseal)
    await resealPeople(client, reseal)
    return { dataKeys: dataKeys.count, connections: connections.count }
  })
}

type Reseal = (sealed: Buffer, aad: string) => Buffer

interface Part<K> {
  readonly after: K
  readonly limit: number
}

async function resealDataKeys(
  client: pg.PoolClient,
  reseal: Reseal,
  kekId: string,
  part: Part<number> = { after: 0, limit: 1_000_000 },
): Promise<Batch> {
  const { rows } = await client.query<{ id: number; connection_id: string; month: string; wrapped: Buffer }>(
    'select id, connection_id, month::text, wrapped from data_keys where id > $1 order by id limit $2 for update',
    [part.after, part.limit],
  )
  const wrapped = rows.map((row) => reseal(row.wrapped, dataKeyAad(row.connection_id, row.month)))
  await client.query('update data_keys d set wrapped = n.wrapped, kek_id = $3 from unnest($1::int[], $2::bytea[]) n(id, wrapped) where d.id = n.id', [
    rows.map((row) => row.id),
    wrapped,
    kekId,
  ])
  return { count: rows.length, last: rows.length < part.limit ? undefined : String(rows.at(-1)?.id) }
}

async function resealConnections(client: pg.PoolClient, reseal: Reseal, part: Part<string> = { after: '', limit: 1_000_000 }): Promise<Batch> {
  const { rows } = await client.query<{ id: string; secrets: Buffer | null; tokens: Buffer | null }>(
    'select id, secrets, tokens from connections where id > $1 order by id limit $2 for update',
    [part.after, part.limit],
  )
  const column = (name: 'secrets' | 'tokens') =>
    rows.map((row) => {
      const sealed = row[name]
      return sealed && reseal(sealed, connectionAad(row.id, name))
    })
  await client.query(
    'update connections c set secrets = n.secrets, tokens = n.tokens from unnest($1::text[], $2::bytea[], $3::bytea[]) n(id, secrets, tokens) where c.id = n.id',
    [rows.map((row) => row.id), column('secrets'), column('tokens')],
  )
  return { count: rows.length, last: rows.length < part.limit ? undefined : rows.at(-1)?.id }
}

/** Secrets of second factors. */
async function resealPeople(client: pg.PoolClient, reseal: Reseal): Promise<void> {
  const { rows } = await client.query<{ id: string; totp: Buffer | null; totp_pending: Buffer | null }>(
    'select id, totp, totp_pending from users where totp is not null or totp_pending is not null order by id for update',
  )
  for (const row of rows)
    await client.query('update users set totp = $2, totp_pending = $3 where id = $1', [
      row.id,
      row.totp && reseal(row.totp, totpAad(row.id)),
      row.totp_pending && reseal(row.totp_pending, totpAad(row.id)),
    ])
}

/** There are a handful of them. */
async function resealDestinations(client: pg.PoolClient, reseal: Reseal): Promise<void> {
  const { rows } = await client.query<{ id: string; secrets: Buffer }>(
    'select id, secrets from alert_destinations where secrets is not null order by id for update',
  )
  for (const { id, secrets } of rows)
    await client.query('update alert_destinations set secrets = $2 where id = $1', [id, reseal(secrets, destinationAad(id))])
}
