import type pg from 'pg'
import type { Db } from '../read/scope.ts'
import { NEWEST_NOTICE, type SupplyNotice } from './supply-notices.ts'

export interface SupplyOrderLine {
  readonly sku: string
  readonly title: string
  readonly quantity: string
  /** When it is expected; null = not known. */
  readonly promised_at: string | null
  /** The arrival it became. */
  readonly arrival: string
}

/** What was ordered from a supplier, as the supplier is told. */
export interface SupplyOrderRow {
  readonly id: string
  readonly ref: string
  readonly supplier_id: string | null
  readonly supplier: string
  readonly email: string | null
  readonly location: string
  readonly note: string | null
  readonly lines: readonly SupplyOrderLine[]
  readonly placed_at: string
  readonly placed_by: string | null
  /** When a person said that the supplier was told. */
  readonly told_at: string | null
  readonly told_by: string | null
  /** The newest mail of it; null = none was asked for. */
  readonly mail: SupplyNotice | null
}
/** With how far its arrivals are. */
export type SupplyOrderState = SupplyOrderRow & { readonly open: number; readonly received: number }

const COLUMNS = `o.id::text, o.ref, o.supplier_id::text, o.supplier, o.email, o.location, o.note, o.lines, o.placed_at, o.placed_by, o.told_at, o.told_by, ${NEWEST_NOTICE} as mail`
const ARRIVED = `(select count(*) filter (where a.state = 'open')::int as open, count(*) filter (where a.state = 'received')::int as received
  from json_array_elements(o.lines) x(line) join arrivals a on a.ref = x.line ->> 'arrival')`

/** Newest first. */
export async function listSupplyOrders(db: Db, before: string | undefined, limit: number): Promise<readonly SupplyOrderState[]> {
  const { rows } = await db.query<SupplyOrderState>(
    `select ${COLUMNS}, s.open, s.received from supply_orders o cross join lateral ${ARRIVED} s where $1::bigint is null or o.id < $1 order by o.id desc limit $2`,
    [before ?? null, limit + 1],
  )
  return rows
}

export async function findSupplyOrder(db: Db, key: { readonly id?: string; readonly ref?: string }): Promise<SupplyOrderState | undefined> {
  const { rows } = await db.query<SupplyOrderState>(
    `select ${COLUMNS}, s.open, s.received from supply_orders o cross join lateral ${ARRIVED} s where o.id = $1 or o.ref = $2`,
    [key.id ?? null, key.ref ?? null],
  )
  return rows[0]
}

/** The supplier, kept as it is while an order is placed. */
export async function holdSupplier(
  client: pg.ClientBase,
  id: string,
): Promise<{ readonly name: string; readonly lead_days: number | null } | undefined> {
  const { rows } = await client.query<{ name: string; lead_days: number | null }>('select name, lead_days from suppliers where id = $1 for share', [
    id,
  ])
  return rows[0]
}

/** Title of these SKUs, and the days their delivery takes where the SKU itself says. */
export async function supplyOf(
  client: pg.ClientBase,
  skus: readonly string[],
): Promise<ReadonlyMap<string, { readonly title: string; readonly lead_days: number | null }>> {
  const { rows } = await client.query<{ sku: string; title: string; lead_days: number | null }>(
    'select k.sku, k.title, y.lead_days from skus k left join sku_supply y using (sku) where k.sku = any($1)',
    [skus],
  )
  return new Map(rows.map((row) => [row.sku, row]))
}

export async function insertSupplyOrder(
  client: pg.ClientBase,
  order: Pick<SupplyOrderRow, 'ref' | 'location' | 'note' | 'lines'>,
  supplierId: string,
  actor: string,
  now: Date,
): Promise<void> {
  await client.query(
    `insert into supply_orders (ref, supplier_id, supplier, email, location, note, lines, placed_at, placed_by)
     select $1, p.id, p.name, p.email, $3, $4, $5, $6, $7 from suppliers p where p.id = $2`,
    [order.ref, supplierId, order.location, order.note, JSON.stringify(order.lines), now, actor],
  )
}

/** The supplier knows. The first time stands. Answers false where there is no such order. */
export async function markTold(db: Db, id: string, actor: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query('update supply_orders set told_at = coalesce(told_at, $2), told_by = coalesce(told_by, $3) where id = $1', [
    id,
    now,
    actor,
  ])
  return (rowCount ?? 0) > 0
}
