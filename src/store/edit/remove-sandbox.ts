import type pg from 'pg'
import { withTx } from '../db.ts'

/** Tables whose rows belong to a connection by name; orders take their children along. */
const BY_CONNECTION = [
  'raw_dispositions',
  'raw_heads',
  'raw_events',
  'refunds',
  'orders',
  'failures',
  'failure_groups',
  'effects',
  'level_calls',
  'told_calls',
  'escrows',
  'escrow_lines',
  'escrow_watermarks',
  'stock_signs',
  'hand_overs',
  'overrides',
  'mapping_versions',
  'mapping_drafts',
  'drift_shapes',
  'drift_notices',
  'pull_pages',
  'ledger_asks',
  'ledger_signatures',
  'data_keys',
  'feed',
  'files',
  'erasures',
  'privacy_requests',
] as const

/**
 * Takes the simulated connections and everything that came from them out of the database: orders, raw documents, listings,
 * failures, stock that their orders held. SKUs that only the sandbox made go too. Real connections are untouched.
 * @param gone connections that an earlier call removed: what was being written meanwhile goes as well
 */
export async function removeSandbox(
  pool: pg.Pool,
  gone: readonly string[] = [],
): Promise<{ readonly connections: readonly string[]; readonly orders: number }> {
  return withTx(pool, async (client) => {
    await client.query(`set local statement_timeout = '10min'`)
    const { rows } = await client.query<{ id: string }>(`select id from connections where sandbox order by id for update`)
    const connections = [...rows.map((row) => row.id), ...gone]
    const {
      rows: [count],
    } = await client.query<{ n: number }>('select count(*)::int as n from orders where connection_id = any($1)', [connections])
    await client.query(
      `with held as (select sku, location, sum(q) as q from (
           select l.sku, l.location, l.reserved as q from order_lines l join orders o on o.id = l.order_id where o.connection_id = any($1) and l.reserved <> 0 and l.location <> '*'
           union all select x.sku, x.location, x.quantity from line_stock x join orders o on o.id = x.order_id where o.connection_id = any($1)) x group by 1, 2),
       k as materialized (select s.sku, s.location, held.q from stock s join held using (sku, location) order by 1, 2 for no key update of s),
       noted as (insert into stock_ledger (sku, location, reserved_delta, cause, actor) select sku, location, -q, 'removed', 'sandbox' from k order by 1, 2)
       update stock s set reserved = s.reserved - k.q from k where (s.sku, s.location) = (k.sku, k.location)`,
      [connections],
    )
    await client.query('delete from inbox where raw_id in (select id from raw_events where connection_id = any($1))', [connections])
    for (const table of BY_CONNECTION) await client.query(`delete from ${table} where connection_id = any($1)`, [connections])
    await client.query('delete from listing_dirty where connection_id = any($1)', [connections])
    await client.query(`update listings set sku = null where connection_id = any($1)`, [connections])
    await client.query(
      `with mine as (delete from stock_ledger where actor = 'sandbox' and cause <> 'removed' returning sku),
       gone as (delete from stock s using mine where s.sku = mine.sku and s.reserved = 0 and not exists (select 1 from order_lines l where l.sku = s.sku) returning s.sku)
       delete from skus k using gone where k.sku = gone.sku and not exists (select 1 from listings g where g.sku = k.sku)`,
    )
    await client.query('delete from connections where id = any($1)', [connections])
    await client.query(`delete from settings where key = 'sandbox'`)
    return { connections, orders: count?.n ?? 0 }
  })
}
