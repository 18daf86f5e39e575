import type pg from 'pg'
import type { StockDelta } from './write-deltas.ts'

/** Locks unpaid orders whose time is over and that still have goods, oldest first. Cash on delivery is paid at the door: it has no limit. */
export async function lockOverdue(client: pg.ClientBase, now: Date, limit: number): Promise<readonly number[]> {
  const { rows } = await client.query<{ id: number }>(
    `select o.id from connections c join orders o on o.connection_id = c.id
     where c.unpaid_hold_minutes is not null and not o.closed and not o.cancelled and o.reserves and o.payment = 'pending' and o.reservation_expired_at is null
       and o.placed_at < $1::timestamptz - make_interval(mins => c.unpaid_hold_minutes) and coalesce(o.doc ->> 'is_cod', 'false') <> 'true'
       and exists (select 1 from order_lines l where l.order_id = o.id and l.reserved > 0)
     order by o.id limit $2 for update of o skip locked`,
    [now, limit],
  )
  return rows.map(({ id }) => id)
}

/** Their lines reserve nothing any more; what plain lines give back. */
export async function expireLines(client: pg.ClientBase, orderIds: readonly number[], now: Date): Promise<readonly StockDelta[]> {
  await client.query('update orders set reservation_expired_at = $2 where id = any($1)', [orderIds, now])
  await client.query(
    `insert into order_facts (order_id, code, at, source) select id, 'reservation_expired', $2, 'hub' from unnest($1::bigint[]) id order by id on conflict do nothing`,
    [orderIds, now],
  )
  const { rows } = await client.query<StockDelta>(
    `with old as (select order_id, line_no, sku, location, reserved from order_lines where order_id = any($1) and reserved > 0 order by 1, 2 for update),
     done as (update order_lines l set reserved = 0 from old o where l.order_id = o.order_id and l.line_no = o.line_no)
     select order_id, sku, location, '0' as on_hand, (-reserved)::text as reserved from old where location <> '*' and sku is not null`,
    [orderIds],
  )
  return rows
}

/** The orders of these that have pieces of bundles or of several places. */
export async function ordersWithPieces(client: pg.ClientBase, orderIds: readonly number[]): Promise<readonly number[]> {
  const { rows } = await client.query<{ order_id: number }>('select distinct order_id from line_stock where order_id = any($1) order by 1', [
    orderIds,
  ])
  return rows.map((row) => row.order_id)
}
