/** Refunds are documents of their own: kept beside the order, linked when both are there, and the order reads the same whichever came first (I3). */
export const WRITE_REFUNDS = `
with written as (
  insert into refunds as f (connection_id, channel_refund_no, channel_order_no, order_external_id, order_id, kind, state, currency, amount_minor, detailed, raw_id, mapping, source_time, content_hash, doc, at, sandbox)
  select distinct on (r.connection_id, s.channel_refund_no) r.connection_id, s.channel_refund_no, s.channel_order_no, s.order_external_id,
    coalesce((select a.order_id from s_applied a where a.i = s.i), (select o.id from orders o where o.connection_id = r.connection_id and o.channel_order_no = s.channel_order_no),
      (select o.id from orders o where o.connection_id = r.connection_id and o.external_id = s.order_external_id limit 1)),
    s.kind, s.state, s.currency, s.amount_minor, s.detailed, r.raw_id, r.mapping, s.source_time, s.content_hash, s.doc::json, s.at, s.sandbox
  from s_refund s join s_raw r using (i) order by r.connection_id, s.channel_refund_no, s.detailed desc, s.source_time desc
  on conflict (connection_id, channel_refund_no) do update set order_id = coalesce(excluded.order_id, f.order_id), kind = excluded.kind, state = excluded.state, currency = excluded.currency, amount_minor = excluded.amount_minor,
    detailed = excluded.detailed, raw_id = excluded.raw_id, mapping = excluded.mapping, source_time = excluded.source_time, content_hash = excluded.content_hash, doc = excluded.doc, at = excluded.at, version = f.version + 1
    where excluded.detailed > f.detailed or (excluded.detailed = f.detailed and (excluded.content_hash <> f.content_hash or excluded.at <> f.at))
  returning f.id, f.order_id, f.version, f.detailed, f.sandbox, f.raw_id)
insert into s_new_refund (i, refund_id, order_id, version, detailed, sandbox) select r.i, w.id, w.order_id, w.version, w.detailed, w.sandbox from written w join s_raw r on r.raw_id = w.raw_id;
with linked as (
  update refunds f set order_id = o.id from orders o join s_applied a on a.order_id = o.id
  where a.inserted and f.order_id is null and f.connection_id = o.connection_id and (f.channel_order_no = o.channel_order_no or f.order_external_id = o.external_id)
  returning f.id, f.order_id)
update s_new_refund n set order_id = l.order_id from linked l where l.id = n.refund_id;
with touched as (
  select distinct n.order_id from s_new_refund n where n.detailed and n.order_id is not null and not exists (select 1 from s_applied a where a.order_id = n.order_id) order by 1),
bumped as (
  update orders o set version = o.version + 1, updated_at = now(), after_sale = case when o.after_sale = 'none' then 'closed' else o.after_sale end from touched t where o.id = t.order_id
  returning o.id, o.version, o.connection_id, o.sandbox, o.raw_id, o.mapping, o.overrides_version, o.source_time, o.content_hash),
versions as (
  insert into order_versions (order_id, version, raw_id, mapping, overrides_version, source_time, content_hash, cause)
  select id, version, raw_id, mapping, overrides_version, source_time, content_hash, 'refund' from bumped on conflict do nothing)
insert into s_applied (i, order_id, version, connection_id, cause, sandbox, inserted) select -1, id, version, connection_id, 'refund', sandbox, false from bumped;
update s_raw r set order_id = n.order_id from s_new_refund n where n.i = r.i and r.order_id is null;
update orders o set after_sale = 'closed' from s_applied a join refunds f on f.order_id = a.order_id and f.detailed where o.id = a.order_id and o.after_sale = 'none';
delete from order_facts k using s_new_refund n join refunds f on f.id = n.refund_id
  where k.order_id = n.order_id and k.code = 'refunded' and k.source = 'channel' and k.ref = f.channel_refund_no and k.at <> f.at; -- a mention knows the time less well than the document
insert into order_facts (order_id, code, at, source, ref)
select n.order_id, 'refunded', f.at, 'channel', f.channel_refund_no from s_new_refund n join refunds f on f.id = n.refund_id where n.order_id is not null and f.state = 'done'
union select a.order_id, 'refunded', f.at, 'channel', f.channel_refund_no from s_applied a join refunds f on f.order_id = a.order_id where a.inserted and f.state = 'done'
order by 1, 2, 3 on conflict do nothing;
`

