import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { withTx } from '../db.ts'
import { finish } from '../finish.ts'

/** Puts an order into the feed once more, unchanged, for consumers that lost it. @throws DomainError `order-unknown` */
export async function reEmit(pool: pg.Pool, orderId: number): Promise<{ readonly version: number }> {
  return withTx(pool, async (client) => {
    const {
      rows: [order],
    } = await client.query<{ version: number; connection_id: string; sandbox: boolean }>(
      'select version, connection_id, sandbox from orders where id = $1 for share',
      [orderId],
    )
    if (!order) throw new DomainError('order-unknown', `There is no order ${orderId}.`)
    await finish(client, [
      { kind: 'order', orderId, version: order.version, connectionId: order.connection_id, cause: 're-emit', sandbox: order.sandbox },
    ])
    return { version: order.version }
  })
}
