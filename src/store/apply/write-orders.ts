import { PICKUP } from '../../core/carriers.ts'

/** What the hub shipped itself may be ahead of what the channel reports: the further of the two stands. */
const HUB_SHIPPED = `(select coalesce(sum(sl.quantity), 0) from shipments sh join shipment_lines sl on sl.shipment_id = sh.id where sh.order_id = `

/** Looks at the rows as they are after the head locks, never at state loaded into the process before. */
const PREPARE = `
delete from s_order s using s_raw r where r.i = s.i and not r.won;
delete from s_refund s using s_raw r where r.i = s.i and not r.won;
delete from s_failure s using s_raw r where r.i = s.i and not r.won;
update s_order s set old_id = o.id, unchanged = o.content_hash = s.content_hash, expired = o.reservation_expired_at is not null and s.payment = 'pending',
    party_stands = coalesce(o.party_mark = s.party_mark, false)
  from (select s.i, o.* from s_order s join s_raw r using (i) cross join lateral (
    select o.id, o.content_hash, o.reservation_expired_at, o.party_mark from orders o where o.connection_id = r.connection_id and o.channel_order_no = s.channel_order_no limit 1) o) o where o.i = s.i; -- each by its key, however few orders a plan was made for
update s_order s set fulfilment = case when shipped.q < s.unit_count then 'partial' when shipped.collected then 'delivered' else 'shipped' end
  from (select s2.i, h.q, h.collected from s_order s2 cross join lateral (
      select coalesce(sum(sl.quantity), 0) as q, bool_and(sh.carrier = '${PICKUP}') as collected from shipments sh join shipment_lines sl on sl.shipment_id = sh.id where sh.order_id = s2.old_id) h
    where s2.old_id is not null and s2.fulfilment in ('unallocated','allocated','released','partial','shipped','in_transit')) shipped
  where shipped.i = s.i and shipped.q > 0 and (s.fulfilment not in ('shipped','in_transit') or shipped.collected and shipped.q >= s.unit_count);
update s_order s set approval = 'held' where s.i in (
  select h.i from s_hold h join s_order o using (i)
    where (select true from holds k where k.order_id = o.old_id and k.code = h.code and k.detail = h.detail and k.released_by is not null limit 1) is null
  union all
  select o.i from s_order o where (select true from holds k where k.order_id = o.old_id and k.opened_by <> 'rule' and k.released_at is null limit 1));
`

const UPSERT = `
update orders o set raw_id = r.raw_id, mapping = r.mapping, overrides_version = r.overrides_version, source_time = r.source_time,
    authoritative = r.authoritative, read_started_at = r.read_started_at, external_id = r.external_id
  from (select s.old_id, r.* from s_order s join s_raw r using (i) where s.unchanged) r where o.id = r.old_id;
with written as (
  insert into orders as o (connection_id, channel, channel_order_no, external_id, display_no, version, raw_id, mapping, overrides_version, source_time, authoritative, read_started_at,
    content_hash, doc, source_status, payment, fulfilment, after_sale, approval, cancelled, cancel_requested, closed, reserves, currency, total_minor, paid_minor, refunded_minor,
    line_count, unit_count, placed_at, paid_at, ship_by, sandbox, approved_at, allocated_at, party_mark)
  select r.connection_id, s.channel, s.channel_order_no, r.external_id, s.display_no, 1, r.raw_id, r.mapping, r.overrides_version, r.source_time, r.authoritative, r.read_started_at,
    s.content_hash, d.doc::json, s.source_status, s.payment, s.fulfilment, s.after_sale, s.approval, s.cancelled, s.cancel_requested, s.closed, s.reserves, s.currency, s.total_minor,
    s.paid_minor, s.refunded_minor, s.line_count, s.unit_count, s.placed_at, s.paid_at, s.ship_by, s.sandbox,
    case when s.approval = 'approved' then now() end, case when s.reserves and s.bound then now() end, case when not s.party_stands then s.party_mark end
  from s_order s join s_raw r using (i) join s_doc d using (i) where not s.unchanged order by r.connection_id, s.channel_order_no
  on conflict (connection_id, channel_order_no) do update set external_id = excluded.external_id, display_no = excluded.display_no, version = o.version + 1, raw_id = excluded.raw_id,
    mapping = excluded.mapping, overrides_version = excluded.overrides_version, source_time = excluded.source_time, authoritative = excluded.authoritative,
    read_started_at = excluded.read_started_at, content_hash = excluded.content_hash, doc = excluded.doc, source_status = excluded.source_status, payment = excluded.payment,
    fulfilment = excluded.fulfilment, after_sale = excluded.after_sale, approval = excluded.approval, cancelled = excluded.cancelled, cancel_requested = excluded.cancel_requested,
    closed = excluded.closed, reserves = excluded.reserves, currency = excluded.currency, total_minor = excluded.total_minor, paid_minor = excluded.paid_minor,
    refunded_minor = excluded.refunded_minor, line_count = excluded.line_count, unit_count = excluded.unit_count, placed_at = excluded.placed_at, paid_at = excluded.paid_at,
    ship_by = excluded.ship_by, approved_at = coalesce(o.approved_at, excluded.approved_at), allocated_at = coalesce(o.allocated_at, excluded.allocated_at),
    party_mark = coalesce(excluded.party_mark, o.party_mark), updated_at = now()
  returning o.id, o.version, o.connection_id, o.channel_order_no, o.sandbox, (o.xmax = 0) as inserted)
insert into s_applied (i, order_id, version, connection_id, cause, sandbox, inserted)
select r.i, w.id, w.version, w.connection_id, case when w.inserted then 'created' else 'changed' end, w.sandbox, w.inserted
  from written w join s_order s on s.channel_order_no = w.channel_order_no join s_raw r on r.i = s.i and r.connection_id = w.connection_id;
update s_raw r set order_id = coalesce(a.order_id, s.old_id) from s_order s left join s_applied a using (i) where r.i = s.i;
`

