/**
 * What a channel shows may be a part of a piece, and the books of quotas keep it so. Lines whose place the channel names are short where that place is,
 * whatever lies elsewhere. An order that takes pieces of what listings under quota have is short in whichever form it takes them.
 */
export const sql0038 = `
alter table escrows alter column anchor type numeric;
alter table stock_signs alter column shown type numeric;
drop function escrow_read(text, text, integer, timestamptz, timestamptz, interval);
-- the channel showed this number at some moment between two; not taken while a write is out, may still land, or waits for its reckoning
create function escrow_read(p_connection text, p_listing text, p_shown numeric, p_before timestamptz, p_after timestamptz, p_skew interval) returns text language plpgsql as $$
declare
  v_e escrows;
begin
  select * into v_e from escrows where connection_id = p_connection and listing_key = p_listing for update;
  if v_e.connection_id is null then return 'unknown'; end if;
  if v_e.sending_at is not null then return 'busy'; end if;
  if v_e.anchor is not null then return 'settling'; end if;
  if v_e.fence > p_before then return 'fenced'; end if;
  update escrows set fence = null, checked_at = p_after, anchor = p_shown, anchor_from = p_before - p_skew, anchor_to = p_after + p_skew, anchor_read = true where connection_id = p_connection and listing_key = p_listing;
  return 'ok';
end $$;

-- orders that took units which belong to a listing elsewhere, or are not there at all, wait for a person: also pieces of a bundle that listings sell, and bundles
-- of pieces they sell. What a listing sold of its own units never does, nor what was approved before
create or replace function escrow_short(p_orders bigint[]) returns void language plpgsql as $$
begin
  with short as (
    select distinct l.order_id, l.sku from order_lines l join orders o on o.id = l.order_id and o.reserves and (o.approved_at is null or o.approved_at = now())
      where l.order_id = any(p_orders) and l.reserved > 0
        and (exists (select 1 from escrows e where e.sku = l.sku) or (select exists (select 1 from bundle_parts)) and exists (select 1 from escrows e where e.sku = any(stock_kin(l.sku))))
        and stock_free(l.sku) < 0
        and not exists (select 1 from escrow_lines x where x.connection_id = o.connection_id and x.order_no = o.channel_order_no and x.line_no = l.channel_line_no)
        and not exists (select 1 from holds k where k.order_id = l.order_id and k.code = 'stock-short' and k.detail = l.sku)),
  held as (
    insert into holds (order_id, code, detail, message, opened_by)
    select order_id, 'stock-short', sku, 'No free unit of "' || sku || '" was left: the channels may sell all there are. Find goods or cancel, then release.', 'stock' from short order by 1, 3
    on conflict do nothing returning order_id)
  update orders set approval = 'held', approved_at = null where id in (select order_id from held);
end $$;

-- lines that take their goods at one of our places, because the channel says so; as the orders' documents have it
create function stock_placed(p_orders bigint[]) returns table (order_id bigint, line_no integer, location text) language sql stable as $$
  select b.id, l.line_no, min(p.value ->> 'location') from (
      select o.id, o.doc -> 'places' as places from orders o where o.id = any(p_orders) and o.doc::text like '%"places":[%') b
    join order_lines l on l.order_id = b.id
    cross join lateral json_array_elements(case when json_typeof(b.places) = 'array' then b.places else '[]' end) p
    where p.value ->> 'lines' is null or exists (select 1 from json_array_elements_text(p.value -> 'lines') n where n = l.line_no::text)
    group by 1, 2 having bool_and(p.value ->> 'location' is not null) and count(distinct p.value ->> 'location') = 1
$$;

-- SKUs of these orders of which more is taken than there is where they may come from; place: by the channel's word from there alone
create function stock_lacks(p_orders bigint[]) returns table (order_id bigint, sku text, place text) language plpgsql stable as $$
#variable_conflict use_column
begin
  return query
    with placed as materialized (select p.* from stock_placed(p_orders) p)
    select distinct x.order_id, x.of_sku, p.location from placed p join line_stock x on (x.order_id, x.line_no) = (p.order_id, p.line_no) join orders o on o.id = x.order_id and o.reserves
      where (select v.counted from sku_levels v where v.sku = x.of_sku) and stock_there(x.sku, array[p.location]) < 0;
  if not stock_ruled() then
    return query
      with placed as materialized (select p.* from stock_placed(p_orders) p)
      select distinct l.order_id, l.sku, null::text from order_lines l join orders o on o.id = l.order_id and o.reserves
        cross join lateral (select v.atp, v.counted, v.safety from sku_levels v where v.sku = l.sku offset 0) v
        where l.order_id = any(p_orders) and l.reserved > 0 and v.counted and v.atp + v.safety < 0 and (l.order_id, l.line_no) not in (select p.order_id, p.line_no from placed p);
  else
    return query
      with placed as materialized (select p.* from stock_placed(p_orders) p),
      need as materialized (
        select o.id as order_id, o.connection_id, x.of_sku, x.sku, array_agg(distinct x.location) as places from orders o join line_stock x on x.order_id = o.id
        where o.id = any(p_orders) and o.reserves and (x.order_id, x.line_no) not in (select p.order_id, p.line_no from placed p) group by 1, 2, 3, 4),
      allowed as materialized (
        select a.* from (select array_agg(connection_id) as c, array_agg(of_sku) as n, array_agg(sku) as p from (select distinct connection_id, of_sku, sku from need) d) z cross join lateral stock_allowed(z.c, z.n, z.p) a)
      select distinct n.order_id, n.of_sku, null::text from need n join allowed a on (a.connection_id, a.name, a.part) = (n.connection_id, n.of_sku, n.sku)
        where (select v.counted from sku_levels v where v.sku = n.of_sku) and least(stock_there(n.sku, a.locations || n.places), stock_there(n.sku, a.debts || n.places)) < 0;
  end if;
end $$;

-- orders that took goods nobody has any more wait for a person: the channel cannot be told no. What was approved before is left alone, unless it had given
-- its goods back
create or replace function stock_short(p_orders bigint[]) returns void language plpgsql as $$
begin
  with open as materialized (
    select o.id from orders o where o.id = any(p_orders) and o.reserves and (o.approved_at is null or o.approved_at = now() or o.reservation_expired_at is not null)),
  short as (
    select distinct on (x.order_id, x.sku) x.* from stock_lacks(array(select id from open)) x
      where not exists (select 1 from holds k where k.order_id = x.order_id and k.code = 'stock-short' and k.detail = x.sku) order by x.order_id, x.sku, x.place nulls last),
  held as (
    insert into holds (order_id, code, detail, message, opened_by)
    select order_id, 'stock-short', sku, 'More of "' || sku || '" is sold than there is'
        || case when place is not null then ' at "' || place || '", from where the channel says it goes' when stock_ruled() then ' at the places it may come from' else '' end
        || '. Find goods or cancel, then release.', 'stock' from short order by 1, 3
    on conflict do nothing returning order_id)
  update orders set approval = 'held', approved_at = null where id in (select order_id from held);
end $$;
drop function stock_short_anywhere(bigint[]);

create or replace function stock_awaited(p_order bigint) returns table (line_no integer, sku text, missing numeric, promised_at timestamptz) language sql stable as $$
  with placed as materialized (select p.line_no, p.location from stock_placed(array[p_order]) p),
  mine as materialized (
    select x.line_no, x.sku, x.location, x.q, sum(x.q) over (partition by x.sku, x.location order by x.line_no, x.of_sku) as by_now
    from (select s.line_no, s.of_sku, s.sku, s.location, s.quantity as q from line_stock s join placed p using (line_no, location) where s.order_id = p_order) x),
  need as (
    select m.line_no, m.sku, m.q, m.location, m.by_now - coalesce((select t.on_hand - t.held from stock t where (t.sku, t.location) = (m.sku, m.location)), 0)
      + coalesce((select sum(l.reserved) from order_lines l where l.sku = m.sku and l.order_id < p_order and l.reserved > 0 and l.location = m.location), 0)
      + coalesce((select sum(x.quantity) from line_stock x where x.sku = m.sku and x.order_id < p_order and x.location = m.location), 0) as missing from mine m)
  select a.* from (select * from stock_awaited_anywhere(p_order) where not stock_ruled() union all select * from stock_awaited_ruled(p_order) where stock_ruled()) a
    where a.line_no not in (select p.line_no from placed p)
  union all
  select n.line_no, n.sku, least(n.missing, n.q),
    (select min(a.promised_at) from (
       select r.promised_at, sum(r.quantity - r.received) over (order by r.promised_at, r.id) as by_then from arrivals r
       where r.sku = n.sku and r.state = 'open' and r.promised_at is not null and r.location = n.location) a where a.by_then >= n.missing)
  from need n where n.missing > 0
$$;
`
