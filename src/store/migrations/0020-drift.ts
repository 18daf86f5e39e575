/** What documents of a connection usually look like, and what was new in them. */
export const sql0020 = `
create table drift_shapes (
  connection_id text not null references connections on delete cascade,
  kind text not null,                  -- of document: order, refund
  seen bigint not null default 0,      -- documents looked at while learning
  shape json not null default '{}',    -- path -> types, sightings, words; never values of people
  updated_at timestamptz not null default now(),
  primary key (connection_id, kind)
);

create table drift_notices (
  id bigint generated always as identity primary key,
  connection_id text not null references connections on delete cascade,
  kind text not null,
  what text not null check (what in ('field','type','value')),
  path text not null,                  -- JSON pointer, * for elements of lists and keys that vary
  detail text not null,                -- the type, or the word
  count bigint not null,               -- documents it was seen in; about one in fifty is looked at, and all that fail
  failing boolean not null default false, -- among them documents that were held
  samples json not null default '[]',  -- {raw_id, entity}, the newest first
  first_at timestamptz not null,
  last_at timestamptz not null,
  state text not null default 'open' check (state in ('open','acknowledged')),
  closed_by text,
  closed_at timestamptz,
  note text,
  unique (connection_id, kind, what, path, detail)
);
create index drift_notices_open on drift_notices (connection_id) where state = 'open';
`
