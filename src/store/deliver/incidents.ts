import type pg from 'pg'

/** A SKU of which more is promised than there is, or was until just now. */
export interface IncidentLook {
  readonly id: number
  readonly sku: string
  readonly opened_at: string
  readonly closed_at: string | null
  readonly short: string
}

/** Where two shortages of one SKU lie so close together, they are one incident. */
const SAME_MINUTES = 10

/**
 * Opens, goes on with and closes incidents by what the books say: more promised than there is (under quota: to buyers and listings together), or a
 * listing that sold more than its units. Answers those that began, changed or ended. One process at a time; the others answer nothing.
 */
export async function lookForIncidents(client: pg.ClientBase, now: Date): Promise<readonly IncidentLook[]> {
  const { rows: locked } = await client.query<{ got: boolean }>(`select pg_try_advisory_xact_lock(hashtext('stock incidents')) as got`)
  if (locked[0]?.got !== true) return []
  const { rows } = await client.query<IncidentLook>(
    `with short as materialized (
       select k.sku, max(x.short) as short from (
         select g.sku, -g.atp as short from goods_levels g where g.counted and g.atp < 0
         union all select e.sku, -min(e.units) from escrows e where e.units < 0 group by 1
         union all select q.sku, -stock_free(q.sku) from (select distinct e.sku from escrows e join goods_levels g on g.sku = e.sku and g.counted) q where stock_free(q.sku) < 0) x join skus k using (sku) group by 1),
     ended as (update stock_incidents i set closed_at = $1, short_now = 0, looked_at = $1
       where i.closed_at is null and not exists (select 1 from short s where s.sku = i.sku) returning i.id, i.sku, i.opened_at, i.closed_at, 0 as short),
     going as (update stock_incidents i set short_now = s.short, short_most = greatest(i.short_most, s.short), looked_at = $1
       from short s where i.sku = s.sku and i.closed_at is null and i.short_now <> s.short returning i.id, i.sku, i.opened_at, i.closed_at, s.short),
     again as (update stock_incidents i set closed_at = null, short_now = s.short, short_most = greatest(i.short_most, s.short), looked_at = $1
       from short s where i.id = (select max(p.id) from stock_incidents p where p.sku = s.sku) and i.closed_at > $1::timestamptz - make_interval(mins => $2)
       returning i.id, i.sku, i.opened_at, i.closed_at, s.short),
     begun as (insert into stock_incidents (sku, opened_at, short_most, short_now, looked_at)
       select s.sku, $1, s.short, s.short, $1 from short s where not exists (select 1 from stock_incidents i where i.sku = s.sku and i.closed_at is null)
         and not exists (select 1 from again a where a.sku = s.sku) order by s.sku returning id, sku, opened_at, closed_at, short_now)
     select id, sku, opened_at, closed_at, trim_scale(short)::text as short from (select * from ended union all select * from going union all select * from again union all select * from begun) x order by id`,
    [now, SAME_MINUTES],
  )
  return rows
}

/** One thing that happened to a SKU, as the trail of an incident tells it. */
export type TrailEvent =
  | {
      readonly kind: 'order'
      /** When the hub heard of it. */
      readonly at: string
      readonly connection_id: string
      readonly order_id: string
      readonly order_no: string
      readonly quantity: number
      readonly placed_at: string
      /** It came out of the units of its own listing. */
      readonly own: boolean
      readonly held: boolean
    }
  | {
      readonly kind: 'level'
      readonly at: string
      readonly connection_id: string
      readonly listing_key: string
      readonly effect_id: string
      readonly level: number
      readonly state: string
      readonly settled_at: string | null
    }
  | {
      readonly kind: 'goods'
      readonly at: string
      readonly cause: string
      readonly location: string
      readonly quantity: number
      readonly actor: string | null
    }
  | { readonly kind: 'late-order'; readonly at: string; readonly connection_id: string; readonly order_no: string; readonly seconds: number }
  | {
      readonly kind: 'level-above-books'
      readonly at: string
      readonly connection_id: string
      readonly listing_key: string
      readonly level: number
      readonly units: number
    }

const EVENTS_OF_A_KIND = 60

const TRAIL = `
select json_agg(x.event order by x.at, x.n) as trail from (
  (select o.first_seen_at as at, 1 as n, json_build_object('kind', 'order', 'at', o.first_seen_at, 'connection_id', o.connection_id, 'order_id', o.id::text, 'order_no', o.channel_order_no,
      'quantity', m.quantity::float8, 'placed_at', o.placed_at, 'held', o.approval = 'held',
      'own', exists (select 1 from escrow_lines e where e.connection_id = o.connection_id and e.order_no = o.channel_order_no)) as event
    from (select order_id, sum(quantity) as quantity from (
        select l.order_id, l.reserved as quantity from order_lines l where l.sku = $1 and l.reserved > 0 and l.location <> '*'
        union all select s.order_id, s.quantity from line_stock s where s.sku = $1) y group by 1 order by 1 desc limit $2) m
      join orders o on o.id = m.order_id where o.first_seen_at <= $3)
  union all
  (select coalesce(e.sent_at, e.created_at), 2, json_build_object('kind', 'level', 'at', coalesce(e.sent_at, e.created_at), 'connection_id', e.connection_id, 'listing_key', e.listing_key,
      'effect_id', e.id::text, 'level', (e.intent ->> 'quantity')::int, 'state', e.state, 'settled_at', e.settled_at)
    from listings l cross join lateral listing_effects(l.connection_id, l.listing_key, $3, $2) e where l.sku = $1 order by e.id desc limit $2)
  union all
  (select s.at, 0, json_build_object('kind', 'goods', 'at', s.at, 'cause', s.cause, 'location', s.location, 'quantity', s.on_hand_delta::float8, 'actor', s.actor)
    from stock_ledger s where s.sku = $1 and s.on_hand_delta <> 0 and s.cause <> 'shipment' and s.at <= $3 order by s.id desc limit $2)
  union all
  (select s.at, 3, case s.code when 'late-order' then json_build_object('kind', s.code, 'at', s.at, 'connection_id', s.connection_id, 'order_no', s.order_no, 'seconds', round(s.seconds)::float8)
      else json_build_object('kind', s.code, 'at', s.at, 'connection_id', s.connection_id, 'listing_key', s.listing_key, 'level', s.shown, 'units', s.units::float8) end
    from stock_signs s where s.sku = $1 and s.at > $3::timestamptz - interval '1 day' and s.at <= $3 order by s.id desc limit $2)) x`

/** What happened to the goods of a SKU up to a moment, oldest first: the last orders that hold some, levels that were told, counts, and broken words. */
export async function readTrail(client: pg.ClientBase | pg.Pool, sku: string, until: Date): Promise<readonly TrailEvent[]> {
  const { rows } = await client.query<{ trail: readonly TrailEvent[] | null }>(TRAIL, [sku, EVENTS_OF_A_KIND, until])
  return rows[0]?.trail ?? []
}

export async function saveTrail(
  client: pg.ClientBase,
  id: number,
  found: { readonly trail: readonly TrailEvent[]; readonly causes: readonly unknown[] },
): Promise<void> {
  await client.query('update stock_incidents set trail = $2, causes = $3 where id = $1', [
    id,
    JSON.stringify(found.trail),
    JSON.stringify(found.causes),
  ])
}
