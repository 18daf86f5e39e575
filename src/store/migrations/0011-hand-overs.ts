/** Sales at a till that only hand over an order placed elsewhere. One row per document of the till; written with its disposition. */
export const sql0011 = `
create table hand_overs (
  connection_id text not null,         -- the till
  external_id text not null,           -- its document
  number text not null,                -- of the order it hands over, as the till names it
  at timestamptz not null,             -- when, by the till's clock
  raw_id bigint not null,
  state text not null default 'pending' check (state in ('pending','linked','failed')),
  order_id bigint references orders on delete set null,
  code text,                           -- why it is not linked
  attempts integer not null default 0,
  first_seen timestamptz not null default now(),
  not_before timestamptz not null default now(),
  primary key (connection_id, external_id)
);
create index hand_overs_due on hand_overs (connection_id, not_before) where state = 'pending';
create index hand_overs_order on hand_overs (order_id) where order_id is not null;
`
