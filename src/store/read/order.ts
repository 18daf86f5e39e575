import { type OrderSummaryRow, SUMMARY_COLUMNS } from './orders.ts'
import type { Db, Visible } from './scope.ts'

export interface OrderFactRow {
  readonly code: string
  readonly at: string
  readonly source: string
  readonly observed_at: string
  readonly ref: string | null
}

/** Everything about one order that lies in tables, for its page. JSON parts were built in SQL in their API form. */
export interface OrderDetailRow extends OrderSummaryRow {
  readonly doc: Readonly<Record<string, unknown>>
  readonly raw_id: string
  readonly mapping: string
  readonly source_status: string
  readonly first_seen_at: string
  readonly allocated: boolean
  readonly line_rows: readonly {
    readonly line_no: number
    readonly sku: string | null
    readonly reserved: string
    /** Where its goods are; null = `pieces` says it: a bundle's parts, or several places. */
    readonly location: string | null
    readonly pieces: readonly { readonly sku: string; readonly location: string; readonly quantity: string }[]
    /** What of its goods is not there yet, and when it is expected; null = not known. */
    readonly awaits: readonly { readonly sku: string; readonly quantity: string; readonly promised_at: string | null }[]
    readonly shipped_total: string
    readonly needs_goods: boolean
  }[]
  readonly refund_rows: readonly Readonly<Record<string, unknown>>[]
  readonly shipment_rows: readonly Readonly<Record<string, unknown>>[]
  readonly effect_rows: readonly Readonly<Record<string, unknown>>[]
  readonly hold_rows: readonly Readonly<Record<string, unknown>>[]
  readonly fact_rows: readonly OrderFactRow[]
  readonly ack_rows: readonly Readonly<Record<string, unknown>>[]
  readonly version_rows: readonly Readonly<Record<string, unknown>>[]
}

/** timestamptz as the API writes it, inside SQL-built JSON. */
export const stamp = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const LINES = `(with awaited as materialized (select * from stock_awaited(o.id)) select coalesce(json_agg(json_build_object('line_no', l.line_no, 'sku', l.sku, 'reserved', trim_scale(l.reserved)::text, 'location', nullif(l.location, '*'), 'needs_goods', l.needs_goods,
  'pieces', (select coalesce(json_agg(json_build_object('sku', x.sku, 'location', x.location, 'quantity', trim_scale(x.quantity)::text) order by x.sku, x.location), '[]')
    from line_stock x where x.order_id = l.order_id and x.line_no = l.line_no),
  'awaits', (select coalesce(json_agg(json_build_object('sku', a.sku, 'quantity', trim_scale(a.missing)::text, 'promised_at', ${stamp('a.promised_at')}) order by a.sku), '[]') from awaited a where a.line_no = l.line_no),
  'shipped_total', trim_scale(greatest(l.shipped, coalesce((select sum(sl.quantity) from shipments s join shipment_lines sl on sl.shipment_id = s.id where s.order_id = o.id and sl.line_no = l.line_no), 0)))::text)
  order by l.line_no), '[]') from order_lines l where l.order_id = o.id)`
export const SHIPMENTS_JSON = `(select coalesce(json_agg(json_build_object('id', s.id::text, 'package_no', s.package_no, 'carrier', s.carrier, 'carrier_name', s.carrier_name, 'tracking_no', s.tracking_no,
  'tracking_url', s.tracking_url, 'shipped_at', ${stamp('s.shipped_at')}, 'forced', s.forced, 'source', s.source, 'created_by', s.created_by, 'created_at', ${stamp('s.created_at')},
  'lines', (select coalesce(json_agg(json_build_object('line_no', sl.line_no, 'quantity', trim_scale(sl.quantity)::text) order by sl.line_no), '[]') from shipment_lines sl where sl.shipment_id = s.id))
  order by s.id), '[]') from shipments s where s.order_id = o.id)`
