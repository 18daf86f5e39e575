import type pg from 'pg'

/** A listing whose level is to be told, with all that decides about it. */
export interface PendingListing {
  readonly listing_key: string
  readonly ids: Readonly<Record<string, string>>
  readonly channel_sku: string
  readonly title: string
  readonly sku: string | null
  readonly active: boolean
  readonly paused: boolean
  readonly shown: string | null
}

/**
 * Takes the dirty marks of a connection and notes them as `pending` on the listings, in key order. Listings with a write
 * on the wire or in doubt keep their mark until that is settled. Commit before computing levels: a writer that found the
 * mark already there still holds its stock rows then, and `lockLevels` waits for it.
 */
export async function takeDirty(client: pg.ClientBase, connectionId: string, limit: number): Promise<number> {
  const { rows } = await client.query<{ listing_key: string }>(
    `select l.listing_key from listings l
     where l.connection_id = $1 and l.push_state not in ('sending', 'unknown')
       and exists (select 1 from listing_dirty d where d.connection_id = l.connection_id and d.listing_key = l.listing_key)
     order by l.listing_key limit $2 for update`,
    [connectionId, limit],
  )
  const keys = rows.map((row) => row.listing_key)
  if (keys.length === 0) return 0
  await client.query(
    `with taken as (select listing_key from listing_dirty where connection_id = $1 and listing_key = any($2) order by listing_key for update)
     delete from listing_dirty d using taken t where d.connection_id = $1 and d.listing_key = t.listing_key`,
    [connectionId, keys],
  )
  await client.query(`update listings set push_state = 'pending' where connection_id = $1 and listing_key = any($2)`, [connectionId, keys])
  return keys.length
}

/** The listings that wait to be told, locked. */
export async function lockPending(client: pg.ClientBase, connectionId: string, limit: number): Promise<readonly PendingListing[]> {
  const { rows } = await client.query<PendingListing>(
    `select listing_key, ids, channel_sku, title, sku, active, paused, shown from listings
     where connection_id = $1 and push_state = 'pending' order by listing_key limit $2 for update`,
    [connectionId, limit],
  )
  return rows
}

const LOCK_SHARED = 'select 1 from stock where sku = any($1) order by sku, location for share'
const LOCK_OWN = 'select 1 from stock where sku = any($1) order by sku, location for update'

/** Waits for writers that are moving these SKUs right now. */
export async function lockLevels(client: pg.ClientBase, skus: readonly string[], how: 'share' | 'update' = 'share'): Promise<void> {
  await client.query(how === 'share' ? LOCK_SHARED : LOCK_OWN, [skus])
}

/** Listings under quota that have what they should have, or have to wait until their level is known. */
export async function restListings(
  client: pg.ClientBase,
  connectionId: string,
  rows: readonly { readonly key: string; readonly reason: string | null }[],
): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `update listings l set push_state = case when x.reason is null then 'idle' else 'blocked' end, push_message = x.reason
     from unnest($2::text[], $3::text[]) x(key, reason) where l.connection_id = $1 and l.listing_key = x.key`,
    [connectionId, rows.map((row) => row.key), rows.map((row) => row.reason)],
  )
}

/** The listing is not told anything, and why. `desired` is kept for people to see. */
export async function blockListings(
  client: pg.ClientBase,
  connectionId: string,
  rows: readonly { readonly key: string; readonly reason: string; readonly desired: number | null }[],
): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `update listings l set push_state = 'blocked', push_message = x.reason, desired = x.desired, desired_at = now()
     from unnest($2::text[], $3::text[], $4::int[]) x(key, reason, desired) where l.connection_id = $1 and l.listing_key = x.key`,
    [connectionId, rows.map((row) => row.key), rows.map((row) => row.reason), rows.map((row) => row.desired)],
  )
}

/** Records the intent of one absolute write per listing and marks the listings as being told; answers effect ids by listing. */
export async function recordStockIntents(
  client: pg.ClientBase,
  connectionId: string,
  rows: readonly { readonly key: string; readonly sku: string; readonly quantity: number; readonly idempotencyKey: string }[],
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const { rows: made } = await client.query<{ id: number; listing_key: string }>(
    `with x as (select * from unnest($2::text[], $3::text[], $4::int[], $5::text[]) x(key, sku, quantity, idempotency_key)),
     told as (
       update listings l set push_state = 'sending', push_message = null, push_attempts = l.push_attempts + 1, desired = x.quantity, desired_at = $6
       from x where l.connection_id = $1 and l.listing_key = x.key)
     insert into effects (connection_id, kind, idempotency_key, listing_key, intent, state, attempts, sent_at, not_before)
     select $1, 'stock', x.idempotency_key, x.key, json_build_object('sku', x.sku, 'quantity', x.quantity), 'sending', 1, $6, $6 from x order by x.key
     returning id, listing_key`,
    [
      connectionId,
      rows.map((row) => row.key),
      rows.map((row) => row.sku),
      rows.map((row) => row.quantity),
      rows.map((row) => row.idempotencyKey),
      now,
    ],
  )
  return new Map(made.map((row) => [row.listing_key, row.id]))
}