/**
 * Goods that were reserved here and that somebody shipped at the channel itself: they left the shelf, so they leave on
 * hand together with their reservation. What the hub shipped has left already, what was never reserved is history.
 */
const SHIPPED_AT_CHANNEL = `
insert into s_shipped
select o.sku, o.location, least(o.reserved, x.shipped - greatest(o.shipped, ${HUB_SHIPPED} o.order_id and sl.line_no = o.line_no))), o.order_id, o.line_no
  from order_lines o join s_applied a on a.order_id = o.order_id and not a.inserted join s_order s using (i) join s_line l on l.i = a.i and l.line_no = o.line_no
  cross join lateral (select case when s.fulfilment in ('shipped', 'in_transit', 'delivered') then l.quantity - l.cancelled else l.shipped end as shipped) x
  where o.sku is not null and o.reserved > 0 and not s.cancelled and x.shipped > greatest(o.shipped, ${HUB_SHIPPED} o.order_id and sl.line_no = o.line_no));
`

/**
 * Lines are replaced as a whole, on their own pages where they stand already; what they held in stock before and after is kept as one delta per SKU and location. Location `*` marks
 * lines of bundles and of goods in several places: their deltas follow with the stock rows. Whether there are any such goods is one look per batch. Where rules about locations are in force, every line is one of them.
 */
const lines = (order: string, reserved: string, from: string): string => `
with written as (insert into order_lines (order_id, line_no, channel_line_no, listing_key, channel_sku, barcode, sku, title, quantity, cancelled, shipped, net_minor, needs_goods, location, reserved)
select ${order}, l.line_no, l.channel_line_no, l.listing_key, l.channel_sku, l.barcode, l.sku, l.title, l.quantity, l.cancelled, l.shipped, l.net_minor, l.needs_goods,
  case when l.place is not null and l.sku is not null then '*' when not (select stock_spread()) or l.sku is null then 'main' when (select stock_ruled()) then '*' else stock_place(l.sku) end,
  case when ${reserved} else 0 end
  ${from}
  returning sku, location, reserved, order_id)
insert into s_stock select sku, location, reserved, order_id from written where reserved <> 0;
`

const JUDGED_LINES = lines(
  'a.order_id',
  `s.reserves and not s.expired and l.needs_goods and l.sku is not null then greatest(0, l.quantity - l.cancelled - greatest(l.shipped,
    case when a.inserted then 0 else ${HUB_SHIPPED} a.order_id and sl.line_no = l.line_no) end))`,
  `from s_line l join s_applied a using (i) join s_order s using (i) order by a.order_id, l.line_no
  on conflict (order_id, line_no) do update set channel_line_no = excluded.channel_line_no, listing_key = excluded.listing_key, channel_sku = excluded.channel_sku, barcode = excluded.barcode, sku = excluded.sku,
    title = excluded.title, quantity = excluded.quantity, cancelled = excluded.cancelled, shipped = excluded.shipped, net_minor = excluded.net_minor, needs_goods = excluded.needs_goods,
    location = excluded.location, reserved = excluded.reserved`,
)

