import type pg from 'pg'

/** Place of a quantity: one SKU at one location. */
export interface StockKey {
  readonly sku: string
  readonly location: string
}

/**
 * Makes missing rows and locks all of them in key order, which is what keeps transactions over the same SKUs from
 * deadlocking. Unknown SKUs and locations get no row and no lock; bundles have no stock of their own.
 */
export async function lockStock(client: pg.ClientBase, keys: readonly StockKey[]): Promise<void> {
  if (keys.length === 0) return
  const params = [keys.map((key) => key.sku), keys.map((key) => key.location)]
  await client.query(
    `insert into stock (sku, location)
     select distinct s.sku, l.id from unnest($1::text[], $2::text[]) k(sku, location)
     join skus s on s.sku = k.sku join locations l on l.id = k.location
     where not exists (select 1 from bundle_parts b where b.bundle = s.sku) order by 1, 2 on conflict (sku, location) do nothing`,
    params,
  )
  await client.query(
    `select 1 from stock s where (s.sku, s.location) in (select * from unnest($1::text[], $2::text[]))
     order by s.sku, s.location for no key update of s`,
    params,
  )
}
