/**
 * What a call with levels was simply taken stays one row (docs/decisions/0027); whatever of it went otherwise, or came with a proof, has a row of its own
 * in effects. A listing is written once, when the answer is known: what is on the wire is said by the row of its call.
 */
export const sql0026 = `
-- a call whose levels were taken: each write with the number it had on the wire
create table told_calls (
  connection_id text not null,
  created_at timestamptz not null,
  sent_at timestamptz not null,
  settled_at timestamptz not null,
  token text not null,                    -- what the idempotency keys of its writes end with
  levels integer not null,
  first_id bigint not null,
  last_id bigint not null,
  effect_ids bigint[] not null,           -- ascending
  listing_keys text[] not null,
  skus text[] not null,
  quantities integer[] not null
);
create index told_calls_numbers on told_calls using gist (int8range(first_id, last_id, '[]'));
create index told_calls_connection on told_calls (connection_id, last_id);
create index told_calls_listings on told_calls using gin (listing_keys);
create index told_calls_settled on told_calls using brin (settled_at) with (pages_per_range = 32, autosummarize = on);

-- what calls under way say
create view levels_on_wire as
  select c.connection_id, w.listing_key, w.quantity from level_calls c cross join lateral unnest(c.listing_keys, c.quantities) w(listing_key, quantity);

-- each level that was taken, as an effect; the last columns are those that calls are found by
create view effects_told as
  select w.id, c.connection_id, 'stock'::text as kind, 'stock/' || c.connection_id || '/' || w.listing_key || '/' || c.token as idempotency_key, null::bigint as order_id, null::bigint as shipment_id,
      w.listing_key, json_build_object('sku', w.sku, 'quantity', w.quantity) as intent, 'done'::text as state, 1 as attempts, c.sent_at as not_before, null::text as fault_kind, null::text as code,
      null::text as message, null::json as proof, '[]'::json as history, c.created_at, c.sent_at, c.settled_at, c.first_id, c.last_id, c.listing_keys
    from told_calls c cross join lateral unnest(c.effect_ids, c.listing_keys, c.skus, c.quantities) w(id, listing_key, sku, quantity);

-- the same of levels on the wire
create view effects_sending as
  select w.id, c.connection_id, 'stock'::text as kind, 'stock/' || c.connection_id || '/' || w.listing_key || '/' || c.token as idempotency_key, null::bigint as order_id, null::bigint as shipment_id,
      w.listing_key, json_build_object('sku', w.sku, 'quantity', w.quantity) as intent, 'sending'::text as state, 1 as attempts, c.sent_at as not_before, null::text as fault_kind, null::text as code,
      null::text as message, null::json as proof, '[]'::json as history, c.created_at, c.sent_at, null::timestamptz as settled_at
    from level_calls c cross join lateral unnest(c.effect_ids, c.listing_keys, c.skus, c.quantities) w(id, listing_key, sku, quantity);

-- every effect as it stands. Who looks for one, for those of a listing or for the newest goes by the calls: the functions below, src/store/read/effects.ts
create or replace view effects_now as
  select id, connection_id, kind, idempotency_key, order_id, shipment_id, listing_key, intent, state, attempts, not_before, fault_kind, code, message, proof, history, created_at, sent_at, settled_at
    from effects
  union all select * from effects_sending
  union all
  select id, connection_id, kind, idempotency_key, order_id, shipment_id, listing_key, intent, state, attempts, not_before, fault_kind, code, message, proof, history, created_at, sent_at, settled_at
    from effects_told;

create function effect_numbered(number bigint) returns setof effects_now language sql stable as $$
  select id, connection_id, kind, idempotency_key, order_id, shipment_id, listing_key, intent, state, attempts, not_before, fault_kind, code, message, proof, history, created_at, sent_at, settled_at
    from effects where id = number
  union all select * from effects_sending where id = number
  union all
  select id, connection_id, kind, idempotency_key, order_id, shipment_id, listing_key, intent, state, attempts, not_before, fault_kind, code, message, proof, history, created_at, sent_at, settled_at
    from effects_told where id = number and int8range(first_id, last_id, '[]') @> number
$$;

-- the newest levels told to a listing up to a moment
create function listing_effects(connection text, key text, upto timestamptz, most bigint) returns setof effects_now language sql stable as $$
  select * from (
    (select id, connection_id, kind, idempotency_key, order_id, shipment_id, listing_key, intent, state, attempts, not_before, fault_kind, code, message, proof, history, created_at, sent_at, settled_at
      from effects where connection_id = connection and listing_key = key and kind = 'stock' and created_at <= upto order by id desc limit most)
    union all
    select * from effects_sending where connection_id = connection and listing_key = key and created_at <= upto
    union all
    (select id, connection_id, kind, idempotency_key, order_id, shipment_id, listing_key, intent, state, attempts, not_before, fault_kind, code, message, proof, history, created_at, sent_at, settled_at
      from effects_told where listing_keys @> array[key] and connection_id = connection and listing_key = key and created_at <= upto order by id desc limit most)) e
  order by id desc limit most
$$;
`
