import type pg from 'pg'
import { ON_WIRE } from './level-calls.ts'
import type { ChannelListing } from '../../core/connector.ts'
import { withTx } from '../db.ts'

export interface ListingsSaved {
  readonly saved: number
  /** Listings that got a SKU or another one. */
  readonly rebound: readonly string[]
}

/**
 * Stores one page of a channel's listings and binds them: by equal code first, then by a barcode that exactly one SKU
 * has. What a person bound or ignored stays. The shown quantity is only taken while no write of ours is under way.
 * Listings whose SKU or activity changed are marked, so that the next push tells them.
 */
export async function saveListings(pool: pg.Pool, connectionId: string, listings: readonly ChannelListing[], seenAt: Date): Promise<ListingsSaved> {
  if (listings.length === 0) return { saved: 0, rebound: [] }
  const unique = [...new Map(listings.map((listing) => [listing.key, listing])).values()]
  return withTx(pool, async (client) => {
    await client.query('select 1 from listings where connection_id = $1 and listing_key = any($2) order by listing_key for update', [
      connectionId,
      unique.map((listing) => listing.key),
    ])
    const { rows } = await client.query<{ key: string; rebound: boolean }>(SAVE, [connectionId, JSON.stringify(unique.map(row)), seenAt])
    return { saved: unique.length, rebound: rows.filter((saved) => saved.rebound).map((saved) => saved.key) }
  })
}

const row = (listing: ChannelListing): Readonly<Record<string, unknown>> => ({
  key: listing.key,
  ids: listing.ids,
  channel_sku: listing.sku,
  barcode: listing.barcode ?? null,
  title: listing.title,
  price: listing.price ?? null,
  quantity: listing.quantity ?? null,
  active: listing.active,
})

const SAVE = `
with x as (
  select * from json_to_recordset($2::json) x(key text, ids json, channel_sku text, barcode text, title text, price text, quantity numeric, active boolean)
), matched as (
  select x.*, old.listing_key is null as fresh, old.sku as old_sku, old.active as old_active,
    case when old.bound in ('person', 'ignored') then old.sku else coalesce(c.sku, b.sku) end as sku,
    case when old.bound in ('person', 'ignored') then old.bound when c.sku is not null then 'code' when b.sku is not null then 'barcode' else 'unbound' end as bound
  from x
  left join listings old on old.connection_id = $1 and old.listing_key = x.key
  left join skus c on c.sku = x.channel_sku and c.active and x.channel_sku <> ''
  left join lateral (select min(s.sku) as sku from skus s where s.barcode = x.barcode and s.active having count(*) = 1) b on true
), saved as (
  insert into listings as l (connection_id, listing_key, ids, channel_sku, barcode, title, price, active, shown, shown_at, sku, bound, seen_at)
  select $1, key, ids, channel_sku, barcode, title, price, active, quantity, $3, sku, bound, $3 from matched order by key
  on conflict (connection_id, listing_key) do update set ids = excluded.ids, channel_sku = excluded.channel_sku, barcode = excluded.barcode, title = excluded.title,
    price = excluded.price, active = excluded.active, sku = excluded.sku, bound = excluded.bound, seen_at = excluded.seen_at,
    shown = case when l.push_state in ('sending', 'unknown') or (l.connection_id, l.listing_key) in (${ON_WIRE}) then l.shown else excluded.shown end,
    shown_at = case when l.push_state in ('sending', 'unknown') or (l.connection_id, l.listing_key) in (${ON_WIRE}) then l.shown_at else excluded.shown_at end
), marked as (
  insert into listing_dirty (connection_id, listing_key)
  select $1, key from matched where sku is distinct from old_sku or (not fresh and active is distinct from old_active) order by key
  on conflict (connection_id, listing_key) do update set at = now()
)
select key, sku is not null and sku is distinct from old_sku as rebound from matched order by key`

/** After a complete refresh: what the channel no longer lists is not told anything any more. Answers how many. */
export async function retireListings(pool: pg.Pool, connectionId: string, seenBefore: Date): Promise<number> {
  const { rowCount } = await pool.query('update listings set active = false where connection_id = $1 and active and seen_at < $2', [
    connectionId,
    seenBefore,
  ])
  return rowCount ?? 0
}

/** Orders held because these listings were unbound; newest first. */
export async function ordersWaitingFor(pool: pg.Pool, connectionId: string, listingKeys: readonly string[]): Promise<readonly number[]> {
  const { rows } = await pool.query<{ order_id: number }>(
    `select distinct l.order_id from order_lines l join orders o on o.id = l.order_id
     where o.connection_id = $1 and l.listing_key = any($2) and l.sku is null and l.needs_goods order by 1 desc limit 10000`,
    [connectionId, listingKeys],
  )
  return rows.map((found) => found.order_id)
}