export const REFUNDS_JSON = `(select coalesce(json_agg(json_build_object('id', r.id::text, 'version', r.version, 'kind', r.kind, 'state', r.state, 'doc', r.doc) order by r.at, r.id), '[]') from refunds r where r.order_id = o.id)`
const HOLDS = `(select coalesce(json_agg(json_build_object('id', h.id::text, 'code', h.code, 'detail', h.detail, 'message', h.message, 'opened_at', ${stamp('h.opened_at')}, 'opened_by', h.opened_by,
  'released_at', ${stamp('h.released_at')}, 'released_by', h.released_by, 'release_reason', h.release_reason) order by h.id), '[]') from holds h where h.order_id = o.id)`
const FACTS = `(select coalesce(json_agg(json_build_object('code', f.code, 'at', ${stamp('f.at')}, 'source', f.source, 'observed_at', ${stamp('f.observed_at')}, 'ref', f.ref) order by f.at, f.observed_at), '[]')
  from order_timeline f where f.order_id = o.id)`
const ACKS = `(select coalesce(json_agg(json_build_object('consumer', a.consumer, 'version', a.version, 'status', a.status, 'reference', a.reference, 'code', a.code, 'reason', a.reason, 'at', ${stamp('a.at')}) order by a.consumer), '[]')
  from order_acks a where a.order_id = o.id)`
const VERSIONS = `(select coalesce(json_agg(v order by v.version), '[]') from (select version, raw_id::text, mapping, cause, ${stamp('at')} as at, ${stamp('source_time')} as source_time from order_versions
  where order_id = o.id order by version desc limit 100) v)`
export const EFFECT_JSON = `json_build_object('id', e.id::text, 'connection_id', e.connection_id, 'kind', e.kind, 'order_id', e.order_id::text, 'shipment_id', e.shipment_id::text, 'listing_key', e.listing_key,
  'state', e.state, 'attempts', e.attempts, 'not_before', ${stamp('e.not_before')}, 'fault_kind', e.fault_kind, 'code', e.code, 'message', e.message, 'proof', e.proof, 'history', e.history,
  'intent', e.intent, 'created_at', ${stamp('e.created_at')}, 'sent_at', ${stamp('e.sent_at')}, 'settled_at', ${stamp('e.settled_at')})`

/** One order with everything around it, or undefined when there is none the caller may see. */
export async function readOrder(db: Db, id: string, visible: Visible): Promise<OrderDetailRow | undefined> {
  const { rows } = await db.query<OrderDetailRow>(
    `select ${SUMMARY_COLUMNS}, null as sort_value, o.doc, o.raw_id::text, o.mapping, o.source_status, o.first_seen_at,
       not exists (select 1 from order_lines l where l.order_id = o.id and l.needs_goods and l.reserved = 0 and l.shipped < l.quantity - l.cancelled) as allocated,
       ${LINES} as line_rows, ${REFUNDS_JSON} as refund_rows, ${SHIPMENTS_JSON} as shipment_rows, ${HOLDS} as hold_rows, ${FACTS} as fact_rows, ${ACKS} as ack_rows, ${VERSIONS} as version_rows,
       (select coalesce(json_agg(${EFFECT_JSON} order by e.id), '[]') from effects e where e.order_id = o.id) as effect_rows
     from orders o where o.id = $1 and ($2::text[] is null or o.connection_id = any($2))`,
    [id, visible],
  )
  return rows[0]
}

/** Connection and version of one order; undefined when it does not exist for the caller. */
export async function locateOrder(
  db: Db,
  id: string,
  visible: Visible,
): Promise<
  { readonly connection_id: string; readonly external_id: string; readonly version: number; readonly channel_order_no: string } | undefined
> {
  const { rows } = await db.query<{ connection_id: string; external_id: string; version: number; channel_order_no: string }>(
    'select connection_id, external_id, version, channel_order_no from orders where id = $1 and ($2::text[] is null or connection_id = any($2))',
    [id, visible],
  )
  return rows[0]
}
