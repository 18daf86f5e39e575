import type { StockRule } from '../read/stock-rules.ts'
import type { Db } from '../read/scope.ts'

/** Categories of these SKUs; those without one are absent. */
export async function categoriesOf(db: Db, skus: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query<{ sku: string; category: string }>('select sku, category from skus where sku = any($1) and category is not null', [
    skus,
  ])
  return new Map(rows.map((row) => [row.sku, row.category]))
}

/** A listing that shows something of a shared pool or may be told to. */
export interface OpenListing {
  readonly sku: string
  readonly connection_id: string
}

/** Listings of these SKUs that the hub writes to. */
export async function openListings(db: Db, skus: readonly string[]): Promise<readonly OpenListing[]> {
  const { rows } = await db.query<OpenListing>(
    `select l.sku, l.connection_id from listings l join connections c on c.id = l.connection_id
     where l.sku = any($1) and l.active and not l.paused and c.armed_stock and c.state = 'active' order by l.sku, l.connection_id, l.listing_key`,
    [skus],
  )
  return rows
}

/** A SKU with the locations one of its listings is limited to. */
export interface LocatedAsk {
  readonly sku: string
  readonly locations: readonly string[]
}

/** What can be promised at these locations, in the order asked; units of listings under quota are nowhere and not taken off. Decimal text. */
export async function unreservedAt(db: Db, asks: readonly LocatedAsk[]): Promise<readonly string[]> {
  const { rows } = await db.query<{ there: string }>(
    `select trim_scale(coalesce((select sum(greatest(0, stock_atp(x.value ->> 'sku', l))) from json_array_elements_text(x.value -> 'locations') l), 0))::text as there
     from json_array_elements($1::json) with ordinality x(value, n) order by n`,
    [JSON.stringify(asks)],
  )
  return rows.map((row) => row.there)
}

/** What may be promised of a SKU without what is on its way, never below zero; decimal text. */
export interface AtHand {
  /** With what listings under quota have. */
  readonly all: string
  /** Without it: what the shared pool may show. */
  readonly shared: string
}

/** What is at hand of these SKUs; those without stock are absent. A bundle is there as often as its scarcest part. */
export async function promisedAtHand(db: Db, skus: readonly string[]): Promise<ReadonlyMap<string, AtHand>> {
  const { rows } = await db.query<AtHand & { sku: string }>(
    `select x.sku, trim_scale(greatest(0, floor(min(x.ready / x.per))))::text as all, trim_scale(greatest(0, floor(min((x.ready - escrow_claims(x.part)) / x.per))))::text as shared
     from (select p.sku, p.part, p.per, v.atp - case when k.sells_ahead then v.future else 0 end as ready
       from (select s.sku, coalesce(b.sku, s.sku) as part, coalesce(b.quantity, 1) as per from unnest($1::text[]) s(sku) left join bundle_parts b on b.bundle = s.sku) p
       join skus k on k.sku = p.part cross join lateral (select coalesce(g.atp, 0) as atp, coalesce(g.future, 0) as future from goods_levels g where g.sku = p.part offset 0) v) x
     group by x.sku`,
    [skus],
  )
  return new Map(rows.map((row) => [row.sku, row]))
}

/** Marks the listings these rules may concern: their level may have moved. Call it in the transaction that changes what holds. */
export async function markRuled(
  client: Db,
  rules: readonly Pick<StockRule, 'connection_id' | 'category' | 'skus' | 'priority' | 'exclusive'>[],
): Promise<number> {
  if (rules.length === 0) return 0
  const { rows } = await client.query<{ marked: number }>('select stock_rules_mark($1::json) as marked', [
    JSON.stringify(rules.map(({ connection_id, category, skus, priority, exclusive }) => ({ connection_id, category, skus, priority, exclusive }))),
  ])
  return rows[0]?.marked ?? 0
}

/** A bound listing with its connection's own terms. */
export interface RuledListing {
  readonly connection_id: string
  readonly connection_name: string
  readonly listing_key: string
  readonly sku: string
  readonly title: string
  readonly active: boolean
  readonly paused: boolean
  readonly shown: string | null
  /** The last level the channel confirmed, else what it said. */
  readonly showing: number | null
  readonly stock_share: string
  readonly stock_buffer: number
  readonly stock_mode: 'shared' | 'quota'
  readonly armed: boolean
  readonly names_quantities: boolean
}

