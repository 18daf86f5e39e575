/** What channels ask about personal data, until a person has decided; and mails to suppliers, until they are sent. */
export const sql0029 = `
create table privacy_requests (
  id bigint generated always as identity primary key,
  connection_id text not null,
  delivery text not null,              -- the channel's own id of the message: the same again is the same request
  raw_id bigint not null,
  ask text not null check (ask in ('erase','erase-all','export')),
  reference text,                      -- the channel's number of it
  external_ids text[] not null,        -- orders by the channel's ids
  received_at timestamptz not null,
  due_at timestamptz not null,
  state text not null default 'open' check (state in ('open','confirmed','done','dismissed')), -- confirmed = orders under way follow
  decided_by text,                     -- retention = nobody did in time, and the connection keeps personal data for a time only
  decided_at timestamptz,
  reason text,
  done_at timestamptz,
  erased integer not null default 0,
  unique (connection_id, delivery)
);
create index privacy_requests_waiting on privacy_requests (due_at) where state in ('open','confirmed');

create table supply_notices (
  id bigint generated always as identity primary key,
  supply_order_id bigint not null references supply_orders on delete cascade,
  destination_id text references alert_destinations on delete set null, -- whose mail server carries it
  recipient text not null,
  language text not null,
  state text not null default 'waiting' check (state in ('waiting','sending','sent','failed')),
  not_before timestamptz not null,
  claim text,
  claimed_until timestamptz,
  attempts integer not null default 0,
  answer text,                         -- what the mail server said last
  created_by text not null,
  created_at timestamptz not null,
  sent_at timestamptz
);
create index supply_notices_order on supply_notices (supply_order_id, id);
create unique index supply_notices_waiting on supply_notices (supply_order_id) where state in ('waiting','sending');
`
