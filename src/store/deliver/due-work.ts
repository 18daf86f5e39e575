import type pg from 'pg'
import type { PushKind } from '../../core/runs.ts'

/** One kind of work that waits on one connection; `newestAt` is when its youngest item became due. */
export interface DueWork {
  readonly connectionId: string
  readonly kind: PushKind
  readonly newestAt: string
}

/** What waits to be done towards channels now, beside levels; a handful of index looks per connection. */
export async function dueWork(pool: pg.Pool, now: Date, leaseSeconds: number): Promise<readonly DueWork[]> {
  const { rows } = await pool.query<{ id: string; kind: PushKind; newest: string }>(
    `with outbound as (select coalesce((select value ->> 'state' from settings where key = 'outbound'), 'running') = 'running' as running)
     select c.id, due.kind, due.newest from connections c cross join outbound o cross join lateral (
       select 'effects' as kind, max(e.not_before) as newest from effects e
         where o.running and c.armed_shipments and e.connection_id = c.id and e.kind in ('shipment', 'cancel') and e.state = 'pending' and e.not_before <= $1
       union all select 'settle', max(e.not_before) from effects e where e.connection_id = c.id and e.kind in ('stock', 'shipment', 'cancel') and e.state = 'unknown' and e.not_before <= $1
       union all select 'settle', max(e.sent_at) from effects e where e.connection_id = c.id and e.state = 'sending' and e.sent_at < $1::timestamptz - make_interval(secs => $2)
       union all select 'settle', max(k.sent_at) from level_calls k where k.connection_id = c.id and k.sent_at < $1::timestamptz - make_interval(secs => $2)
       union all select 'fetch', max(h.not_before) from hand_overs h where h.connection_id = c.id and h.state = 'pending' and h.not_before <= $1
       union all select 'fetch', max(q.not_before) from fetch_queue q where q.connection_id = c.id and q.not_before <= $1) due
     where c.state = 'active' and due.newest is not null order by c.id`,
    [now, leaseSeconds],
  )
  return rows.map((row) => ({ connectionId: row.id, kind: row.kind, newestAt: row.newest }))
}

/** Jobs nobody has begun: their start got lost, or their workflow did. */
export async function waitingJobs(pool: pg.Pool, createdBefore: Date): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(`select id from jobs where state = 'planned' and created_at < $1 order by created_at limit 100`, [
    createdBefore,
  ])
  return rows.map((row) => row.id)
}
