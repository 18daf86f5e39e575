/**
 * What a proof of stock leans on, and what broke it: how late orders are seen, signs that a channel did not keep its word, and incidents of SKUs of
 * which more was promised than there is.
 */
export const sql0015 = `
-- a channel's word that did not hold: an order heard of after all orders of its time were said to be known, a shelf that held more than the books
create table stock_signs (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  code text not null check (code in ('late-order','level-above-books')),
  connection_id text not null,
  listing_key text not null,
  sku text not null,
  order_no text,
  seconds numeric,                     -- late-order: so long after its time the orders of the channel had been read without it
  shown integer,                       -- level-above-books: what the channel shows
  units numeric                        -- and what the books had
);
create index stock_signs_sku on stock_signs (sku, id);
create index stock_signs_connection on stock_signs (connection_id, at);

-- how long after its time at the channel an order of the last day was first seen; seconds
create table order_lags (
  connection_id text not null references connections on delete cascade,
  source text not null check (source in ('poll','hook')),
  orders integer not null,
  p50 numeric not null,
  p99 numeric not null,
  longest numeric not null,
  newest timestamptz not null,         -- placing of the newest order that was measured
  measured_at timestamptz not null,
  primary key (connection_id, source)
);

-- more was promised than there is; one open incident per SKU
create table stock_incidents (
  id bigint generated always as identity primary key,
  sku text not null references skus on update cascade on delete cascade,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  short_most numeric not null,         -- pieces missing at worst
  short_now numeric not null,
  causes json not null default '[]',
  trail json not null default '[]',    -- what led to it, oldest first
  looked_at timestamptz not null default now()
);
create unique index stock_incidents_open on stock_incidents (sku) where closed_at is null;
create index stock_incidents_recent on stock_incidents (opened_at desc, id desc);

alter table connections add column stock_learned_buffer boolean not null default false; -- keep back what sells while a level is on its way
create table learned_buffers (
  connection_id text not null references connections on delete cascade,
  sku text not null references skus on update cascade on delete cascade,
  buffer integer not null,
  per_hour numeric not null,           -- sold there
  latency_seconds numeric not null,    -- 95 of 100 levels were confirmed within
  measured_at timestamptz not null,
  primary key (connection_id, sku)
);
create index learned_buffers_sku on learned_buffers (sku) where buffer > 0;
`
