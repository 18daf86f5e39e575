import type pg from 'pg'
import { PICKUP } from '../../core/carriers.ts'
import type { Instant } from '../../core/order.ts'

/** The order a package is for, locked. */
export interface ShippableOrder {
  readonly id: number
  readonly connection_id: string
  readonly channel: string
  readonly channel_order_no: string
  readonly version: number
  readonly fulfilment: string
  readonly cancelled: boolean
  readonly closed: boolean
  readonly sandbox: boolean
  readonly fulfilment_by: string | null
  readonly hold_codes: readonly string[]
}

export async function lockOrder(client: pg.ClientBase, orderId: number): Promise<ShippableOrder | undefined> {
  await client.query('select 1 from orders where id = $1 for update', [orderId])
  const { rows } = await client.query<ShippableOrder>(
    `select o.id, o.connection_id, o.channel, o.channel_order_no, o.version, o.fulfilment, o.cancelled, o.closed, o.sandbox,
            o.doc ->> 'fulfilment_by' as fulfilment_by,
            array(select distinct h.code from holds h where h.order_id = o.id and h.released_at is null order by 1) as hold_codes
     from orders o where o.id = $1`,
    [orderId],
  )
  return rows[0]
}

/** A line with what of it is still to be shipped, the further of the hub's and the channel's word counting as shipped. Decimal text. */
export interface ShippableLine {
  readonly line_no: number
  readonly channel_line_no: string
  readonly title: string
  readonly needs_goods: boolean
  readonly remaining: string
}

export async function shippableLines(client: pg.ClientBase, orderId: number): Promise<readonly ShippableLine[]> {
  const { rows } = await client.query<ShippableLine>(
    `select l.line_no, l.channel_line_no, l.title, l.needs_goods,
            trim_scale(greatest(0, l.quantity - l.cancelled - greatest(l.shipped, coalesce(h.quantity, 0))))::text as remaining
     from order_lines l
     left join (select sl.line_no, sum(sl.quantity) as quantity from shipments s join shipment_lines sl on sl.shipment_id = s.id where s.order_id = $1 group by 1) h using (line_no)
     where l.order_id = $1 order by l.line_no`,
    [orderId],
  )
  return rows
}

export interface StoredShipment {
  readonly id: number
  readonly package_no: string
  readonly carrier: string
  readonly carrier_name: string
  readonly tracking_no: string
  readonly tracking_url: string | null
  readonly shipped_at: string
  readonly forced: boolean
  readonly lines: readonly { readonly line_no: number; readonly quantity: string }[]
  readonly effect_id: number | null
  readonly effect_state: string | null
}

export async function findShipment(client: pg.ClientBase | pg.Pool, orderId: number, packageNo: string): Promise<StoredShipment | undefined> {
  const { rows } = await client.query<StoredShipment>(
    `select s.id, s.package_no, s.carrier, s.carrier_name, s.tracking_no, s.tracking_url, s.shipped_at, s.forced,
            (select coalesce(json_agg(json_build_object('line_no', l.line_no, 'quantity', trim_scale(l.quantity)::text) order by l.line_no), '[]') from shipment_lines l where l.shipment_id = s.id) as lines,
            e.id as effect_id, e.state as effect_state
     from shipments s left join effects e on e.shipment_id = s.id where s.order_id = $1 and s.package_no = $2`,
    [orderId, packageNo],
  )
  return rows[0]
}

