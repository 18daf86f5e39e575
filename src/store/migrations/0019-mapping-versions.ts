/**
 * Versions of what people decide about documents, and the draft of the next one. The rules of a version are the rows of `overrides` that held
 * then; kinds of rules are the program's own closed list.
 */
export const sql0019 = `
alter table overrides drop constraint overrides_kind_check;
alter table overrides add constraint overrides_kind_check check (kind ~ '^[a-z][a-z-]{1,30}$');

create table mapping_versions (
  connection_id text not null,
  version integer not null check (version > 0),
  parent integer not null,             -- 0: before anybody said anything
  origin text not null check (origin in ('rule','draft','rollback','settings')),
  restored integer,                    -- rollback: the version it brings back
  settings_before json,                -- settings that steer the mapping; null where this version left them alone
  settings json,
  reason text not null,
  author text not null,
  at timestamptz not null default now(),
  failing json,                        -- documents that newly failed when it was published all the same
  override_reason text,
  primary key (connection_id, version)
);

create table mapping_drafts (
  connection_id text primary key,
  version integer not null,            -- rises with every save
  base integer not null,               -- the published version it began at
  rules json not null,
  settings json not null,
  author text not null,
  created_at timestamptz not null,
  updated_by text not null,
  updated_at timestamptz not null
);

insert into mapping_versions (connection_id, version, parent, origin, reason, author, at)
select connection_id, version, version - 1, 'rule', reason, author, at from (
  select distinct on (connection_id, version) * from (
    select connection_id, version, reason, author, created_at as at from overrides
    union all
    select connection_id, ended_version, 'Taken back.', ended_by, ended_at from overrides where ended_version is not null) x
  order by connection_id, version, (reason = 'Taken back.')) y
order by 1, 2;
`
