import type pg from 'pg'
import { ON_WIRE } from './level-calls.ts'

/** A SKU under quota with all of its listings. */
export interface EscrowRow {
  readonly sku: string
  readonly free: number
  readonly connection_id: string
  readonly listing_key: string
  readonly units: number
  /** Sold there in the last seven days; a piece of the last hour counts as many as a day would bring at that pace, so that a rush is followed while it lasts. */
  readonly sold: number
  /** What it shows as far as is known. */
  readonly expected: number
  /** Writes in a row that did not get through. */
  readonly attempts: number
  readonly stock_share: number
  readonly stock_buffer: number
  readonly closed: boolean
}

/** True where some listing of the connection has units of its own. */
export async function hasEscrows(pool: pg.Pool, connectionId: string): Promise<boolean> {
  const { rowCount } = await pool.query('select 1 from escrows where connection_id = $1 limit 1', [connectionId])
  return rowCount !== null && rowCount > 0
}

/** Every listing under quota of these SKUs. Lock the SKUs' stock rows first. */
export async function readEscrows(client: pg.ClientBase | pg.Pool, skus: readonly string[], now: Date): Promise<readonly EscrowRow[]> {
  const { rows } = await client.query<EscrowRow>(
    `select e.sku, stock_free(e.sku)::float8 as free, e.connection_id, e.listing_key, e.units::float8 as units, c.stock_share::float8 as stock_share, c.stock_buffer,
            (l.listing_key is null or not l.active or l.paused or l.sku is distinct from e.sku or not c.armed_stock or c.state <> 'active' or c.stock_mode <> 'quota') as closed,
            coalesce(e.anchor, greatest(0, e.units))::float8 as expected, coalesce(l.push_attempts, 0) as attempts,
            coalesce((select sum((s.quantity - s.cancelled) * case when s.at > $2::timestamptz - interval '1 hour' then 24 else 1 end) from escrow_lines s
              where s.connection_id = e.connection_id and s.listing_key = e.listing_key and s.at > $2::timestamptz - interval '7 days'), 0)::float8 as sold
     from escrows e join connections c on c.id = e.connection_id left join listings l on l.connection_id = e.connection_id and l.listing_key = e.listing_key
     where e.sku = any($1) order by e.sku, e.connection_id, e.listing_key`,
    [skus, now],
  )
  return rows
}

/** Units of each SKU that belong to no listing and no order; below zero where more is promised than there is. */
export async function stockFree(client: pg.ClientBase | pg.Pool, skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ sku: string; free: number }>('select sku, stock_free(sku)::float8 as free from unnest($1::text[]) sku', [
    skus,
  ])
  return new Map(rows.map(({ sku, free }) => [sku, free]))
}

/** Asks leave for one level; anything but `ok` says why not now, and then nothing may be sent. */
export async function beginEscrow(
  client: pg.ClientBase,
  write: {
    readonly connectionId: string
    readonly key: string
    readonly quantity: number
    /** The channel takes the level only where it shows this number. */
    readonly expected?: number | undefined
    readonly now: Date
    readonly skewSeconds: number
  },
): Promise<string> {
  const { connectionId, key, quantity, expected, now, skewSeconds } = write
  const { rows } = await client.query<{ said: string }>(`select escrow_begin($1, $2, $3, $4, $5, $6, make_interval(secs => $7)) as said`, [
    connectionId,
    key,
    expected === undefined ? 'absolute' : 'cas',
    quantity,
    expected ?? null,
    now,
    skewSeconds,
  ])
  return rows[0]?.said ?? 'unknown'
}

/** Seconds the clocks are apart at most, and how long a sent write may still land. */
export interface Landing {
  readonly skewSeconds: number
  readonly tMaxSeconds: number
  /** The channel compares what it shows with what it is expected to show, and takes a level only where they agree. */
  readonly compares?: boolean
}

/** Ends the writes of these listings in the books. Listings that are not under quota are passed over. */
export async function answerEscrows(
  client: pg.ClientBase,
  connectionId: string,
  answers: readonly { readonly key: string; readonly said: 'applied' | 'refused' | 'unknown' }[],
  landing: Landing,
  now: Date,
): Promise<void> {
  if (answers.length === 0) return
  const keys = answers.map(({ key }) => key)
  // All rows first and in the order everybody takes them: an order of several SKUs holds some of them and wants the others.
  await client.query(
    'select 1 from stock where sku = any(stock_rows(array(select sku from escrows where connection_id = $1 and listing_key = any($2)))) order by sku, location for update',
    [connectionId, keys],
  )
  await client.query(
    `select escrow_answer(e.connection_id, e.listing_key, x.said, $4, make_interval(secs => $5), make_interval(secs => $6))
     from unnest($2::text[], $3::text[]) x(key, said) join escrows e on e.connection_id = $1 and e.listing_key = x.key order by e.listing_key`,
    [connectionId, keys, answers.map(({ said }) => said), now, landing.skewSeconds, landing.tMaxSeconds],
  )
}

/** What the channel shows of these listings, read between two moments. */
export async function anchorEscrows(
  client: pg.ClientBase,
  connectionId: string,
  shown: readonly { readonly key: string; readonly quantity: number }[],
  between: { readonly before: Date; readonly after: Date; readonly skewSeconds: number },
): Promise<void> {
  if (shown.length === 0) return
  await client.query(
    `select escrow_read(e.connection_id, e.listing_key, x.quantity, $4, $5, make_interval(secs => $6))
     from unnest($2::text[], $3::numeric[]) x(key, quantity) join escrows e on e.connection_id = $1 and e.listing_key = x.key order by e.listing_key`,
    [connectionId, shown.map(({ key }) => key), shown.map(({ quantity }) => quantity), between.before, between.after, between.skewSeconds],
  )
}

