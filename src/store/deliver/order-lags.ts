import type pg from 'pg'

/** Measured by at most so many of a connection's newest orders. */
const SAMPLE = 300

/**
 * How long after its time at the channel an order was first seen, by polls and by webhooks apart: over the newest orders of the last day of
 * each connection that has new ones. The time is that of paying where it was paid by then (some channels list nothing before), else of placing. What
 * was there before the connection is not counted.
 */
export async function measureOrderLags(client: pg.ClientBase | pg.Pool, now: Date): Promise<void> {
  await client.query(
    `insert into order_lags as k (connection_id, source, orders, p50, p99, longest, newest, measured_at)
     select c.id, m.source, m.orders, m.p50, m.p99, m.longest, m.newest, $1 from connections c
     cross join lateral (select o.placed_at from orders o where o.connection_id = c.id order by o.placed_at desc, o.id desc limit 1) latest
     cross join lateral (
       select case when r.source in ('hook', 'fetch') then 'hook' else 'poll' end as source, count(*) as orders, max(o.placed_at) as newest,
         percentile_disc(0.5) within group (order by o.late) as p50, percentile_disc(0.99) within group (order by o.late) as p99, max(o.late) as longest
       from (select n.id, n.placed_at, greatest(0, extract(epoch from n.first_seen_at - case when n.paid_at <= n.first_seen_at then n.paid_at else n.placed_at end)) as late
             from orders n where n.connection_id = c.id and n.placed_at > greatest(c.created_at, $1::timestamptz - interval '1 day')
             order by n.placed_at desc, n.id desc limit $2) o
       join order_versions v on v.order_id = o.id and v.version = 1 join raw_events r on r.id = v.raw_id
       where r.source in ('poll', 'hook', 'fetch') group by 1) m
     where c.state = 'active' and latest.placed_at > coalesce((select max(l.newest) from order_lags l where l.connection_id = c.id), '-infinity')
     order by 1, 2
     on conflict (connection_id, source) do update set orders = excluded.orders, p50 = excluded.p50, p99 = excluded.p99, longest = excluded.longest,
       newest = excluded.newest, measured_at = excluded.measured_at`,
    [now, SAMPLE],
  )
}

/** Orders that were heard of after everything of their time was said to be known. */
export interface LateOrders {
  readonly orders: number
  /** So long after its time the latest of them was not listed yet, at most. */
  readonly seconds: number
  readonly order_no: string
}

/** Those of a connection since then; undefined where there were none. */
export async function lateOrders(client: pg.ClientBase | pg.Pool, connectionId: string, since: Date): Promise<LateOrders | undefined> {
  const { rows } = await client.query<LateOrders>(
    `select count(*)::int as orders, max(seconds)::float8 as seconds, (array_agg(order_no order by seconds desc))[1] as order_no
     from stock_signs where connection_id = $1 and code = 'late-order' and at > $2 having count(*) > 0`,
    [connectionId, since],
  )
  return rows[0]
}
