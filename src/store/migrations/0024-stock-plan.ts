/**
 * Planning of stock: what was sold day by day, who delivers a SKU and in what packs, what was ordered from suppliers, what can be sold instead. And a
 * rule may keep a listing to what is at hand although its SKU sells ahead.
 */
export const sql0024 = `
alter table stock_rules add column at_hand boolean;   -- what is on its way is not shown there

-- the ledger by its days; it is read in the order it was written
create index stock_ledger_at on stock_ledger using brin (at) with (pages_per_range = 32, autosummarize = on);

-- worked out from the ledger: pieces promised to buyers less what was given back (sold), and all that came and went (moved). UTC days
create table stock_days (
  sku text not null references skus on update cascade on delete cascade,
  location text not null,
  day date not null,
  sold numeric not null,
  moved numeric not null,
  primary key (sku, location, day)
);
create index stock_days_day on stock_days (day);

-- worked out from stock_days; location '*' = all
create table sku_speeds (
  sku text not null references skus on update cascade on delete cascade,
  location text not null,
  first_day date not null,             -- of the first movement that is known
  per_day_7 numeric not null,          -- sold a day, without what only a rush explains
  per_day_28 numeric not null,
  sold_90 numeric not null,
  on_hand_90 numeric not null,         -- mean of what was there at the end of each day
  primary key (sku, location)
);

-- one row
create table stock_plan_state (
  id boolean primary key default true check (id),
  through date,                        -- days before are final
  measured_at timestamptz,
  took_ms integer not null default 0
);
insert into stock_plan_state default values;

create table suppliers (
  id bigint generated always as identity primary key,
  name text not null unique,
  email text,
  lead_days integer check (lead_days >= 0),   -- from ordering to having it there, where the SKU says nothing
  note text,
  updated_at timestamptz not null default now()
);

-- how a SKU is bought; null = what its supplier or the hub says
create table sku_supply (
  sku text primary key references skus on update cascade on delete cascade,
  supplier_id bigint references suppliers on delete set null,
  lead_days integer check (lead_days >= 0),
  pack numeric check (pack > 0),              -- pieces are ordered in whole packs
  min_order numeric check (min_order >= 0),   -- pieces ordered at once at least
  target_days integer check (target_days > 0), -- an order shall last so long
  updated_by text,
  updated_at timestamptz not null default now()
);
create index sku_supply_supplier on sku_supply (supplier_id) where supplier_id is not null;

-- what was ordered from a supplier, as it was told; each line is an arrival
create table supply_orders (
  id bigint generated always as identity primary key,
  ref text not null unique,
  supplier_id bigint references suppliers on delete set null,
  supplier text not null,              -- name as it was then
  email text,
  location text not null references locations,
  note text,
  lines json not null,
  placed_at timestamptz not null,
  placed_by text,
  told_at timestamptz,                 -- when a person said that the supplier knows
  told_by text
);

create table sku_substitutes (
  sku text not null references skus on update cascade on delete cascade,
  substitute text not null references skus on update cascade on delete cascade,
  position integer not null,
  note text,
  primary key (sku, substitute),
  check (sku <> substitute)
);
create index sku_substitutes_substitute on sku_substitutes (substitute);

-- deliveries name the orders that went on by them
create index holds_short on holds (detail, released_at) where code = 'stock-short';
`
