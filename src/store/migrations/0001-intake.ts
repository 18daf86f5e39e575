/** Connections, the verbatim archive, its gate and the inbox. */
export const sql0001 = `
create table settings (
  key text primary key,
  value json not null,
  updated_at timestamptz not null default now(),
  updated_by text
);

create table connections (
  id text primary key,
  channel text not null,
  name text not null,
  state text not null default 'active' check (state in ('active','paused','needs-auth','misconfigured','removed')),
  state_reason text,
  state_since timestamptz not null default now(),
  config json not null default '{}',
  secrets bytea,                       -- envelope: AES-GCM under the master key, AAD = connection id
  secrets_hint json not null default '{}', -- last four characters per field, never more
  tokens bytea,
  tokens_expire_at timestamptz,
  timezone text not null default 'UTC',
  currency text not null default 'CNY',
  sandbox boolean not null default false,
  armed_stock boolean not null default false,
  armed_shipments boolean not null default false,
  armed_at timestamptz,
  armed_by text,
  stock_share numeric not null default 1 check (stock_share >= 0 and stock_share <= 1), -- part of the pool this connection may show
  stock_buffer integer not null default 0 check (stock_buffer >= 0),
  webhook_token text unique,           -- path segment of our webhook address
  webhook_state json,
  webhook_checked_at timestamptz,
  poll_seconds integer,                -- overrides the manifest where set
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index connections_name on connections (name) where state <> 'removed';

-- one row per stream: how far it has been read, and the window in work
create table streams (
  connection_id text not null references connections on delete cascade,
  stream text not null,
  watermark timestamptz,               -- everything changed before this was read
  window_from timestamptz,
  window_to timestamptz,
  cursor json,                         -- page position inside the window
  last_success_at timestamptz,
  last_record_at timestamptz,
  last_fault json,
  last_fault_at timestamptz,
  faults_in_row integer not null default 0,
  primary key (connection_id, stream)
);

-- I2: a re-poll that brings nothing new is counted here per page, not stored
create table pull_pages (
  id bigint generated always as identity primary key,
  connection_id text not null,
  stream text not null,
  at timestamptz not null default now(),
  window_from timestamptz,
  window_to timestamptz,
  seen integer not null,
  unchanged integer not null,
  appended integer not null
);
create index pull_pages_at on pull_pages (connection_id, at);

create table data_keys (
  id integer generated always as identity primary key,
  connection_id text not null,
  month date not null,
  kek_id text not null,
  wrapped bytea not null,
  created_at timestamptz not null default now(),
  unique (connection_id, month)
);

create sequence raw_events_id_seq;
create table raw_events (
  id bigint not null default nextval('raw_events_id_seq'),
  connection_id text not null,
  kind text not null,                  -- order, refund, hook (a delivery as received)
  external_id text not null,
  parent_id text,
  source text not null,                -- poll, hook, fetch, backfill, file, manual
  received_at timestamptz not null default now(),
  source_time timestamptz,
  authoritative boolean not null,
  read_started_at timestamptz not null,
  sha256 bytea not null,
  meta json,
  key_id integer,                      -- data_keys.id
  row_key bytea,                       -- erased = the document can never be read again
  body bytea not null,                 -- deflate, then AES-256-GCM under the row key
  size integer not null,               -- bytes as received
  primary key (id, received_at)
) partition by range (received_at);
create index raw_events_entity on raw_events (connection_id, kind, external_id, id);
create table raw_events_default partition of raw_events default;

-- exactly one disposition per raw event (I2)
create table raw_dispositions (
  raw_id bigint primary key,
  connection_id text not null,
  disposition text not null check (disposition in ('applied','superseded','duplicate','held','ignored')),
  reason text,
  order_id bigint,
  at timestamptz not null default now()
);
create index raw_dispositions_connection on raw_dispositions (connection_id, at);
create index raw_dispositions_held on raw_dispositions (connection_id, raw_id) where disposition = 'held';
create index raw_dispositions_order on raw_dispositions (order_id) where order_id is not null;

-- the gate: which raw event stands for an entity now; its row lock serialises the entity (I1, I4, I5)
create table raw_heads (
  connection_id text not null,
  kind text not null,
  external_id text not null,
  raw_id bigint not null,
  sha256 bytea not null,
  source_time timestamptz not null,
  authoritative boolean not null,
  read_started_at timestamptz not null,
  primary key (connection_id, kind, external_id)
) with (fillfactor = 80);

-- deliveries and appended pages that nobody has normalised yet; rows are deleted when done
create table inbox (
  raw_id bigint primary key,
  shard smallint not null,
  at timestamptz not null default now(),
  attempts smallint not null default 0
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index inbox_shard on inbox (shard, raw_id);

-- "something changed" notices and ties: orders to read again from the channel
create table fetch_queue (
  connection_id text not null references connections on delete cascade,
  kind text not null,
  external_id text not null,
  reason text not null,
  requested_at timestamptz not null default now(),
  not_before timestamptz not null default now(),
  attempts integer not null default 0,
  last_fault json,
  primary key (connection_id, kind, external_id)
);
create index fetch_queue_due on fetch_queue (connection_id, not_before);

create unlogged table rate_limits (
  key text primary key,
  tat timestamptz not null,
  blocked_until timestamptz
) with (fillfactor = 50);
`
