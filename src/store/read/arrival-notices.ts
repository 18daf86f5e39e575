import { stamp } from './order.ts'
import type { Db, Visible } from './scope.ts'

/** A delivery that came, and which orders went on by it. */
export interface CameRow {
  readonly sku: string
  readonly title: string
  readonly location: string
  readonly quantity: string
  readonly at: string
  /** The delivery's own reference. */
  readonly ref: string | null
  readonly actor: string | null
  readonly orders: readonly { readonly id: string; readonly number: string; readonly connection_id: string; readonly at: string }[]
  /** Orders that wait for this SKU still. */
  readonly waiting: number
}

/** A delivery counts as the reason why an order goes on for so long after it, until the next one of the SKU. */
const AFTER = `interval '1 day'`

/**
 * Deliveries since a moment, newest first. An order that waited for the SKU, or for a bundle of it, and was let go on by the hub after one delivery and before the
 * next went on by that one. Orders of connections the caller does not see are left out.
 */
export async function readArrivalNotices(db: Db, since: Date, visible: Visible, limit: number): Promise<readonly CameRow[]> {
  const { rows } = await db.query<CameRow>(
    `with came as materialized (
       select l.id, l.sku, l.location, l.on_hand_delta, l.at, l.ref, l.actor, lead(l.at) over (partition by l.sku order by l.at, l.id) as next_at
       from stock_ledger l where l.cause = 'receipt' and l.ref is not null and l.at >= $1),
     shown as (select * from came order by at desc, id desc limit $3)
     select c.sku, coalesce(k.title, '') as title, c.location, trim_scale(c.on_hand_delta)::text as quantity, ${stamp('c.at')} as at, c.ref, c.actor,
       coalesce((select json_agg(json_build_object('id', o.id::text, 'number', o.channel_order_no, 'connection_id', o.connection_id, 'at', ${stamp('h.released_at')}) order by h.released_at, o.id)
         from holds h join orders o on o.id = h.order_id
         where h.code = 'stock-short' and h.detail = any(stock_kin(c.sku)) and h.released_by = 'stock' and h.released_at >= c.at and h.released_at < least(coalesce(c.next_at, 'infinity'), c.at + ${AFTER})
           and ($2::text[] is null or o.connection_id = any($2))), '[]') as orders,
       (select count(*)::int from holds h join orders o on o.id = h.order_id where h.code = 'stock-short' and h.detail = any(stock_kin(c.sku)) and h.released_at is null
         and ($2::text[] is null or o.connection_id = any($2))) as waiting
     from shown c left join skus k on k.sku = c.sku order by c.at desc, c.id desc`,
    [since, visible, limit],
  )
  return rows
}
