import type pg from 'pg'
import { textArray } from '../text-array.ts'

/** Never more than this many pieces, however fast they sell and however long a level takes. */
const MOST = 20
const LEVELS_SAMPLED = 200

/**
 * How many pieces each connection that learns keeps back of what it sells: as many as are likely to be sold there while a level is on its way, by its
 * sales of the last hour or day, whichever is faster, and the time within which 95 of its last hundred levels were confirmed. Where every
 * open listing of a SKU learns, the one that sells fastest keeps nothing back: somebody has to sell the last piece. Marks the listings whose number changed.
 */
export async function learnBuffers(client: pg.ClientBase, now: Date): Promise<number> {
  const { rowCount } = await client.query(
    `with own as (select id from connections where stock_learned_buffer and stock_mode = 'shared' and armed_stock and state = 'active'),
     latency as (
       select own.id, s.p95 from own cross join lateral (
         select percentile_disc(0.95) within group (order by t.seconds) as p95 from (
           select n.seconds from (
             (select e.id, extract(epoch from e.settled_at - e.created_at) as seconds, 1 as levels from effects e
              where e.connection_id = own.id and e.kind = 'stock' and e.state = 'done' and e.id > (select last_value - 50000 from effects_id_seq) order by e.id desc limit $2)
             union all
             (select k.last_id, extract(epoch from k.settled_at - k.created_at), k.levels from told_calls k where k.connection_id = own.id order by k.last_id desc limit $2)) n
           cross join lateral generate_series(1, least(n.levels, $2)) order by n.id desc limit $2) t) s
       where s.p95 is not null),
     sold as (
       select o.connection_id, l.sku, greatest(coalesce(sum(l.quantity - l.cancelled) filter (where o.placed_at > $1::timestamptz - interval '1 hour'), 0), sum(l.quantity - l.cancelled) / 24) as per_hour
       from orders o join order_lines l on l.order_id = o.id
       where o.connection_id in (select id from latency) and o.placed_at > $1::timestamptz - interval '1 day' and o.placed_at <= $1 and not o.cancelled and l.sku is not null group by 1, 2),
     fastest as (
       select distinct on (s.sku) s.sku, s.connection_id from sold s
       where not exists (select 1 from listings g join connections c on c.id = g.connection_id where g.sku = s.sku and g.active and not g.paused
         and c.armed_stock and c.state = 'active' and not exists (select 1 from own where own.id = g.connection_id))
       order by s.sku, s.per_hour desc, s.connection_id),
     learned as (
       select s.connection_id, s.sku, s.per_hour, y.p95, case when exists (select 1 from fastest f where (f.sku, f.connection_id) = (s.sku, s.connection_id)) or x.likely < 0.01 then 0
         else least($3, ceil(x.likely + 2 * sqrt(x.likely))) end as buffer
       from sold s join latency y on y.id = s.connection_id cross join lateral (select s.per_hour * y.p95 / 3600 as likely) x),
     before as (select connection_id, sku, buffer from learned_buffers),
     gone as (delete from learned_buffers b where not exists (select 1 from learned n where (n.connection_id, n.sku) = (b.connection_id, b.sku)) returning connection_id, sku, buffer),
     kept as (
       insert into learned_buffers (connection_id, sku, buffer, per_hour, latency_seconds, measured_at)
       select connection_id, sku, buffer, per_hour, p95, $1 from learned order by 1, 2
       on conflict (connection_id, sku) do update set buffer = excluded.buffer, per_hour = excluded.per_hour, latency_seconds = excluded.latency_seconds, measured_at = excluded.measured_at
       returning connection_id, sku, buffer),
     moved as (
       select k.connection_id, k.sku from kept k left join before b using (connection_id, sku) where k.buffer <> coalesce(b.buffer, 0)
       union select connection_id, sku from gone where buffer <> 0)
     insert into listing_dirty (connection_id, listing_key)
     select l.connection_id, l.listing_key from listings l join moved using (connection_id, sku) order by 1, 2 on conflict (connection_id, listing_key) do update set at = now()`,
    [now, LEVELS_SAMPLED, MOST],
  )
  return rowCount ?? 0
}

/** What connections that learn keep back of these SKUs, by connection and SKU. */
export async function learnedBuffers(client: pg.ClientBase | pg.Pool, skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ connection_id: string; sku: string; buffer: number }>(
    'select connection_id, sku, buffer from learned_buffers where sku = any($1) and buffer > 0',
    [textArray(skus)],
  )
  return new Map(rows.map((row) => [learnedKey(row.connection_id, row.sku), row.buffer]))
}

export const learnedKey = (connectionId: string, sku: string): string => `${connectionId}\u0001${sku}`
