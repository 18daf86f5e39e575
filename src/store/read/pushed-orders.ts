import type { Db, Visible } from './scope.ts'
import { stamp } from './order.ts'

/** Where one order of a connection stands, as its sender needs it. */
export interface PushedState {
  readonly id: string
  readonly number: string
  readonly version: number
  readonly source_time: string
  readonly holds: readonly { readonly code: string; readonly message: string }[]
}

/** Orders of one connection by their numbers; numbers without an order are absent. */
export async function pushedStates(db: Db, connectionId: string, numbers: readonly string[]): Promise<ReadonlyMap<string, PushedState>> {
  const { rows } = await db.query<PushedState>(
    `select o.id::text, o.channel_order_no as number, o.version, ${stamp('o.source_time')} as source_time,
       (select coalesce(json_agg(json_build_object('code', h.code, 'message', h.message) order by h.id), '[]') from holds h where h.order_id = o.id and h.released_at is null) as holds
     from orders o where o.connection_id = $1 and o.channel_order_no = any($2)`,
    [connectionId, numbers],
  )
  return new Map(rows.map((row) => [row.number, row]))
}

/** One SKU as somebody who orders sees it. */
export interface OfferRow {
  readonly sku: string
  readonly title: string
  readonly barcode: string | null
  /** What this connection may sell now; null where the SKU was never counted. */
  readonly available: string | null
  /** Decimal text in the currency of the connection: the last price paid on this connection, else what another channel asks. */
  readonly price: string | null
  readonly price_from: 'last-order' | 'listing' | null
}

export interface OfferFilter {
  readonly q?: string | undefined
  readonly sku?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

const like = (q: string): string => `%${q.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

/** What rules about locations leave open of SKU `k` to connection `c`: the least of its parts. */
const OPEN = `(select min(floor(least(x.shared, x.own) / p.per)) from (select coalesce(b.sku, k.sku) as part, coalesce(b.quantity, 1) as per from (select 1) o left join bundle_parts b on b.bundle = k.sku) p
  cross join lateral stock_allowed(array[c.id], array[k.sku], array[p.part]) a
  cross join lateral (select stock_there(p.part, a.debts) - coalesce((select sum(s.safety) from stock s where s.sku = p.part and s.location = any(a.debts)), 0) as shared,
    stock_there(p.part, a.locations) - coalesce((select sum(s.safety) from stock s where s.sku = p.part and s.location = any(a.locations)), 0) as own) x)`

/**
 * SKUs with what may be sold of them on one connection: its share of what is promisable, less its buffer, in whole pieces.
 * Prices of other channels are taken only from connections the caller sees, of the same currency. One row more than asked for.
 */
export async function listOffers(db: Db, connectionId: string, filter: OfferFilter, visible: Visible): Promise<readonly OfferRow[]> {
  const { rows } = await db.query<OfferRow>(
    `select k.sku, k.title, k.barcode,
       case when s.counted then greatest(0, floor(greatest(0, s.promisable) * c.stock_share) - c.stock_buffer)::text end as available,
       coalesce(paid.price, listed.price) as price, case when paid.price is not null then 'last-order' when listed.price is not null then 'listing' end as price_from
     from connections c cross join skus k
     left join lateral (
       select case when (select stock_ruled()) then ${OPEN} else v.atp end as promisable, v.counted from sku_levels v where v.sku = k.sku offset 0) s on true
     left join lateral (
       select x.line ->> 'unit_price' as price from order_lines l join orders o on o.id = l.order_id
         cross join lateral json_array_elements(o.doc -> 'lines') x(line)
       where l.sku = k.sku and o.connection_id = c.id and o.currency = c.currency and not o.cancelled and (x.line ->> 'line_no')::int = l.line_no
       order by o.placed_at desc, o.id desc limit 1) paid on true
     left join lateral (
       select l.price from listings l join connections d on d.id = l.connection_id
       where l.sku = k.sku and l.active and l.price is not null and d.currency = c.currency and d.state <> 'removed' and ($5::text[] is null or d.id = any($5))
       order by l.seen_at desc, l.connection_id limit 1) listed on true
     where c.id = $1 and k.active and ($2::text is null or k.sku ilike $2 or k.title ilike $2 or k.barcode like $2) and ($3::text is null or k.sku = $3)
       and ($4::text is null or k.sku > $4)
     order by k.sku limit $6`,
    [connectionId, filter.q === undefined ? null : like(filter.q), filter.sku ?? null, filter.after ?? null, visible, filter.limit + 1],
  )
  return rows
}

/** Connections that take orders by the push API, within what the caller sees. */
export async function pushConnections(
  db: Db,
  visible: Visible,
): Promise<{ readonly id: string; readonly name: string; readonly currency: string; readonly timezone: string; readonly state: string }[]> {
  const { rows } = await db.query<{ id: string; name: string; currency: string; timezone: string; state: string }>(
    `select id, name, currency, timezone, state from connections where channel = 'push' and state <> 'removed' and ($1::text[] is null or id = any($1)) order by name`,
    [visible],
  )
  return rows
}