/** The same for orders that are all new: their lines know them, and lie in their order. */
const NEW_LINES = lines(
  'l.order_id',
  'l.reserves and l.needs_goods and l.sku is not null then greatest(0, l.quantity - l.cancelled - l.shipped)',
  'from s_line l',
)

const LINES = `${SHIPPED_AT_CHANNEL}
insert into s_stock select l.sku, l.location, -l.reserved, l.order_id from order_lines l join s_applied a on a.order_id = l.order_id and not a.inserted where l.sku is not null and l.reserved <> 0;
delete from order_lines l using s_applied a where a.order_id = l.order_id and not a.inserted and not exists (select 1 from s_line n where n.i = a.i and n.line_no = l.line_no);
${JUDGED_LINES}`

const versions = (which: string): string => `
insert into order_versions (order_id, version, raw_id, mapping, overrides_version, source_time, content_hash, cause)
select a.order_id, a.version, r.raw_id, r.mapping, r.overrides_version, r.source_time, s.content_hash, a.cause
  from s_applied a join s_raw r using (i) join s_order s using (i) where ${which} order by 1, 2`

/** What stands as it is, is not written again: its row lies on a page of its own, as its entry in the index does. */
const parties = (which: string): string => `
insert into order_parties (order_id, key_id, row_key, body, phone4, phone, email)
select a.order_id, p.key_id, p.row_key, p.body, p.phone4, p.phone, p.email from s_party p join s_applied a using (i) join s_order s using (i) where ${which} and not s.party_stands order by 1`

const VERSION_STANDS = 'on conflict do nothing;'
const PARTY_STANDS = `on conflict (order_id) do update
  set key_id = excluded.key_id, row_key = excluded.row_key, body = excluded.body, phone4 = excluded.phone4, phone = excluded.phone, email = excluded.email;`

const TOGETHER = `${versions('true')} ${VERSION_STANDS} ${parties('true')} ${PARTY_STANDS}`
/** Nothing can stand beside an order whose id was just given: many rows are written faster without the question. */
const APART = `${versions('a.inserted')}; ${versions('not a.inserted')} ${VERSION_STANDS} ${parties('a.inserted')}; ${parties('not a.inserted')} ${PARTY_STANDS}`

/**
 * What stands of an order is looked up by its key, one order at a time (`offset 0`, a scalar): a set of its own the planner reads from end to end for every
 * document of the batch when it believes the table small, as it does while the first hundred thousand come in.
 */
const ATTACHMENTS = `
insert into order_facts (order_id, code, at, source, ref)
select a.order_id, f.code, f.at, 'channel', f.ref from s_fact f join s_applied a using (i) order by 1, 2, 3 on conflict do nothing;
update holds k set released_at = now(), release_reason = 'cause gone' from s_order s
  cross join lateral (select h.id, h.code, h.detail from holds h where h.order_id = s.old_id and h.opened_by = 'rule' and h.released_at is null offset 0) o
  where k.id = o.id and s.old_id is not null and not exists (select 1 from s_hold h where h.i = s.i and h.code = o.code and h.detail = o.detail);
insert into holds (order_id, code, detail, message)
select r.order_id, h.code, h.detail, h.message from s_hold h join s_raw r using (i) where r.won and r.order_id is not null
  and (select true from holds k where k.order_id = r.order_id and k.code = h.code and k.detail = h.detail and (k.released_at is null or k.released_by is not null) limit 1) is null order by 1, 2, 3
on conflict do nothing;
`

/** Orders, lines, facts, holds; in key order everywhere. */
export const WRITE_ORDERS = PREPARE + UPSERT + LINES + TOGETHER + ATTACHMENTS
/** The same for many: two statements more, cheaper rows. */
export const WRITE_MANY_ORDERS = PREPARE + UPSERT + LINES + APART + ATTACHMENTS
/** What hangs on new orders that stand in their table already, as `s_applied` names them. */
export const WRITE_PARTS = NEW_LINES + ATTACHMENTS