/**
 * One root cause is one group; a resolved group that fails again is reopened as regressed. Failures whose cause is gone resolve themselves. What stands is
 * looked up by its key, one document at a time (`offset 0`), however few the planner believes there are.
 */
export const WRITE_FAILURES = `
insert into failure_groups as g (signature, connection_id, channel, operation, fault_kind, code, message, sample, subject)
select distinct on (signature) signature, connection_id, channel, operation, fault_kind, code, message, sample, subject from s_failure order by signature
on conflict (signature) do update set last_seen = now(), regressed = g.regressed or g.status = 'resolved', status = case when g.status = 'resolved' or (g.status = 'ignored' and g.ignored_until <= now()) then 'open' else g.status end
  where g.status = 'resolved' or g.last_seen < now() - interval '10 seconds';
with ours as materialized (
  select f.id, f.group_id, f.subject_kind, r.i, r.order_id from s_raw r
    cross join lateral (select x.id, x.group_id, x.subject_kind from failures x where x.order_id = r.order_id and x.resolved_at is null offset 0) f where r.won and r.kind = 'order'),
stood as (
  select f.id, f.group_id, r.i from s_raw r
    cross join lateral (select x.id, x.group_id from failures x where x.subject_kind = 'raw' and x.subject_id = r.connection_id || '/' || r.kind || '/' || r.external_id and x.resolved_at is null offset 0) f where r.won
  union all
  select id, group_id, i from ours where subject_kind = 'order'),
gone as (
  update failures f set resolved_at = now() from stood
  where f.id = stood.id and not exists (select 1 from s_failure s join failure_groups g using (signature) where s.i = stood.i and g.id = stood.group_id)
  returning f.id, f.group_id),
followed as (
  update failures f set order_currency = o.currency, order_minor = o.total_minor, order_ship_by = o.ship_by from ours join orders o on o.id = ours.order_id
  where f.id = ours.id and ours.subject_kind not in ('raw', 'order') and (f.order_currency, f.order_minor, f.order_ship_by) is distinct from (o.currency, o.total_minor, o.ship_by))
update failure_groups g set status = 'resolved' where g.id in (select group_id from gone) and g.status in ('open','acknowledged')
  and not exists (select 1 from failures f where f.group_id = g.id and f.resolved_at is null and f.id not in (select id from gone));
insert into failures as f (group_id, connection_id, subject_kind, subject_id, order_id, message, order_currency, order_minor, order_ship_by)
select distinct on (g.id, s.subject_kind, 4) g.id, s.connection_id, s.subject_kind, case s.subject_kind when 'order' then r.order_id::text else r.connection_id || '/' || r.kind || '/' || r.external_id end,
  r.order_id, s.sample, o.currency, o.total_minor, o.ship_by
  from s_failure s join failure_groups g using (signature) join s_raw r using (i) left join orders o on o.id = r.order_id
  where s.subject_kind = 'raw' or r.order_id is not null order by 1, 3, 4
on conflict (group_id, subject_kind, subject_id) where resolved_at is null do update set last_seen = now(), times = f.times + 1, order_id = coalesce(excluded.order_id, f.order_id),
  order_currency = excluded.order_currency, order_minor = excluded.order_minor, order_ship_by = excluded.order_ship_by;
`

/**
 * Lines of a place that is bound to one of ours take their goods there, whatever lies there: what they have elsewhere moves, and what they
 * lack is put down before anything is spread. Two statements, because the second looks at what the first left. Where no line of the batch is bound,
 * each is one look at the batch.
 */
