import type pg from 'pg'
import { ON_WIRE } from './level-calls.ts'
import { joined, textArray } from '../text-array.ts'

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

/** No write of this listing is on the wire or in doubt. */
const FREE = `l.push_state not in ('sending', 'unknown') and (l.connection_id, l.listing_key) not in (${ON_WIRE})`

/**
 * For each mark its listing by the key, whatever the planner thinks of the tables' sizes: `offset 0` keeps it from turning the join around.
 * @param columns of the mark (m) and its listing (l) @param more of what has to hold for the listing @param together what is said of all of a connection (d)
 */
function marked(columns: string, more = 'true', together = 'd.*'): string {
  const speaking = `cross join lateral (
    select l.*, l.ctid as place, l.xmin as version from listings l where l.connection_id = x.connection_id and l.listing_key = m.listing_key and ${FREE} and ${more} offset 0) l`
  return `json_to_recordset($1::json) x(connection_id text, most int, after text, "first" jsonb), lateral (select ${together} from (
  select ${columns} from jsonb_array_elements_text(x.first) k(key) join listing_dirty m on m.connection_id = x.connection_id and m.listing_key = k.key ${speaking}
  union all
  (select ${columns} from listing_dirty m ${speaking}
    where m.connection_id = x.connection_id and m.listing_key > x.after and not jsonb_exists(x.first, m.listing_key) order by m.listing_key limit x.most)
  union all
  (select ${columns} from listing_dirty m ${speaking}
    where m.connection_id = x.connection_id and m.listing_key <= x.after and not jsonb_exists(x.first, m.listing_key) order by m.listing_key limit x.most)
  limit x.most) d) d`
}

const MARKED = `select x.connection_id, d.listing_key, d.sku from ${marked('m.listing_key, l.sku')}`
/** A row for each connection: what is listed as JSON, where the rows stand as arrays that go back as they come. Rows of their own for thousands of listings cost the driver more than all the rest of a plan. */
const MARKED_FULL = `select x.connection_id, d.* from ${marked(
  `m.listing_key, l.ids, l.channel_sku, l.sku, l.shown, l.place, l.version, m.ctid as mark_place, m.xmin as mark, l.active::int + 2 * l.paused::int
     + 4 * coalesce(l.sku in (select sku from skus where push_paused_at is not null), false)::int as flags`,
  '($2::text[] is null or l.sku is null or l.sku in (select unnest($2::text[])))',
  `count(*)::int as listings, json_agg(d.listing_key)::text as keys, json_agg(d.ids)::text as ids, json_agg(d.channel_sku)::text as channel_skus, json_agg(d.sku)::text as skus,
    json_agg(d.shown::text)::text as shown, json_agg(d.flags)::text as flags, array_agg(d.place)::text as places, array_agg(d.version)::text as versions,
    array_agg(d.mark_place)::text as mark_places, array_agg(d.mark)::text as marks`,
)} where d.listings > 0`

/**
 * Marked listings with no write on the wire or in doubt, at most `most` of each connection. Looked up without a lock: their stock is locked
 * next, and only then are the marks taken.
 */
export async function markedListings(client: pg.ClientBase, wanted: readonly Wanted[]): Promise<readonly MarkedListing[]> {
  if (wanted.length === 0) return []
  const { rows } = await client.query<MarkedListing>(MARKED, [asked(wanted)])
  return rows
}

const asked = (wanted: readonly Wanted[]): string =>
  JSON.stringify(wanted.map(({ connectionId, most, first = [], after = '' }) => ({ connection_id: connectionId, most, first, after })))

