import type pg from 'pg'
import { textArray } from './text-array.ts'

/** A listing whose level is to be told, with all that decides about it. */
export interface PendingListing {
  readonly connection_id: string
  readonly listing_key: string
  readonly ids: Readonly<Record<string, string>>
  readonly channel_sku: string
  readonly sku: string | null
  readonly active: boolean
  readonly paused: boolean
  /** A person stopped telling levels of its SKU to anybody. */
  readonly sku_paused: boolean
  readonly shown: string | null
}

/** How many marks of a connection are taken, and which before the others. */
export interface Wanted {
  readonly connectionId: string
  readonly most: number
  /** Listings that go first, marked or not any more. */
  readonly first?: readonly string[] | undefined
  /** Go on behind this listing, then from the start: whoever is behind it had its turn last. */
  readonly after?: string | undefined
}

/** A marked listing and its SKU, as they were without any lock. */
export interface MarkedListing {
  readonly connection_id: string
  readonly listing_key: string
  readonly sku: string | null
}

/** For each mark its listing by the key, whatever the planner thinks of the tables' sizes: `offset 0` keeps it from turning the join around. */
const SPEAKING = `cross join lateral (
    select l.sku from listings l where l.connection_id = x.connection_id and l.listing_key = m.listing_key and l.push_state not in ('sending', 'unknown') offset 0) l`

const MARKED = `
select x.connection_id, d.listing_key, d.sku
from json_to_recordset($1::json) x(connection_id text, most int, after text, "first" jsonb), lateral (
  select m.listing_key, l.sku from jsonb_array_elements_text(x.first) k(key) join listing_dirty m on m.connection_id = x.connection_id and m.listing_key = k.key ${SPEAKING}
  union all
  (select m.listing_key, l.sku from listing_dirty m ${SPEAKING}
    where m.connection_id = x.connection_id and m.listing_key > x.after and not jsonb_exists(x.first, m.listing_key) order by m.listing_key limit x.most)
  union all
  (select m.listing_key, l.sku from listing_dirty m ${SPEAKING}
    where m.connection_id = x.connection_id and m.listing_key <= x.after and not jsonb_exists(x.first, m.listing_key) order by m.listing_key limit x.most)
  limit x.most) d`

/**
 * Marked listings with no write on the wire or in doubt, at most `most` of each connection. Looked up without a lock: their stock is locked
 * next, and only then are the marks taken.
 */
export async function markedListings(client: pg.ClientBase, wanted: readonly Wanted[]): Promise<readonly MarkedListing[]> {
  if (wanted.length === 0) return []
  const rows = wanted.map(({ connectionId, most, first = [], after = '' }) => ({ connection_id: connectionId, most, first, after }))
  const found = await client.query<MarkedListing>(MARKED, [JSON.stringify(rows)])
  return found.rows
}

/** Marked listings of one connection as they stand, without a lock: for finding those that must not wait. */
export async function waitingListings(
  pool: pg.Pool,
  connectionId: string,
  most: number,
): Promise<readonly (Omit<PendingListing, 'ids' | 'connection_id' | 'channel_sku' | 'sku_paused'> & { readonly confirmed: number | null })[]> {
  const { rows } = await pool.query<Omit<PendingListing, 'ids' | 'connection_id' | 'channel_sku' | 'sku_paused'> & { confirmed: number | null }>(
    `select l.listing_key, l.sku, l.active, l.paused or exists (select 1 from skus k where k.sku = l.sku and k.push_paused_at is not null) as paused, l.shown, l.confirmed
     from listing_dirty m join listings l using (connection_id, listing_key)
     where m.connection_id = $1 and l.sku is not null and l.push_state not in ('sending', 'unknown') order by m.listing_key limit $2`,
    [connectionId, most],
  )
  return rows
}

/** A marked listing with the versions of its row and of its mark. */
interface ReadListing extends PendingListing {
  readonly version: string
  readonly mark: string
}

/**
 * These listings as they are now, in key order and without a lock; the caller holds the stock of their SKUs. Whoever acts on them names the versions, and a listing or
 * mark that was changed since is left alone. One that got a write or another SKU meanwhile is absent.
 */
export async function readMarked(client: pg.ClientBase, listings: readonly MarkedListing[]): Promise<readonly ReadListing[]> {
  if (listings.length === 0) return []
  const sorted = listings.toSorted(byKey)
  const { rows } = await client.query<Omit<ReadListing, 'connection_id' | 'listing_key'> & { readonly n: number }>({
    name: 'read-marked',
    text: `select x.n::int as n, l.ids, l.channel_sku, l.sku, l.active, l.paused, l.shown,
       exists (select 1 from skus k where k.sku = l.sku and k.push_paused_at is not null) as sku_paused, l.xmin::text as version, m.xmin::text as mark
     from unnest($1::text[], $2::text[]) with ordinality x(connection_id, listing_key, n) join listings l using (connection_id, listing_key) join listing_dirty m using (connection_id, listing_key)
     where l.push_state not in ('sending', 'unknown') and (l.sku is null or l.sku = any($3)) order by x.n`,
    values: [textArray(sorted.map((row) => row.connection_id)), textArray(sorted.map((row) => row.listing_key)), textArray(skusOf(listings))],
  })
  // Field by field: spreading thousands of rows costs more than reading them.
  return rows.flatMap(({ n, ids, channel_sku, sku, active, paused, sku_paused, shown, version, mark }) => {
    const named = sorted[n - 1]
    if (!named) return []
    const { connection_id, listing_key } = named
    return [{ connection_id, listing_key, ids, channel_sku, sku, active, paused, sku_paused, shown, version, mark }]
  })
}