const PLACED = `
with gone as (
  delete from line_stock x using s_applied a, s_line o, order_lines l
    where exists (select 1 from s_line where place is not null) and o.i = a.i and o.place is not null and a.order_id = x.order_id and l.order_id = x.order_id and l.line_no = x.line_no and o.line_no = x.line_no and (x.location <> o.place or x.of_sku is distinct from l.sku)
  returning x.*, o.place, x.of_sku is not distinct from l.sku as stays),
moved as (
  insert into line_stock as x (order_id, line_no, of_sku, per, sku, location, quantity)
  select order_id, line_no, of_sku, max(per), sku, place, sum(quantity) from gone where stays group by 1, 2, 3, 5, 6 order by 1, 2, 5
  on conflict (order_id, line_no, sku, location) do update set quantity = x.quantity + excluded.quantity)
insert into s_stock (sku, location, q, order_id)
select sku, location, -quantity, order_id from gone union all select sku, place, quantity, order_id from gone where stays;
with part as (
  select l.order_id, l.line_no, l.sku as of_sku, p.sku, p.per, o.place, l.reserved * p.per as want
  from s_line o join s_applied a using (i) join order_lines l on l.order_id = a.order_id and l.line_no = o.line_no and l.location = '*' and l.sku is not null and l.reserved > 0
  cross join lateral (select exists (select 1 from line_stock x where x.order_id = l.order_id and x.line_no = l.line_no) as known) w
  cross join lateral (
    select x.sku, max(x.per) as per from line_stock x where w.known and x.order_id = l.order_id and x.line_no = l.line_no group by x.sku
    union all select b.sku, b.quantity from bundle_parts b where not w.known and b.bundle = l.sku
    union all select l.sku, 1 where not w.known and not exists (select 1 from bundle_parts b where b.bundle = l.sku)) p
  where exists (select 1 from s_line where place is not null) and o.place is not null),
lack as materialized (
  select p.*, p.want - coalesce((select sum(x.quantity) from line_stock x where x.order_id = p.order_id and x.line_no = p.line_no and x.sku = p.sku), 0) as more from part p),
put as (
  insert into line_stock as x (order_id, line_no, of_sku, per, sku, location, quantity)
  select order_id, line_no, of_sku, per, sku, place, more from lack where more > 0 order by 1, 2, 5
  on conflict (order_id, line_no, sku, location) do update set quantity = x.quantity + excluded.quantity)
insert into s_stock (sku, location, q, order_id) select sku, place, more, order_id from lack where more > 0;
`

/** Lines of bundles and of goods in several places, marked by location `*`: which pieces, from where. Locks the stock rows of the batch. */
const SPREAD = `
insert into s_stock (sku, location, q, gone, order_id)
select r.sku, r.location, r.q, r.gone, r.order_id from (
    select array_agg(distinct x.order_id) as orders from (select order_id from s_stock where location = '*' union all select order_id from s_shipped where location = '*') x) k
  cross join lateral stock_reserve(k.orders,
    array(select distinct x.sku from (select sku from s_stock where location = 'main' union all select sku from s_shipped where location = 'main') x),
    array(select order_id from s_shipped where location = '*' order by order_id, line_no), array(select line_no from s_shipped where location = '*' order by order_id, line_no),
    array(select sku from s_shipped where location = '*' order by order_id, line_no), array(select q from s_shipped where location = '*' order by order_id, line_no),
    array(select order_id from s_stock where location = 'main' and q < 0 order by order_id, sku, q), array(select sku from s_stock where location = 'main' and q < 0 order by order_id, sku, q),
    array(select -q from s_stock where location = 'main' and q < 0 order by order_id, sku, q)) r
  where k.orders is not null;
`

