/** The canonical store: orders, lines, timeline facts, refunds, holds, failures and the change feed. */
export const sql0002 = `
create table orders (
  id bigint generated always as identity primary key,
  connection_id text not null,
  channel text not null,
  channel_order_no text not null,
  external_id text not null,
  display_no text,
  version integer not null,
  raw_id bigint not null,
  mapping text not null,
  overrides_version integer not null default 0,
  source_time timestamptz not null,
  authoritative boolean not null,
  read_started_at timestamptz not null,
  content_hash bytea not null,
  doc json not null,                   -- the API document, personal data masked
  source_status text not null,
  payment text not null,
  fulfilment text not null,
  after_sale text not null,
  approval text not null default 'new',
  sync text not null default 'current',
  cancelled boolean not null,
  cancel_requested boolean not null,
  closed boolean not null,
  reserves boolean not null,           -- still needs goods
  currency char(3) not null,
  total_minor bigint not null,
  paid_minor bigint not null,
  refunded_minor bigint not null,
  line_count integer not null,
  unit_count numeric not null,
  placed_at timestamptz not null,
  paid_at timestamptz,
  ship_by timestamptz,
  first_seen_at timestamptz not null default now(),
  approved_at timestamptz,             -- first time without a hold
  allocated_at timestamptz,            -- first time every line that needs goods had a SKU to reserve
  updated_at timestamptz not null default now(),
  sandbox boolean not null default false,
  unique (connection_id, channel_order_no)
) with (fillfactor = 85);
create index orders_external on orders (connection_id, external_id);
create index orders_placed on orders (placed_at desc, id desc);
create index orders_connection_placed on orders (connection_id, placed_at desc, id desc);
create index orders_display on orders (display_no) where display_no <> channel_order_no;
create index orders_held on orders (placed_at desc, id desc) where approval = 'held';
create index orders_open on orders (connection_id, id) where not closed and not cancelled;
create index orders_ship_by on orders (ship_by) where ship_by is not null and not closed and not cancelled;

-- personal data of an order: envelope, and keyed blind indexes to find it again
create table order_parties (
  order_id bigint primary key references orders on delete cascade,
  key_id integer not null,
  row_key bytea,
  body bytea not null,
  phone4 bytea,                        -- HMAC of the last four digits
  phone bytea,
  email bytea
);
create index order_parties_phone4 on order_parties (phone4) where phone4 is not null;
create index order_parties_phone on order_parties (phone) where phone is not null;
create index order_parties_email on order_parties (email) where email is not null;

create table order_lines (
  order_id bigint not null references orders on delete cascade,
  line_no integer not null,
  channel_line_no text not null,
  listing_key text,
  channel_sku text not null,
  barcode text,
  sku text,                            -- bound SKU, null = unbound
  title text not null,
  quantity numeric not null,
  cancelled numeric not null,
  shipped numeric not null,            -- by the channel's own word
  net_minor bigint not null,
  needs_goods boolean not null,
  location text not null default 'main',
  reserved numeric not null default 0,
  primary key (order_id, line_no)
);
create index order_lines_unbound on order_lines (listing_key, order_id) where sku is null and needs_goods;
create index order_lines_sku on order_lines (sku, order_id) where sku is not null;

create table order_versions (
  order_id bigint not null references orders on delete cascade,
  version integer not null,
  raw_id bigint not null,
  mapping text not null,
  overrides_version integer not null,
  source_time timestamptz not null,
  content_hash bytea not null,
  cause text not null,                 -- order, refund, replay, hub
  at timestamptz not null default now(),
  primary key (order_id, version)
);

create table order_facts (
  order_id bigint not null references orders on delete cascade,
  code text not null,                  -- placed, paid, ingested, … (docs/model.md)
  at timestamptz not null,
  source text not null,                -- channel, hub, user, erp
  line_no integer not null default 0,
  observed_at timestamptz not null default now(),
  ref text,
  unique (order_id, code, at, source, line_no)
);

-- everything that happened to an order, in one place; what has a column of its own is not stored twice
create view order_timeline as
  select order_id, code, at, source, line_no, observed_at, ref from order_facts
  union all
  select o.id, f.code, f.at, f.source, 0, o.first_seen_at, null from orders o cross join lateral (values
    ('placed', o.placed_at, 'channel'), ('paid', o.paid_at, 'channel'), ('ingested', o.first_seen_at, 'hub'), ('normalised', o.first_seen_at, 'hub'),
    ('validated', o.approved_at, 'hub'), ('approved', o.approved_at, 'hub'), ('allocated', o.allocated_at, 'hub')) f(code, at, source)
  where f.at is not null;

create table refunds (
  id bigint generated always as identity primary key,
  connection_id text not null,
  channel_refund_no text not null,
  channel_order_no text,
  order_external_id text,
  order_id bigint references orders on delete set null,
  kind text not null,
  state text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  detailed boolean not null,           -- from a document of its own, not a mention inside the order
  raw_id bigint not null,
  mapping text not null,
  source_time timestamptz not null,
  content_hash bytea not null,
  doc json not null,
  at timestamptz not null,
  version integer not null default 1,
  sandbox boolean not null default false,
  unique (connection_id, channel_refund_no)
);
create index refunds_order on refunds (order_id) where order_id is not null;
create index refunds_waiting on refunds (connection_id, channel_order_no) where order_id is null;
create index refunds_waiting_external on refunds (connection_id, order_external_id) where order_id is null;

create table holds (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders on delete cascade,
  code text not null,
  detail text not null default '',
  message text not null,
  opened_at timestamptz not null default now(),
  opened_by text not null default 'rule',
  released_at timestamptz,
  released_by text,                    -- null = by itself, when the cause went away
  release_reason text
);
create unique index holds_open on holds (order_id, code, detail) where released_at is null;
create index holds_order on holds (order_id);

create table failure_groups (
  id bigint generated always as identity primary key,
  signature text not null unique,
  connection_id text,
  channel text,
  operation text not null,             -- normalise, pull, push-stock, push-shipment, cancel, acknowledge, webhook
  fault_kind text not null,
  code text not null,
  message text not null,               -- normalised: ids and numbers taken out
  sample text not null,                -- one message as it came, no personal data
  subject text,                        -- what a fix needs: the unbound SKU, the unmapped status
  status text not null default 'open' check (status in ('open','acknowledged','resolved','ignored')),
  ignored_until timestamptz,
  owner text,
  note text,
  regressed boolean not null default false,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now()
);

create table failures (
  id bigint generated always as identity primary key,
  group_id bigint not null references failure_groups on delete cascade,
  connection_id text,
  subject_kind text not null check (subject_kind in ('raw','order','effect','ack','stream','webhook')),
  subject_id text not null,
  order_id bigint references orders on delete cascade,
  message text not null,
  opened_at timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  times integer not null default 1,
  resolved_at timestamptz
);
create unique index failures_open on failures (group_id, subject_kind, subject_id) where resolved_at is null;
create index failures_subject on failures (subject_kind, subject_id) where resolved_at is null;
create index failures_order on failures (order_id) where resolved_at is null;
create index failures_group on failures (group_id, opened_at);

-- I7: rows are written last, under one advisory lock, so seq never skips a committed change
create table feed (
  seq bigint generated always as identity primary key,
  kind text not null,                  -- order, refund (one that names no order)
  order_id bigint,
  refund_id bigint,
  version integer not null,
  connection_id text not null,
  cause text not null,                 -- created, changed, refund, hold, shipment, re-emit, removed
  sandbox boolean not null,
  at timestamptz not null default now()
);
create index feed_order on feed (order_id, seq);

create table consumers (
  name text primary key,
  connections text[],                  -- null = all
  include_sandbox boolean not null default false,
  acked_seq bigint not null default 0,
  acked_at timestamptz,
  created_at timestamptz not null default now(),
  expired_at timestamptz
);
create table order_acks (
  consumer text not null references consumers on delete cascade,
  order_id bigint not null references orders on delete cascade,
  version integer not null,
  status text not null check (status in ('accepted','rejected')),
  reference text,                      -- the ERP's own number
  code text,
  reason text,
  at timestamptz not null default now(),
  primary key (consumer, order_id)
);
`
