import type pg from 'pg'
import type { Fault } from '../../core/fault.ts'

/** An order that somebody said has changed. Refunds are read with their order. */
export interface WantedFetch {
  readonly kind: string
  readonly external_id: string
  /** Order to ask the channel for; null when it is not known. */
  readonly order_external_id: string | null
}

export async function dueFetches(client: pg.Pool | pg.ClientBase, connectionId: string, limit: number, now: Date): Promise<readonly WantedFetch[]> {
  const { rows } = await client.query<WantedFetch>(
    `select q.kind, q.external_id,
            case when q.kind = 'order' then q.external_id
                 else coalesce((select r.parent_id from raw_events r where r.connection_id = q.connection_id and r.kind = q.kind and r.external_id = q.external_id and r.parent_id is not null order by r.id desc limit 1),
                               (select f.order_external_id from refunds f where f.connection_id = q.connection_id and f.channel_refund_no = q.external_id)) end as order_external_id
     from fetch_queue q where q.connection_id = $1 and q.not_before <= $3 order by q.not_before, q.kind, q.external_id limit $2`,
    [connectionId, limit, now],
  )
  return rows
}

/** Takes out what was read, unless it was asked for again since the read began. */
export async function doneFetches(
  client: pg.Pool | pg.ClientBase,
  connectionId: string,
  done: readonly WantedFetch[],
  readStartedAt: Date,
): Promise<void> {
  await client.query(
    `delete from fetch_queue q using unnest($2::text[], $3::text[]) d(kind, external_id)
     where q.connection_id = $1 and q.kind = d.kind and q.external_id = d.external_id and q.requested_at <= $4`,
    [connectionId, done.map((row) => row.kind), done.map((row) => row.external_id), readStartedAt],
  )
}

/** These could not be read now; each failure doubles the wait, up to an hour. */
export async function postponeFetches(
  client: pg.Pool | pg.ClientBase,
  connectionId: string,
  wanted: readonly WantedFetch[],
  fault: Fault,
  now: Date,
): Promise<void> {
  await client.query(
    `update fetch_queue q set attempts = q.attempts + 1, last_fault = $4, not_before = $5::timestamptz + least(interval '1 hour', interval '5 seconds' * power(2, least(q.attempts, 10)))
     from unnest($2::text[], $3::text[]) d(kind, external_id) where q.connection_id = $1 and q.kind = d.kind and q.external_id = d.external_id`,
    [connectionId, wanted.map((row) => row.kind), wanted.map((row) => row.external_id), JSON.stringify(fault), now],
  )
}
