/** SKU master, stock, listings, outbound effects and shipments. */
export const sql0003 = `
create table skus (
  sku text primary key,
  title text not null default '',
  barcode text,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index skus_barcode on skus (barcode) where barcode is not null;

create table locations (
  id text primary key,
  name text not null,
  sellable boolean not null default true
);
insert into locations (id, name) values ('main', 'Main');

create table stock (
  sku text not null references skus on update cascade,
  location text not null references locations,
  on_hand numeric not null default 0,
  reserved numeric not null default 0,
  safety numeric not null default 0,
  as_of timestamptz,                   -- of the last absolute count
  updated_at timestamptz not null default now(),
  primary key (sku, location)
) with (fillfactor = 50);

-- append-only: why a number is what it is
create table stock_ledger (
  id bigint generated always as identity primary key,
  sku text not null,
  location text not null,
  on_hand_delta numeric not null default 0,
  reserved_delta numeric not null default 0,
  cause text not null,                 -- count, movement, order, cancel, shipment, replay
  ref text,
  at timestamptz not null default now(),
  actor text
);
create index stock_ledger_sku on stock_ledger (sku, location, id);
create unique index stock_ledger_ref on stock_ledger (cause, ref, sku, location) where cause in ('count','movement') and ref is not null;

create table listings (
  connection_id text not null references connections on delete cascade,
  listing_key text not null,
  ids json not null default '{}',
  channel_sku text not null,
  barcode text,
  title text not null,
  price text,
  active boolean not null default true,
  shown numeric,                       -- what the channel said it shows
  shown_at timestamptz,
  sku text references skus on update cascade,
  bound text not null default 'unbound' check (bound in ('unbound','code','barcode','person','ignored')),
  bound_by text,
  paused boolean not null default false,
  desired integer,
  desired_at timestamptz,
  confirmed integer,                   -- last level the channel accepted and we know of
  confirmed_at timestamptz,
  push_state text not null default 'idle' check (push_state in ('idle','pending','sending','unknown','refused','blocked')),
  push_message text,
  push_attempts integer not null default 0,
  seen_at timestamptz not null default now(),
  primary key (connection_id, listing_key)
) with (fillfactor = 70);
create index listings_sku on listings (sku) where sku is not null;
create index listings_channel_sku on listings (connection_id, channel_sku);

-- listings whose level may have moved; the push run takes and deletes them
create table listing_dirty (
  connection_id text not null,
  listing_key text not null,
  at timestamptz not null default now(),
  primary key (connection_id, listing_key)
);

create table shipments (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders on delete cascade,
  package_no text not null,
  carrier text not null,
  carrier_name text not null,
  tracking_no text not null,
  tracking_url text,
  shipped_at timestamptz not null,
  forced boolean not null default false,
  source text not null,                -- api, console, file, cli
  created_by text,
  created_at timestamptz not null default now(),
  unique (order_id, package_no)
);
create index shipments_tracking on shipments (tracking_no);
create table shipment_lines (
  shipment_id bigint not null references shipments on delete cascade,
  line_no integer not null,
  quantity numeric not null check (quantity > 0),
  primary key (shipment_id, line_no)
);

-- I6: intent before the call, outcome after it
create table effects (
  id bigint generated always as identity primary key,
  connection_id text not null,
  kind text not null check (kind in ('stock','shipment','cancel')),
  idempotency_key text not null unique,
  order_id bigint references orders on delete cascade,
  shipment_id bigint references shipments on delete cascade,
  listing_key text,
  intent json not null,
  state text not null default 'pending' check (state in ('pending','sending','done','refused','unknown','cancelled')),
  attempts integer not null default 0,
  not_before timestamptz not null default now(),
  fault_kind text,
  code text,
  message text,
  proof json,
  history json not null default '[]',
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  settled_at timestamptz
);
create index effects_open on effects (connection_id, kind, not_before) where state in ('pending','sending','unknown');
create index effects_order on effects (order_id) where order_id is not null;
create index effects_recent on effects (id desc) where kind <> 'stock';
`
