/** Second factors, password history, access to places, what was erased, and an audit log that only grows. */
export const sql0022 = `
alter table users
  add column locations text[],          -- null = all
  add column totp bytea,                -- secret of the second factor, sealed
  add column totp_pending bytea,        -- one that nobody has confirmed yet
  add column totp_step bigint not null default 0, -- the last half minute whose code was used
  add column second_factor_at timestamptz;        -- since when it is asked for

create table past_passwords (
  user_id text not null references users on delete cascade,
  password text not null,              -- scrypt
  at timestamptz not null default now()
);
create index past_passwords_user on past_passwords (user_id, at);

create table recovery_codes (
  user_id text not null references users on delete cascade,
  hash bytea not null,
  used_at timestamptz,
  primary key (user_id, hash)
);

alter table connections add column pii_days integer check (pii_days between 1 and 3650); -- personal data is erased so long after delivery; null = kept

-- orders whose personal data was erased; what a channel sends of them later is erased again
create table erasures (
  order_id bigint primary key,
  connection_id text not null,
  channel_order_no text not null,
  external_id text not null,
  why text not null check (why in ('retention','request')),
  reference text,
  actor text not null,
  at timestamptz not null default now()
);
create index erasures_entity on erasures (connection_id, external_id);

-- entries are added, never changed or taken away; who may do it anyway (the owner of the database) breaks the chain
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log only grows' using errcode = '42501';
end $$;
create trigger audit_only_grows before update or delete on audit_log for each row execute function refuse_audit_change();
create trigger audit_is_kept before truncate on audit_log for each statement execute function refuse_audit_change();
create index audit_actor on audit_log (actor, id);
create index audit_action on audit_log (action, id);
create index audit_subject on audit_log (subject, id);
create index audit_at on audit_log (at);
`