/** Marked listings of one connection as they stand, without a lock: for finding those that must not wait. */
export async function waitingListings(
  pool: pg.Pool,
  connectionId: string,
  most: number,
): Promise<readonly (Omit<PendingListing, 'ids' | 'connection_id' | 'channel_sku' | 'sku_paused'> & { readonly confirmed: number | null })[]> {
  const { rows } = await pool.query<Omit<PendingListing, 'ids' | 'connection_id' | 'channel_sku' | 'sku_paused'> & { confirmed: number | null }>(
    `select l.listing_key, l.sku, l.active, l.paused or exists (select 1 from skus k where k.sku = l.sku and k.push_paused_at is not null) as paused, l.shown, l.confirmed
     from listing_dirty m join listings l using (connection_id, listing_key)
     where m.connection_id = $1 and l.sku is not null and ${FREE} order by m.listing_key limit $2`,
    [connectionId, most],
  )
  return rows
}

/** Marked listings of one connection as they were read, and where their rows and marks stand and who wrote them: arrays as PostgreSQL writes them, in the order of `listings`. */
export interface ReadListings {
  readonly connectionId: string
  readonly listings: readonly PendingListing[]
  /** Of their rows: `tid[]` and `xid[]`. */
  readonly places: string
  readonly versions: string
  /** Of their marks. */
  readonly markPlaces: string
  readonly marks: string
}

interface ReadRow {
  readonly connection_id: string
  readonly keys: string
  readonly ids: string
  readonly channel_skus: string
  readonly skus: string
  readonly shown: string
  readonly flags: string
  readonly places: string
  readonly versions: string
  readonly mark_places: string
  readonly marks: string
}

/**
 * Marked listings, by connection, as they are now, without a lock. Whoever acts on them names the versions, and a listing or mark that was changed since is
 * left alone.
 * @param skus of these alone, and of those without any: the caller holds their stock
 */
export async function readMarked(client: pg.ClientBase, wanted: readonly Wanted[], skus?: readonly string[]): Promise<readonly ReadListings[]> {
  if (wanted.length === 0) return []
  const { rows } = await client.query<ReadRow>({ name: 'read-marked', text: MARKED_FULL, values: [asked(wanted), skus ? textArray(skus) : null] })
  return rows.map(readTogether)
}

/** Parsing of what `MARKED_FULL` says. */
function readTogether(row: ReadRow): ReadListings {
  const [keys, ids, channelSkus, skus, shown, flags] = [row.keys, row.ids, row.channel_skus, row.skus, row.shown, row.flags].map((text) =>
    JSON.parse(text),
  ) as [
    readonly string[],
    readonly Readonly<Record<string, string>>[],
    readonly string[],
    readonly (string | null)[],
    readonly (string | null)[],
    readonly number[],
  ]
  const listings = keys.map((key, i): PendingListing => {
    const said = flags[i] ?? 0
    return {
      connection_id: row.connection_id,
      listing_key: key,
      ids: ids[i] ?? {},
      channel_sku: channelSkus[i] ?? '',
      sku: skus[i] ?? null,
      active: (said & 1) !== 0,
      paused: (said & 2) !== 0,
      sku_paused: (said & 4) !== 0,
      shown: shown[i] ?? null,
    }
  })
  return { connectionId: row.connection_id, listings, places: row.places, versions: row.versions, markPlaces: row.mark_places, marks: row.marks }
}

const MARKS_STAND = `select count(*)::int as standing from unnest($1::tid[], $2::xid[]) x(place, version) join listing_dirty m on m.ctid = x.place and m.xmin = x.version`

/** Whether each of these marks is there as it was read. Who moves stock marks anew: where its stock is held, this says that nobody moved it since. */
export async function marksStand(client: pg.ClientBase, read: readonly ReadListings[]): Promise<boolean> {
  if (read.length === 0) return true
  const values = [joined(read.map(({ markPlaces }) => markPlaces)), joined(read.map(({ marks }) => marks))]
  const { rows } = await client.query<{ standing: number }>({ name: 'marks-stand', text: MARKS_STAND, values })
  return rows[0]?.standing === read.reduce((sum, { listings }) => sum + listings.length, 0)
}

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
       where ${FREE} and (l.sku is null or l.sku = any($3)) order by l.connection_id, l.listing_key for update of l)
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
  await client.query(how === 'share' ? LOCK_SHARED : LOCK_OWN, [textArray(skus)])
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
