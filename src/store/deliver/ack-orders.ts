import type pg from 'pg'
import { withTx } from '../db.ts'
import type { Visible } from '../read/scope.ts'
import { openFailures, resolveFailures } from './open-failure.ts'

export interface OrderAck {
  readonly orderId: string
  readonly version: number
  readonly status: 'accepted' | 'rejected'
  /** The consumer's own number for it. */
  readonly reference?: string | undefined
  readonly code?: string | undefined
  readonly reason?: string | undefined
}

export type AckResult = { readonly order_id: string; readonly result: 'stored' | 'older' | 'unknown-order' | 'version-ahead' }

/**
 * What a consumer made of order versions. A rejection becomes a failure (operation acknowledge) that resolves itself when a
 * later version is accepted; an ack of an older version than the noted one changes nothing.
 */
export async function ackOrders(
  pool: pg.Pool,
  consumer: string,
  acks: readonly OrderAck[],
  visible: Visible,
  now: Date,
): Promise<readonly AckResult[]> {
  return withTx(pool, async (client) => {
    const results: AckResult[] = []
    for (const ack of [...acks].sort((a, b) => Number(a.orderId) - Number(b.orderId)))
      results.push({ order_id: ack.orderId, result: await ackOne(client, consumer, ack, visible, now) })
    return results
  })
}

interface AckedOrder {
  readonly id: number
  readonly version: number
  readonly connection_id: string
  readonly channel: string
  readonly channel_order_no: string
}

async function ackOne(client: pg.PoolClient, consumer: string, ack: OrderAck, visible: Visible, now: Date): Promise<AckResult['result']> {
  const {
    rows: [order],
  } = await client.query<AckedOrder>(
    'select id, version, connection_id, channel, channel_order_no from orders where id = $1 and ($2::text[] is null or connection_id = any($2))',
    [ack.orderId, visible],
  )
  if (!order) return 'unknown-order'
  if (ack.version > order.version) return 'version-ahead'
  const { rowCount } = await client.query(
    `insert into order_acks as a (consumer, order_id, version, status, reference, code, reason, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (consumer, order_id) do update set version = excluded.version, status = excluded.status, reference = coalesce(excluded.reference, a.reference), code = excluded.code,
       reason = excluded.reason, at = excluded.at where excluded.version >= a.version`,
    [consumer, order.id, ack.version, ack.status, ack.reference ?? null, ack.code ?? null, ack.reason ?? null, now],
  )
  if (rowCount === 0) return 'older'
  if (ack.status === 'accepted') await noteAccepted(client, consumer, order, ack, now)
  else await noteRejected(client, consumer, order, ack, now)
  return 'stored'
}

async function noteAccepted(client: pg.PoolClient, consumer: string, order: AckedOrder, ack: OrderAck, now: Date): Promise<void> {
  await client.query(
    `insert into order_facts (order_id, code, at, source, ref) select $1, 'released', $2, 'erp', $3 where not exists (select 1 from order_facts where order_id = $1 and code = 'released' and ref is not distinct from $3)
     on conflict do nothing`,
    [order.id, now, ack.reference ?? consumer],
  )
  await resolveFailures(client, 'ack', [`${consumer}/${order.id}`], now)
}

async function noteRejected(client: pg.PoolClient, consumer: string, order: AckedOrder, ack: OrderAck, now: Date): Promise<void> {
  await resolveFailures(client, 'ack', [`${consumer}/${order.id}`], now)
  await openFailures(client, [
    {
      connectionId: order.connection_id,
      channel: order.channel,
      operation: 'acknowledge',
      subject: consumer,
      subjectKind: 'ack',
      subjectId: `${consumer}/${order.id}`,
      orderId: order.id,
      fault: { kind: 'refused', code: ack.code ?? 'rejected', message: ack.reason ?? `Rejected by ${consumer}.` },
    },
  ])
}
