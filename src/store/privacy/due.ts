import type pg from 'pg'
import { eraseOrders } from './erase.ts'
import { carryOutDue } from './requests.ts'

const PAGE = 5000
const BATCH = 200
/** How long after dispatch a package counts as delivered where the channel does not say when it was. */
const UNDELIVERED_DAYS = 14

/**
 * When an order is done with the person: delivered, else some days after it was sent, else when it was cancelled or closed; null
 * while it is under way or something about it is still asked for.
 */
const DONE_AT = `case when o.after_sale in ('requested', 'in_progress') or not (o.cancelled or o.closed or o.fulfilment in ('shipped', 'in_transit', 'delivered')) then null
  else coalesce((select min(f.at) from order_facts f where f.order_id = o.id and f.code = 'received'),
    (select min(f.at) + interval '${UNDELIVERED_DAYS} days' from order_facts f where f.order_id = o.id and f.code = 'shipped'), o.updated_at) end`

/** What channels asked for, orders whose time is over at connections that keep personal data for a time, and what came of orders that were erased before. */
export async function eraseDue(
  pool: pg.Pool,
  now: Date,
  stop: () => boolean = () => false,
): Promise<{ readonly erased: number; readonly again: number }> {
  let erased = await carryOutDue(pool, now, stop)
  const { rows: connections } = await pool.query<{ id: string; pii_days: number }>(
    'select id, pii_days from connections where pii_days is not null order by id',
  )
  for (const { id, pii_days: days } of connections) {
    const before = new Date(now.getTime() - days * 86_400_000)
    erased += await inPages(pool, stop, { why: 'retention', actor: 'system' }, (after) =>
      pool.query<Candidate>(
        `select o.id, not exists (select 1 from erasures e where e.order_id = o.id) and ${DONE_AT} < $2 as due
         from orders o where o.connection_id = $1 and o.placed_at < $2 and o.id > $3 order by o.id limit ${PAGE}`,
        [id, before, after],
      ),
    )
    await eraseStrays(pool, id, before)
  }
  const again = await inPages(pool, stop, { why: 'request', actor: 'system' }, (after) =>
    pool.query<Candidate>(
      `select e.order_id as id, exists (select 1 from order_parties p where p.order_id = e.order_id and p.row_key is not null)
         or exists (select 1 from raw_events r where (r.connection_id, r.kind, r.external_id) = (e.connection_id, 'order', e.external_id) and r.row_key is not null)
         or exists (select 1 from raw_dispositions d join raw_events r on r.id = d.raw_id where d.order_id = e.order_id and r.row_key is not null) as due
       from erasures e where e.order_id > $1 order by e.order_id limit ${PAGE}`,
      [after],
    ),
  )
  return { erased, again }
}

interface Candidate {
  readonly id: number
  readonly due: boolean | null
}

async function inPages(
  pool: pg.Pool,
  stop: () => boolean,
  erasing: Parameters<typeof eraseOrders>[2],
  read: (after: number) => Promise<{ readonly rows: readonly Candidate[] }>,
): Promise<number> {
  let count = 0
  for (let after = 0; !stop();) {
    const { rows } = await read(after)
    const due = rows.filter((row) => row.due === true).map((row) => row.id)
    for (let at = 0; at < due.length && !stop(); at += BATCH) count += await eraseOrders(pool, due.slice(at, at + BATCH), erasing)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return count
    after = last.id
  }
  return count
}

/** Documents that never became an order and wait for nobody: deliveries that were ignored, superseded or double. */
async function eraseStrays(pool: pg.Pool, connectionId: string, before: Date): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `update raw_events r set row_key = null, body = '', meta = null from (
         select r.id from raw_events r join raw_dispositions d on d.raw_id = r.id
         where r.connection_id = $1 and r.received_at < $2 and r.row_key is not null and d.order_id is null and d.disposition <> 'held' order by r.id limit ${PAGE}) x
       where r.id = x.id`,
      [connectionId, before],
    )
    if ((rowCount ?? 0) < PAGE) return
  }
}
