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

/** The same for every order that stands in a failure group; answers how many. */
export async function reEmitGroup(pool: pg.Pool, groupId: string): Promise<number> {
  return withTx(pool, async (client) => {
    const { rows } = await client.query<{ id: number; version: number; connection_id: string; sandbox: boolean }>(
      `select o.id, o.version, o.connection_id, o.sandbox from orders o
       where o.id in (select f.order_id from failures f where f.group_id = $1 and f.resolved_at is null) order by o.id for share`,
      [groupId],
    )
    await finish(
      client,
      rows.map(({ id, version, connection_id: connectionId, sandbox }) => ({
        kind: 'order',
        orderId: id,
        version,
        connectionId,
        cause: 're-emit',
        sandbox,
      })),
    )
    return rows.length
  })
}
