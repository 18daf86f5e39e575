/**
 * The completeness ledger: what each channel said it has for a business day, who signed the day off, and what it looked like then.
 * Jobs name their kind in the program's own closed list; a copy of it here would have to be changed with every new one.
 */
export const sql0018 = `
create table ledger_settings (
  connection_id text primary key references connections on delete cascade,
  cut_off integer not null check (cut_off between 0 and 1439), -- minutes after midnight, by the connection's clock, at which a business day begins
  updated_by text not null,
  updated_at timestamptz not null default now()
);

-- one row per business day that the channel was asked about; asked again, it is replaced
create table ledger_asks (
  connection_id text not null references connections on delete cascade,
  day date not null,
  window_from timestamptz not null,
  window_to timestamptz not null,
  state text not null check (state in ('asking','done','failed')),
  asked_at timestamptz not null,       -- when the answer was complete: later changes are not in it
  how text not null default '',        -- what was read: list, documents, both
  fault json,
  primary key (connection_id, day)
);

-- the orders of that day by the channel's own word
create table ledger_listed (
  connection_id text not null,
  day date not null,
  external_id text not null,
  outcome text not null check (outcome in ('order','held','ignored')),
  currency char(3),
  total_minor bigint,
  source_time timestamptz,
  primary key (connection_id, day, external_id),
  foreign key (connection_id, day) references ledger_asks on delete cascade
);

create table ledger_signatures (
  id bigint generated always as identity primary key,
  connection_id text not null references connections on delete cascade,
  day date not null,
  window_from timestamptz not null,
  window_to timestamptz not null,
  state text not null,                 -- green or red when it was signed
  note text,
  signed_by text not null,
  signed_at timestamptz not null default now(),
  statement json not null              -- the figures that were signed
);
create index ledger_signatures_day on ledger_signatures (connection_id, day, id desc);

-- the orders as they stood when the day was signed: what changed since is the difference
create table ledger_signed (
  signature_id bigint not null references ledger_signatures on delete cascade,
  external_id text not null,
  order_id bigint not null,
  version integer not null,
  currency char(3) not null,
  total_minor bigint not null,
  primary key (signature_id, external_id)
);

alter table jobs drop constraint jobs_kind_check;
alter table jobs add constraint jobs_kind_check check (kind ~ '^[a-z][a-z-]{1,30}$');
`
