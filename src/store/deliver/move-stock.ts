import type pg from 'pg'
import type { Instant } from '../../core/order.ts'

/** One receipt, issue or correction. `delta` is signed decimal text; `ref` makes a repeat harmless. */
export interface StockMovement {
  readonly sku: string
  readonly location: string
  readonly delta: string
  readonly ref: string
  /** When it happened; absent = now. A movement older than the last count is already in that count. */
  readonly at?: Instant
}
export interface StockMoved {
  readonly n: number
  readonly sku: string
  readonly result: 'moved' | 'counted' | 'duplicate' | 'unknown-sku' | 'unknown-location' | 'bundle'
  readonly on_hand: string | null
}

/** Applies movements whose stock rows the caller has locked; several per SKU are fine. */
export async function applyMovements(
  client: pg.ClientBase,
  movements: readonly StockMovement[],
  actor: string,
  now: Date,
): Promise<readonly StockMoved[]> {
  const { rows } = await client.query<StockMoved>(SQL, [
    movements.map((movement) => movement.sku),
    movements.map((movement) => movement.location),
    movements.map((movement) => movement.delta),
    movements.map((movement) => movement.at ?? null),
    movements.map((movement) => movement.ref),
    actor,
    now,
  ])
  return rows
}

const SQL = `
with item as (
  select i.n::integer as n, i.sku, i.location, i.delta, i.ref, coalesce(i.at, $7::timestamptz) as at, s.sku is not null as known,
         row_number() over (partition by i.sku, i.location, i.ref order by i.n) as nth,
         exists (select 1 from skus k where k.sku = i.sku) as sku_known, exists (select 1 from bundle_parts b where b.bundle = i.sku) as bundle,
         i.at is not null and s.as_of is not null and i.at <= s.as_of as counted, s.on_hand as before
  from unnest($1::text[], $2::text[], $3::numeric[], $4::timestamptz[], $5::text[]) with ordinality i(sku, location, delta, at, ref, n)
  left join stock s on s.sku = i.sku and s.location = i.location
), ledgered as (
  insert into stock_ledger (sku, location, on_hand_delta, cause, ref, at, actor)
  select sku, location, case when counted then 0 else delta end, 'movement', ref, at, $6
  from item where known and not bundle and nth = 1 order by sku, location, n
  on conflict (cause, ref, sku, location) where cause in ('count','movement','held','safety','receipt','return') and ref is not null do nothing
  returning sku, location, ref, on_hand_delta
), moved as (
  select sku, location, sum(on_hand_delta) as delta from ledgered group by 1, 2
), updated as (
  update stock s set on_hand = s.on_hand + m.delta, updated_at = $7 from moved m
  where s.sku = m.sku and s.location = m.location and m.delta <> 0
)
select i.n, i.sku, case
    when not i.sku_known then 'unknown-sku'
    when i.bundle then 'bundle'
    when not i.known then 'unknown-location'
    when l.ref is null or i.nth > 1 then 'duplicate'
    when i.counted then 'counted'
    else 'moved' end as result,
  (i.before + coalesce(m.delta, 0))::text as on_hand
from item i
left join ledgered l on l.sku = i.sku and l.location = i.location and l.ref = i.ref
left join moved m on m.sku = i.sku and m.location = i.location
order by i.n`
