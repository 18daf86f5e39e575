import { Conditions, type Db, type Visible } from './scope.ts'

export interface ListingRow {
  readonly connection_id: string
  readonly listing_key: string
  readonly channel_sku: string
  readonly barcode: string | null
  readonly title: string
  readonly price: string | null
  readonly active: boolean
  readonly shown: string | null
  readonly shown_at: string | null
  readonly sku: string | null
  readonly bound: 'unbound' | 'code' | 'barcode' | 'person' | 'ignored'
  readonly bound_by: string | null
  readonly paused: boolean
  readonly desired: number | null
  readonly confirmed: number | null
  readonly push_state: string
  readonly push_message: string | null
  readonly seen_at: string
  /** Orders that wait for this binding. */
  readonly orders_waiting: number
}

export interface ListingFilter {
  readonly connection?: string | undefined
  readonly bound?: 'bound' | 'unbound' | 'ignored' | undefined
  readonly q?: string | undefined
  /** The channel's SKU or the listing's key, exactly. */
  readonly key?: string | undefined
  readonly after?: { readonly value: string; readonly id: string } | undefined
  readonly limit: number
}

/** Listings by connection and key. */
export async function listListings(db: Db, filter: ListingFilter, visible: Visible): Promise<readonly ListingRow[]> {
  const where = new Conditions().visible('l.connection_id', visible).add(filter.connection, (p) => `l.connection_id = ${p}`)
  if (filter.bound === 'bound') where.always('l.sku is not null')
  if (filter.bound === 'unbound') where.always(`l.bound = 'unbound'`)
  if (filter.bound === 'ignored') where.always(`l.bound = 'ignored'`)
  where.add(
    filter.q === undefined ? undefined : `%${filter.q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
    (p) => `l.title ilike ${p} or l.channel_sku ilike ${p} or l.sku ilike ${p} or l.barcode like ${p}`,
  )
  where.add(filter.key, (p) => `l.channel_sku = ${p} or l.listing_key = ${p}`)
  if (filter.after !== undefined)
    where.always(`(l.connection_id, l.listing_key) > (${where.value(filter.after.value)}, ${where.value(filter.after.id)})`)
  const { rows } = await db.query<ListingRow>(
    `select l.connection_id, l.listing_key, l.channel_sku, l.barcode, l.title, l.price, l.active, trim_scale(l.shown)::text as shown, l.shown_at, l.sku, l.bound, l.bound_by, l.paused, coalesce(w.quantity, l.desired) as desired, l.confirmed,
       case when w.quantity is null then l.push_state else 'sending' end as push_state, l.push_message, l.seen_at,
       case when l.bound = 'unbound' then (select count(distinct n.order_id)::int from order_lines n join orders o on o.id = n.order_id and o.connection_id = l.connection_id
         where n.listing_key = l.listing_key and n.sku is null and n.needs_goods and o.reserves) else 0 end as orders_waiting
     from listings l left join levels_on_wire w on w.connection_id = l.connection_id and w.listing_key = l.listing_key where ${where.sql()} order by l.connection_id, l.listing_key limit ${where.value(filter.limit + 1)}`,
    where.values,
  )
  return rows
}
