import type pg from 'pg'
import { spreadDeltas, writeDeltas } from './write-deltas.ts'

interface ShippedLine {
  readonly line_no: number
  readonly sku: string
  readonly location: string
  readonly quantity: string
  readonly released: string
}

/**
 * Shipped goods leave the shelf and their reservation ends: reserved −q (as far as it was reserved) and on hand −q, where
 * the line has them. The ledger row is dated when the hub heard of it, not `shipped_at`, which may be day-precise: a
 * count of before that instant has the package taken off again, so the error is on the side of promising less. Answers
 * the SKUs whose level moved: shipping what was reserved moves none.
 */
export async function shipStock(
  client: pg.ClientBase,
  orderId: number,
  lines: readonly { readonly lineNo: number; readonly quantity: string }[],
  ref: string,
  actor: string,
  now: Date,
): Promise<readonly string[]> {
  const { rows } = await client.query<ShippedLine>(
    `with shipped as (
       select l.line_no, l.sku, l.location, x.quantity, least(l.reserved, x.quantity) as released
       from unnest($2::int[], $3::numeric[]) x(line_no, quantity) join order_lines l on l.order_id = $1 and l.line_no = x.line_no
       where l.sku is not null and l.needs_goods),
     lines as (
       update order_lines l set reserved = l.reserved - s.released from shipped s where l.order_id = $1 and l.line_no = s.line_no and s.released <> 0)
     select line_no, sku, location, quantity::text, released::text from shipped order by line_no`,
    [orderId, lines.map((line) => line.lineNo), lines.map((line) => line.quantity)],
  )
  const plain = rows.filter((row) => row.location !== '*')
  const spread = rows.filter((row) => row.location === '*')
  const pieces =
    spread.length === 0
      ? []
      : await spreadDeltas(
          client,
          [orderId],
          plain.map((row) => row.sku),
          spread,
        )
  const deltas = plain.map(({ sku, location, quantity, released }) => ({
    order_id: orderId,
    sku,
    location,
    on_hand: `-${quantity}`,
    reserved: `-${released}`,
  }))
  return writeDeltas(client, [...deltas, ...pieces], { cause: 'shipment', ref, actor, now })
}
