import type pg from 'pg'

/** Records the one disposition of archived documents that made no entity of their own (thin notices, split deliveries). */
export async function disposeRaw(
  client: pg.PoolClient | pg.Pool,
  rows: readonly {
    readonly rawId: number
    readonly connectionId: string
    readonly disposition: 'applied' | 'ignored' | 'duplicate' | 'held'
    readonly reason: string
  }[],
): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `insert into raw_dispositions (raw_id, connection_id, disposition, reason)
     select "rawId", "connectionId", disposition, reason from json_to_recordset($1::json) r("rawId" bigint, "connectionId" text, disposition text, reason text) order by 1
     on conflict (raw_id) do update set disposition = excluded.disposition, reason = excluded.reason, at = now()`,
    [JSON.stringify(rows)],
  )
}

/** Asks for an authoritative read of these orders; asking twice is one request. */
export async function requestFetch(
  client: pg.PoolClient | pg.Pool,
  connectionId: string,
  wanted: readonly { readonly kind: string; readonly externalId: string }[],
  reason: string,
): Promise<void> {
  if (wanted.length === 0) return
  await client.query(
    `insert into fetch_queue (connection_id, kind, external_id, reason)
     select distinct $1, kind, "externalId", $3 from json_to_recordset($2::json) w(kind text, "externalId" text) order by 2, 3
     on conflict (connection_id, kind, external_id) do update set not_before = least(fetch_queue.not_before, now()), requested_at = now()`,
    [connectionId, JSON.stringify(wanted), reason],
  )
}
