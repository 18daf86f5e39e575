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
  /** What the body holds, where it came in through this process a moment ago: it need not be opened. */
  readonly text?: string
}

const SHARD_LOCK = 7_203_010

/** What failed five times in a row waits a minute before each further try: it is never given up, and never in the way. */
const WAITING = `(i.attempts < 5 or i.at < now() - interval '1 minute')`

/** Exclusive for the length of the transaction, all of them or none; Postgres, not the workflow server, decides who drains what. */
export async function tryShards(client: pg.PoolClient, shards: readonly number[]): Promise<boolean> {
  const {
    rows: [row],
  } = await client.query<{ locked: boolean }>(tryShardsSql('$1::int[]'), [shards])
  return row?.locked === true
}

/** The lock of `tryShards` over the shards of a parameter. */
export const tryShardsSql = (shards: string): string =>
  `select bool_and(pg_try_advisory_xact_lock(${SHARD_LOCK}, shard)) as locked from unnest(${shards}) s(shard)`

/** How many shards there are to look into. */
const SHARDS = 16

/**
 * The oldest waiting documents of the shards nobody else drains at this moment, shard after shard until `limit` is reached, in an
 * order of shards that differs from worker to worker. Each shard is read above its floor id, so that dead rows are never walked again.
 */
export async function readInbox(pool: pg.Pool, floors: ReadonlyMap<number, number>, limit: number): Promise<readonly InboxRow[]> {
  const { rows } = await pool.query<InboxRow>({
    name: 'read-inbox',
    text: `with busy as materialized (select l.objid::int as shard from pg_locks l where l.locktype = 'advisory' and l.classid = ${SHARD_LOCK} and l.granted
        and l.database = (select oid from pg_database where datname = current_database())),
      s as materialized (select shard - 1 as shard, floor, random() as place from unnest($1::bigint[]) with ordinality s(floor, shard)),
      i as materialized (
        select i.raw_id, s.shard from s
          cross join lateral (select raw_id from inbox i where i.shard = s.shard and i.raw_id > s.floor and ${WAITING} order by raw_id limit $2) i
          where s.shard not in (select shard from busy) order by s.place, i.raw_id limit $2)
      select r.id as "rawId", i.shard, r.connection_id as "connectionId", r.kind, r.external_id as "externalId", r.source, r.received_at as "receivedAt", r.read_started_at as "readStartedAt",
        r.meta, r.key_id as "keyId", r.row_key as "rowKey", r.body from i join raw_events r on r.id = i.raw_id order by r.id`,
    values: [Array.from({ length: SHARDS }, (_, shard) => floors.get(shard) ?? 0), limit],
  })
  return rows
}

export async function deleteInbox(client: pg.PoolClient, rawIds: readonly number[]): Promise<void> {
  await client.query({ name: 'delete-inbox', text: deleteInboxSql('$1::bigint[]'), values: [rawIds] })
}

/** Whether all of these still wait: whoever drained their shards since they were read took them. Asked under the lock of their shards. */
export async function stillWait(client: pg.PoolClient, rawIds: readonly number[]): Promise<boolean> {
  const {
    rows: [row],
  } = await client.query<{ all: boolean }>(stillWaitSql('$1::bigint[]'), [rawIds])
  return row?.all === true
}

/** The look of `stillWait` at the ids of a parameter, each by its key. */
export const stillWaitSql = (rawIds: string): string =>
  `select coalesce(bool_and((select true from inbox i where i.raw_id = k.id limit 1) is not null), true) as all from unnest(${rawIds}) k(id)`

export const deleteInboxSql = (rawIds: string): string => `delete from inbox where raw_id = any(${rawIds})`

/** A batch could not be applied: its documents are tried again, with a pause once they have failed five times. */
export async function noteInboxAttempt(pool: pg.Pool, rawIds: readonly number[]): Promise<void> {
  await pool.query(
    'update inbox set attempts = least(attempts + 1, 1000), at = case when attempts >= 4 then now() else at end where raw_id = any($1::bigint[])',
    [rawIds],
  )
}