/** Every bound listing of every connection, by SKU. */
export async function ruledListings(db: Db): Promise<readonly RuledListing[]> {
  const { rows } = await db.query<RuledListing>(
    `with c as (select id, name, trim_scale(stock_share)::text as stock_share, stock_buffer, stock_mode, armed_stock and state = 'active' as armed,
         exists (select 1 from listings l where l.connection_id = connections.id and l.shown is not null) as names_quantities from connections where state <> 'removed')
     select l.connection_id, c.name as connection_name, l.listing_key, l.sku, l.title, l.active, l.paused, l.shown::text, coalesce(l.confirmed, l.shown)::float8 as showing,
       c.stock_share, c.stock_buffer, c.stock_mode, c.armed, c.names_quantities
     from listings l join c on c.id = l.connection_id where l.sku is not null order by l.sku collate "C", l.connection_id collate "C", l.listing_key collate "C"`,
  )
  return rows
}

/** Which of these ids exist. */
export async function knownConnections(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>(`select id from connections where id = any($1) and state <> 'removed'`, [ids])
  return new Set(rows.map(({ id }) => id))
}

export async function knownLocations(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>('select id from locations where id = any($1)', [ids])
  return new Set(rows.map(({ id }) => id))
}

/** Every location. */
export async function allLocations(db: Db): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>('select id from locations order by id')
  return rows.map(({ id }) => id)
}

/** Connections under quota. */
export async function quotaConnections(db: Db): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>(`select id from connections where stock_mode = 'quota' and state <> 'removed'`)
  return new Set(rows.map(({ id }) => id))
}

/** What of one of a SKU's parts is at one place for sale. Decimal text. */
export interface PartPlace {
  readonly part: string
  readonly location: string
  /** Below zero: more is promised from there than there is. */
  readonly ready: string
  /** On its way there, where it may be sold ahead. */
  readonly future: string
}

/** Goods of these SKUs by place, the parts of their bundles, and every name they are sold by: as they are, and in which bundles. SKUs with units under quota are left out. */
export async function placesOfParts(
  db: Db,
  skus: readonly string[],
): Promise<{
  readonly places: readonly PartPlace[]
  readonly parts: readonly { readonly sku: string; readonly part: string; readonly per: string }[]
  readonly names: readonly { readonly part: string; readonly name: string; readonly category: string | null }[]
}> {
  const { rows: parts } = await db.query<{ sku: string; part: string; per: string }>(
    `select s.sku, coalesce(b.sku, s.sku) as part, coalesce(b.quantity, 1)::text as per from unnest($1::text[]) s(sku) left join bundle_parts b on b.bundle = s.sku
     where not exists (select 1 from escrows e where e.sku = any(stock_kin(coalesce(b.sku, s.sku)))) order by 1, 2`,
    [skus],
  )
  const all = [...new Set(parts.map(({ part }) => part))]
  const { rows: names } = await db.query<{ part: string; name: string; category: string | null }>(
    `select n.part, n.name, k.category from (select p as part, p as name from unnest($1::text[]) p union select b.sku, b.bundle from bundle_parts b where b.sku = any($1)) n join skus k on k.sku = n.name order by 1, 2`,
    [all],
  )
  const { rows: places } = await db.query<PartPlace>(
    `select p.part, l.id as location, trim_scale(coalesce(s.on_hand - s.reserved - s.safety - s.held, 0))::text as ready,
       trim_scale(case when k.sells_ahead then coalesce((select sum(a.quantity - a.received) from arrivals a where a.sku = p.part and a.location = l.id and a.state = 'open'), 0) else 0 end)::text as future
     from unnest($1::text[]) p(part) join skus k on k.sku = p.part cross join locations l left join stock s on s.sku = p.part and s.location = l.id where l.sellable order by 1, 2`,
    [all],
  )
  return { places, parts, names }
}

/** Connections with listings whose level may have moved. */
export async function connectionsOfMarks(db: Db): Promise<readonly string[]> {
  const { rows } = await db.query<{ connection_id: string }>('select distinct connection_id from listing_dirty order by 1')
  return rows.map((row) => row.connection_id)
}
