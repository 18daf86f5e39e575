/**
 * Rules about how much a listing shows, as data. The set of rules has one version; each change of it keeps what every rule touched was before, so
 * that any version can be put back. `effective_at` is the moment whose rules are in force: it moves when a rule begins or ends, in the
 * transaction that marks the listings concerned, so that no worker's clock decides alone.
 */
export const sql0013 = `
alter table skus add column category text;

create table stock_rules (
  id bigint generated always as identity primary key,
  name text not null,
  plan text,                           -- rules prepared together, for example for one day of sales
  connection_id text references connections on delete cascade, -- null = each
  category text,                       -- pattern, * = anything; null = each
  skus text[],                         -- codes and patterns; null = each
  share numeric check (share between 0 and 1),
  quota integer check (quota >= 0),
  priority integer,
  maximum integer check (maximum >= 0),
  buffer integer check (buffer >= 0),
  locations text[],
  stop boolean,
  starts_at timestamptz,
  ends_at timestamptz check (ends_at > starts_at),
  enabled boolean not null default false,
  reason text not null default '',
  author text not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- one row
create table stock_rule_state (
  id boolean primary key default true check (id),
  version integer not null default 0,
  effective_at timestamptz not null default now(),
  next_at timestamptz                  -- when the next enabled rule begins or ends
);
insert into stock_rule_state default values;

create table stock_rule_changes (
  version integer not null,            -- of the set, after the change
  rule_id bigint not null,
  before json,                         -- null = made by this change
  after json,                          -- null = removed
  actor text not null,
  reason text not null default '',
  at timestamptz not null,
  primary key (version, rule_id)
);

-- a pattern in the words of LIKE
create function stock_rule_like(p_pattern text) returns text language sql immutable as $$
  select replace(regexp_replace(p_pattern, '([\\\\%_])', '\\\\\\1', 'g'), '*', '%')
$$;

-- listings that one of these rules may concern; where a rule decides between listings, the others of the same SKU too
create function stock_rules_mark(p_rules json) returns integer language sql as $$
  with r as (select * from json_to_recordset(p_rules) x(connection_id text, category text, skus json, priority integer)),
  own as (
    select l.connection_id, l.listing_key, l.sku, r.priority from r join listings l on l.sku is not null and (r.connection_id is null or l.connection_id = r.connection_id)
      join skus k on k.sku = l.sku
      where (r.category is null or k.category like stock_rule_like(r.category))
        and (r.skus is null or exists (select 1 from json_array_elements_text(r.skus) p where l.sku like stock_rule_like(p)))),
  concerned as (
    select connection_id, listing_key from own
    union select l.connection_id, l.listing_key from listings l where l.sku in (select sku from own where priority is not null or sku in (select sku from escrows))),
  marked as (
    insert into listing_dirty (connection_id, listing_key) select connection_id, listing_key from concerned order by 1, 2
    on conflict (connection_id, listing_key) do update set at = now() returning 1)
  select count(*)::int from marked
$$;
`
