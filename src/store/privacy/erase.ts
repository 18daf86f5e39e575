import type pg from 'pg'
import { withTx } from '../db.ts'
import { finish } from '../finish.ts'

/** Why and for whom; `reference` is the case it belongs to, never the person's name or contact. */
export interface Erasing {
  readonly why: 'retention' | 'request'
  readonly reference?: string | undefined
  readonly actor: string
}

interface OrderRow {
  readonly id: number
  readonly version: number
  readonly connection_id: string
  readonly channel_order_no: string
  readonly external_id: string
  readonly sandbox: boolean
  readonly doc: unknown
}

/**
 * Takes the person out of these orders: recipient, contacts and notes, and the key of every document they came from, without which
 * nobody can read it again. What the books need stays: goods, amounts, dates, numbers. Consumers hear of it by the cause
 * `erased`. Idempotent; in sorted order, so that several do not block each other. Answers how many orders were there.
 */
export async function eraseOrders(pool: pg.Pool, orderIds: readonly number[], erasing: Erasing): Promise<number> {
  return withTx(pool, async (client) => {
    const { rows } = await client.query<OrderRow>(
      'select id, version, connection_id, channel_order_no, external_id, sandbox, doc from orders where id = any($1::bigint[]) order by id for update',
      [orderIds],
    )
    const ids = rows.map((row) => row.id)
    await client.query(
      `insert into erasures (order_id, connection_id, channel_order_no, external_id, why, reference, actor)
       select o.id, o.connection_id, o.channel_order_no, o.external_id, $2, $3, $4 from orders o where o.id = any($1::bigint[]) order by o.id on conflict (order_id) do nothing`,
      [ids, erasing.why, erasing.reference ?? null, erasing.actor],
    )
    await client.query(
      `update order_parties set row_key = null, body = '', phone4 = null, phone = null, email = null where order_id = any($1::bigint[])`,
      [ids],
    )
    await client.query(
      'update orders o set doc = n.doc::json, party_mark = null from unnest($1::bigint[], $2::text[]) n(id, doc) where o.id = n.id',
      [ids, rows.map((row) => JSON.stringify(withoutPerson(row.doc)))],
    )
    await client.query(`update raw_events r set row_key = null, body = '', meta = null from (${RAW_OF_ORDERS}) x where r.id = x.id`, [ids])
    await client.query(
      `update refunds set doc = jsonb_set(doc::jsonb, '{reason}', 'null')::json where order_id = any($1::bigint[]) and doc->>'reason' is not null`,
      [ids],
    )
    // Reports of replays and dry runs quote what changed.
    await client.query(
      `delete from job_items i using jobs j, orders o where o.id = any($1::bigint[]) and (j.connection_id is null or j.connection_id = o.connection_id)
         and i.job_id = j.id and i.item in (o.connection_id || '/order/' || o.external_id, 'order/' || o.external_id)`,
      [ids],
    )
    await finish(
      client,
      rows.map((row) => ({
        kind: 'order',
        orderId: row.id,
        version: row.version,
        connectionId: row.connection_id,
        cause: 'erased',
        sandbox: row.sandbox,
      })),
    )
    return ids.length
  })
}

/** Documents that still open and made these orders ($1): by what became of them, by the order's own id at the channel, and of their refunds. */
const RAW_OF_ORDERS = `
  select r.id from raw_dispositions d join raw_events r on r.id = d.raw_id where d.order_id = any($1::bigint[]) and r.row_key is not null
  union select r.id from orders o join raw_events r on (r.connection_id, r.kind, r.external_id) = (o.connection_id, 'order', o.external_id)
    where o.id = any($1::bigint[]) and r.row_key is not null
  union select r.id from refunds f join raw_events r on r.id = f.raw_id where f.order_id = any($1::bigint[]) and r.row_key is not null`

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The document without what says who it was: masked names and numbers, notes, free words of the buyer. */
function withoutPerson(doc: unknown): unknown {
  if (!isRecord(doc)) return doc
  const wordless = (value: unknown): unknown => (isRecord(value) && 'reason' in value ? { ...value, reason: null } : value)
  return {
    ...doc,
    cancelled: wordless(doc['cancelled']),
    cancel_request: wordless(doc['cancel_request']),
    recipient: null,
    buyer_ref: null,
    seller_note: null,
    has_buyer_note: false,
    extra: {},
  }
}
