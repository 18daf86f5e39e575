import { once } from 'node:events'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { LimitRow } from './row.ts'

const HEADER = 'external_id,order_no,status,placed_at,updated_at,currency,subtotal,tax,shipping,total,buyer,ship_to'
const LINE = 'external_id,line_no,external_line_id,sku,title,quantity,unit,tax'

/** Orders, their lines, the verbatim text, an identity and a change for each: seven rows an order, and nothing that a product adds to it. */
export const SCHEMA = `
drop table if exists changes, identities, raw, lines, orders, positions;
create table orders (id bigint generated always as identity primary key, external_id text not null unique, order_no text not null, status text not null,
  placed_at timestamptz not null, updated_at timestamptz not null, currency text not null, subtotal bigint not null, tax bigint not null, shipping bigint not null,
  total bigint not null, buyer jsonb not null, ship_to jsonb not null, hash bytea not null, version int not null default 1);
create index on orders (updated_at);
create table lines (order_id bigint not null, line_no smallint not null, external_line_id text not null, sku text, title text not null, quantity int not null,
  unit bigint not null, tax bigint not null, primary key (order_id, line_no));
create table raw (order_id bigint not null, version int not null, at timestamptz not null default now(), body text not null, primary key (order_id, version));
create table identities (kind smallint not null, key text not null, order_id bigint not null, primary key (kind, key));
create table changes (seq bigint generated always as identity primary key, order_id bigint not null, version int not null, at timestamptz not null default now());
create table positions (shop int primary key, at text not null)`

const STAGES = `
create temp table if not exists new_orders (external_id text, order_no text, status text, placed_at timestamptz, updated_at timestamptz, currency text, subtotal bigint,
  tax bigint, shipping bigint, total bigint, buyer jsonb, ship_to jsonb, hash bytea, raw text);
create temp table if not exists new_lines (external_id text, line_no smallint, external_line_id text, sku text, title text, quantity int, unit bigint, tax bigint)`

const assign = (columns: readonly string[]): string => columns.map((column) => `${column} = excluded.${column}`).join(', ')

const MERGE = `with u as (
  insert into orders (${HEADER}, hash) select ${HEADER}, hash from new_orders
  on conflict (external_id) do update set ${assign([...HEADER.split(',').slice(1), 'hash'])}, version = orders.version + 1
    where orders.hash <> excluded.hash and orders.updated_at <= excluded.updated_at returning id, external_id, version),
l as (insert into lines (order_id, ${LINE.slice(12)}) select u.id, ${LINE.slice(12)} from u join new_lines using (external_id)
  on conflict (order_id, line_no) do update set ${assign(['external_line_id', 'sku', 'title', 'quantity', 'unit', 'tax'])}),
r as (insert into raw (order_id, version, body) select u.id, u.version, n.raw from u join new_orders n using (external_id)),
i as (insert into identities (kind, key, order_id) select 1, '1:' || external_id, id from u where version = 1 on conflict do nothing)
insert into changes (order_id, version) select id, version from u`

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }
const field = (value: string | number): string =>
  typeof value === 'string' ? value.replace(/[\\\t\n\r]/g, (char) => ESCAPES[char] ?? char) : String(value)

export const openStages = (client: pg.Client): Promise<unknown> => client.query(STAGES)

/** One batch in one transaction: two COPYs and one merging statement. */
export async function write(client: pg.Client, rows: readonly LimitRow[]): Promise<void> {
  await client.query('begin; truncate new_orders, new_lines')
  await copy(
    client,
    'new_orders',
    rows.map((row) => `${row.header.map(field).join('\t')}\t\\\\x${row.hash.toString('hex')}\t${field(row.raw)}\n`),
  )
  await copy(
    client,
    'new_lines',
    rows.flatMap((row) => row.lines.map((line) => `${line.map(field).join('\t')}\n`)),
  )
  await client.query({ name: 'merge', text: MERGE })
  await client.query('commit')
}

async function copy(client: pg.Client, table: string, rows: readonly string[]): Promise<void> {
  const stream = client.query(copyFrom(`copy ${table} from stdin`))
  stream.end(rows.join(''))
  await once(stream, 'finish')
}
