import type pg from 'pg'

/** One archived document waiting to be read. Its body is still sealed. */
export interface InboxRow {
  readonly rawId: number
  readonly shard: number
  readonly connectionId: string
  readonly kind: string
  readonly externalId: string
  readonly source: string
  readonly receivedAt: string
  readonly readStartedAt: string
  readonly meta: Readonly<Record<string, string>> | null
  readonly keyId: number | null
  readonly rowKey: Buffer | null
  readonly body: Buffer
}

const SHARD_LOCK = 7_203_010

/** What failed five times in a row waits a minute before each further try: it is never given up, and never in the way. */
const WAITING = `(i.attempts < 5 or i.at < now() - interval '1 minute')`

/** Shards that have work and that nobody else drains at this moment, in an order that differs from worker to worker. */
export async function shardsWithWork(pool: pg.Pool): Promise<readonly number[]> {
  const { rows } = await pool.query<{ shard: number }>({
    name: 'shards-with-work',
    text: `select s.shard from generate_series(0, 15) s(shard) where exists (select 1 from inbox i where i.shard = s.shard and ${WAITING})
      and not exists (select 1 from pg_locks l where l.locktype = 'advisory' and l.classid = ${SHARD_LOCK} and l.objid = s.shard and l.granted
        and l.database = (select oid from pg_database where datname = current_database())) order by random()`,
  })
  return rows.map((row) => row.shard)
}

/** Exclusive for the length of the transaction, all of them or none; Postgres, not the workflow server, decides who drains what. */
export async function tryShards(client: pg.PoolClient, shards: readonly number[]): Promise<boolean> {
  const {
    rows: [row],
  } = await client.query<{ locked: boolean }>(
    `select bool_and(pg_try_advisory_xact_lock(${SHARD_LOCK}, shard)) as locked from unnest($1::int[]) s(shard)`,
    [shards],
  )
  return row?.locked === true
}

/**
 * The oldest waiting documents of these shards, shard after shard until `limit` is reached, each read above its floor id so
 * that dead rows are never walked again.
 */
export async function readInbox(
  pool: pg.Pool,
  shards: readonly { readonly shard: number; readonly floor: number }[],
  limit: number,
): Promise<readonly InboxRow[]> {
  const { rows } = await pool.query<InboxRow>({
    name: 'read-inbox',
    text: `with i as materialized (
        select i.raw_id, s.shard from unnest($1::int[], $2::bigint[]) with ordinality s(shard, floor, place)
          cross join lateral (select raw_id from inbox i where i.shard = s.shard and i.raw_id > s.floor and ${WAITING} order by raw_id limit $3) i order by s.place, i.raw_id limit $3)
      select r.id as "rawId", i.shard, r.connection_id as "connectionId", r.kind, r.external_id as "externalId", r.source, r.received_at as "receivedAt", r.read_started_at as "readStartedAt",
        r.meta, r.key_id as "keyId", r.row_key as "rowKey", r.body from i join raw_events r on r.id = i.raw_id order by r.id`,
    values: [shards.map((one) => one.shard), shards.map((one) => one.floor), limit],
  })
  return rows
}

export async function deleteInbox(client: pg.PoolClient, rawIds: readonly number[]): Promise<void> {
  await client.query({ name: 'delete-inbox', text: 'delete from inbox where raw_id = any($1::bigint[])', values: [rawIds] })
}

/** A batch could not be applied: its documents are tried again, with a pause once they have failed five times. */
export async function noteInboxAttempt(pool: pg.Pool, rawIds: readonly number[]): Promise<void> {
  await pool.query(
    'update inbox set attempts = least(attempts + 1, 1000), at = case when attempts >= 4 then now() else at end where raw_id = any($1::bigint[])',
    [rawIds],
  )
}
