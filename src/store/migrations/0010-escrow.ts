/**
 * Quota mode (I8): units of a SKU are free, reserved, or in the escrow of one listing, which is every unit that may yet be sold there: shown, on its
 * way to be shown, or sold and not yet heard of. free = on hand − safety − reserved − Σ escrows; it is computed, never stored. Who changes
 * escrows has locked the SKU's stock rows before.
 */
export const sql0010 = `
alter table connections add column stock_mode text not null default 'shared' check (stock_mode in ('shared','quota'));

create table escrows (
  connection_id text not null,
  listing_key text not null,
  sku text not null references skus on update cascade,
  units numeric not null default 0,    -- below zero: more was sold than was given, or a cancel gave back what nobody heard of yet
  since timestamptz not null default '-infinity', -- what was sold until then is not in units any more
  restocks boolean not null default false, -- a cancel gives the unit back to the shelf at the channel
  at_paying boolean not null default false, -- the channel takes a unit off when it is paid, not when it is ordered
  sending_at timestamptz,              -- when the outstanding write may first have landed
  sending_kind text check (sending_kind in ('absolute','cas','delta')),
  sending_value integer,
  sending_expected integer,
  need numeric not null default 0,     -- what the outstanding write took from free
  fence timestamptz,                   -- a write without an answer may land until then
  anchor integer,                      -- what the channel showed at some moment between anchor_from and anchor_to
  anchor_from timestamptz,
  anchor_to timestamptz,
  anchor_read boolean not null default false, -- it comes from a reading, not from a write: it may be passed over
  checked_at timestamptz not null default now(), -- when the channel last said what it shows, or took a level
  primary key (connection_id, listing_key)
) with (fillfactor = 60);
create index escrows_sku on escrows (sku);

-- every order and cancel of the connection up to then is committed; only a complete poll moves it
create table escrow_watermarks (
  connection_id text primary key,
  at timestamptz not null
);

-- what was seen sold and cancelled by listing, for the reckoning with what the channel showed
create table escrow_lines (
  connection_id text not null,
  order_no text not null,
  line_no text not null,
  listing_key text not null,
  quantity numeric not null,
  at timestamptz not null,             -- when the channel took the unit off
  cancelled numeric not null default 0,
  cancelled_at timestamptz,
  primary key (connection_id, order_no, line_no)
);
create index escrow_lines_listing on escrow_lines (connection_id, listing_key, at);

create function stock_free(p_sku text) returns numeric language sql stable as $$
  select coalesce((select sum(s.on_hand - s.reserved - s.safety) from stock s join locations l on l.id = s.location where s.sku = p_sku and l.sellable), 0)
       - coalesce((select sum(e.units) from escrows e where e.sku = p_sku), 0)
$$;

-- one order line as it stands now; the same again changes nothing, an edit counts by its difference: pieces taken off a line are cancelled ones.
-- A cancel is counted as of two minutes before the first look, which may not have seen it; too many units of a listing sell nothing twice.
create function escrow_seen(p_connection text, p_listing text, p_order text, p_line text, p_quantity numeric, p_at timestamptz,
  p_cancelled numeric, p_cancelled_at timestamptz) returns void language plpgsql as $$
declare
  v_old escrow_lines;
  v_quantity numeric;
  v_cancelled numeric;
begin
  select * into v_old from escrow_lines where connection_id = p_connection and order_no = p_order and line_no = p_line for update;
  v_quantity := greatest(p_quantity, v_old.quantity);
  v_cancelled := greatest(p_cancelled + v_quantity - p_quantity, v_old.cancelled);
  if v_old.connection_id is null then
    insert into escrow_lines values (p_connection, p_order, p_line, p_listing, v_quantity, p_at, v_cancelled, case when v_cancelled > 0 then p_cancelled_at end);
    v_old.quantity := 0; v_old.cancelled := 0; v_old.listing_key := p_listing;
    -- everything of its time was said to be known: the channel lists later than it declares
    insert into stock_signs (code, connection_id, listing_key, sku, order_no, seconds)
    select 'late-order', p_connection, p_listing, e.sku, p_order, extract(epoch from greatest(w.at, (select min(s.watermark) from streams s where s.connection_id = p_connection)) - p_at) from escrows e join escrow_watermarks w using (connection_id)
      where e.connection_id = p_connection and e.listing_key = p_listing and p_at > e.since and p_at <= w.at and v_cancelled < v_quantity
        and not exists (select 1 from escrow_lines x where x.connection_id = p_connection and x.order_no = p_order and x.line_no <> p_line);
  elsif (v_quantity, v_cancelled) <> (v_old.quantity, v_old.cancelled) then
    update escrow_lines set quantity = v_quantity, cancelled = v_cancelled,
        cancelled_at = case when v_cancelled > v_old.cancelled then greatest(cancelled_at, p_cancelled_at) else cancelled_at end
      where connection_id = p_connection and order_no = p_order and line_no = p_line;
  else
    return;
  end if;
  update escrows set units = units
      - case when p_at > since then v_quantity - v_old.quantity else 0 end
      + case when restocks and (p_at > since or p_cancelled_at > since - interval '2 minutes') then v_cancelled - v_old.cancelled else 0 end
    where connection_id = p_connection and listing_key = v_old.listing_key;
end $$;

-- what a batch wrote of the orders of one connection; nothing where none of its listings is under quota. A line without a SKU reserves
-- nothing yet, so its pieces stay with the listing; a line that is gone is cancelled.
create function escrow_orders(p_connection text, p_orders bigint[]) returns void language plpgsql as $$
begin
  if not exists (select 1 from escrows where connection_id = p_connection) then return; end if;
  perform escrow_seen(o.connection_id, e.listing_key, o.channel_order_no, l.channel_line_no, l.quantity, case when e.at_paying then o.paid_at else o.placed_at end,
      case when o.cancelled or not o.reserves and o.fulfilment in ('unallocated','allocated','released','partial') then l.quantity else l.cancelled end, o.source_time)
    from orders o join order_lines l on l.order_id = o.id and l.needs_goods and l.sku is not null
    cross join lateral (select x.listing_key, x.at_paying from escrows x where x.connection_id = o.connection_id and (x.listing_key = l.listing_key or x.sku = l.sku
        and not exists (select 1 from listings g where g.connection_id = o.connection_id and g.listing_key = l.listing_key))
      order by (x.listing_key = l.listing_key) desc nulls last, x.listing_key limit 1) e
    where o.id = any(p_orders) and o.connection_id = p_connection and (not e.at_paying or o.paid_at is not null)
    order by e.listing_key, o.channel_order_no, l.line_no;
  perform escrow_seen(x.connection_id, x.listing_key, x.order_no, x.line_no, 0, x.at, 0, o.source_time)
    from orders o join escrow_lines x on x.connection_id = o.connection_id and x.order_no = o.channel_order_no
    where o.id = any(p_orders) and x.cancelled < x.quantity
      and not exists (select 1 from order_lines l where l.order_id = o.id and l.channel_line_no = x.line_no and l.needs_goods)
    order by x.listing_key, x.order_no, x.line_no;
end $$;

-- orders that took units which belong to a listing elsewhere, or are not there at all, wait for a person; what a listing sold of its own units never does,
-- nor what was approved before
create function escrow_short(p_orders bigint[]) returns void language plpgsql as $$
begin
  with short as (
    select distinct l.order_id, l.sku from order_lines l join orders o on o.id = l.order_id and o.reserves and (o.approved_at is null or o.approved_at = now())
      where l.order_id = any(p_orders) and l.reserved > 0 and l.sku in (select sku from escrows) and stock_free(l.sku) < 0
        and not exists (select 1 from escrow_lines x where x.connection_id = o.connection_id and x.order_no = o.channel_order_no and x.line_no = l.channel_line_no)
        and not exists (select 1 from holds k where k.order_id = l.order_id and k.code = 'stock-short' and k.detail = l.sku)),
  held as (
    insert into holds (order_id, code, detail, message, opened_by)
    select order_id, 'stock-short', sku, 'No free unit of "' || sku || '" was left: the channels may sell all there are. Find goods or cancel, then release.', 'stock' from short order by 1, 3
    on conflict do nothing returning order_id)
  update orders set approval = 'held', approved_at = null where id in (select order_id from held);
end $$;

-- asks leave for one write; 'ok' means that it was recorded and must be sent, once
create function escrow_begin(p_connection text, p_listing text, p_kind text, p_value integer, p_expected integer, p_now timestamptz, p_skew interval)
returns text language plpgsql as $$
declare
  v_e escrows;
  v_need numeric;
begin
  perform 1 from stock where sku = any(stock_rows(array(select sku from escrows where connection_id = p_connection and listing_key = p_listing))) order by sku, location for update;
  select * into v_e from escrows where connection_id = p_connection and listing_key = p_listing for update;
  if v_e.connection_id is null then return 'unknown'; end if;
  if v_e.sending_at is not null then return 'busy'; end if;
  -- a reading that waits for its reckoning only says what is known better after the write
  if v_e.anchor is not null and not v_e.anchor_read then return 'settling'; end if;
  if v_e.fence > p_now then return 'fenced'; end if;
  v_need := case p_kind when 'absolute' then p_value when 'cas' then greatest(0, p_value - p_expected) else greatest(0, p_value) end;
  if v_need > 0 and stock_free(v_e.sku) < v_need then return 'short'; end if;
  -- one that sold beyond its units gives nobody else a unit: it is read first, and what it may sell is no less than what it shows
  if v_need > 0 and exists (select 1 from escrows where sku = any(stock_kin(v_e.sku)) and units < 0) then return 'settling'; end if;
  -- what was sold before a listing came under quota is known once its connection was read to the end
  if v_need > 0 and exists (select 1 from escrows x left join escrow_watermarks w using (connection_id)
      where x.sku = any(stock_kin(v_e.sku)) and coalesce(w.at, '-infinity') < x.since)
    or v_need > 0 and exists (select 1 from listings l join connections c on c.id = l.connection_id where l.sku = any(stock_kin(v_e.sku)) and l.active and l.shown is not null
      and c.stock_mode = 'quota' and c.armed_stock and c.state = 'active'
      and not exists (select 1 from escrows x where x.connection_id = l.connection_id and x.listing_key = l.listing_key)) then return 'opening'; end if;
  update escrows set units = units + v_need, need = v_need, sending_at = p_now - p_skew, sending_kind = p_kind, sending_value = p_value, sending_expected = p_expected,
      fence = null, anchor = null, anchor_from = null, anchor_to = null, anchor_read = false where connection_id = p_connection and listing_key = p_listing;
  return 'ok';
end $$;

-- the end of a write: 'applied', 'refused' for certain, or 'unknown', which frees nothing until what can still land has landed and was read
create function escrow_answer(p_connection text, p_listing text, p_answer text, p_now timestamptz, p_skew interval, p_tmax interval) returns void language plpgsql as $$
declare
  v_e escrows;
begin
  perform 1 from stock where sku = any(stock_rows(array(select sku from escrows where connection_id = p_connection and listing_key = p_listing))) order by sku, location for update;
  select * into v_e from escrows where connection_id = p_connection and listing_key = p_listing for update;
  if v_e.sending_at is null then return; end if;
  update escrows set sending_at = null, need = 0, checked_at = case when p_answer = 'applied' then p_now else v_e.checked_at end,
      units = v_e.units - case
        when p_answer = 'refused' then v_e.need
        when p_answer = 'applied' and v_e.sending_kind = 'cas' then greatest(0, v_e.sending_expected - v_e.sending_value)
        when p_answer = 'applied' and v_e.sending_kind = 'delta' then greatest(0, -v_e.sending_value)
        else 0 end,
      fence = case when p_answer = 'unknown' then p_now + p_skew + p_tmax end,
      anchor = case when p_answer = 'applied' and v_e.sending_kind <> 'delta' then v_e.sending_value end,
      anchor_from = case when p_answer = 'applied' and v_e.sending_kind <> 'delta' then v_e.sending_at end,
      anchor_to = case when p_answer = 'applied' and v_e.sending_kind <> 'delta' then p_now + p_skew end, anchor_read = false
    where connection_id = p_connection and listing_key = p_listing;
end $$;

-- the channel showed this number at some moment between two; not taken while a write is out, may still land, or waits for its reckoning
create function escrow_read(p_connection text, p_listing text, p_shown integer, p_before timestamptz, p_after timestamptz, p_skew interval) returns text language plpgsql as $$
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

-- reckons with every anchor whose orders are all known: what the channel may still sell is what it showed, less what it sold after, plus what cancels
-- gave back since. It is at least what it showed less all that may have been sold after; books that say less are wrong (somebody else set the level).
create function escrow_settle(p_connection text, p_watermark timestamptz) returns void language plpgsql as $$
declare
  v_before timestamptz := coalesce((select w.at from escrow_watermarks w where w.connection_id = p_connection), '-infinity');
  v_at timestamptz;
  v_skus text[];
  v_opened text[];
begin
  insert into escrow_watermarks as w values (p_connection, p_watermark)
    on conflict (connection_id) do update set at = greatest(w.at, excluded.at) returning at into v_at;
  select array_agg(distinct sku) into v_skus from escrows where connection_id = p_connection and anchor_to <= v_at;
  -- what was sold of these before they came under quota is known now, and their SKUs may be given out
  select array_agg(distinct sku) into v_opened from escrows where connection_id = p_connection and since > v_before and since <= v_at;
  if v_skus is null and v_opened is null then return; end if;
  perform 1 from stock where sku = any(v_skus) order by sku, location for update;
  perform 1 from escrows where connection_id = p_connection and sku = any(v_skus) order by listing_key for update;
  insert into stock_signs (code, connection_id, listing_key, sku, shown, units)
  select 'level-above-books', e.connection_id, e.listing_key, e.sku, e.anchor, e.units from escrows e where e.connection_id = p_connection and e.anchor_to <= v_at and e.sku = any(v_skus)
    and e.anchor - coalesce((select sum(l.quantity) from escrow_lines l where l.connection_id = p_connection and l.listing_key = e.listing_key and l.at > e.anchor_from), 0) > e.units;
  update escrows e set anchor = null, anchor_from = null, anchor_to = null, units = greatest(
        least(e.units, e.anchor
          - coalesce((select sum(l.quantity) from escrow_lines l where l.connection_id = p_connection and l.listing_key = e.listing_key and l.at > e.anchor_to), 0)
          + case when e.restocks then coalesce((select sum(l.cancelled) from escrow_lines l where l.connection_id = p_connection and l.listing_key = e.listing_key and l.cancelled_at > e.anchor_from), 0) else 0 end),
        e.anchor - coalesce((select sum(l.quantity) from escrow_lines l where l.connection_id = p_connection and l.listing_key = e.listing_key and l.at > e.anchor_from), 0))
    where e.connection_id = p_connection and e.anchor_to <= v_at and e.sku = any(v_skus)
      and not exists (select 1 from order_lines l join orders o on o.id = l.order_id and o.connection_id = p_connection and o.reserves and o.placed_at > e.since
        where l.listing_key = e.listing_key and l.sku is null and l.needs_goods);
  insert into listing_dirty (connection_id, listing_key)
  select l.connection_id, l.listing_key from listings l where l.sku = any(v_skus) or l.sku = any(v_opened) order by 1, 2 on conflict (connection_id, listing_key) do update set at = now();
end $$;

-- a listing that was bound to another SKU takes what it shows along: it sells that one now
create function escrow_rebind(p_connection text) returns void language plpgsql as $$
declare
  v_skus text[];
begin
  select array_agg(distinct k) into v_skus from escrows e join listings l using (connection_id, listing_key), unnest(array[e.sku, l.sku]) k
    where e.connection_id = p_connection and l.sku is distinct from e.sku and l.sku is not null;
  if v_skus is null then return; end if;
  perform 1 from stock where sku = any(v_skus) order by sku, location for update;
  perform 1 from escrows where connection_id = p_connection and sku = any(v_skus) order by listing_key for update;
  update escrows e set sku = l.sku from listings l where e.connection_id = p_connection and l.connection_id = e.connection_id and l.listing_key = e.listing_key
    and l.sku is distinct from e.sku and l.sku = any(v_skus);
  insert into listing_dirty (connection_id, listing_key)
  select l.connection_id, l.listing_key from listings l where l.sku = any(v_skus) order by 1, 2 on conflict (connection_id, listing_key) do update set at = now();
end $$;
`
