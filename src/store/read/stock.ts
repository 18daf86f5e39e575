import { Conditions, type Db, type Visible } from './scope.ts'
import { stamp } from './order.ts'

export interface SkuRow {
  readonly sku: string
  readonly title: string
  readonly barcode: string | null
  readonly category: string | null
  readonly active: boolean
  readonly listings: number
  readonly updated_at: string
}

export interface SkuFilter {
  readonly q?: string | undefined
  readonly sku?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

const like = (q: string): string => `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

function skuConditions(filter: SkuFilter): Conditions {
  return new Conditions()
    .add(filter.sku, (p) => `k.sku = ${p}`)
    .add(filter.q === undefined ? undefined : like(filter.q), (p) => `k.sku ilike ${p} or k.title ilike ${p} or k.barcode like ${p}`)
    .add(filter.after, (p) => `k.sku > ${p}`)
}

export async function listSkus(db: Db, filter: SkuFilter): Promise<readonly SkuRow[]> {
  const where = skuConditions(filter)
  const { rows } = await db.query<SkuRow>(
    `select k.sku, k.title, k.barcode, k.category, k.active, (select count(*)::int from listings l where l.sku = k.sku) as listings, k.updated_at
     from skus k where ${where.sql()} order by k.sku limit ${where.value(filter.limit + 1)}`,
    where.values,
  )
  return rows
}

/** One SKU with its locations and what each connection shows of it. */
export interface StockRow {
  readonly sku: string
  readonly title: string
  readonly on_hand: string
  readonly reserved: string
  readonly safety: string
  /** There, but put aside. */
  readonly held: string
  /** On its way; part of what may be promised where the SKU sells ahead. */
  readonly future: string
  readonly sells_ahead: boolean
  /** What a bundle is made of; empty for goods. */
  readonly parts: readonly { readonly sku: string; readonly quantity: string; readonly promisable: string }[]
  /** Set while nobody is told a level of it. */
  readonly paused: { readonly reason: string; readonly by: string; readonly at: string } | null
  readonly promisable: string
  readonly counted: boolean
  /** What all channels together show: the last confirmed level, else what the channel said. */
  readonly published: string
  /** How much could be sold twice at worst: published − promisable, not below zero (I8, shared pool). */
  readonly exposure: string
  readonly locations: readonly Readonly<Record<string, unknown>>[]
  readonly cells: readonly Readonly<Record<string, unknown>>[]
}

/** The stock matrix, by SKU. A drift is a shown quantity that differs from the last confirmed one. */
export async function listStock(db: Db, filter: SkuFilter, visible: Visible): Promise<readonly StockRow[]> {
  const where = skuConditions(filter)
  const seen = where.value(visible)
  const { rows } = await db.query<StockRow>(
    `select k.sku, k.title, coalesce(trim_scale(s.on_hand), 0)::text as on_hand, coalesce(trim_scale(s.reserved), 0)::text as reserved, coalesce(trim_scale(s.safety), 0)::text as safety,
       coalesce(trim_scale(s.held), 0)::text as held, coalesce(trim_scale(s.future), 0)::text as future, k.sells_ahead,
       (select coalesce(json_agg(json_build_object('sku', b.sku, 'quantity', trim_scale(b.quantity)::text, 'promisable', trim_scale(greatest(0, stock_atp(b.sku)))::text) order by b.sku), '[]')
        from bundle_parts b where b.bundle = k.sku) as parts,
       case when k.push_paused_at is not null then json_build_object('reason', k.push_paused_reason, 'by', k.push_paused_by, 'at', ${stamp('k.push_paused_at')}) end as paused,
       greatest(0, coalesce(trim_scale(s.promisable), 0))::text as promisable, coalesce(s.counted, false) as counted, coalesce(n.locations, '[]') as locations,
       trim_scale(coalesce(p.published, 0))::text as published, trim_scale(greatest(0, coalesce(p.published, 0) - greatest(0, coalesce(s.promisable, 0))))::text as exposure,
       (select coalesce(json_agg(json_build_object('connection_id', l.connection_id, 'listing_key', l.listing_key, 'title', l.title, 'active', l.active, 'desired', coalesce(w.quantity, l.desired), 'confirmed', l.confirmed,
          'shown', trim_scale(l.shown)::text, 'push_state', case when w.quantity is null then l.push_state else 'sending' end, 'push_message', l.push_message, 'paused', l.paused,
          'drift', l.confirmed is not null and l.shown is not null and l.shown_at > l.confirmed_at and l.shown <> l.confirmed,
          'updated_at', ${stamp('greatest(l.confirmed_at, l.desired_at, l.seen_at)')}) order by l.connection_id, l.listing_key), '[]')
        from listings l left join levels_on_wire w on w.connection_id = l.connection_id and w.listing_key = l.listing_key where l.sku = k.sku and (${seen}::text[] is null or l.connection_id = any(${seen}))) as cells
     from skus k left join lateral (
       select v.on_hand, v.reserved, v.safety, v.held, v.future, v.atp as promisable, v.counted from sku_levels v where v.sku = k.sku offset 0) s on true
     left join lateral (
       select json_agg(json_build_object('location', t.location, 'name', n.name, 'sellable', n.sellable, 'on_hand', trim_scale(t.on_hand)::text, 'reserved', trim_scale(t.reserved)::text,
           'safety', trim_scale(t.safety)::text, 'held', trim_scale(t.held)::text, 'as_of', ${stamp('t.as_of')}, 'updated_at', ${stamp('t.updated_at')}) order by n.priority, t.location) as locations
       from stock t join locations n on n.id = t.location where t.sku = k.sku) n on true
     left join lateral (
       select sum(coalesce(l.confirmed, l.shown)) as published from listings l join connections c on c.id = l.connection_id
       where l.sku = k.sku and l.active and c.state <> 'removed') p on true
     where ${where.sql()} order by k.sku limit ${where.value(filter.limit + 1)}`,
    where.values,
  )
  return rows
}

/** How one listing's level came about. */
export interface WhyRow {
  readonly stock_share: string
  readonly stock_buffer: number
  readonly armed_stock: boolean
  readonly state: string
  readonly listing_key: string | null
  readonly desired: number | null
  readonly confirmed: number | null
  readonly shown: string | null
  readonly push_state: string | null
  /** Units of this listing's own; null in the shared pool. */
  readonly escrow: string | null
  /** Kept back by what was learned, with what it was learned from; null where the connection does not learn or nothing sells. */
  readonly learned: { readonly buffer: number; readonly per_hour: number; readonly latency_seconds: number } | null
}

export async function whyListing(db: Db, sku: string, connectionId: string): Promise<WhyRow | undefined> {
  const { rows } = await db.query<WhyRow>(
    `select trim_scale(c.stock_share)::text as stock_share, c.stock_buffer, c.armed_stock, c.state, l.listing_key, coalesce(w.quantity, l.desired) as desired, l.confirmed, trim_scale(l.shown)::text as shown,
            case when w.quantity is null then l.push_state else 'sending' end as push_state,
            (select trim_scale(e.units)::text from escrows e where e.connection_id = l.connection_id and e.listing_key = l.listing_key) as escrow,
            (select json_build_object('buffer', b.buffer, 'per_hour', round(b.per_hour, 2)::float8, 'latency_seconds', round(b.latency_seconds, 1)::float8) from learned_buffers b
             where b.connection_id = c.id and b.sku = $1) as learned
     from connections c left join listings l on l.connection_id = c.id and l.sku = $1
       left join levels_on_wire w on w.connection_id = l.connection_id and w.listing_key = l.listing_key where c.id = $2 order by l.listing_key limit 1`,
    [sku, connectionId],
  )
  return rows[0]
}

/** The last hundred entries of a SKU's ledger, newest first. */
export async function stockLedger(db: Db, sku: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { rows } = await db.query(
    `select e.id::text, location, trim_scale(on_hand_delta)::text as on_hand_delta, trim_scale(reserved_delta)::text as reserved_delta,
       trim_scale(safety_delta)::text as safety_delta, trim_scale(held_delta)::text as held_delta, trim_scale(future_delta)::text as future_delta, cause, ref, reason, at, actor from stock_ledger e where sku = $1 order by e.id desc limit 100`,
    [sku],
  )
  return rows
}

/** The last twenty levels told to the listings of a SKU, newest first. */
export async function stockPushes(
  db: Db,
  sku: string,
  connectionId: string | undefined,
  visible: Visible,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { rows } = await db.query(
    `select e.id::text, e.connection_id, e.listing_key, e.intent->>'quantity' as quantity, e.intent, e.state, e.message, e.created_at, e.sent_at, e.settled_at
     from listings l cross join lateral listing_effects(l.connection_id, l.listing_key, 'infinity', 20) e
     where l.sku = $1 and ($2::text is null or l.connection_id = $2) and ($3::text[] is null or l.connection_id = any($3)) order by e.id desc limit 20`,
    [sku, connectionId ?? null, visible],
  )
  return rows
}
