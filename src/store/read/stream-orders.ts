import type pg from 'pg'
import { FEED_ORDER, FEED_REFUND } from './feed.ts'
import { type OrderFilter, orderConditions } from './orders.ts'
import { Conditions, type Visible } from './scope.ts'

/** One streamed document, ready to send, with the order it belongs to. */
export interface StreamedRow {
  readonly json: string
  readonly order_id: string | null
}

export interface OrderStream {
  /** Feed position this state corresponds to: what is at or before it is in here, what is after it is not. */
  readonly position: number
  readonly batches: AsyncGenerator<readonly StreamedRow[]>
}

const BATCH = 500
/** A reader this slow is gone. */
const IDLE = '60s'

/**
 * The canonical state at one instant, in batches from a server-side cursor: REPEATABLE READ, and the feed's highest position
 * of the same snapshot. Feed rows become visible in the order of their positions, so nothing falls between the two.
 */
export async function openSnapshot(
  pool: pg.Pool,
  reader: { readonly visible: Visible; readonly connections: Visible; readonly includeSandbox: boolean },
): Promise<OrderStream> {
  const where = (alias: string): Conditions => {
    const conditions = new Conditions().visible(`${alias}.connection_id`, reader.visible).visible(`${alias}.connection_id`, reader.connections)
    return reader.includeSandbox ? conditions : conditions.always(`not ${alias}.sandbox`)
  }
  const orders = where('o')
  const refunds = where('r').always('r.order_id is null')
  return open(pool, [
    {
      sql: `select concat('{"kind":"order","order":', ${FEED_ORDER}, '}') as json, o.id::text as order_id from orders o where ${orders.sql()} order by o.id`,
      values: orders.values,
    },
    {
      sql: `select json_build_object('kind', 'refund', 'refund', ${FEED_REFUND})::text as json, null::text as order_id from refunds r where ${refunds.sql()} order by r.id`,
      values: refunds.values,
    },
  ])
}

/** Orders of a filter in their feed form, oldest first. */
export async function openExport(pool: pg.Pool, filter: OrderFilter, visible: Visible): Promise<OrderStream> {
  const where = orderConditions(filter, visible)
  return open(pool, [
    {
      sql: `select ${FEED_ORDER} as json, o.id::text as order_id from orders o where ${where.sql()} order by o.placed_at, o.id`,
      values: where.values,
    },
  ])
}

interface Query {
  readonly sql: string
  readonly values: readonly unknown[]
}

async function open(pool: pg.Pool, queries: readonly Query[]): Promise<OrderStream> {
  const client = await pool.connect()
  const position = await begin(client)
  const batches = batchesOf(client, queries)
  // The first batch is read before anything is answered: a query that fails is still a proper refusal then.
  return { position, batches: resume(await batches.next(), batches) }
}

async function begin(client: pg.PoolClient): Promise<number> {
  try {
    await client.query(
      `begin isolation level repeatable read read only; set local idle_in_transaction_session_timeout = '${IDLE}'; set local statement_timeout = '60s'`,
    )
    const {
      rows: [row],
    } = await client.query<{ last: number }>('select coalesce(max(seq), 0) as last from feed')
    return row?.last ?? 0
  } catch (error) {
    client.release(true)
    throw error
  }
}

async function* resume<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void>): AsyncGenerator<T> {
  if (first.done === true) return
  try {
    yield first.value
    yield* rest
  } finally {
    await rest.return()
  }
}

/** Ends its transaction however the reader stops. */
async function* batchesOf(client: pg.PoolClient, queries: readonly Query[]): AsyncGenerator<readonly StreamedRow[], void> {
  let whole = false
  try {
    for (const query of queries) {
      await client.query(`declare rows no scroll cursor for ${query.sql}`, [...query.values])
      for (;;) {
        const { rows } = await client.query<StreamedRow>(`fetch ${BATCH} from rows`)
        if (rows.length > 0) yield rows
        if (rows.length < BATCH) break
      }
      await client.query('close rows')
    }
    await client.query('commit')
    whole = true
  } finally {
    client.release(!whole)
  }
}
