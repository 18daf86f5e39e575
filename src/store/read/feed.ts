import { REFUNDS_JSON, SHIPMENTS_JSON, stamp } from './order.ts'
import type { Db, Visible } from './scope.ts'

/** Text, a true value and instants inside JSON that is put together as text: three times cheaper than `json_build_object`, which looks up how to write each member of each row. */
const text = (column: string): string => `to_json(${column})`
const truth = (column: string): string => `case when ${column} then 'true' else 'false' end`
/** Most orders have none of these, and a look costs half of aggregating nothing. Not EXISTS: its plan may read the whole table into a hash. */
const unlessNone = (from: string, list: string): string => `case when (select true from ${from} limit 1) then ${list} else '[]' end`

/** An order as systems of record get it, as text: axes (our own closed words), holds, refunds, shipments, and the canonical document (personal data masked). */
export const FEED_ORDER = `concat('{"id":"', o.id, '","connection_id":', ${text('o.connection_id')}, ',"channel":', ${text('o.channel')}, ',"channel_order_no":', ${text('o.channel_order_no')},
  ',"external_id":', ${text('o.external_id')}, ',"display_no":', coalesce(${text('o.display_no')}, 'null'), ',"version":', o.version, ',"payment":"', o.payment, '","fulfilment":"', o.fulfilment,
  '","after_sale":"', o.after_sale, '","approval":"', o.approval, '","sync":"', o.sync, '","cancelled":', ${truth('o.cancelled')}, ',"cancel_requested":', ${truth('o.cancel_requested')},
  ',"closed":', ${truth('o.closed')}, ',"sandbox":', ${truth('o.sandbox')}, ',"updated_at":"', ${stamp('o.updated_at')},
  '","holds":', ${unlessNone('holds h where h.order_id = o.id and h.released_at is null', `(select json_agg(h.code order by h.id) from holds h where h.order_id = o.id and h.released_at is null)`)},
  ',"refunds":', ${unlessNone('refunds r where r.order_id = o.id', REFUNDS_JSON)}, ',"shipments":', ${unlessNone('shipments s where s.order_id = o.id', SHIPMENTS_JSON)}, ',"doc":', o.doc, '}')`
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

const SPAN = `from feed where seq > $1 order by seq limit $2`
/** The page, and as its last row where the look for it ended and how far it went: of one snapshot. Planning it costs as much as a few dozen orders: it keeps its plan. */
const PAGE = `with wanted as materialized (
    select seq, kind, order_id, refund_id, version, cause, at from (select * ${SPAN}) span
      where ($3::text[] is null or connection_id = any($3)) and ($4::text[] is null or connection_id = any($4)) and ($5 or not sandbox) order by seq limit $6)
  (select w.seq, null::bigint as scanned, w.order_id::text, concat('{"seq":', w.seq, ',"kind":"', w.kind, '","cause":"', w.cause, '","version":', w.version, ',"at":"', ${stamp('w.at')}, '","order":',
     case when o.id is not null then ${FEED_ORDER} else 'null' end, ',"refund":', case when r.id is not null then ${FEED_REFUND}::text else 'null' end, '}') as json
   from wanted w left join orders o on o.id = w.order_id left join refunds r on r.id = w.refund_id order by w.seq)
  union all select max(seq), count(*), null, null from (select seq ${SPAN}) span`

type FeedRow = readonly [seq: number | null, scanned: number | null, orderId: string | null, json: string | null]

/** The change log from a position on. Positions are written under one lock as the last act of a transaction, so none appears behind a reader (I7). */
export async function readFeed(db: Db, request: FeedRequest): Promise<FeedPage> {
  const { after, limit, visible, connections, includeSandbox } = request
  const scan = limit * SCAN_FACTOR
  const values = [after, scan, visible, connections, includeSandbox, limit]
  // As arrays: an object with four members for each of many rows is a good part of what the driver costs.
  const { rows } = await db.query<[...FeedRow]>({ name: 'read-feed', text: PAGE, values, rowMode: 'array' })
  const items: { json: string; orderId: string | null }[] = []
  let [last, full, whole] = [after, after, false]
  for (const [seq, scanned, orderId, json] of rows) {
    if (scanned !== null) [last, whole] = [seq ?? after, scanned === scan]
    else if (json !== null) {
      items.push({ json, orderId })
      full = seq ?? full
    }
  }
  const nextAfter = items.length === limit ? full : last
  return { items, nextAfter, hasMore: nextAfter < last || whole }
}
