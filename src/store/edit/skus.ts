import type pg from 'pg'

export interface SkuInput {
  readonly sku: string
  readonly title?: string | undefined
  readonly barcode?: string | null | undefined
  /** By which rules may name it, for example `drinks/tea`. */
  readonly category?: string | null | undefined
  readonly active?: boolean | undefined
}

export interface SkuResult {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
}

/** Creates or changes SKUs; what is not sent stays as it is. Idempotent. A SKU may occur once per call. */
export async function upsertSkus(db: Pick<pg.Pool, 'query'>, items: readonly SkuInput[]): Promise<SkuResult> {
  const rows = items.map((item) => ({
    sku: item.sku,
    title: item.title ?? null,
    barcode: item.barcode ?? null,
    set_barcode: item.barcode !== undefined,
    category: item.category ?? null,
    set_category: item.category !== undefined,
    active: item.active ?? null,
  }))
  const {
    rows: [counts],
  } = await db.query<{ created: number; updated: number }>(
    `with given as (select * from json_to_recordset($1::json) x(sku text, title text, barcode text, set_barcode boolean, category text, set_category boolean, active boolean) order by sku),
     moved as (select s.sku from given g join skus s on s.sku = g.sku where g.set_category and s.category is distinct from g.category
       and exists (select 1 from stock_rules where enabled and category is not null)),
     marked as (
       insert into listing_dirty (connection_id, listing_key) select connection_id, listing_key from listings where sku in (select sku from moved) order by 1, 2
       on conflict (connection_id, listing_key) do update set at = now()),
     written as (
       insert into skus as s (sku, title, barcode, category, active) select sku, coalesce(title, ''), barcode, category, coalesce(active, true) from given
       on conflict (sku) do update set
         title = coalesce((select g.title from given g where g.sku = s.sku), s.title),
         barcode = case when (select g.set_barcode from given g where g.sku = s.sku) then excluded.barcode else s.barcode end,
         category = case when (select g.set_category from given g where g.sku = s.sku) then excluded.category else s.category end,
         active = coalesce((select g.active from given g where g.sku = s.sku), s.active), updated_at = now()
       where (s.title, s.barcode, s.category, s.active) is distinct from (
         coalesce((select g.title from given g where g.sku = s.sku), s.title),
         case when (select g.set_barcode from given g where g.sku = s.sku) then excluded.barcode else s.barcode end,
         case when (select g.set_category from given g where g.sku = s.sku) then excluded.category else s.category end,
         coalesce((select g.active from given g where g.sku = s.sku), s.active))
       returning (xmax = 0) as inserted)
     select count(*) filter (where inserted)::int as created, count(*) filter (where not inserted)::int as updated from written`,
    [JSON.stringify(rows)],
  )
  const created = counts?.created ?? 0
  const updated = counts?.updated ?? 0
  return { created, updated, unchanged: items.length - created - updated }
}
