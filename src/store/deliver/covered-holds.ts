import type pg from 'pg'

/** A shortage that is over: the goods of an order are at hand now. */
export interface CoveredHold {
  readonly id: number
  readonly order_id: number
  readonly sku: string
}

/**
 * Open `stock-short` holds whose orders the goods at hand cover, first come first served, and, where listings have units of their own, without taking any of
 * those. Oldest first.
 */
export async function coveredHolds(client: pg.ClientBase | pg.Pool, limit: number): Promise<readonly CoveredHold[]> {
  const { rows } = await client.query<CoveredHold>(
    `select h.id, h.order_id, h.detail as sku from holds h
     where h.code = 'stock-short' and h.released_at is null and not exists (select 1 from stock_awaited(h.order_id))
       and not exists (select 1 from escrows e where e.sku = any(stock_kin(h.detail)) and stock_free(h.detail) < 0)
     order by h.id limit $1`,
    [limit],
  )
  return rows
}
