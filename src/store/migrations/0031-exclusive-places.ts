/**
 * Rules about locations decide where an order takes its goods, and may keep a location to one connection. While no such rule is in force everything
 * goes as before (`stock_reserve_anywhere` and kin): whether there is one is one look at a few rows. A SKU with units under quota takes them from anywhere.
 */
export const sql0031 = `
alter table stock_rules add column exclusive boolean not null default false; -- what lies at its locations is for its listings alone
create index stock_rules_places on stock_rules (id) where locations is not null and enabled;

-- rules about locations that are in force
create view stock_place_rules as
  select r.id, r.connection_id, r.category, r.skus, r.locations, r.exclusive, r.starts_at, r.ends_at from stock_rules r, stock_rule_state t
    where r.enabled and r.locations is not null and (r.starts_at is null or r.starts_at <= t.effective_at) and (r.ends_at is null or t.effective_at < r.ends_at);
create function stock_ruled() returns boolean language sql stable as $$ select exists (select 1 from stock_place_rules) $$;
create or replace function stock_spread() returns boolean language sql stable as $$
  select exists (select 1 from bundle_parts) or exists (select 1 from locations where sellable <> (id = 'main')) or exists (select 1 from stock_place_rules)
$$;

-- the rule that speaks about the locations of each of these SKUs on each of these connections; who comes first is what src/deliver/rules.ts says
create function stock_rule_places(p_connections text[], p_names text[]) returns table (connection_id text, name text, locations text[], exclusive boolean) language sql stable as $$
  select distinct on (c.id, k.name) c.id, k.name, r.locations, r.exclusive
  from (select distinct unnest(p_connections) as id) c cross join (select distinct unnest(p_names) as name) k
  join stock_place_rules r on r.connection_id is null or r.connection_id = c.id
  left join skus s on s.sku = k.name
  cross join lateral (select
    case when r.skus is null then 0 else (select max(case when position('*' in p) = 0 then 1000 else 1 + length(replace(p, '*', '')) end) from unnest(r.skus) p where k.name like stock_rule_like(p)) end as by_sku,
    case when r.category is null then 0 when s.category like stock_rule_like(r.category) then 1 + length(replace(r.category, '*', '')) end as by_category) q
  where q.by_sku is not null and q.by_category is not null
  order by c.id, k.name, q.by_sku desc, q.by_category desc, (r.connection_id is not null) desc, (r.starts_at is not null or r.ends_at is not null) desc, r.starts_at desc nulls last, r.id desc
$$;

-- locations where these goods are for some listings alone, as they are or in bundles
create function stock_exclusive(p_parts text[]) returns table (part text, location text) language sql stable as $$
  with named as (select unnest(p_parts) as part, unnest(p_parts) as name union select b.sku, b.bundle from bundle_parts b where b.sku = any(p_parts))
  select distinct n.part, l from stock_rule_places(array(select r.connection_id from stock_place_rules r where r.exclusive), array(select name from named)) x
    join named n on n.name = x.name cross join unnest(x.locations) l where x.exclusive
$$;

-- where goods sold as a SKU on a connection come from, in this order; whose debts count against them; and who owes what nobody has
create function stock_allowed(p_connections text[], p_names text[], p_parts text[])
returns table (connection_id text, name text, part text, locations text[], debts text[], home text) language sql stable as $$
  with k as (select distinct * from unnest(p_connections, p_names, p_parts) x(connection_id, name, part)),
  own as materialized (select * from stock_rule_places(p_connections, p_names)),
  taken as materialized (select * from stock_exclusive(p_parts)),
  quota as materialized (select p as part from (select distinct unnest(p_parts) as p) x where exists (select 1 from escrows e where e.sku = any(stock_kin(p))))
  select k.connection_id, k.name, k.part, z.locations, z.debts, z.home
  from k left join own o using (connection_id, name) left join quota q using (part)
  cross join lateral (select q.part is null and o.exclusive is true as alone, case when q.part is null then o.locations end as wanted) m
  cross join lateral (
    with l as materialized (select x.id, x.sellable as sells, row_number() over (order by x.priority, x.id) as n, exists (select 1 from stock s where s.sku = k.part and s.location = x.id) as known,
      (m.wanted is null or x.id = any(m.wanted)) and (m.alone or y.open) as fits, case when m.alone then x.id = any(m.wanted) else y.open end as shares
      from locations x cross join lateral (select q.part is not null or not exists (select 1 from taken t where t.part = k.part and t.location = x.id) as open) y)
    select array(select id from l where sells and fits order by n) as locations, array(select id from l where sells and shares order by n) as debts,
      (select id from l order by (sells and fits) desc, fits desc, shares desc, known desc, sells desc, n limit 1) as home) z
$$;

-- what is there of some goods at some locations for orders that are promised already: safety counts, what is on its way where it may be sold
create function stock_there(p_sku text, p_locations text[]) returns numeric language sql stable as $$
  select coalesce((select sum(s.on_hand - s.reserved - s.held) from stock s where s.sku = p_sku and s.location = any(p_locations)), 0)
    + case when (select k.sells_ahead from skus k where k.sku = p_sku)
      then coalesce((select sum(a.quantity - a.received) from arrivals a where a.sku = p_sku and a.state = 'open' and a.location = any(p_locations)), 0) else 0 end
$$;

alter function stock_reserve(bigint[], text[], bigint[], integer[], text[], numeric[]) rename to stock_reserve_anywhere;
/*
 * stock_reserve_anywhere, where rules about locations are in force: what a line lacks comes from the locations that are allowed to its listing, those with the fewest first, and is
 * owed by the first of them. What a line had at main before it became one of several places (the had arrays) it keeps.
 */
create function stock_reserve_ruled(p_orders bigint[], p_also text[], p_ship_orders bigint[], p_ship_lines integer[], p_ship_skus text[], p_ship_units numeric[], p_had_orders bigint[], p_had_skus text[], p_had_units numeric[])
returns table (sku text, location text, q numeric, gone numeric, order_id bigint) language plpgsql as $$
#variable_conflict use_column
declare
  v_new jsonb;
  v_demand json;
  v_supply json;
  v_part jsonb;
  v_places text[];
begin
  insert into stock as s (sku, location)
    with goods as (
      select x.sku from line_stock x where x.order_id = any(p_orders)
      union select g.sku from (
        select l.sku from order_lines l where l.order_id = any(p_orders) and l.location = '*' and l.sku is not null union select unnest(p_ship_skus)) k
        cross join lateral stock_goods(k.sku) g(sku))
    select sku, location from (
      select s.sku, s.location from goods join stock s using (sku)
      union select g.sku, a.home from goods g cross join lateral stock_allowed(array['']::text[], array[g.sku], array[g.sku]) a where not exists (select 1 from stock s where s.sku = g.sku)
      union select k.sku, 'main' from skus k where k.sku = any(p_also)) x
    order by 1, 2 on conflict (sku, location) do update set updated_at = s.updated_at;
  if p_had_orders is not null then
    return query
      with had as (select o as order_id, s as sku, sum(u) as u from unnest(p_had_orders, p_had_skus, p_had_units) x(o, s, u) group by 1, 2),
      line as (
        select l.order_id, l.line_no, l.sku, least(l.reserved, greatest(0, h.u - (sum(l.reserved) over (partition by l.order_id, l.sku order by l.line_no) - l.reserved))) as q
        from had h join order_lines l on l.order_id = h.order_id and l.sku = h.sku and l.location = '*'
        where not exists (select 1 from line_stock x where x.order_id = l.order_id and x.line_no = l.line_no) and not exists (select 1 from bundle_parts b where b.bundle = l.sku)),
      kept as (insert into line_stock (order_id, line_no, of_sku, per, sku, location, quantity) select order_id, line_no, sku, 1, sku, 'main', q from line where q > 0 order by 1, 2 returning sku, quantity, order_id)
      select k.sku, 'main', sum(k.quantity), 0::numeric, k.order_id from kept k group by 1, 5;
  end if;
  with rank as materialized (select l.id, row_number() over (order by l.sellable desc, l.priority, l.id) as n from locations l),
  line as materialized (select l.order_id, l.line_no, l.sku, l.reserved from order_lines l where l.order_id = any(p_orders) and l.location = '*' and l.sku is not null),
  ship as materialized (select x.o as order_id, x.l as line_no, x.s as sku, sum(x.u) as units from unnest(p_ship_orders, p_ship_lines, p_ship_skus, p_ship_units) x(o, l, s, u) group by 1, 2, 3),
  part as materialized (
    select k.order_id, k.line_no, k.sku as of_sku, p.sku, p.per, coalesce(l.reserved, 0) * p.per as want, coalesce(h.units, 0) * p.per as gone
    from (select order_id, line_no, sku from line union select order_id, line_no, sku from ship) k
    left join line l on (l.order_id, l.line_no, l.sku) = (k.order_id, k.line_no, k.sku)
    left join ship h on (h.order_id, h.line_no, h.sku) = (k.order_id, k.line_no, k.sku)
    cross join lateral (select exists (select 1 from line_stock x where x.order_id = k.order_id and x.line_no = k.line_no and x.of_sku = k.sku) as known) w
    cross join lateral (
      select x.sku, max(x.per) as per from line_stock x where w.known and x.order_id = k.order_id and x.line_no = k.line_no and x.of_sku = k.sku group by x.sku
      union all select b.sku, b.quantity from bundle_parts b where not w.known and b.bundle = k.sku
      union all select k.sku, 1 where not w.known and not exists (select 1 from bundle_parts b where b.bundle = k.sku)) p),
  have as (
    select x.*, r.n, coalesce(p.want, 0) as want, coalesce(p.gone, 0) as out, sum(x.quantity) over w - x.quantity as before
    from line_stock x join rank r on r.id = x.location left join part p on (p.order_id, p.line_no, p.of_sku, p.sku) = (x.order_id, x.line_no, x.of_sku, x.sku)
    where x.order_id = any(p_orders) window w as (partition by x.order_id, x.line_no, x.sku order by r.n)),
  used as (select h.*, least(h.quantity, greatest(0, h.out - h.before)) as taken from have h),
  rest as (select u.*, sum(u.quantity - u.taken) over w - (u.quantity - u.taken) as rest_before from used u window w as (partition by u.order_id, u.line_no, u.sku order by u.n)),
  keep as materialized (select r.*, least(r.quantity - r.taken, greatest(0, r.want - r.rest_before)) as kept from rest r),
  lack as (
    select p.order_id, p.line_no, p.of_sku, p.per, p.sku, p.want - coalesce(k.kept, 0) as more, p.gone - coalesce(k.taken, 0) as unseen
    from part p left join (select order_id, line_no, of_sku, sku, sum(kept) as kept, sum(taken) as taken from keep group by 1, 2, 3, 4) k
      on (k.order_id, k.line_no, k.of_sku, k.sku) = (p.order_id, p.line_no, p.of_sku, p.sku)),
  demand as materialized (
    select x.*, o.connection_id from (
      select order_id, line_no, of_sku, per, sku, more as d, false as left_shelf from lack where more > 0
      union all select order_id, line_no, of_sku, per, sku, unseen, true from lack where unseen > 0) x join orders o on o.id = x.order_id),
  allowed as materialized (
    select a.* from (select array_agg(connection_id) as c, array_agg(of_sku) as n, array_agg(sku) as p from (select distinct connection_id, of_sku, sku from demand) d) z cross join lateral stock_allowed(z.c, z.n, z.p) a)
  select (select coalesce(jsonb_agg(to_jsonb(k)), '[]') from (select order_id, line_no, of_sku, per, sku, location, kept as quantity, taken as gone from keep) k),
    (select json_agg(w) from (select d.*, a.locations as places, a.home from demand d join allowed a on (a.connection_id, a.name, a.part) = (d.connection_id, d.of_sku, d.sku)) w),
    (select json_agg(s) from (select s.sku, s.location, greatest(0, s.on_hand - s.reserved - s.safety - s.held) as a from stock s where s.sku in (select d.sku from demand d)) s)
    into v_new, v_demand, v_supply;
  for v_places in select x.places from json_to_recordset(v_demand) x(places text[]) group by 1 order by cardinality(x.places), 1 loop
    with d as (
      select x.*, sum(x.d) over (partition by x.sku order by x.order_id, x.line_no, x.left_shelf desc, x.of_sku rows unbounded preceding) - x.d as d_from
      from json_to_recordset(v_demand) x(order_id bigint, line_no integer, of_sku text, per numeric, sku text, d numeric, left_shelf boolean, places text[], home text) where x.places = v_places),
    stands as (select * from json_to_recordset(v_supply) x(sku text, location text, a numeric)),
    s as (select x.*, sum(x.a) over (partition by x.sku order by array_position(v_places, x.location) rows unbounded preceding) - x.a as s_from from stands x where x.location = any(v_places)),
    got as materialized (
      select d.order_id, d.line_no, d.of_sku, d.per, d.sku, d.left_shelf, s.location, least(d.d_from + d.d, s.s_from + s.a) - greatest(d.d_from, s.s_from) as g
      from d join s on s.sku = d.sku where least(d.d_from + d.d, s.s_from + s.a) > greatest(d.d_from, s.s_from)),
    owed as (
      select d.order_id, d.line_no, d.of_sku, d.per, d.sku, d.left_shelf, d.home as location,
        d.d - coalesce((select sum(x.g) from got x where (x.order_id, x.line_no, x.of_sku, x.sku, x.left_shelf) = (d.order_id, d.line_no, d.of_sku, d.sku, d.left_shelf)), 0) as g from d)
    select (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from (
        select order_id, line_no, of_sku, per, sku, location, case when left_shelf then 0 else g end as quantity, case when left_shelf then g else 0 end as gone
        from (select order_id, line_no, of_sku, per, sku, left_shelf, location, g from got union all select * from owed where g > 0) x) p),
      (select json_agg(r) from (select t.sku, t.location, t.a - coalesce((select sum(x.g) from got x where (x.sku, x.location) = (t.sku, t.location)), 0) as a from stands t) r)
      into v_part, v_supply;
    v_new := v_new || v_part;
  end loop;
  return query
    select coalesce(o.sku, n.sku), coalesce(o.location, n.location), coalesce(n.quantity, 0) - coalesce(o.quantity, 0), coalesce(n.gone, 0), coalesce(o.order_id, n.order_id)
    from (select x.order_id, x.sku, x.location, sum(x.quantity) as quantity from line_stock x where x.order_id = any(p_orders) group by 1, 2, 3) o
    full join (select x.order_id, x.sku, x.location, sum(x.quantity) as quantity, sum(x.gone) as gone from jsonb_to_recordset(v_new) x(order_id bigint, sku text, location text, quantity numeric, gone numeric) group by 1, 2, 3) n
      on (n.order_id, n.sku, n.location) = (o.order_id, o.sku, o.location)
    where coalesce(n.quantity, 0) <> coalesce(o.quantity, 0) or n.gone <> 0;
  delete from line_stock x where x.order_id = any(p_orders);
  insert into line_stock select x.order_id, x.line_no, x.of_sku, max(x.per), x.sku, x.location, sum(x.quantity)
    from jsonb_to_recordset(v_new) x(order_id bigint, line_no integer, of_sku text, per numeric, sku text, location text, quantity numeric) group by 1, 2, 3, 5, 6 having sum(x.quantity) > 0 order by 1, 2, 5, 6;
end $$;
create function stock_reserve(p_orders bigint[], p_also text[], p_ship_orders bigint[], p_ship_lines integer[], p_ship_skus text[], p_ship_units numeric[],
  p_had_orders bigint[] default null, p_had_skus text[] default null, p_had_units numeric[] default null)
returns table (sku text, location text, q numeric, gone numeric, order_id bigint) language plpgsql as $$
begin
  if p_orders is null then return; end if;
  if stock_ruled() then return query select * from stock_reserve_ruled(p_orders, p_also, p_ship_orders, p_ship_lines, p_ship_skus, p_ship_units, p_had_orders, p_had_skus, p_had_units);
  else return query select * from stock_reserve_anywhere(p_orders, p_also, p_ship_orders, p_ship_lines, p_ship_skus, p_ship_units); end if;
end $$;

alter function stock_short(bigint[]) rename to stock_short_anywhere;
create function stock_short(p_orders bigint[]) returns void language plpgsql as $$
begin
  if not stock_ruled() then
    perform stock_short_anywhere(p_orders);
    return;
  end if;
  with need as materialized (
    select o.id as order_id, o.connection_id, x.of_sku, x.sku, array_agg(distinct x.location) as places from orders o join line_stock x on x.order_id = o.id
    where o.id = any(p_orders) and o.reserves and (o.approved_at is null or o.approved_at = now() or o.reservation_expired_at is not null) group by 1, 2, 3, 4),
  allowed as materialized (
    select a.* from (select array_agg(connection_id) as c, array_agg(of_sku) as n, array_agg(sku) as p from (select distinct connection_id, of_sku, sku from need) d) z cross join lateral stock_allowed(z.c, z.n, z.p) a),
  short as (
    select distinct n.order_id, n.of_sku as sku from need n join allowed a on (a.connection_id, a.name, a.part) = (n.connection_id, n.of_sku, n.sku)
    where (select v.counted from sku_levels v where v.sku = n.of_sku) and least(stock_there(n.sku, a.locations || n.places), stock_there(n.sku, a.debts || n.places)) < 0
      and not exists (select 1 from holds k where k.order_id = n.order_id and k.code = 'stock-short' and k.detail = n.of_sku)),
  held as (
    insert into holds (order_id, code, detail, message, opened_by)
    select order_id, 'stock-short', sku, 'More of "' || sku || '" is sold than there is at the places it may come from. Find goods or cancel, then release.', 'stock' from short order by 1, 3
    on conflict do nothing returning order_id)
  update orders set approval = 'held', approved_at = null where id in (select order_id from held);
end $$;

alter function stock_awaited(bigint) rename to stock_awaited_anywhere;
create function stock_awaited_ruled(p_order bigint) returns table (line_no integer, sku text, missing numeric, promised_at timestamptz) language sql stable as $$
  with mine as materialized (
    select o.connection_id, l.line_no, l.sku as of_sku, l.sku, l.reserved as q, array[l.location] as places from orders o join order_lines l on l.order_id = o.id
      where o.id = p_order and l.reserved > 0 and l.location <> '*' and l.sku is not null
    union all select o.connection_id, x.line_no, x.of_sku, x.sku, sum(x.quantity), array_agg(distinct x.location) from orders o join line_stock x on x.order_id = o.id where o.id = p_order group by 1, 2, 3, 4),
  allowed as materialized (
    select a.* from (select array_agg(connection_id) as c, array_agg(of_sku) as n, array_agg(sku) as p from mine) z cross join lateral stock_allowed(z.c, z.n, z.p) a),
  span as materialized (
    select m.line_no, m.sku, m.q, s.span, sum(m.q) over (partition by m.sku, s.which order by m.line_no, m.of_sku) as by_now from mine m
      join allowed a on (a.connection_id, a.name, a.part) = (m.connection_id, m.of_sku, m.sku) cross join lateral (values (1, a.locations || m.places), (2, a.debts || m.places)) s(which, span)),
  need as (
    select s.line_no, s.sku, s.q, s.span, s.by_now - coalesce((select sum(t.on_hand - t.held) from stock t where t.sku = s.sku and t.location = any(s.span)), 0)
      + coalesce((select sum(l.reserved) from order_lines l where l.sku = s.sku and l.order_id < p_order and l.reserved > 0 and l.location = any(s.span)), 0)
      + coalesce((select sum(x.quantity) from line_stock x where x.sku = s.sku and x.order_id < p_order and x.location = any(s.span)), 0) as missing from span s)
  select distinct on (n.line_no, n.sku) n.line_no, n.sku, least(n.missing, n.q),
    (select min(a.promised_at) from (
       select r.promised_at, sum(r.quantity - r.received) over (order by r.promised_at, r.id) as by_then from arrivals r
       where r.sku = n.sku and r.state = 'open' and r.promised_at is not null and r.location = any(n.span)) a where a.by_then >= n.missing)
  from need n where n.missing > 0 order by n.line_no, n.sku, n.missing desc
$$;
create function stock_awaited(p_order bigint) returns table (line_no integer, sku text, missing numeric, promised_at timestamptz) language sql stable as $$
  select * from stock_awaited_anywhere(p_order) where not stock_ruled() union all select * from stock_awaited_ruled(p_order) where stock_ruled()
$$;

-- listings that one of these rules may concern; where a rule decides between listings, or keeps locations to some of them, the others of the same goods too
create or replace function stock_rules_mark(p_rules json) returns integer language sql as $$
  with r as (select * from json_to_recordset(p_rules) x(connection_id text, category text, skus json, priority integer, exclusive boolean)),
  named as (
    select k.sku, r.connection_id, r.priority, r.exclusive from r join skus k on (r.category is null or k.category like stock_rule_like(r.category))
      and (r.skus is null or exists (select 1 from json_array_elements_text(r.skus) p where k.sku like stock_rule_like(p)))),
  own as (
    select l.connection_id, l.listing_key, l.sku, n.priority from named n join listings l on l.sku = n.sku and (n.connection_id is null or l.connection_id = n.connection_id)),
  concerned as (
    select connection_id, listing_key from own
    union select l.connection_id, l.listing_key from listings l where l.sku in (select sku from own where priority is not null or sku in (select sku from escrows))
    union select l.connection_id, l.listing_key from listings l where l.sku in (select x from named n, unnest(stock_kin(n.sku)) x where n.exclusive)),
  marked as (
    insert into listing_dirty (connection_id, listing_key) select connection_id, listing_key from concerned order by 1, 2
    on conflict (connection_id, listing_key) do update set at = now() returning 1)
  select count(*)::int from marked
$$;
`