/** Reservations, and goods that left the shelf: aggregated, locked in key order, second to last. Then the listings whose level moved. */
const WRITE_STOCK = `
with e as materialized (select sku, location, order_id, sum(q) as q, sum(gone) as gone
  from (select sku, location, q, gone, order_id from s_stock where location <> '*' union all select sku, location, 0, q, order_id from s_shipped where location <> '*') x group by 1, 2, 3 having sum(q) <> 0 or sum(gone) <> 0),
d as materialized (select sku, location, sum(q) as q, sum(gone) as gone from e group by 1, 2 having sum(q) <> 0 or sum(gone) <> 0),
moved as (insert into stock as s (sku, location, reserved, on_hand) select sku, location, q, -gone from d order by 1, 2
  on conflict (sku, location) do update set reserved = s.reserved + excluded.reserved, on_hand = s.on_hand + excluded.on_hand, updated_at = now()
  returning s.sku, s.location, s.as_of is not null and s.on_hand - s.reserved - s.safety - s.held < 0 as short),
scarce as (insert into s_short select sku from moved where short),
noted as (insert into stock_ledger (sku, location, reserved_delta, on_hand_delta, cause, ref)
  select sku, location, q, -gone, case when gone = 0 then 'order' else 'shipment' end, order_id::text from e order by sku, location, e.order_id)
insert into listing_dirty (connection_id, listing_key)
select l.connection_id, l.listing_key from listings l where l.sku in (
    select d.sku from moved join d using (sku, location) where q + gone <> 0
    union all select b.bundle from d join bundle_parts b on b.sku = d.sku where d.q + d.gone <> 0)
  and l.active order by 1, 2 on conflict do nothing;
`

/**
 * Goods sold from a listing under quota and seen only when they had been shipped at the channel: nothing was ever reserved for them, and they
 * left the shelf. Before the stock rows.
 */
const SHIPPED_UNSEEN = `
insert into s_shipped
select l.sku, l.location, case when o.fulfilment in ('shipped', 'in_transit', 'delivered') then l.quantity - l.cancelled else l.shipped end, o.id, l.line_no
  from s_applied a join orders o on o.id = a.order_id join order_lines l on l.order_id = o.id and l.needs_goods and l.sku is not null
  where a.inserted and exists (select 1 from escrows) and (o.fulfilment in ('shipped', 'in_transit', 'delivered') or l.shipped > 0) and not o.cancelled
    and coalesce(o.doc ->> 'fulfilment_by', 'merchant') <> 'channel'
    and exists (select 1 from escrows e where e.connection_id = o.connection_id and o.placed_at > e.since and (e.listing_key = l.listing_key or e.sku = l.sku));
`

/** Listings under quota: what was sold there leaves their escrow. After the stock rows, which it relies on being locked. */
const ESCROW = `
select escrow_orders(connection_id, array_agg(distinct order_id)) from s_applied where exists (select 1 from escrows) group by connection_id order by connection_id;
select escrow_short(array_agg(distinct order_id)) from s_applied where exists (select 1 from escrows) having count(*) > 0;
`

/** Orders that took what nobody has any more. */
const SHORT = `
select stock_short(array_agg(distinct order_id)) from s_stock where q > 0 and (exists (select 1 from s_short) or exists (select 1 from s_line where place is not null) or (select stock_ruled())) having count(*) > 0;
`

/** Stock, then quotas. */
export const WRITE_LEVELS = `${SHIPPED_UNSEEN} ${PLACED} ${SPREAD} ${WRITE_STOCK} ${ESCROW} ${SHORT}`
/** The same as statements of a function. */
export const PERFORM_LEVELS = `${SHIPPED_UNSEEN} ${PLACED} ${SPREAD} ${WRITE_STOCK} ${(ESCROW + SHORT).replaceAll(/^select/gm, 'perform')}`

export const FEED_ROWS = `
select 'order' as kind, order_id, null as refund_id, version, connection_id, cause, sandbox from (
  select distinct on (order_id) order_id, version, connection_id, cause, sandbox from s_applied order by order_id, version desc) o
union all
select 'refund', null, n.refund_id, n.version, r.connection_id, 'refund', n.sandbox from s_new_refund n join s_raw r using (i) where n.order_id is null
order by order_id nulls last, refund_id`