/** What was read is what the listing shows, unless a write is out: a level that was confirmed goes down with each sale. */
export async function noteShown(
  client: pg.ClientBase,
  connectionId: string,
  shown: readonly { readonly key: string; readonly quantity: number }[],
  at: Date,
): Promise<void> {
  await client.query(
    `with x as (select * from unnest($2::text[], $3::numeric[]) x(key, quantity)),
     k as materialized (select l.listing_key, x.quantity from listings l join x on x.key = l.listing_key where l.connection_id = $1 order by l.listing_key for no key update of l)
     update listings l set shown = case when l.shown is null then null else k.quantity end, shown_at = $4, confirmed = ceil(k.quantity), confirmed_at = $4
     from k where l.connection_id = $1 and l.listing_key = k.listing_key and l.push_state not in ('sending', 'unknown') and (l.connection_id, l.listing_key) not in (${ON_WIRE}) and l.confirmed is not null`,
    [connectionId, shown.map(({ key }) => key), shown.map(({ quantity }) => quantity), at],
  )
}

/** A listing whose level at the channel is to be read. */
export interface ListingToRead {
  readonly listing_key: string
  readonly ids: Readonly<Record<string, string>>
  readonly channel_sku: string
}

/** Listings of a connection in quota mode that have no escrow yet and no write of before on the wire or in doubt. Frozen ones sell as well. */
export async function unopenedListings(pool: pg.Pool, connectionId: string, limit: number): Promise<readonly ListingToRead[]> {
  const { rows } = await pool.query<ListingToRead>(
    `select l.listing_key, l.ids, l.channel_sku from listings l join connections c on c.id = l.connection_id
     where c.id = $1 and c.stock_mode = 'quota' and c.armed_stock and c.state = 'active' and l.sku is not null and l.active and l.shown is not null
       and l.push_state not in ('sending', 'unknown') and (l.connection_id, l.listing_key) not in (${ON_WIRE}) and not exists (select 1 from escrows e where e.connection_id = l.connection_id and e.listing_key = l.listing_key)
     order by l.listing_key limit $2`,
    [connectionId, limit],
  )
  return rows
}

/** Puts listings under quota: what they show now may be sold, and what was sold until then is not of it. */
export async function openEscrows(
  client: pg.ClientBase,
  connectionId: string,
  shown: readonly { readonly key: string; readonly quantity: number }[],
  terms: { readonly since: Date; readonly restocks: boolean; readonly atPaying: boolean },
): Promise<void> {
  await client.query(
    `insert into escrows (connection_id, listing_key, sku, units, since, restocks, at_paying, checked_at)
     select l.connection_id, l.listing_key, l.sku, x.quantity, $4, $5, $6, $4 from unnest($2::text[], $3::numeric[]) x(key, quantity)
       join listings l on l.connection_id = $1 and l.listing_key = x.key and l.sku is not null order by l.listing_key on conflict do nothing`,
    [connectionId, shown.map(({ key }) => key), shown.map(({ quantity }) => quantity), terms.since, terms.restocks, terms.atPaying],
  )
  await client.query(
    `insert into listing_dirty (connection_id, listing_key) select connection_id, listing_key from listings
     where sku in (select sku from escrows where connection_id = $1 and listing_key = any($2)) order by 1, 2 on conflict (connection_id, listing_key) do update set at = now()`,
    [connectionId, shown.map(({ key }) => key)],
  )
}

/** Listings under quota whose number nobody looked at since then, that sold more than they had or have just run out, and that wait for nothing. */
export async function uncheckedListings(pool: pg.Pool, connectionId: string, since: Date, limit: number): Promise<readonly ListingToRead[]> {
  const { rows } = await pool.query<ListingToRead>(
    `select l.listing_key, l.ids, l.channel_sku from escrows e join listings l on l.connection_id = e.connection_id and l.listing_key = e.listing_key
     where e.connection_id = $1 and (e.checked_at < $2 or e.units < 0 or e.units = 0 and l.confirmed <> 0) and e.anchor is null and e.sending_at is null order by e.checked_at limit $3`,
    [connectionId, since, limit],
  )
  return rows
}

/**
 * Reckons with what the connection's listings showed, as far as its orders are known: everything up to the end of the last complete
 * reading of each of its streams, less the lag and the skew of the channel. While a document is held that changed since its listings came
 * under quota nothing is reckoned with: what it sold, and when, is not in the books yet. Listings bound to another SKU take their
 * units along; escrows of listings that are gone end when they are empty.
 */
export async function settleEscrows(client: pg.ClientBase, connectionId: string, streams: readonly string[], behindSeconds: number): Promise<void> {
  await client.query('select escrow_rebind($1)', [connectionId])
  await client.query(
    `select escrow_settle($1, (select min(watermark) from streams where connection_id = $1 and stream = any($2)) - make_interval(secs => $3))
     where exists (select 1 from escrows where connection_id = $1)
       and (select count(watermark) from streams where connection_id = $1 and stream = any($2)) = cardinality($2::text[])
       and not exists (select 1 from raw_dispositions d join raw_heads h on h.raw_id = d.raw_id and h.connection_id = d.connection_id
         where d.connection_id = $1 and d.disposition = 'held' and h.kind = 'order' and h.source_time > (select min(since) from escrows where connection_id = $1))`,
    [connectionId, streams, behindSeconds],
  )
  await client.query(
    `delete from escrows e where e.connection_id = $1 and e.units = 0 and e.anchor is null and e.sending_at is null and e.fence is null
       and not exists (select 1 from listings l where l.connection_id = e.connection_id and l.listing_key = e.listing_key and l.sku = e.sku)`,
    [connectionId],
  )
}
