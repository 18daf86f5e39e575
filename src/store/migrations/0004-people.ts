/** People, keys, audit, jobs, files. */
export const sql0004 = `
create table users (
  id text primary key,
  name text not null unique,
  password text not null,              -- scrypt
  roles text[] not null,
  connections text[],                  -- null = all
  must_change boolean not null default false,
  failed_logins integer not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null default now(),
  disabled_at timestamptz
);
create table sessions (
  id_hash bytea primary key,           -- sha256 of the cookie value
  user_id text not null references users on delete cascade,
  created_at timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  expires_at timestamptz not null,
  ip text,
  agent text
);
create table api_keys (
  id text primary key,
  name text not null,
  prefix text not null,
  hash bytea not null unique,
  scopes text[] not null,
  connections text[],                  -- null = all
  created_at timestamptz not null default now(),
  created_by text,
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz
);
create table idempotency_keys (
  key text not null,
  actor text not null,
  request_hash bytea not null,
  status integer,                      -- null while in flight
  body text,
  created_at timestamptz not null default now(),
  primary key (actor, key)
);
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text,
  details json,
  prev_hash bytea,
  hash bytea not null
);
create table jobs (
  id text primary key,
  kind text not null check (kind in ('backfill','replay','import','export','sandbox-remove','listings')),
  connection_id text,
  params json not null,
  state text not null default 'planned' check (state in ('planned','running','done','failed','cancelled')),
  done bigint not null default 0,
  total bigint,
  result json not null default '{}',
  message text,
  created_by text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index jobs_recent on jobs (created_at desc);
create table job_items (
  job_id text not null references jobs on delete cascade,
  item text not null,
  outcome text not null,               -- created, changed, unchanged, failed, …
  detail json,
  primary key (job_id, item)
);
create table files (
  id text primary key,
  connection_id text not null,
  sha256 bytea not null,
  name text not null,
  size bigint not null,
  rows bigint,
  report json,
  received_at timestamptz not null default now(),
  unique (connection_id, sha256)
);
`
