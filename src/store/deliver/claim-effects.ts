import type pg from 'pg'
import { PICKUP } from '../../core/carriers.ts'

/** How much of one line was handed over to the buyer in all packages the channel was told of, and this one. */
export interface CollectedLine {
  readonly channel_line_no: string
  readonly quantity: string
}

/** For a hand-over `s`, an order's package without a number; null for any other package. */
const COLLECTED = `case when s.carrier = '${PICKUP}' then (
  select json_agg(json_build_object('channel_line_no', x.channel_line_no, 'quantity', trim_scale(x.quantity)::text) order by x.channel_line_no) from (
    select ol.channel_line_no, sum(pl.quantity) as quantity from shipments p join shipment_lines pl on pl.shipment_id = p.id
      join order_lines ol on ol.order_id = p.order_id and ol.line_no = pl.line_no
    where p.order_id = s.order_id and p.carrier = s.carrier
      and (p.id = s.id or p.id < s.id and exists (select 1 from effects d where d.shipment_id = p.id and d.state = 'done')) group by 1) x) end as collected`

/** A package whose intent was just claimed: it must be sent exactly once now. */
export interface ClaimedShipment {
  readonly effect_id: number
  readonly order_id: number
  readonly idempotency_key: string
  readonly attempts: number
  readonly channel_order_no: string
  readonly external_id: string
  readonly package_no: string
  readonly carrier: string
  readonly carrier_name: string
  readonly tracking_no: string
  readonly tracking_url: string | null
  readonly shipped_at: string
  readonly lines: readonly { readonly channel_line_no: string; readonly quantity: string }[]
  readonly collected: readonly CollectedLine[] | null
  /** Nothing of the order's goods remains after this package and the ones before it. */
  readonly last: boolean
}

/**
 * Claims due packages: one per order at a time, oldest first, so packages of an order arrive in order. An order whose
 * buyer asked to cancel since waits, unless it was shipped by force.
 */
export async function claimShipments(client: pg.ClientBase, connectionId: string, limit: number, now: Date): Promise<readonly ClaimedShipment[]> {
  const { rows } = await client.query<ClaimedShipment>(
    `with due as (
       select e.id from effects e join orders o on o.id = e.order_id join shipments s on s.id = e.shipment_id
       where e.connection_id = $1 and e.kind = 'shipment' and e.state = 'pending' and e.not_before <= $3 and not o.cancelled
         and (s.forced or not exists (select 1 from holds h where h.order_id = o.id and h.code = 'cancel-requested' and h.released_at is null))
         and not exists (select 1 from effects b where b.order_id = e.order_id and b.kind = 'shipment' and b.id < e.id and b.state in ('pending', 'sending', 'unknown'))
       order by e.id limit $2 for update of e),
     claimed as (
       update effects e set state = 'sending', sent_at = $3, attempts = e.attempts + 1, message = null, fault_kind = null, code = null from due where e.id = due.id
       returning e.id, e.order_id, e.shipment_id, e.idempotency_key, e.attempts)
     select c.id as effect_id, c.order_id, c.idempotency_key, c.attempts, o.channel_order_no, o.external_id, s.package_no, s.carrier, s.carrier_name, s.tracking_no, s.tracking_url, s.shipped_at, ${COLLECTED},
            (select json_agg(json_build_object('channel_line_no', ol.channel_line_no, 'quantity', trim_scale(sl.quantity)::text) order by sl.line_no)
               from shipment_lines sl join order_lines ol on ol.order_id = c.order_id and ol.line_no = sl.line_no where sl.shipment_id = s.id) as lines,
            not exists (
              select 1 from order_lines ol where ol.order_id = c.order_id and ol.needs_goods and ol.quantity - ol.cancelled > coalesce((
                select sum(sl.quantity) from shipments p join shipment_lines sl on sl.shipment_id = p.id
                where p.order_id = c.order_id and p.id <= s.id and sl.line_no = ol.line_no), 0)) as last
     from claimed c join shipments s on s.id = c.shipment_id join orders o on o.id = c.order_id order by c.id`,
    [connectionId, limit, now],
  )
  return rows
}

/** A decision about a cancel request, claimed: send it exactly once now. */
export interface ClaimedDecision {
  readonly effect_id: number
  readonly order_id: number
  readonly idempotency_key: string
  readonly channel_order_no: string
  readonly external_id: string
  readonly intent: { readonly decision: 'accept' | 'reject'; readonly reason: string; readonly request_id?: string }
}

export async function claimDecisions(client: pg.ClientBase, connectionId: string, limit: number, now: Date): Promise<readonly ClaimedDecision[]> {
  const { rows } = await client.query<ClaimedDecision>(
    `with due as (
       select e.id from effects e where e.connection_id = $1 and e.kind = 'cancel' and e.state = 'pending' and e.not_before <= $3 order by e.id limit $2 for update of e),
     claimed as (
       update effects e set state = 'sending', sent_at = $3, attempts = e.attempts + 1, message = null, fault_kind = null, code = null from due where e.id = due.id
       returning e.id, e.order_id, e.idempotency_key, e.intent)
     select c.id as effect_id, c.order_id, c.idempotency_key, c.intent, o.channel_order_no, o.external_id from claimed c join orders o on o.id = c.order_id order by c.id`,
    [connectionId, limit, now],
  )
  return rows
}

/** An order-related effect in doubt that may be read back now. */
export interface DoubtfulEffect {
  readonly id: number
  readonly kind: 'shipment' | 'cancel'
  readonly order_id: number
  readonly external_id: string
  readonly carrier: string | null
  readonly tracking_no: string | null
  readonly collected: readonly CollectedLine[] | null
  readonly decision: 'accept' | 'reject' | null
  readonly sent_at: string
  readonly order_cancelled: boolean
  readonly order_cancel_requested: boolean
}

export async function doubtfulEffects(
  client: pg.ClientBase | pg.Pool,
  connectionId: string,
  now: Date,
  limit: number,
): Promise<readonly DoubtfulEffect[]> {
  const { rows } = await client.query<DoubtfulEffect>(
    `select e.id, e.kind, e.order_id, o.external_id, s.carrier, s.tracking_no, ${COLLECTED}, e.intent ->> 'decision' as decision, e.sent_at,
            o.cancelled as order_cancelled, o.cancel_requested as order_cancel_requested
     from effects e join orders o on o.id = e.order_id left join shipments s on s.id = e.shipment_id
     where e.connection_id = $1 and e.kind in ('shipment', 'cancel') and e.state = 'unknown' and e.not_before <= $2 order by e.not_before, e.id limit $3`,
    [connectionId, now, limit],
  )
  return rows
}
