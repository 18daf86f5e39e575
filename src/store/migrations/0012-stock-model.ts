/**
 * Stock in several places: who counts them, what is kept back, bundles, goods on their way, goods held for unpaid orders.
 *
 * An order line reserves either at `main` (`order_lines.location = 'main'`: plain goods, one place) or, with location `*`, what `line_stock` says:
 * a bundle's components, or goods of several locations. What may be promised is computed in one view, `sku_levels`, and never stored.
 */
export const sql0012 = `
alter table locations
  add column kind text not null default 'warehouse' check (kind in ('warehouse','store','supplier','in_transit')),
  add column priority integer not null default 100,   -- the lowest gives first
  add column owner text,                              -- who may write its counts: key:…, connection:…, file, console; null = anybody
  add column updated_at timestamptz not null default now();
update locations set priority = 10 where id = 'main';

alter table stock add column held numeric not null default 0;   -- there, but not for sale: damaged, being checked

-- null = nothing; orders and shipments touch the first two columns only
alter table stock_ledger add column safety_delta numeric, add column held_delta numeric, add column future_delta numeric, add column reason text;
drop index stock_ledger_ref;
create unique index stock_ledger_ref on stock_ledger (cause, ref, sku, location)
  where cause in ('count','movement','held','safety','receipt','return') and ref is not null;

alter table skus add column sells_ahead boolean not null default false;   -- what is on its way may be sold
alter table connections add column unpaid_hold_minutes integer check (unpaid_hold_minutes > 0);   -- null = until cancelled
alter table orders add column reservation_expired_at timestamptz;

create table bundle_parts (
  bundle text not null references skus on update cascade on delete cascade,
  sku text not null references skus on update cascade,
  quantity numeric not null check (quantity > 0),
  primary key (bundle, sku),
  check (bundle <> sku)
);
create index bundle_parts_sku on bundle_parts (sku);

-- what lines with location '*' have reserved, piece by piece; per = pieces of this SKU in one unit of the line, as it was when it was reserved
create table line_stock (
  order_id bigint not null,
  line_no integer not null,
  of_sku text not null,
  per numeric not null,
  sku text not null,
  location text not null,
  quantity numeric not null check (quantity > 0),
  primary key (order_id, line_no, sku, location)
) with (fillfactor = 80);
create index line_stock_sku on line_stock (sku, order_id);

create table arrivals (
  id bigint generated always as identity primary key,
  ref text not null unique,
  sku text not null references skus on update cascade,
  location text not null references locations,
  quantity numeric not null check (quantity > 0),
  received numeric not null default 0,
  promised_at timestamptz,
  supplier text,
  state text not null default 'open' check (state in ('open','received','cancelled')),
  created_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index arrivals_open on arrivals (sku, promised_at) where state = 'open';

create table stock_takes (
  id bigint generated always as identity primary key,
  ref text not null unique,
  location text not null references locations,
  as_of timestamptz not null,
  whole boolean not null,              -- what was not counted is not there
  note text,
  lines json not null,                 -- what was counted and what came of it
  created_by text,
  created_at timestamptz not null default now()
);

-- goods that came back
create table restocks (
  order_id bigint not null references orders on delete cascade,
  line_no integer not null,
  ref text not null,
  location text not null references locations,
  quantity numeric not null check (quantity > 0),
  held boolean not null,               -- put aside instead of on sale
  created_by text,
  at timestamptz not null default now(),
  primary key (order_id, line_no, ref)
);

create or replace function delete_order_children() returns trigger language plpgsql as $$
begin
  delete from order_lines c using gone where c.order_id = gone.id;
  delete from line_stock c using gone where c.order_id = gone.id;
  delete from order_versions c using gone where c.order_id = gone.id;
  delete from order_parties c using gone where c.order_id = gone.id;
  return null;
end $$;
create or replace function truncate_order_children() returns trigger language plpgsql as $$
begin
  truncate order_lines, line_stock, order_versions, order_parties;
  return null;
end $$;

-- what may be promised of one SKU; every number that is shown or pushed comes from here. Below zero: more is promised than there is.
create view goods_levels as
  select t.sku, t.on_hand, t.reserved, t.safety, t.held, t.counted, f.future,
    t.ready + case when f.future > 0 and (select k.sells_ahead from skus k where k.sku = t.sku) then f.future else 0 end as atp
  from (
    select s.sku, sum(s.on_hand) as on_hand, sum(s.reserved) as reserved, sum(s.safety) as safety, sum(s.held) as held,
      coalesce(sum(s.on_hand - s.reserved - s.safety - s.held) filter (where l.sellable), 0) as ready, bool_or(s.as_of is not null and l.sellable) as counted
    from stock s join locations l on l.id = s.location group by s.sku) t
  cross join lateral (select coalesce(sum(a.quantity - a.received), 0) as future from arrivals a join locations l on l.id = a.location and l.sellable
    where a.sku = t.sku and a.state = 'open') f;
create view sku_levels as
  select g.sku, false as bundle, g.on_hand, g.reserved, g.safety, g.held, g.future, g.counted, g.atp from goods_levels g
    where not exists (select 1 from bundle_parts b where b.bundle = g.sku)
  union all
  select b.bundle, true, 0, 0, 0, 0, 0, bool_and(coalesce(g.counted, false)), floor(min(coalesce(g.atp, 0) / b.quantity))
    from bundle_parts b left join lateral (select x.counted, x.atp from goods_levels x where x.sku = b.sku offset 0) g on true group by b.bundle; -- offset 0: part by part, by its key

-- the same of one location, without what is on its way
create view location_levels as
  select s.sku, s.location, s.on_hand - s.reserved - s.safety - s.held as atp from stock s join locations l on l.id = s.location
    where l.sellable and not exists (select 1 from bundle_parts b where b.bundle = s.sku)
  union all
  select b.bundle, l.id, floor(min(coalesce(g.atp, 0) / b.quantity)) from bundle_parts b cross join locations l
    left join lateral (select s.on_hand - s.reserved - s.safety - s.held as atp from stock s where s.sku = b.sku and s.location = l.id) g on true
    where l.sellable group by b.bundle, l.id;

create function stock_atp(p_sku text) returns numeric language sql stable as $$
  select coalesce((select atp from sku_levels where sku = p_sku), 0)
$$;
create function stock_atp(p_sku text, p_location text) returns numeric language sql stable as $$
  select coalesce((select atp from location_levels where sku = p_sku and location = p_location), 0)
$$;

-- whose stock rows carry the goods of a SKU
create function stock_goods(p_sku text) returns setof text language sql stable as $$
  select b.sku from bundle_parts b where b.bundle = p_sku
  union all select p_sku where not exists (select 1 from bundle_parts b where b.bundle = p_sku)
$$;

-- the same of many, to be locked
create function stock_rows(p_skus text[]) returns text[] language sql stable as $$
  select array(select unnest(p_skus) union select b.sku from bundle_parts b where b.bundle = any(p_skus))
$$;
-- SKUs that are made of the same goods
create function stock_kin(p_sku text) returns text[] language sql stable as $$
  select array(select p_sku union select b.sku from bundle_parts b where b.bundle = p_sku
    union select b.bundle from bundle_parts b where b.sku = p_sku or b.sku in (select x.sku from bundle_parts x where x.bundle = p_sku))
$$;

-- pieces that listings under quota have, as they are or in bundles
create function escrow_claims(p_sku text) returns numeric language sql stable as $$
  select coalesce((select sum(e.units) from escrows e where e.sku = p_sku), 0)
       + coalesce((select sum(e.units * b.quantity) from bundle_parts b join escrows e on e.sku = b.bundle where b.sku = p_sku), 0)
$$;
create or replace function stock_free(p_sku text) returns numeric language sql stable as $$
  select case when exists (select 1 from bundle_parts b where b.bundle = p_sku)
    then (select floor(min((stock_atp(b.sku) - escrow_claims(b.sku)) / b.quantity)) from bundle_parts b where b.bundle = p_sku)
    else stock_atp(p_sku) - escrow_claims(p_sku) end
$$;

-- true where a line may need more than a look at main; asked once per statement
create function stock_spread() returns boolean language sql stable as $$
  select exists (select 1 from bundle_parts) or exists (select 1 from locations where sellable <> (id = 'main'))
$$;
create function stock_place(p_sku text) returns text language sql stable as $$
  select case when exists (select 1 from bundle_parts where bundle = p_sku) or not (select sellable from locations where id = 'main')
    or exists (select 1 from stock s join locations l on l.id = s.location where s.sku = p_sku and s.location <> 'main' and l.sellable) then '*' else 'main' end
$$;

/*
 * Brings what the '*' lines of these orders have reserved to what they need now, and takes what left the shelf (the ship arrays: units of a line).
 * What a line has it keeps; more comes from the locations by priority, as far as each has it; what nobody has is owed by the first. Answers what
 * changes in the stock rows, which it has locked together with those of the plain goods (p_also) of the same transaction, in key order.
 */
create function stock_reserve(p_orders bigint[], p_also text[], p_ship_orders bigint[], p_ship_lines integer[], p_ship_skus text[], p_ship_units numeric[])
returns table (sku text, location text, q numeric, gone numeric, order_id bigint) language plpgsql as $$
#variable_conflict use_column
declare
  v_home text := coalesce((select l.id from locations l where l.sellable order by l.priority, l.id limit 1), 'main');
  v_new json;
begin
  if p_orders is null then return; end if;
  insert into stock as s (sku, location)
    with goods as (
      select x.sku from line_stock x where x.order_id = any(p_orders)
      union select g.sku from (
        select l.sku from order_lines l where l.order_id = any(p_orders) and l.location = '*' and l.sku is not null union select unnest(p_ship_skus)) k
        cross join lateral stock_goods(k.sku) g(sku))
    select sku, location from (
      select s.sku, s.location from goods join stock s using (sku)
      union select g.sku, v_home from goods g where not exists (select 1 from stock s join locations l on l.id = s.location where s.sku = g.sku and l.sellable)
      union select k.sku, 'main' from skus k where k.sku = any(p_also)) x
    order by 1, 2 on conflict (sku, location) do update set updated_at = s.updated_at;
  with rank as materialized (select l.id, l.sellable, row_number() over (order by l.sellable desc, l.priority, l.id) as n from locations l),
  line as materialized (select l.order_id, l.line_no, l.sku, l.reserved from order_lines l where l.order_id = any(p_orders) and l.location = '*' and l.sku is not null),
  ship as materialized (select x.o as order_id, x.l as line_no, x.s as sku, sum(x.u) as units
    from unnest(p_ship_orders, p_ship_lines, p_ship_skus, p_ship_units) x(o, l, s, u) group by 1, 2, 3),
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
    from line_stock x join rank r on r.id = x.location
    left join part p on (p.order_id, p.line_no, p.of_sku, p.sku) = (x.order_id, x.line_no, x.of_sku, x.sku)
    where x.order_id = any(p_orders) window w as (partition by x.order_id, x.line_no, x.sku order by r.n)),
  used as (select h.*, least(h.quantity, greatest(0, h.out - h.before)) as taken from have h),
  rest as (select u.*, sum(u.quantity - u.taken) over w - (u.quantity - u.taken) as rest_before from used u window w as (partition by u.order_id, u.line_no, u.sku order by u.n)),
  keep as materialized (select r.*, least(r.quantity - r.taken, greatest(0, r.want - r.rest_before)) as kept from rest r),
  lack as (
    select p.order_id, p.line_no, p.of_sku, p.per, p.sku, p.want - coalesce(k.kept, 0) as more, p.gone - coalesce(k.taken, 0) as unseen
    from part p left join (select order_id, line_no, of_sku, sku, sum(kept) as kept, sum(taken) as taken from keep group by 1, 2, 3, 4) k
      on (k.order_id, k.line_no, k.of_sku, k.sku) = (p.order_id, p.line_no, p.of_sku, p.sku)),
  demand as materialized (
    select x.*, sum(x.d) over (partition by x.sku order by x.order_id, x.line_no, x.left_shelf desc rows unbounded preceding) - x.d as d_from
    from (select order_id, line_no, of_sku, per, sku, more as d, false as left_shelf from lack where more > 0
          union all select order_id, line_no, of_sku, per, sku, unseen, true from lack where unseen > 0) x),
  supply as materialized (
    select s.sku, s.location, s.a, sum(s.a) over w - s.a as s_from, first_value(s.location) over w as home
    from (select s.sku, s.location, r.n, greatest(0, s.on_hand - s.reserved - s.safety - s.held) as a from stock s join rank r on r.id = s.location and r.sellable
          where s.sku in (select d.sku from demand d)) s window w as (partition by s.sku order by s.n)),
  got as materialized (
    select d.order_id, d.line_no, d.of_sku, d.per, d.sku, d.left_shelf, s.location, least(d.d_from + d.d, s.s_from + s.a) - greatest(d.d_from, s.s_from) as g
    from demand d join supply s on s.sku = d.sku where least(d.d_from + d.d, s.s_from + s.a) > greatest(d.d_from, s.s_from)),
  owed as (
    select d.order_id, d.line_no, d.of_sku, d.per, d.sku, d.left_shelf, coalesce((select s.home from supply s where s.sku = d.sku limit 1), v_home) as location,
      d.d - coalesce((select sum(x.g) from got x where (x.order_id, x.line_no, x.sku, x.left_shelf) = (d.order_id, d.line_no, d.sku, d.left_shelf)), 0) as g from demand d),
  piece as (
    select order_id, line_no, of_sku, per, sku, location, kept as quantity, taken as gone from keep
    union all select order_id, line_no, of_sku, per, sku, location, case when left_shelf then 0 else g end, case when left_shelf then g else 0 end
      from (select * from got union all select order_id, line_no, of_sku, per, sku, left_shelf, location, g from owed where g > 0) a)
  select coalesce(json_agg(p), '[]') into v_new
    from (select order_id, line_no, of_sku, per, sku, location, sum(quantity) as quantity, sum(gone) as gone from piece group by 1, 2, 3, 4, 5, 6) p;
  return query
    select coalesce(o.sku, n.sku), coalesce(o.location, n.location), coalesce(n.quantity, 0) - coalesce(o.quantity, 0), coalesce(n.gone, 0), coalesce(o.order_id, n.order_id)
    from (select x.order_id, x.sku, x.location, sum(x.quantity) as quantity from line_stock x where x.order_id = any(p_orders) group by 1, 2, 3) o
    full join (select x.order_id, x.sku, x.location, sum(x.quantity) as quantity, sum(x.gone) as gone from json_to_recordset(v_new) x(order_id bigint, sku text, location text, quantity numeric, gone numeric) group by 1, 2, 3) n
      on (n.order_id, n.sku, n.location) = (o.order_id, o.sku, o.location)
    where coalesce(n.quantity, 0) <> coalesce(o.quantity, 0) or n.gone <> 0;
  delete from line_stock x where x.order_id = any(p_orders);
  insert into line_stock select x.order_id, x.line_no, x.of_sku, x.per, x.sku, x.location, x.quantity
    from json_to_recordset(v_new) x(order_id bigint, line_no integer, of_sku text, per numeric, sku text, location text, quantity numeric) where x.quantity > 0 order by 1, 2, 5, 6;
end $$;

-- orders that took goods nobody has any more wait for a person: the channel cannot be told no. What was approved before is
-- left alone, unless it had given its goods back.
create function stock_short(p_orders bigint[]) returns void language plpgsql as $$
begin
  with short as (
    select distinct l.order_id, l.sku from order_lines l join orders o on o.id = l.order_id and o.reserves
        and (o.approved_at is null or o.approved_at = now() or o.reservation_expired_at is not null)
      cross join lateral (select v.atp, v.counted, v.safety from sku_levels v where v.sku = l.sku offset 0) v
      where l.order_id = any(p_orders) and l.reserved > 0 and v.counted and v.atp + v.safety < 0
        and not exists (select 1 from holds k where k.order_id = l.order_id and k.code = 'stock-short' and k.detail = l.sku)),
  held as (
    insert into holds (order_id, code, detail, message, opened_by)
    select order_id, 'stock-short', sku, 'More of "' || sku || '" is sold than there is. Find goods or cancel, then release.', 'stock' from short order by 1, 3
    on conflict do nothing returning order_id)
  update orders set approval = 'held', approved_at = null where id in (select order_id from held);
end $$;

-- what of an order's lines the goods at hand do not cover, first come first served, and when what is on its way covers it; null = not known
create function stock_awaited(p_order bigint) returns table (line_no integer, sku text, missing numeric, promised_at timestamptz) language sql stable as $$
  with mine as (
    select l.line_no, l.sku, l.reserved as q from order_lines l where l.order_id = p_order and l.reserved > 0 and l.location <> '*' and l.sku is not null
    union all select x.line_no, x.sku, sum(x.quantity) from line_stock x where x.order_id = p_order group by 1, 2),
  goods as (
    select m.sku, g.reserved, (select coalesce(sum(s.on_hand - s.held), 0) from stock s join locations l on l.id = s.location where s.sku = m.sku and l.sellable) as there
    from (select distinct sku from mine) m cross join lateral (select x.reserved from goods_levels x where x.sku = m.sku offset 0) g),
  queue as (
    select g.sku, g.there - coalesce((select sum(l.reserved) from order_lines l where l.sku = g.sku and l.order_id < p_order and l.reserved > 0 and l.location <> '*'), 0)
      - coalesce((select sum(x.quantity) from line_stock x where x.sku = g.sku and x.order_id < p_order), 0) as left_over
    from goods g where g.reserved > g.there),
  need as (
    select m.line_no, m.sku, m.q, sum(m.q) over (partition by m.sku order by m.line_no) - q.left_over as missing from mine m join queue q on q.sku = m.sku)
  select n.line_no, n.sku, least(n.missing, n.q),
    (select min(a.promised_at) from (
       select r.promised_at, sum(r.quantity - r.received) over (order by r.promised_at, r.id) as by_then from arrivals r join locations l on l.id = r.location and l.sellable
       where r.sku = n.sku and r.state = 'open' and r.promised_at is not null) a
     where a.by_then >= n.missing)
  from need n where n.missing > 0
$$;
`
