/**
 * The intents of one call are one row (docs/decisions/0025): what each listing is told has a row of its own once the answer is known. In quota mode
 * every write has its row from the beginning.
 */
export const sql0025 = `
-- a call with levels that is on the wire, or was when its process died; gone with its answer
create table level_calls (
  id bigint generated always as identity primary key,
  connection_id text not null,
  sent_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  token text not null,                    -- what the idempotency keys of its writes end with
  effect_ids bigint[] not null,           -- each write has its number already
  listing_keys text[] not null,
  skus text[] not null,
  quantities integer[] not null
);
create index level_calls_connection on level_calls (connection_id);

-- all listings of a page are told in one transaction: only as many stay on it as there is room for
alter table listings set (fillfactor = 50);

-- every effect as it stands, those on the wire too
create view effects_now as
  select id, connection_id, kind, idempotency_key, order_id, shipment_id, listing_key, intent, state, attempts, not_before, fault_kind, code, message, proof, history, created_at, sent_at, settled_at
    from effects
  union all
  select w.id, c.connection_id, 'stock', 'stock/' || c.connection_id || '/' || w.listing_key || '/' || c.token, null::bigint, null::bigint, w.listing_key,
      json_build_object('sku', w.sku, 'quantity', w.quantity), 'sending', 1, c.sent_at, null, null, null, null::json, '[]'::json, c.created_at, c.sent_at, null::timestamptz
    from level_calls c cross join lateral unnest(c.effect_ids, c.listing_keys, c.skus, c.quantities) w(id, listing_key, sku, quantity);
`
