import type pg from 'pg'

/** What changes in one stock row because of one order. Signed decimal text. */
export interface StockDelta {
  readonly order_id: number
  readonly sku: string
  readonly location: string
  readonly on_hand: string
  readonly reserved: string
}

/**
 * Adds to stock rows and to the ledger, in key order; rows that are missing are made. The ledger's reference is `ref`, or the order. Answers the
 * SKUs whose level moved: goods that leave together with their reservation move none.
 */
export async function writeDeltas(
  client: pg.ClientBase,
  deltas: readonly StockDelta[],
  why: { readonly cause: string; readonly ref?: string; readonly actor: string; readonly now: Date },
): Promise<readonly string[]> {
  if (deltas.length === 0) return []
  const { rows } = await client.query<{ sku: string }>(
    `with d as materialized (
       select order_id, sku, location, sum(on_hand) as on_hand, sum(reserved) as reserved
       from json_to_recordset($1::json) x(order_id bigint, sku text, location text, on_hand numeric, reserved numeric) group by 1, 2, 3),
     total as (select sku, location, sum(on_hand) as on_hand, sum(reserved) as reserved from d group by 1, 2 having sum(on_hand) <> 0 or sum(reserved) <> 0),
     made as (
       insert into stock as s (sku, location, on_hand, reserved) select sku, location, on_hand, reserved from total order by 1, 2
       on conflict (sku, location) do update set on_hand = s.on_hand + excluded.on_hand, reserved = s.reserved + excluded.reserved, updated_at = now()),
     noted as (
       insert into stock_ledger (sku, location, on_hand_delta, reserved_delta, cause, ref, at, actor)
       select sku, location, on_hand, reserved, $2, coalesce($3, order_id::text), $4, $5 from d where on_hand <> 0 or reserved <> 0 order by sku, location, order_id)
     select distinct sku from total where on_hand <> reserved order by sku`,
    [JSON.stringify(deltas), why.cause, why.ref ?? null, why.now, why.actor],
  )
  return rows.map((row) => row.sku)
}

/** Goods that left the shelf, in units of the line. */
export interface ShippedUnits {
  readonly line_no: number
  readonly sku: string
  readonly quantity: string
}

/**
 * Brings the pieces of lines of bundles and of goods in several places (location `*`) to what these orders' lines reserve now, and takes what was
 * shipped. `plain` names the SKUs of plain lines that the same transaction moves: all rows are locked in key order.
 */
export async function spreadDeltas(
  client: pg.ClientBase,
  orderIds: readonly number[],
  plain: readonly string[] = [],
  shipped: readonly ShippedUnits[] = [],
): Promise<readonly StockDelta[]> {
  const { rows } = await client.query<StockDelta>(
    `select order_id, sku, location, (-gone)::text as on_hand, q::text as reserved
     from stock_reserve($1::bigint[], $2::text[], $3::bigint[], $4::int[], $5::text[], $6::numeric[])`,
    [
      orderIds,
      plain,
      shipped.map(() => orderIds[0]),
      shipped.map((line) => line.line_no),
      shipped.map((line) => line.sku),
      shipped.map((line) => line.quantity),
    ],
  )
  return rows
}
