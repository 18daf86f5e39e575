import pg from 'pg'
import { markFinished } from './db.ts'

/** One row of the change feed. `kind` refund is a refund that names no order. */
export interface FeedRow {
  readonly kind: 'order' | 'refund'
  readonly orderId?: number
  readonly refundId?: number
  readonly version: number
  readonly connectionId: string
  readonly cause: 'created' | 'changed' | 'refund' | 'hold' | 'shipment' | 're-emit' | 'removed' | 'erased'
  readonly sandbox: boolean
}

/** The one lock every writer of the feed takes as its last act (I7). */
export const FEED_LOCK = 7_203_002

/**
 * Ends a transaction: lock, feed rows and COMMIT travel as one message, so a client that stalls never holds the feed.
 * Nothing may be sent after it. Without rows it is a plain commit.
 */
export async function finish(client: pg.PoolClient, rows: readonly FeedRow[]): Promise<void> {
  if (rows.length === 0) return void (await finishSelect(client, undefined))
  const values = rows.map(
    (row) =>
      `(${[
        literal(row.kind),
        row.orderId ?? 'null',
        row.refundId ?? 'null',
        row.version,
        literal(row.connectionId),
        literal(row.cause),
        row.sandbox,
      ].join(',')})`,
  )
  await finishSelect(client, `select * from (values ${values.join(',')}) v(kind, order_id, refund_id, version, connection_id, cause, sandbox)`)
}

/**
 * The same for rows that never left the server: `select kind, order_id, refund_id, version, connection_id, cause, sandbox …`.
 * `first` are statements that go before, in the same message; answers their results.
 */
export async function finishSelect(client: pg.PoolClient, select: string | undefined, first = ''): Promise<readonly unknown[]> {
  const feed = select === undefined ? '' : feedStatements(select)
  const results: unknown = await client.query(`${first} ${feed} commit`)
  markFinished(client)
  return Array.isArray(results) ? results.slice(0, select === undefined ? -1 : -3) : []
}

/** Lock and rows, the last statements of a transaction. */
export const feedStatements = (select: string): string => `select pg_advisory_xact_lock(${FEED_LOCK});
    insert into feed (kind, order_id, refund_id, version, connection_id, cause, sandbox)
    select kind, order_id::bigint, refund_id::bigint, version, connection_id, cause, sandbox from (${select}) rows;`

const literal = (text: string): string => pg.escapeLiteral(text)