/** The order in which everybody takes rows of listings. */
const byKey = (a: MarkedListing, b: MarkedListing): number => compare(a.connection_id, b.connection_id) || compare(a.listing_key, b.listing_key)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Takes the marks of these listings and locks the listings, in key order; the caller holds the stock of their SKUs, so whoever moves it from
 * here on marks them anew. A listing that got a write or another SKU meanwhile keeps its mark.
 */
export async function takeMarks(client: pg.ClientBase, listings: readonly MarkedListing[]): Promise<readonly PendingListing[]> {
  if (listings.length === 0) return []
  const { rows } = await client.query<PendingListing>(
    `with l as materialized (
       select l.connection_id, l.listing_key, l.ids, l.channel_sku, l.sku, l.active, l.paused, l.shown,
         exists (select 1 from skus k where k.sku = l.sku and k.push_paused_at is not null) as sku_paused
       from unnest($1::text[], $2::text[]) x(connection_id, listing_key) join listings l using (connection_id, listing_key)
       where l.push_state not in ('sending', 'unknown') and (l.sku is null or l.sku = any($3)) order by l.connection_id, l.listing_key for update of l)
     delete from listing_dirty m using l where m.connection_id = l.connection_id and m.listing_key = l.listing_key
     returning l.connection_id, l.listing_key, l.ids, l.channel_sku, l.sku, l.active, l.paused, l.sku_paused, l.shown`,
    [listings.map((row) => row.connection_id), listings.map((row) => row.listing_key), skusOf(listings)],
  )
  return rows
}

/** Every SKU once, in the order everybody locks them. */
export function skusOf(listings: readonly { readonly sku: string | null }[]): readonly string[] {
  const found = new Set<string>()
  for (const { sku } of listings) if (sku !== null) found.add(sku)
  return [...found].sort()
}

const LOCK_SHARED = 'select 1 from stock where sku = any(stock_rows($1)) order by sku, location for share'
const LOCK_OWN = 'select 1 from stock where sku = any(stock_rows($1)) order by sku, location for update'

/** Waits for writers that are moving these SKUs right now. */
export async function lockLevels(client: pg.ClientBase, skus: readonly string[], how: 'share' | 'update' = 'share'): Promise<void> {
  await client.query(how === 'share' ? LOCK_SHARED : LOCK_OWN, [skus])
}

/** Names one listing of one connection. */
interface ListingName {
  readonly connectionId: string
  readonly key: string
}

/** Listings under quota that have what they should have, or have to wait until their level is known. */
export async function restListings(client: pg.ClientBase, rows: readonly (ListingName & { readonly reason: string | null })[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `update listings l set push_state = case when x.reason is null then 'idle' else 'blocked' end, push_message = x.reason
     from unnest($1::text[], $2::text[], $3::text[]) x(connection_id, key, reason) where l.connection_id = x.connection_id and l.listing_key = x.key`,
    [rows.map((row) => row.connectionId), rows.map((row) => row.key), rows.map((row) => row.reason)],
  )
}

/** The listing is not told anything, and why. `desired` is kept for people to see. */
export async function blockListings(
  client: pg.ClientBase,
  rows: readonly (ListingName & { readonly reason: string; readonly desired: number | null })[],
): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `update listings l set push_state = 'blocked', push_message = x.reason, desired = x.desired, desired_at = now()
     from unnest($1::text[], $2::text[], $3::text[], $4::int[]) x(connection_id, key, reason, desired)
     where l.connection_id = x.connection_id and l.listing_key = x.key`,
    [rows.map((row) => row.connectionId), rows.map((row) => row.key), rows.map((row) => row.reason), rows.map((row) => row.desired)],
  )
}

/** Records the intent of one absolute write per listing and marks the listings as being told; answers the effects in the order of `rows`. */
export async function recordStockIntents(
  client: pg.ClientBase,
  rows: readonly (ListingName & { readonly sku: string; readonly quantity: number; readonly idempotencyKey: string })[],
  now: Date,
): Promise<readonly (number | undefined)[]> {
  if (rows.length === 0) return []
  const { rows: made } = await client.query<{ id: number; idempotency_key: string }>(
    `with x as (select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[]) x(connection_id, key, sku, quantity, idempotency_key)),
     told as (
       update listings l set push_state = 'sending', push_message = null, push_attempts = l.push_attempts + 1, desired = x.quantity, desired_at = $6
       from x where l.connection_id = x.connection_id and l.listing_key = x.key)
     insert into effects (connection_id, kind, idempotency_key, listing_key, intent, state, attempts, sent_at, not_before)
     select x.connection_id, 'stock', x.idempotency_key, x.key, json_build_object('sku', x.sku, 'quantity', x.quantity), 'sending', 1, $6, $6 from x
     order by x.connection_id, x.key returning id, idempotency_key`,
    [
      rows.map((row) => row.connectionId),
      rows.map((row) => row.key),
      rows.map((row) => row.sku),
      rows.map((row) => row.quantity),
      rows.map((row) => row.idempotencyKey),
      now,
    ],
  )
  const ids = new Map(made.map((row) => [row.idempotency_key, row.id]))
  return rows.map((row) => ids.get(row.idempotencyKey))
}
