import { REFUNDS_JSON, SHIPMENTS_JSON, stamp } from './order.ts'
import type { Db, Visible } from './scope.ts'

/** An order as systems of record get it: axes, holds, refunds, shipments, and the canonical document (personal data masked). */
export const FEED_ORDER = `json_build_object('id', o.id::text, 'connection_id', o.connection_id, 'channel', o.channel, 'channel_order_no', o.channel_order_no, 'external_id', o.external_id,
  'display_no', o.display_no, 'version', o.version, 'payment', o.payment, 'fulfilment', o.fulfilment, 'after_sale', o.after_sale, 'approval', o.approval, 'sync', o.sync,
  'cancelled', o.cancelled, 'cancel_requested', o.cancel_requested, 'closed', o.closed, 'sandbox', o.sandbox, 'updated_at', ${stamp('o.updated_at')},
  'holds', (select coalesce(json_agg(h.code order by h.id), '[]') from holds h where h.order_id = o.id and h.released_at is null),
  'refunds', ${REFUNDS_JSON}, 'shipments', ${SHIPMENTS_JSON}, 'doc', o.doc)`
export const FEED_REFUND = `json_build_object('id', r.id::text, 'connection_id', r.connection_id, 'version', r.version, 'kind', r.kind, 'state', r.state, 'sandbox', r.sandbox, 'doc', r.doc)`

export interface FeedRequest {
  readonly after: number
  readonly limit: number
  readonly visible: Visible
  /** The consumer's own connections, on top of what its key may see. */
  readonly connections: Visible
  readonly includeSandbox: boolean
}

export interface FeedPage {
  /** One JSON object each, ready to send. */
  readonly items: readonly { readonly json: string; readonly orderId: string | null }[]
  /** Last position scanned: rows that were not for this caller are passed over, not read again. */
  readonly nextAfter: number
  readonly hasMore: boolean
}

/** How many positions one page may pass over to find its items. */
const SCAN_FACTOR = 8

interface FeedRow {
  readonly seq: number
  readonly order_id: string | null
  readonly json: string
}

/** The change log from a position on. Positions are written under one lock as the last act of a transaction, so none appears behind a reader (I7). */
export async function readFeed(db: Db, request: FeedRequest): Promise<FeedPage> {
  const scan = request.limit * SCAN_FACTOR
  const {
    rows: [end],
  } = await db.query<{ last: number | null; scanned: number }>(
    'select max(seq) as last, count(*)::int as scanned from (select seq from feed where seq > $1 order by seq limit $2) s',
    [request.after, scan],
  )
  const last = end?.last ?? request.after
  const { rows } = await db.query<FeedRow>(
    `with wanted as materialized (
       select seq, kind, order_id, refund_id, version, cause, at from feed where seq > $1 and seq <= $2
         and ($3::text[] is null or connection_id = any($3)) and ($4::text[] is null or connection_id = any($4)) and ($5 or not sandbox) order by seq limit $6)
     select w.seq, w.order_id::text, json_build_object('seq', w.seq, 'kind', w.kind, 'cause', w.cause, 'version', w.version, 'at', ${stamp('w.at')},
       'order', case when o.id is not null then ${FEED_ORDER} end, 'refund', case when r.id is not null then ${FEED_REFUND} end)::text as json
     from wanted w left join orders o on o.id = w.order_id left join refunds r on r.id = w.refund_id order by w.seq`,
    [request.after, last, request.visible, request.connections, request.includeSandbox, request.limit],
  )
  const full = rows.length === request.limit
  const nextAfter = full ? (rows.at(-1)?.seq ?? last) : last
  return {
    items: rows.map((row) => ({ json: row.json, orderId: row.order_id })),
    nextAfter,
    hasMore: full ? nextAfter < last || end?.scanned === scan : end?.scanned === scan,
  }
}