/** Packages numbered by the hub: `pickup`, `pickup-2`… */
export async function countHandOvers(client: pg.ClientBase, orderId: number, name: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from shipments where order_id = $1 and carrier = $2 and (package_no = $3 or package_no ~ ('^' || $3 || '-[0-9]+$'))`,
    [orderId, PICKUP, name],
  )
  return rows[0]?.n ?? 0
}

/** True when every package of the order was handed over to its buyer. */
export async function collectedOnly(client: pg.ClientBase, orderId: number): Promise<boolean> {
  const { rows } = await client.query<{ only: boolean | null }>('select bool_and(carrier = $2) as only from shipments where order_id = $1', [
    orderId,
    PICKUP,
  ])
  return rows[0]?.only === true
}

export interface NewShipment {
  readonly orderId: number
  readonly connectionId: string
  readonly packageNo: string
  readonly carrier: string
  readonly carrierName: string
  readonly trackingNo: string
  readonly trackingUrl: string | undefined
  readonly shippedAt: Instant
  readonly forced: boolean
  readonly forceReason: string | undefined
  readonly source: string
  readonly actor: string
  readonly lines: readonly { readonly lineNo: number; readonly quantity: string }[]
  readonly waits: string | undefined
  readonly now: Date
}

/** Writes the package, its lines and the intent to tell the channel. */
export async function insertShipment(client: pg.ClientBase, shipment: NewShipment): Promise<void> {
  const s = shipment
  const { rows } = await client.query<{ id: number }>(
    `insert into shipments (order_id, package_no, carrier, carrier_name, tracking_no, tracking_url, shipped_at, forced, source, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id`,
    [s.orderId, s.packageNo, s.carrier, s.carrierName, s.trackingNo, s.trackingUrl ?? null, s.shippedAt, s.forced, s.source, s.actor, s.now],
  )
  const id = rows[0]?.id
  await client.query('insert into shipment_lines (shipment_id, line_no, quantity) select $1, * from unnest($2::int[], $3::numeric[])', [
    id,
    s.lines.map((line) => line.lineNo),
    s.lines.map((line) => line.quantity),
  ])
  await client.query(
    `insert into effects (connection_id, kind, idempotency_key, order_id, shipment_id, intent, message, not_before)
     values ($1, 'shipment', $2, $3, $4, $5, $6, $7)`,
    [
      s.connectionId,
      `shipment/${s.orderId}/${s.packageNo}`,
      s.orderId,
      id,
      JSON.stringify({ package_no: s.packageNo, carrier: s.carrier, tracking_no: s.trackingNo }),
      s.waits ?? null,
      s.now,
    ],
  )
  const ref = s.trackingNo === '' ? s.packageNo : s.trackingNo
  await noteFacts(client, s.orderId, [
    { code: 'shipped', at: s.shippedAt, source: 'hub', ref },
    ...(s.forced ? [{ code: 'shipped_by_force', at: s.now.toISOString(), source: 'user', ref: s.forceReason ?? null }] : []),
  ])
}

/** The goods are with the buyer. */
export const noteReceived = (client: pg.ClientBase, orderId: number, at: Instant, ref: string): Promise<unknown> =>
  noteFacts(client, orderId, [{ code: 'received', at, source: 'hub', ref }])

const noteFacts = (
  client: pg.ClientBase,
  orderId: number,
  facts: readonly { readonly code: string; readonly at: Instant; readonly source: string; readonly ref: string | null }[],
): Promise<unknown> =>
  client.query(
    `insert into order_facts (order_id, code, at, source, ref)
     select $1, code, at, source, ref from json_to_recordset($2::json) f(code text, at timestamptz, source text, ref text) on conflict do nothing`,
    [orderId, JSON.stringify(facts)],
  )

/** The hub's own change of an order: a new version with the content that stands, so that the feed can name it. Answers the version. */
export async function bumpOrder(
  client: pg.ClientBase,
  orderId: number,
  change: { readonly fulfilment?: string; readonly sync?: string; readonly approval?: string },
  now: Date,
): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `with bumped as (
       update orders set version = version + 1, fulfilment = coalesce($2, fulfilment), sync = coalesce($3, sync), approval = coalesce($4, approval), updated_at = $5
       where id = $1 returning id, version, raw_id, mapping, overrides_version, source_time, content_hash)
     insert into order_versions (order_id, version, raw_id, mapping, overrides_version, source_time, content_hash, cause, at)
     select id, version, raw_id, mapping, overrides_version, source_time, content_hash, 'hub', $5 from bumped returning version`,
    [orderId, change.fulfilment ?? null, change.sync ?? null, change.approval ?? null, now],
  )
  return rows[0]?.version ?? 0
}
