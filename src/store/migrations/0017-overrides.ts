/** What people decided about documents, as data; and who said what about a failure group. */
export const sql0017 = `
create table overrides (
  id bigint generated always as identity primary key,
  connection_id text not null,
  kind text not null check (kind in ('word','field','carrier')),
  field text not null default '',      -- word: name of the member; field: JSON pointer
  entity text not null default '',     -- field: order/4711
  from_value text not null,
  to_value text not null,
  reason text not null,
  author text not null,
  version integer not null,            -- of the connection's overrides, from which it holds
  created_at timestamptz not null default now(),
  ended_version integer,               -- from which it holds no more
  ended_at timestamptz,
  ended_by text
);
create unique index overrides_active on overrides (connection_id, kind, field, entity, from_value) where ended_at is null;
create index overrides_connection on overrides (connection_id, id);

create table failure_notes (
  id bigint generated always as identity primary key,
  group_id bigint not null references failure_groups on delete cascade,
  kind text not null check (kind in ('note','status','owner','fix','replay')),
  text text not null,
  author text not null,
  at timestamptz not null default now()
);
create index failure_notes_group on failure_notes (group_id, id);
create index failures_opened on failures (opened_at);
`
