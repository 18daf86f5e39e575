import type pg from 'pg'

/** One sale at a till that hands over an order, waiting to be brought to it. */
export interface WaitingHandOver {
  readonly external_id: string
  readonly number: string
  readonly at: string
  readonly raw_id: number
  /** Order it was brought to before, under another number. */
  readonly order_id: number | null
  readonly attempts: number
  readonly first_seen: string
  readonly channel: string
}

export async function waitingHandOvers(pool: pg.Pool, connectionId: string, now: Date, limit: number): Promise<readonly WaitingHandOver[]> {
  const { rows } = await pool.query<WaitingHandOver>(
    `select h.external_id, h.number, h.at, h.raw_id, h.order_id, h.attempts, h.first_seen, c.channel from hand_overs h join connections c on c.id = h.connection_id
     where h.connection_id = $1 and h.state = 'pending' and h.not_before <= $2 order by h.not_before, h.external_id limit $3`,
    [connectionId, now, limit],
  )
  return rows
}

/** An order a till may mean. */
export interface NamedOrder {
  readonly id: number
  readonly cancelled: boolean
  /** This very hand-over is on record with it. */
  readonly linked: boolean
  /** Goods of it are still here. */
  readonly waits: boolean
}

/**
 * Orders of this number, by the channel's number or the one shown to the buyer, on every other connection that is no till
 * itself; orders of a sandbox stay among themselves.
 */
export async function ordersNamed(
  pool: pg.Pool,
  wanted: { readonly connectionId: string; readonly numbers: readonly string[]; readonly tills: readonly string[]; readonly packageNo: string },
): Promise<readonly NamedOrder[]> {
  const { rows } = await pool.query<NamedOrder>(
    `with among as (
       select c.id from connections c join connections t on t.id = $1 where c.id <> t.id and c.sandbox = t.sandbox and c.state <> 'removed' and c.channel <> all($3)),
     named as (
       select o.id from among a cross join lateral (select id from orders where connection_id = a.id and channel_order_no = any($2)) o
       union select o.id from orders o join among a on a.id = o.connection_id where o.display_no = any($2) and o.display_no <> o.channel_order_no)
     select o.id, o.cancelled, exists (select 1 from shipments s where s.order_id = o.id and s.package_no = $4) as linked,
            not o.closed and o.fulfilment not in ('shipped', 'in_transit', 'delivered') and exists (
              select 1 from order_lines l where l.order_id = o.id and l.needs_goods and l.quantity - l.cancelled > greatest(l.shipped, coalesce((
                select sum(sl.quantity) from shipments s join shipment_lines sl on sl.shipment_id = s.id where s.order_id = o.id and sl.line_no = l.line_no), 0))) as waits
     from named n join orders o using (id) order by o.id limit 20`,
    [wanted.connectionId, wanted.numbers, wanted.tills, wanted.packageNo],
  )
  return rows
}

/** How a hand-over stands now. A newer document of the till that came meanwhile is left to wait. */
export async function settleHandOver(
  client: pg.Pool | pg.ClientBase,
  connectionId: string,
  handOver: WaitingHandOver,
  outcome: { readonly state: 'pending' | 'linked' | 'failed'; readonly orderId?: number; readonly code?: string; readonly notBefore: Date },
): Promise<void> {
  await client.query(
    `update hand_overs set state = $4, order_id = coalesce($5, order_id), code = $6, not_before = $7, attempts = attempts + 1
     where connection_id = $1 and external_id = $2 and raw_id = $3 and number = $8`,
    [
      connectionId,
      handOver.external_id,
      handOver.raw_id,
      outcome.state,
      outcome.orderId ?? null,
      outcome.code ?? null,
      outcome.notBefore,
      handOver.number,
    ],
  )
}
