import type pg from 'pg'
import type { WebhookState } from '../../core/connector.ts'

/** When the listings of a connection were read completely; kept as a stream of its own. */
export const LISTINGS_STREAM = 'listings'

export async function listingsReadAt(pool: pg.Pool, connectionId: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ last_success_at: string | null }>(
    'select last_success_at from streams where connection_id = $1 and stream = $2',
    [connectionId, LISTINGS_STREAM],
  )
  return rows[0]?.last_success_at ?? undefined
}

export async function noteListingsRead(pool: pg.Pool, connectionId: string, at: Date): Promise<void> {
  await pool.query(
    `insert into streams (connection_id, stream, last_success_at) values ($1, $2, $3)
     on conflict (connection_id, stream) do update set last_success_at = excluded.last_success_at, last_fault = null, faults_in_row = 0`,
    [connectionId, LISTINGS_STREAM, at],
  )
}

export async function noteWebhooks(pool: pg.Pool, connectionId: string, state: WebhookState | undefined, at: Date): Promise<void> {
  await pool.query('update connections set webhook_state = coalesce($2::json, webhook_state), webhook_checked_at = $3 where id = $1', [
    connectionId,
    state ? JSON.stringify(state) : null,
    at,
  ])
}

/** Stores a webhook secret of our own making, unless one is there by now. Answers true when it was stored. */
export async function storeSecrets(pool: pg.Pool, connectionId: string, before: Buffer | null, sealed: Buffer): Promise<boolean> {
  const { rowCount } = await pool.query('update connections set secrets = $3 where id = $1 and secrets is not distinct from $2', [
    connectionId,
    before,
    sealed,
  ])
  return rowCount === 1
}

/** Channel ids the hub has never seen a document of, among these. */
export async function unseenOrders(pool: pg.Pool, connectionId: string, ids: readonly string[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select x.id from unnest($2::text[]) x(id)
     where not exists (select 1 from raw_heads h where h.connection_id = $1 and h.kind = 'order' and h.external_id = x.id) order by x.id`,
    [connectionId, ids],
  )
  return rows.map((row) => row.id)
}

/** How quiet a connection is against its own last two weeks. Undefined when it is too new or too slow to judge. */
export async function quietness(
  pool: pg.Pool,
  connectionId: string,
  now: Date,
): Promise<{ readonly hoursQuiet: number; readonly hoursUsual: number } | undefined> {
  const { rows } = await pool.query<{ orders: number; last: string | null }>(
    `select count(*) as orders, max(placed_at) as last from orders where connection_id = $1 and placed_at > $2::timestamptz - interval '14 days' and placed_at <= $2`,
    [connectionId, now],
  )
  const row = rows[0]
  if (!row || row.orders < 28 || row.last === null) return undefined
  return { hoursQuiet: (now.getTime() - Date.parse(row.last)) / 3_600_000, hoursUsual: (14 * 24) / row.orders }
}

/** Makes the monthly partitions of the raw archive for this and the next two months; idempotent. */
export async function ensureRawPartitions(pool: pg.Pool, now: Date): Promise<readonly string[]> {
  const made: string[] = []
  for (let ahead = 1; ahead <= 3; ahead += 1) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
    const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1))
    const name = `raw_events_${from.toISOString().slice(0, 7).replace('-', '_')}`
    const known = await pool.query('select 1 from pg_class where relname = $1', [name])
    if (known.rowCount) continue
    await pool.query(
      `create table if not exists ${name} partition of raw_events for values from ('${from.toISOString()}') to ('${to.toISOString()}')`,
    )
    made.push(name)
  }
  return made
}

/** Drops what nobody needs any more: answered idempotency keys, page counts, settled stock writes, ended sessions. */
export async function tidyUp(pool: pg.Pool, now: Date): Promise<void> {
  await pool.query(`delete from idempotency_keys where created_at < $1::timestamptz - interval '2 days'`, [now])
  await pool.query(`delete from pull_pages where at < $1::timestamptz - interval '60 days'`, [now])
  await pool.query(
    `delete from effects where kind = 'stock' and state in ('done', 'cancelled') and settled_at < $1::timestamptz - interval '30 days'`,
    [now],
  )
  await pool.query(`delete from told_calls where settled_at < $1::timestamptz - interval '30 days'`, [now])
  await pool.query('delete from sessions where expires_at < $1', [now])
}
