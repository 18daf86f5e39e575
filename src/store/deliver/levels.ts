import type pg from 'pg'

/** What may be promised of one SKU over all sellable locations. */
export interface Level {
  readonly sku: string
  /** Σ (on hand − reserved − safety) over sellable locations less what listings under quota hold, never below zero; decimal text. */
  readonly promisable: string
  /** False until somebody counted it: an uncounted SKU is unknown, not zero. */
  readonly counted: boolean
}

/** Levels of these SKUs now. SKUs without any stock row are absent. */
export async function readLevels(client: pg.ClientBase | pg.Pool, skus: readonly string[]): Promise<readonly Level[]> {
  const { rows } = await client.query<Level>(
    `select s.sku, greatest(0, coalesce(sum(s.on_hand - s.reserved - s.safety) filter (where l.sellable), 0)
              - coalesce((select sum(greatest(e.units, 0)) from escrows e where e.sku = s.sku), 0))::text as promisable,
            bool_or(s.as_of is not null and l.sellable) as counted
     from stock s join locations l on l.id = s.location where s.sku = any($1) group by s.sku order by s.sku`,
    [skus],
  )
  return rows
}
