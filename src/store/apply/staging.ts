import { setImmediate } from 'node:timers/promises'
import type pg from 'pg'
import { copyAll, CopyRows } from '../copy.ts'
import type { PreparedRaw } from './rows.ts'
import { createFunctions } from './small-batch.ts'
import { StagedRows } from './staged-rows.ts'

/**
 * Temporary tables of one session, made once per connection: no catalog churn. They are emptied by the next batch, not at
 * commit: emptying at commit rebuilds their indexes, which costs more than a small batch and throws away every kept plan.
 * What is large stands in tables of its own, so that marking a row copies no body, and uncompressed: it is stored but for a moment.
 */
const DDL = `
create temp table if not exists s_raw (i int primary key, raw_id bigint default nextval('raw_events_id_seq'), archived boolean, connection_id text, kind text, external_id text, parent_id text, source text,
  received_at timestamptz, source_time timestamptz, authoritative boolean, read_started_at timestamptz, sha256 bytea, meta json, size int,
  mapping text, overrides_version int, result text, reason text, won boolean not null default true, same boolean not null default false, tie boolean not null default false, order_id bigint) with (fillfactor = 45);
create temp table if not exists s_body (i int primary key, key_id int, row_key bytea, body bytea) with (toast_tuple_target = 8160);
alter table s_body alter column body set storage external;
create temp table if not exists s_doc (i int primary key, doc text) with (toast_tuple_target = 8160);
alter table s_doc alter column doc set storage external;
create temp table if not exists s_order (i int primary key, channel text, channel_order_no text, display_no text, content_hash bytea, source_status text, payment text, fulfilment text,
  after_sale text, approval text not null default 'approved', cancelled boolean, cancel_requested boolean, closed boolean, reserves boolean, currency text, total_minor bigint, paid_minor bigint, refunded_minor bigint, line_count int, unit_count numeric,
  placed_at timestamptz, paid_at timestamptz, ship_by timestamptz, sandbox boolean, bound boolean, party_mark bytea, party_stands boolean not null default false, old_id bigint, unchanged boolean not null default false, expired boolean not null default false) with (fillfactor = 45);
create temp table if not exists s_line (i int, line_no int, channel_line_no text, listing_key text, channel_sku text, barcode text, sku text, title text, quantity numeric, cancelled numeric, shipped numeric, net_minor bigint, needs_goods boolean, place text, order_id bigint, reserves boolean);
create temp table if not exists s_fact (i int, code text, at timestamptz, ref text);
create temp table if not exists s_hold (i int, code text, detail text, message text);
create temp table if not exists s_party (i int, key_id int, row_key bytea, body bytea, phone4 bytea, phone bytea, email bytea);
create temp table if not exists s_refund (i int, detailed boolean, channel_refund_no text, channel_order_no text, order_external_id text, kind text, state text, currency text, amount_minor bigint, source_time timestamptz, content_hash bytea, doc text, at timestamptz, sandbox boolean);
create temp table if not exists s_failure (i int, subject_kind text, signature text, connection_id text, channel text, operation text, fault_kind text, code text, message text, sample text, subject text);
create temp table if not exists s_applied (i int, order_id bigint, version int, connection_id text, cause text, sandbox boolean, inserted boolean);
create temp table if not exists s_new_refund (i int, refund_id bigint, order_id bigint, version int, detailed boolean, sandbox boolean);
create temp table if not exists s_stock (sku text, location text, q numeric, order_id bigint, gone numeric not null default 0);
create temp table if not exists s_shipped (sku text, location text, q numeric, order_id bigint, line_no int);
create temp table if not exists s_short (sku text);
`

const TABLES = [...DDL.matchAll(/create temp table if not exists (\w+)/g)].map(([, name]) => name)
const CLEAR = `create or replace function pg_temp.clear_staging() returns void language plpgsql as $clear$ begin ${TABLES.map((name) => `delete from ${name};`).join(' ')} end $clear$;`
/** After so many documents the room of deleted rows is given back, so that a session's tables stay as small as its small batches, which feel it first. */
const TIDY_AFTER = 500
/** The same before a batch: giving back makes some twenty files, which costs what three large batches lose by reading over dead rows. */
const TIDY_FIRST = 3000

/** Giving back the room of what hardly holds anything costs as much as of what does. */
const GROWN = `select name from unnest(array['${TABLES.join("','")}']) t(name) where pg_relation_size(('pg_temp.' || name)::regclass) > 32768`

const staged = new WeakMap<pg.PoolClient, number>()

/** Makes the staging tables of this session, once, and gives back room. Call before BEGIN. */
export async function ensureStaging(client: pg.PoolClient): Promise<void> {
  if (staged.has(client)) return void (await tidyStaging(client, TIDY_FIRST))
  await client.query(DDL + CLEAR)
  await createFunctions(client)
  staged.set(client, 0)
}

/** Gives back room when enough went through these tables; true when it did. The plans that were kept for them are gone then. */
export async function tidyStaging(client: pg.PoolClient, after = TIDY_AFTER): Promise<boolean> {
  if ((staged.get(client) ?? 0) < after) return false
  const { rows } = await client.query<{ name: string }>(GROWN)
  const grown = TABLES.filter((table) => rows.some(({ name }) => name === table))
  // A new file for a large table costs a fifth of what deleting its rows and vacuuming it does.
  const rest = TABLES.filter((table) => !grown.includes(table)).map((table) => `delete from ${table};`)
  await client.query(`${grown.length > 0 ? `truncate ${grown.join(', ')};` : ''} ${rest.join(' ')}`)
  staged.set(client, 0)
  return true
}

/** So many documents more went through this session's tables. */
export const countStaged = (client: pg.PoolClient, documents: number): unknown => staged.set(client, (staged.get(client) ?? 0) + documents)

/** So many documents are encoded before others get a turn. */
const PART = 100

/** Sends one prepared batch to the server: one message. `add` says what of each document is staged. */
export async function stage(
  client: pg.PoolClient,
  batch: readonly PreparedRaw[],
  add: (rows: StagedRows<CopyRows>, raw: PreparedRaw, i: number) => void = (rows, raw, i) => rows.add(raw, i),
): Promise<void> {
  const first = (staged.get(client) ?? 0) > 0 ? 'select pg_temp.clear_staging();' : ''
  const rows = new StagedRows((table, columns) => new CopyRows(table, columns))
  for (const [i, raw] of batch.entries()) {
    if (i > 0 && i % PART === 0) await setImmediate()
    add(rows, raw, i)
  }
  countStaged(client, batch.length)
  await copyAll(client, rows.all, { first })
}
