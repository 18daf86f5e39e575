import type { Db, Visible } from '../read/scope.ts'

/** What alerts and the board look at of one connection, beside its signs. */
export interface ConnectionLoad {
  readonly id: string
  readonly name: string
  readonly channel: string
  readonly state: string
  readonly state_since: string
  readonly sandbox: boolean
  readonly armed: boolean
  readonly webhook_lost: boolean
  readonly tokens_expire_at: string | null
  /** Since the order stream that was read longest ago; 0 where nothing is read. */
  readonly lag_seconds: number
  readonly faults_in_row: number
  readonly in_doubt: number
  readonly failing_groups: number
  readonly late_orders: number
  readonly shortages: number
  readonly documents_hour: number
  readonly held_hour: number
  readonly orders_hour: number
  /** Half and 99 of 100 of the newest orders were seen within so many seconds of their time. */
  readonly seen_p50: number | null
  readonly seen_p99: number | null
}

const LOAD = `
with hour as (
  select d.connection_id, count(*)::int as documents, count(*) filter (where d.disposition = 'held')::int as held from raw_dispositions d where d.at > $3::timestamptz - interval '1 hour' group by 1),
short as (
  select l.connection_id, count(distinct i.sku)::int as skus from stock_incidents i join listings l on l.sku = i.sku where i.closed_at is null group by 1)
select c.id, c.name, c.channel, c.state, c.state_since, c.sandbox, c.armed_stock or c.armed_shipments as armed, coalesce(c.webhook_state ->> 'healthy' = 'false', false) as webhook_lost,
  c.tokens_expire_at, coalesce(s.lag, 0)::int as lag_seconds, coalesce(s.faults, 0) as faults_in_row,
  (select count(*)::int from effects e where e.connection_id = c.id and e.state = 'unknown') as in_doubt,
  (select count(*)::int from failure_groups g where g.connection_id = c.id and (g.status = 'open' or g.status = 'ignored' and g.ignored_until <= $3)
     and exists (select 1 from failures f where f.group_id = g.id and f.resolved_at is null)) as failing_groups,
  (select count(*)::int from stock_signs g where g.connection_id = c.id and g.code = 'late-order' and g.at > $3::timestamptz - interval '1 day') as late_orders,
  coalesce(t.skus, 0) as shortages, coalesce(h.documents, 0) as documents_hour, coalesce(h.held, 0) as held_hour,
  (select count(*)::int from orders o where o.connection_id = c.id and o.placed_at > $3::timestamptz - interval '1 hour' and o.placed_at <= $3) as orders_hour,
  k.p50 as seen_p50, k.p99 as seen_p99
from connections c
left join lateral (select max(extract(epoch from $3::timestamptz - coalesce(s.last_success_at, c.created_at))) as lag, max(s.faults_in_row) as faults from streams s
  where s.connection_id = c.id and c.channel || '/' || s.stream = any($2)) s on true
left join lateral (select max(k.p50)::float8 as p50, max(k.p99)::float8 as p99 from order_lags k where k.connection_id = c.id) k on true
left join hour h on h.connection_id = c.id left join short t on t.connection_id = c.id
where c.state <> 'removed' and ($1::text[] is null or c.id = any($1)) order by c.name, c.id`

/** @param streams those that bring orders, as `channel/stream`: only they can fall behind */
export async function readConnectionLoad(db: Db, visible: Visible, streams: readonly string[], now: Date): Promise<readonly ConnectionLoad[]> {
  const { rows } = await db.query<ConnectionLoad>(LOAD, [visible, streams, now])
  return rows
}

/** What of the hub as a whole no connection can tell. */
export interface HubLoad {
  readonly shortages: number
  readonly outbound_stopped: boolean
  /** Failure groups that belong to no connection. */
  readonly failing_groups: number
}

/** What channels ask about personal data and nobody has decided about, whether their connections are still there or not. */
export interface PrivacyLoad {
  readonly waiting: number
  /** When the first of them is due; null = none waits. */
  readonly due_at: string | null
}

export async function readPrivacyLoad(db: Db, visible: Visible): Promise<PrivacyLoad> {
  const { rows } = await db.query<PrivacyLoad>(
    `select count(*)::int as waiting, min(due_at) as due_at from privacy_requests where state = 'open' and ($1::text[] is null or connection_id = any($1))`,
    [visible],
  )
  return rows[0] ?? { waiting: 0, due_at: null }
}

export async function readHubLoad(db: Db): Promise<HubLoad> {
  const { rows } = await db.query<HubLoad>(
    `select (select count(*)::int from stock_incidents where closed_at is null) as shortages,
       coalesce((select value ->> 'state' from settings where key = 'outbound'), 'running') = 'stopped' as outbound_stopped,
       (select count(*)::int from failure_groups g where g.connection_id is null and g.status = 'open'
          and exists (select 1 from failures f where f.group_id = g.id and f.resolved_at is null)) as failing_groups`,
  )
  const [row] = rows
  if (!row) throw new Error('no row')
  return row
}
