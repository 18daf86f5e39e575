import type pg from 'pg'
import type { AfterSaleStatus, ApprovalStatus, FulfilmentStatus, PaymentStatus, SyncStatus } from '../../core/order.ts'
import { atHand } from './at-hand.ts'
import { Conditions, type Db, type Visible } from './scope.ts'

/** One order as lists need it. */
export interface OrderSummaryRow {
  readonly id: string
  readonly connection_id: string
  readonly channel: string
  readonly channel_order_no: string
  readonly external_id: string
  readonly display_no: string | null
  readonly version: number
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly after_sale: AfterSaleStatus
  readonly approval: ApprovalStatus
  readonly sync: SyncStatus
  readonly cancelled: boolean
  readonly cancel_requested: boolean
  readonly closed: boolean
  readonly is_cod: boolean
  readonly currency: string
  readonly total_minor: number
  readonly line_count: number
  readonly unit_count: string
  readonly placed_at: string
  readonly ship_by: string | null
  readonly updated_at: string
  readonly sandbox: boolean
  readonly holds: readonly string[]
  readonly recipient: Readonly<Record<string, string>> | null
  readonly effect: 'unknown' | 'refused' | 'pending' | null
  readonly release: 'accepted' | 'rejected' | null
  /** Sort value with full precision, for the cursor. */
  readonly sort_value: string | null
}

export const SUMMARY_COLUMNS = `o.id::text, o.connection_id, o.channel, o.channel_order_no, o.external_id, o.display_no, o.version, o.payment, o.fulfilment, o.after_sale,
  o.approval, o.sync, o.cancelled, o.cancel_requested, o.closed, coalesce((o.doc->>'is_cod')::boolean, false) as is_cod, o.currency, o.total_minor, o.line_count,
  trim_scale(o.unit_count)::text as unit_count, o.placed_at, o.ship_by, o.updated_at, o.sandbox, o.doc->'recipient' as recipient,
  array(select h.code from holds h where h.order_id = o.id and h.released_at is null order by h.id) as holds,
  (select case when bool_or(e.state = 'unknown') then 'unknown' when bool_or(e.state = 'refused') then 'refused' when bool_or(e.state in ('pending','sending')) then 'pending' end
     from effects e where e.order_id = o.id) as effect,
  (select case when bool_or(a.status = 'rejected') then 'rejected' else min(a.status) end from order_acks a where a.order_id = o.id) as release`

const OPEN = `not o.closed and not o.cancelled and o.fulfilment in ('unallocated','allocated','released','partial')`
const TO_SHIP = `${OPEN} and o.approval <> 'held' and (o.payment in ('paid','partially_refunded') or (o.doc->>'is_cod')::boolean)`
/** Working lists, by what has to happen. */
export const ORDER_STATES = {
  open: OPEN,
  held: `o.approval = 'held' and not o.closed and not o.cancelled`,
  to_ship: TO_SHIP,
  shipped: `o.fulfilment in ('shipped','in_transit','delivered') and not o.cancelled`,
  cancelled: 'o.cancelled',
  closed: 'o.closed and not o.cancelled',
} as const
export type OrderState = keyof typeof ORDER_STATES

/** Sort orders with their column; a leading minus is newest or largest first. */
export const ORDER_SORTS = {
  '-placed_at': { column: 'o.placed_at', descending: true },
  placed_at: { column: 'o.placed_at', descending: false },
  '-updated_at': { column: 'o.updated_at', descending: true },
  updated_at: { column: 'o.updated_at', descending: false },
  ship_by: { column: `coalesce(o.ship_by, 'infinity')`, descending: false },
} as const
export type OrderSort = keyof typeof ORDER_SORTS

export interface OrderFilter {
  readonly connection?: string | undefined
  readonly channel?: string | undefined
  readonly payment?: string | undefined
  readonly fulfilment?: string | undefined
  readonly approval?: string | undefined
  readonly after_sale?: string | undefined
  readonly cancelled?: boolean | undefined
  readonly state?: OrderState | undefined
  /** Order number (from its beginning), display number, SKU or channel code of a line. */
  readonly q?: string | undefined
  readonly sku?: string | undefined
  readonly placed_from?: string | undefined
  readonly placed_to?: string | undefined
  readonly updated_since?: string | undefined
  readonly sandbox?: boolean | undefined
}

/** Orders with a line of this SKU or of this code of a channel, given as a parameter; each look says what its index needs. */
export const linesWith = (p: string): string => `select order_id from order_lines where sku = ${p}
      union all select order_id from order_lines where sku is null and needs_goods and channel_sku = ${p}
      union all select l.order_id from connections c join listings g on g.connection_id = c.id and g.channel_sku = ${p}
        join order_lines l on l.sku = g.sku and l.listing_key = g.listing_key and l.channel_sku = g.channel_sku`

