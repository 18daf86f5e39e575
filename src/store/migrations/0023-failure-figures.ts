/**
 * What a group of failures comes to is read from one index, whatever its size: an item carries the total and the deadline of its order, kept by
 * whoever writes either. And views of a list that people keep, for themselves or for all.
 */
export const sql0023 = `
alter table failures add column order_currency char(3), add column order_minor bigint, add column order_ship_by timestamptz;
update failures f set order_currency = o.currency, order_minor = o.total_minor, order_ship_by = o.ship_by from orders o where o.id = f.order_id and f.resolved_at is null;
create index failures_figures on failures (group_id, order_currency, order_id) include (order_minor, order_ship_by) where resolved_at is null;

create table saved_views (
  id bigint generated always as identity primary key,
  page text not null check (page in ('orders','failures')),
  name text not null,
  owner text not null,                 -- who keeps it: user:… or key:…
  shared boolean not null,             -- all see it, only its owner changes it
  search json not null,                -- parameters of the page's address
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index saved_views_name on saved_views (page, owner, name);
`
