import type pg from 'pg'

/**
 * Marks every listing bound to these SKUs or to bundles of them: its level may have moved. Call it in the transaction that moves the stock,
 * after the stock rows are locked. `do update` instead of `do nothing`: it makes a push run that is just taking the
 * mark wait for this transaction, so the mark is never taken together with the old level.
 */
export async function markSkusDirty(client: pg.ClientBase, skus: readonly string[]): Promise<void> {
  if (skus.length === 0) return
  await client.query(
    `insert into listing_dirty (connection_id, listing_key)
     select connection_id, listing_key from listings
     where sku = any(array(select unnest($1::text[]) union select bundle from bundle_parts where sku = any($1))) order by connection_id, listing_key
     on conflict (connection_id, listing_key) do update set at = now()`,
    [skus],
  )
}

/** Marks every listing of a connection, for example after it was armed or its share of the pool changed. */
export async function markConnectionDirty(client: pg.ClientBase, connectionId: string): Promise<void> {
  await client.query(
    `insert into listing_dirty (connection_id, listing_key)
     select connection_id, listing_key from listings where connection_id = $1 order by connection_id, listing_key
     on conflict (connection_id, listing_key) do update set at = now()`,
    [connectionId],
  )
}

/** Marks single listings, for example after they were bound or un-paused. */
export async function markListingsDirty(client: pg.ClientBase, connectionId: string, listingKeys: readonly string[]): Promise<void> {
  if (listingKeys.length === 0) return
  await client.query(
    `insert into listing_dirty (connection_id, listing_key)
     select connection_id, listing_key from listings where connection_id = $1 and listing_key = any($2) order by connection_id, listing_key
     on conflict (connection_id, listing_key) do update set at = now()`,
    [connectionId, listingKeys],
  )
}
