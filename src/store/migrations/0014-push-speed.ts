/**
 * Levels are pushed by residents that every mark calls (docs/decisions/0014): the call itself, who pushes a connection at the moment, and fewer
 * index entries for each level that is told.
 */
export const sql0014 = `
-- who pushes the levels of a connection; the worker that holds a turn renews it. Also how long nobody shall try again after a fault.
create unlogged table push_turns (
  connection_id text primary key,
  owner text not null,
  until timestamptz not null
);

create function push_call() returns trigger language plpgsql as $$
begin
  if exists (select 1 from made) then perform pg_notify('hub_push', ''); end if;
  return null;
end $$;
create trigger listing_dirty_made after insert on listing_dirty referencing new table as made for each statement execute function push_call();
create trigger listing_dirty_again after update on listing_dirty referencing new table as made for each statement execute function push_call();

-- what waits has a mark, so the state of a listing needs no index and its updates stay on their page
insert into listing_dirty (connection_id, listing_key) select connection_id, listing_key from listings where push_state = 'pending' on conflict do nothing;
drop index listings_waiting;
alter table listings set (fillfactor = 70);

-- a level is written when it is meant and once more when it is answered: an index less is two entries less
drop index effects_sending;
drop index effects_settled;
create index effects_settled on effects using brin (settled_at) with (pages_per_range = 32, autosummarize = on);
alter table effects drop constraint effects_idempotency_key_key;
create unique index effects_idempotency_key on effects (idempotency_key) where kind <> 'stock';

-- when a listing was last compared with what its channel shows
alter table listings add column verified_at timestamptz;
alter table connections add column levels_verified_at timestamptz;
-- pieces of this SKU are told to nobody for now, and why
alter table skus add column push_paused_reason text, add column push_paused_by text, add column push_paused_at timestamptz;
`
