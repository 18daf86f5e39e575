import type pg from 'pg'

/** What is kept from being sold at one place. */
export interface SafetyLevel {
  readonly sku: string
  readonly location: string
  readonly safety: string
}
export interface HeldMovement {
  readonly sku: string
  readonly location: string
  /** Signed decimal text: above zero puts pieces aside, below zero brings them back. */
  readonly delta: string
  /** Damaged, being checked… */
  readonly reason: string
  readonly ref: string
}
export interface KeptBack {
  readonly n: number
  readonly sku: string
  readonly location: string
  readonly result: 'set' | 'unchanged' | 'moved' | 'duplicate' | 'below-zero' | 'unknown-sku' | 'unknown-location' | 'bundle'
  /** What is put aside, or the safety, after it. */
  readonly value: string | null
}

const KNOWN = `case when not exists (select 1 from skus k where k.sku = i.sku) then 'unknown-sku'
  when exists (select 1 from bundle_parts b where b.bundle = i.sku) then 'bundle' when s.sku is null then 'unknown-location'`

/** Sets what is always kept back; rows are locked by the caller, at most one item per SKU and location. */
export async function applySafety(client: pg.ClientBase, items: readonly SafetyLevel[], actor: string, now: Date): Promise<readonly KeptBack[]> {
  const { rows } = await client.query<KeptBack>(
    `with item as (
       select i.n::int, i.sku, i.location, i.safety, coalesce(s.safety, 0) as before, ${KNOWN} when s.safety = i.safety then 'unchanged' else 'set' end as result
       from unnest($1::text[], $2::text[], $3::numeric[]) with ordinality i(sku, location, safety, n) left join stock s on s.sku = i.sku and s.location = i.location),
     noted as (
       insert into stock_ledger (sku, location, safety_delta, cause, at, actor) select sku, location, safety - before, 'safety', $5, $4 from item where result = 'set' order by 1, 2),
     written as (update stock s set safety = i.safety, updated_at = $5 from item i where (s.sku, s.location) = (i.sku, i.location) and i.result = 'set')
     select n, sku, location, result, case when result in ('set', 'unchanged') then trim_scale(safety)::text end as value from item order by n`,
    [items.map((item) => item.sku), items.map((item) => item.location), items.map((item) => item.safety), actor, now],
  )
  return rows
}

/** Puts pieces aside and brings them back; rows are locked by the caller. The same `ref` twice does nothing. */
export async function applyHeld(client: pg.ClientBase, items: readonly HeldMovement[], actor: string, now: Date): Promise<readonly KeptBack[]> {
  const { rows } = await client.query<KeptBack>(
    `with item as (
       select i.*, s.held as before, row_number() over (partition by i.sku, i.location, i.ref order by i.n) as nth, ${KNOWN}
         when exists (select 1 from stock_ledger l where l.cause = 'held' and (l.ref, l.sku, l.location) = (i.ref, i.sku, i.location)) then 'duplicate' else 'moved' end as said
       from unnest($1::text[], $2::text[], $3::numeric[], $4::text[], $5::text[]) with ordinality i(sku, location, delta, reason, ref, n)
       left join stock s on s.sku = i.sku and s.location = i.location),
     judged as (
       select i.*, case when said = 'moved' and nth > 1 then 'duplicate' when said <> 'moved' then said
         when before + sum(delta) filter (where said = 'moved' and nth = 1) over (partition by sku, location order by n) < 0 then 'below-zero' else 'moved' end as result from item i),
     noted as (
       insert into stock_ledger (sku, location, held_delta, cause, ref, reason, at, actor)
       select sku, location, delta, 'held', ref, reason, $7, $6 from judged where result = 'moved' order by sku, location, n returning sku, location, held_delta),
     total as (select sku, location, sum(held_delta) as delta from noted group by 1, 2),
     written as (update stock s set held = s.held + t.delta, updated_at = $7 from total t where (s.sku, s.location) = (t.sku, t.location))
     select j.n::int, j.sku, j.location, j.result, trim_scale(j.before + coalesce(t.delta, 0))::text as value from judged j left join total t using (sku, location) order by j.n`,
    [
      items.map((item) => item.sku),
      items.map((item) => item.location),
      items.map((item) => item.delta),
      items.map((item) => item.reason),
      items.map((item) => item.ref),
      actor,
      now,
    ],
  )
  return rows
}
