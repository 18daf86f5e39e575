import type pg from 'pg'
import type { Instant } from '../../core/order.ts'

/** One absolute count. Quantities are decimal text. */
export interface StockCount {
  readonly sku: string
  readonly location: string
  readonly onHand: string
  /** When it was counted; absent = now, and then it always applies. */
  readonly asOf?: Instant
  /** Sender's own id of this count: the same one twice does nothing. */
  readonly ref?: string
}
export interface StockCounted {
  readonly sku: string
  readonly location: string
  readonly result: 'set' | 'unchanged' | 'stale' | 'duplicate' | 'unknown-sku' | 'unknown-location' | 'bundle'
  readonly on_hand: string | null
  readonly reserved: string | null
  readonly delta: string
}

/**
 * Applies counts whose stock rows the caller has locked, at most one per SKU and location. What the hub moved or
 * shipped after `asOf` is added on top, so a count that arrives late is not wrong. An older count than the one that
 * stands is ignored; of two counts of one instant the lower stands, in whatever order they come.
 */
export async function applyCounts(client: pg.ClientBase, counts: readonly StockCount[], actor: string, now: Date): Promise<readonly StockCounted[]> {
  const { rows } = await client.query<StockCounted>(SQL, [
    counts.map((count) => count.sku),
    counts.map((count) => count.location),
    counts.map((count) => count.onHand),
    counts.map((count) => count.asOf ?? null),
    counts.map((count) => count.ref ?? null),
    actor,
    now,
  ])
  return rows
}

const SQL = `
with item as (
  select i.sku, i.location, i.on_hand, i.ref, i.as_of is not null as explicit,
         coalesce(i.as_of, greatest($7::timestamptz, s.as_of)) as as_of,
         s.sku is not null as known, s.on_hand as before, s.reserved, s.as_of as counted_at,
         exists (select 1 from skus k where k.sku = i.sku) as sku_known, exists (select 1 from bundle_parts b where b.bundle = i.sku) as bundle
  from unnest($1::text[], $2::text[], $3::numeric[], $4::timestamptz[], $5::text[]) i(sku, location, on_hand, as_of, ref)
  left join stock s on s.sku = i.sku and s.location = i.location
), fresh as (
  select i.*, i.on_hand + coalesce((
      select sum(l.on_hand_delta) from stock_ledger l
      where l.sku = i.sku and l.location = i.location and l.at > i.as_of and l.cause in ('movement', 'shipment', 'receipt', 'return')), 0) as after
  from item i
), verdict as (
  select f.*, case
      when not sku_known then 'unknown-sku'
      when bundle then 'bundle'
      when not known then 'unknown-location'
      when f.ref is not null and exists (
        select 1 from stock_ledger l where l.cause = 'count' and l.ref = f.ref and l.sku = f.sku and l.location = f.location) then 'duplicate'
      when f.explicit and f.counted_at > f.as_of then 'stale'
      when f.explicit and f.counted_at = f.as_of and f.after > f.before then 'stale'
      when f.counted_at is not null and f.after = f.before then 'unchanged'
      else 'set' end as result
  from fresh f
), ledgered as (
  insert into stock_ledger (sku, location, on_hand_delta, cause, ref, at, actor)
  select sku, location, after - before, 'count', ref, as_of, $6 from verdict
  where result = 'set' or (result = 'unchanged' and ref is not null) order by sku, location
), updated as (
  update stock s set on_hand = v.after, as_of = v.as_of, updated_at = $7 from verdict v
  where s.sku = v.sku and s.location = v.location and v.result in ('set', 'unchanged')
)
select sku, location, result,
       case when result = 'set' then after else before end::text as on_hand, reserved::text,
       case when result = 'set' then after - before else 0 end::text as delta
from verdict`