/** The WHERE of a filter, within what the caller may see. */
export function orderConditions(filter: OrderFilter, visible: Visible): Conditions {
  const where = new Conditions()
    .visible('o.connection_id', visible)
    .add(filter.connection, (p) => `o.connection_id = ${p}`)
    .add(filter.channel, (p) => `o.channel = ${p}`)
    .add(filter.payment, (p) => `o.payment = ${p}`)
    .add(filter.fulfilment, (p) => `o.fulfilment = ${p}`)
    .add(filter.approval, (p) => `o.approval = ${p}`)
    .add(filter.after_sale, (p) => `o.after_sale = ${p}`)
    .add(filter.cancelled, (p) => `o.cancelled = ${p}`)
    .add(filter.sandbox, (p) => `o.sandbox = ${p}`)
    .add(filter.placed_from, (p) => `o.placed_at >= ${p}::timestamptz`)
    .add(filter.placed_to, (p) => `o.placed_at < ${p}::timestamptz`)
    .add(filter.updated_since, (p) => `o.updated_at >= ${p}::timestamptz`)
    .add(filter.sku, (p) => `exists (select 1 from order_lines l where l.order_id = o.id and l.sku = ${p})`)
  if (filter.q !== undefined) {
    const exact = where.value(filter.q)
    const start = where.value(`${filter.q.replace(/^#/, '').replaceAll(/[\\%_]/g, String.raw`\$&`)}%`)
    // Each look says what its index needs; what is typed is known when it is planned, so that beginnings are found by index too.
    where.always(`o.id in (
      select x.id from connections c join orders x on x.connection_id = c.id and (x.channel_order_no like ${start} or x.external_id = ${exact})
      union all select x.id from orders x where x.display_no <> x.channel_order_no and (x.display_no like ${start} or x.display_no like '#' || ${start})
      union all ${linesWith(exact)})`)
  }
  if (filter.state !== undefined) where.always(ORDER_STATES[filter.state])
  return where
}

export interface OrderPage {
  readonly sort: OrderSort
  readonly limit: number
  readonly after?: { readonly value: string; readonly id: string } | undefined
}

/** One page plus one row more, so that the caller knows whether there is another. */
export async function listOrders(db: Db, filter: OrderFilter, visible: Visible, page: OrderPage): Promise<readonly OrderSummaryRow[]> {
  const where = orderConditions(filter, visible)
  const { column, descending } = ORDER_SORTS[page.sort]
  if (page.after !== undefined) {
    const value = where.value(page.after.value)
    const id = where.value(page.after.id)
    where.always(`(${column}, o.id) ${descending ? '<' : '>'} (${value}::timestamptz, ${id}::bigint)`)
  }
  const direction = descending ? 'desc' : 'asc'
  const { rows } = await db.query<OrderSummaryRow>(
    `select ${SUMMARY_COLUMNS}, ${column}::text as sort_value from orders o where ${where.sql()} order by ${column} ${direction}, o.id ${direction} limit ${where.value(page.limit + 1)}`,
    where.values,
  )
  return rows
}

/** Hub ids of what a filter matches, in their order; one more than `limit` where there are more. */
export async function orderIds(db: Db, filter: OrderFilter, visible: Visible, limit: number): Promise<readonly number[]> {
  const where = orderConditions(filter, visible)
  const { rows } = await db.query<{ id: number }>(
    `select o.id from orders o where ${where.sql()} order by o.id limit ${where.value(limit + 1)}`,
    where.values,
  )
  return rows.map((row) => row.id)
}

/** Counting a list stops here. */
const MOST = 10_000
type OrderCounts = Readonly<Record<'all' | OrderState, number>>

const STATE_FLAGS = Object.entries(ORDER_STATES)

/**
 * Orders per working list under the same filters; counting stops at 10,000 per list. Where the filters leave fewer than that, one look at them tells all;
 * else each list is counted by itself, which ends soon because there are many. Only what is open may be rare among many, so it is looked
 * through once, and what of it is to be shipped is counted on the way.
 */
export async function countOrders(pool: pg.Pool, filter: OrderFilter, visible: Visible): Promise<OrderCounts> {
  const where = orderConditions({ ...filter, state: undefined }, visible)
  return atHand(pool, async (db) => {
    const few = await db.query<OrderCounts>(
      `select count(*)::int as "all", ${STATE_FLAGS.map(([name]) => `count(*) filter (where ${name})::int as ${name}`).join(', ')}
       from (select ${STATE_FLAGS.map(([name, condition]) => `(${condition}) as ${name}`).join(', ')} from orders o where ${where.sql()} limit ${MOST}) x`,
      where.values,
    )
    const [row] = few.rows
    if (row && row.all < MOST) return row
    const count = (name: OrderState): string =>
      `(select count(*)::int from (select 1 from orders o where ${where.sql()} and (${ORDER_STATES[name]}) limit ${MOST}) c)`
    const { rows } = await db.query<OrderCounts>(
      `with live as materialized (select (${TO_SHIP}) as to_ship from orders o where ${where.sql()} and ${OPEN} limit ${MOST})
       select ${MOST} as "all", (select count(*)::int from live) as open,
         case when (select count(*) from live) < ${MOST} then (select count(*)::int from live where to_ship) else ${count('to_ship')} end as to_ship,
         ${(['held', 'shipped', 'cancelled', 'closed'] as const).map((name) => `${count(name)} as ${name}`).join(', ')}`,
      where.values,
    )
    return rows[0] ?? { all: 0, open: 0, held: 0, to_ship: 0, shipped: 0, cancelled: 0, closed: 0 }
  })
}

/** Summaries by hub id, in the order of the ids. */
export async function summariesById(db: Db, ids: readonly (string | number)[], visible: Visible): Promise<readonly OrderSummaryRow[]> {
  if (ids.length === 0) return []
  const { rows } = await db.query<OrderSummaryRow>(
    `select ${SUMMARY_COLUMNS}, null as sort_value from orders o join unnest($1::bigint[]) with ordinality w(id, n) on w.id = o.id
     where $2::text[] is null or o.connection_id = any($2) order by w.n`,
    [ids, visible],
  )
  return rows
}
