import type pg from 'pg'
import { createPool } from '../../../src/store/db.ts'
import { freshDatabase } from '../../support/db.ts'

/** A moment every test can count from. */
export const T0 = new Date('2026-11-20T08:00:00.000Z')
export const at = (seconds: number): Date => new Date(T0.getTime() + seconds * 1000)
export const iso = (seconds: number): string => at(seconds).toISOString()

export async function openDatabase(): Promise<{ readonly pool: pg.Pool; close(): Promise<void> }> {
  const database = await freshDatabase()
  const pool = createPool(database.url)
  return {
    pool,
    close: async () => {
      await pool.end()
      await database.drop()
    },
  }
}

let serial = 0
/** Numbers of one length, so that names sort in the order in which they were made. */
const named = (): string => String((serial += 1)).padStart(6, '0')

export async function aConnection(
  pool: pg.Pool,
  options: { readonly armed?: boolean; readonly share?: number; readonly buffer?: number } = {},
): Promise<string> {
  const id = `c${named()}`
  await pool.query(
    `insert into connections (id, channel, name, armed_stock, armed_shipments, stock_share, stock_buffer) values ($1, 'demo', $1, $2, $2, $3, $4)`,
    [id, options.armed ?? true, options.share ?? 1, options.buffer ?? 0],
  )
  return id
}

/** A SKU of its own with a listing of the same name on each connection. */
export async function aSku(pool: pg.Pool, connections: readonly string[], name = `SKU-${named()}`): Promise<string> {
  await pool.query('insert into skus (sku, title) values ($1, $1)', [name])
  for (const connection of connections) {
    await pool.query(
      `insert into listings (connection_id, listing_key, ids, channel_sku, title, sku, bound, shown) values ($1, $2, '{"product":"7"}', $2, $2, $2, 'code', 0)`,
      [connection, name],
    )
  }
  return name
}

export interface TestLine {
  readonly sku: string
  readonly quantity: number
}

/** An order as normalising leaves it: lines bound, goods reserved. */
export async function anOrder(
  pool: pg.Pool,
  connectionId: string,
  lines: readonly TestLine[],
  options: { readonly hold?: string; readonly cancelRequest?: string } = {},
): Promise<number> {
  const no = `N${named()}`
  const doc = {
    channel_order_no: no,
    fulfilment_by: 'merchant',
    cancel_request: options.cancelRequest === undefined ? null : { id: options.cancelRequest },
  }
  const { rows } = await pool.query<{ id: number }>(
    `insert into orders (connection_id, channel, channel_order_no, external_id, version, raw_id, mapping, source_time, authoritative, read_started_at, content_hash, doc, source_status,
       payment, fulfilment, after_sale, approval, cancelled, cancel_requested, closed, reserves, currency, total_minor, paid_minor, refunded_minor, line_count, unit_count, placed_at)
     values ($1, 'demo', $2, $3, 1, 1, 'demo@1', $4, true, $4, '\\x00', $5, 'processing', 'paid', 'unallocated', 'none', $6, false, $7, false, true, 'CNY', 100, 100, 0, $8, 1, $4) returning id`,
    [
      connectionId,
      no,
      `x${no}`,
      T0,
      JSON.stringify(doc),
      options.hold || options.cancelRequest ? 'held' : 'approved',
      options.cancelRequest !== undefined,
      lines.length,
    ],
  )
  const id = rows[0]?.id ?? 0
  for (const [index, line] of lines.entries()) {
    await pool.query(
      `insert into order_lines (order_id, line_no, channel_line_no, channel_sku, sku, title, quantity, cancelled, shipped, net_minor, needs_goods, reserved)
       values ($1, $2, $3, $4, $4, $4, $5, 0, 0, 100, true, $5)`,
      [id, index + 1, `L${index + 1}`, line.sku, line.quantity],
    )
    await pool.query(
      `insert into stock (sku, location, reserved) values ($1, 'main', $2) on conflict (sku, location) do update set reserved = stock.reserved + excluded.reserved`,
      [line.sku, line.quantity],
    )
  }
  const hold = options.hold ?? (options.cancelRequest === undefined ? undefined : 'cancel-requested')
  if (hold !== undefined) await pool.query(`insert into holds (order_id, code, message) values ($1, $2, 'test')`, [id, hold])
  return id
}

export async function one<T>(pool: pg.Pool, sql: string, params: readonly unknown[] = []): Promise<T> {
  const { rows } = await pool.query(sql, [...params])
  return rows[0]
}
