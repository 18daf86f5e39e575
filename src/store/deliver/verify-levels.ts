import type pg from 'pg'
import { ON_WIRE } from './level-calls.ts'

/** A listing whose level is to be compared with what its channel shows. */
interface ListingToVerify {
  readonly listing_key: string
  readonly ids: Readonly<Record<string, string>>
  readonly channel_sku: string
}

/** When the levels of a connection were compared last; undefined where they are not: it tells none, or keeps books of its own. */
export async function verifiedAt(pool: pg.Pool, connectionId: string): Promise<{ readonly at: string | null } | undefined> {
  const { rows } = await pool.query<{ at: string | null }>(
    `select levels_verified_at as at from connections where id = $1 and state = 'active' and armed_stock and stock_mode = 'shared'`,
    [connectionId],
  )
  return rows[0]
}

export async function noteVerified(pool: pg.Pool, connectionId: string, at: Date): Promise<void> {
  await pool.query('update connections set levels_verified_at = $2 where id = $1', [connectionId, at])
}

/** True while a listing showed something else than it was told, and nobody has looked a second time by then. */
export async function suspectsWait(pool: pg.Pool, connectionId: string, seenBefore: Date): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select 1 from listings where connection_id = $1 and verified_at <= $2 and shown_at = verified_at and confirmed_at < verified_at and shown <> confirmed
       and push_state = 'idle' and (connection_id, listing_key) not in (${ON_WIRE}) limit 1`,
    [connectionId, seenBefore],
  )
  return rowCount === 1
}

/**
 * Listings to compare, those seen different first, then those told a level since they were last compared, then the longest unseen. Whatever waits to be
 * told, is on the wire or was told only now is left out: it is going to be different, or may be.
 */
export async function levelsToVerify(
  pool: pg.Pool,
  connectionId: string,
  when: { readonly toldBefore: Date; readonly seenBefore: Date },
  most: { readonly moved: number; readonly all: number },
): Promise<readonly ListingToVerify[]> {
  const { rows } = await pool.query<ListingToVerify>(
    `with l as materialized (
       select listing_key, ids, channel_sku, verified_at, confirmed_at,
         coalesce(shown_at = verified_at and confirmed_at < verified_at and shown <> confirmed, false) as suspect
       from listings l where connection_id = $1 and active and not paused and sku is not null and confirmed is not null and shown is not null and push_state = 'idle'
         and confirmed_at < $2 and (connection_id, listing_key) not in (${ON_WIRE}) and not exists (select 1 from listing_dirty d where d.connection_id = l.connection_id and d.listing_key = l.listing_key)),
     picked as (
       (select listing_key, 0 as rank from l where suspect and verified_at <= $3 order by verified_at limit $5)
       union (select listing_key, 1 from l where not suspect and verified_at < confirmed_at order by confirmed_at desc limit $4)
       union (select listing_key, 2 from l where not suspect order by verified_at nulls first, listing_key limit $5))
     select l.listing_key, l.ids::json as ids, l.channel_sku from l join (select listing_key, min(rank) as rank from picked group by 1) p using (listing_key)
     order by p.rank, l.listing_key`,
    [connectionId, when.toldBefore, when.seenBefore, most.moved, most.all],
  )
  return rows
}

/** How many listings of a connection are compared in turn. */
export async function countVerifiable(pool: pg.Pool, connectionId: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    'select count(*)::int as n from listings where connection_id = $1 and active and not paused and sku is not null and confirmed is not null',
    [connectionId],
  )
  return rows[0]?.n ?? 0
}

/** One comparison. */
export interface Verified {
  readonly listing_key: string
  readonly sku: string
  readonly shown: number
  readonly confirmed: number
  readonly confirmed_at: string
  /** It showed something else already when it was last looked at, and nothing was told since: somebody else set it. */
  readonly drifted: boolean
}

/**
 * Notes what listings showed when they were read from `startedAt` on. One that was told a level meanwhile, or waits for one, is passed over: an echo of our
 * own write is no drift. Those that were different twice are marked, so that they are told the newest level again.
 */
export async function recordVerified(
  client: pg.ClientBase,
  connectionId: string,
  shown: readonly { readonly key: string; readonly quantity: number }[],
  between: { readonly startedAt: Date; readonly endedAt: Date },
): Promise<readonly Verified[]> {
  const { rows } = await client.query<Verified>(
    `with x as (select * from unnest($2::text[], $3::numeric[]) x(key, quantity)),
     k as materialized (
       select l.listing_key, l.sku, x.quantity, l.confirmed, l.confirmed_at,
         coalesce(x.quantity <> l.confirmed and l.shown_at = l.verified_at and l.confirmed_at < l.verified_at and l.shown <> l.confirmed, false) as drifted
       from listings l join x on x.key = l.listing_key
       where l.connection_id = $1 and l.push_state = 'idle' and l.confirmed is not null and l.confirmed_at < $4 and (l.connection_id, l.listing_key) not in (${ON_WIRE})
         and not exists (select 1 from listing_dirty d where d.connection_id = l.connection_id and d.listing_key = l.listing_key)
       order by l.listing_key for no key update of l),
     seen as (
       update listings l set shown = k.quantity, shown_at = $5, verified_at = $5 from k where l.connection_id = $1 and l.listing_key = k.listing_key),
     marked as (
       insert into listing_dirty (connection_id, listing_key) select $1, listing_key from k where drifted order by listing_key
       on conflict (connection_id, listing_key) do update set at = now())
     select listing_key, sku, quantity::float8 as shown, confirmed, confirmed_at, drifted from k order by listing_key`,
    [connectionId, shown.map(({ key }) => key), shown.map(({ quantity }) => quantity), between.startedAt, between.endedAt],
  )
  return rows
}
