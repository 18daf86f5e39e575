import type pg from 'pg'
import type { PushKind } from '../../core/runs.ts'

/** One kind of work that waits on one connection; `newestAt` is when its youngest item became due. */
export interface DueWork {
  readonly connectionId: string
  readonly kind: PushKind
  readonly newestAt: string
}

/**
 * What waits to be done towards channels now; a handful of index looks per connection. A connection that is told nothing has its
 * levels computed once a minute: forty shops of the same goods would otherwise all be woken by each order of one.
 */
export async function dueWork(pool: pg.Pool, now: Date, leaseSeconds: number): Promise<readonly DueWork[]> {
  const { rows } = await pool.query<{ id: string; kind: PushKind; newest: string }>(
    `with outbound as (select coalesce((select value ->> 'state' from settings where key = 'outbound'), 'running') = 'running' as running)
     select c.id, due.kind, due.newest from connections c cross join outbound o cross join lateral (
       select 'stock' as kind, max(case when c.armed_stock then d.at else date_trunc('minute', d.at) end) as newest
         from listing_dirty d join listings l using (connection_id, listing_key)
         where o.running and d.connection_id = c.id and l.push_state not in ('sending', 'unknown')
           and (c.armed_stock or d.at < date_trunc('minute', $1::timestamptz))
       union all select 'stock', max(coalesce(l.desired_at, 'epoch')) from listings l where o.running and c.armed_stock and l.connection_id = c.id and l.push_state = 'pending'
       union all select 'stock', (select max(s.last_success_at) from streams s where s.connection_id = c.id) where o.running and c.armed_stock and c.stock_mode = 'quota'
         and exists (select 1 from escrows e join streams s on s.connection_id = e.connection_id
           where e.connection_id = c.id and (s.last_success_at > e.anchor_to or e.anchor is null and e.checked_at < $1::timestamptz - interval '6 minutes'))
       union all select 'effects', max(e.not_before) from effects e
         where o.running and c.armed_shipments and e.connection_id = c.id and e.kind in ('shipment', 'cancel') and e.state = 'pending' and e.not_before <= $1
       union all select 'settle', max(e.not_before) from effects e where e.connection_id = c.id and e.kind in ('stock', 'shipment', 'cancel') and e.state = 'unknown' and e.not_before <= $1
       union all select 'settle', max(e.sent_at) from effects e where e.connection_id = c.id and e.state = 'sending' and e.sent_at < $1::timestamptz - make_interval(secs => $2)
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
