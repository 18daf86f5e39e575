import type pg from 'pg'
import { copyBinary, copyRows, type BinaryCell, type Cell } from '../copy.ts'
import type { FailureRow, PreparedRaw, RefundRow } from './rows.ts'
import { createSmallBatch } from './small-batch.ts'

/**
 * Temporary tables of one session, made once per connection: no catalog churn. They are emptied by the next batch, not at
 * commit: emptying at commit rebuilds their indexes, which costs more than a small batch and throws away every kept plan.
 * What is large stands in tables of its own, so that marking a row copies no body, and uncompressed: it is stored but for a moment.
 */
const DDL = `
create temp table if not exists s_raw (i int primary key, raw_id bigint default nextval('raw_events_id_seq'), archived boolean, connection_id text, kind text, external_id text, parent_id text, source text,
  received_at timestamptz, source_time timestamptz, authoritative boolean, read_started_at timestamptz, sha256 bytea, meta json, size int,
  mapping text, overrides_version int, result text, reason text, won boolean not null default false, same boolean not null default false, tie boolean not null default false, order_id bigint);
create temp table if not exists s_body (i int primary key, key_id int, row_key bytea, body bytea) with (toast_tuple_target = 8160);
alter table s_body alter column body set storage external;
create temp table if not exists s_doc (i int primary key, doc text) with (toast_tuple_target = 8160);
alter table s_doc alter column doc set storage external;
create temp table if not exists s_order (i int primary key, channel text, channel_order_no text, display_no text, content_hash bytea, source_status text, payment text, fulfilment text,
  after_sale text, approval text, cancelled boolean, cancel_requested boolean, closed boolean, reserves boolean, currency text, total_minor bigint, paid_minor bigint, refunded_minor bigint, line_count int, unit_count numeric,
  placed_at timestamptz, paid_at timestamptz, ship_by timestamptz, sandbox boolean, bound boolean, old_id bigint, unchanged boolean not null default false);
create temp table if not exists s_line (i int, line_no int, channel_line_no text, listing_key text, channel_sku text, barcode text, sku text, title text, quantity numeric, cancelled numeric, shipped numeric, net_minor bigint, needs_goods boolean);
create temp table if not exists s_fact (i int, code text, at timestamptz, ref text);
create temp table if not exists s_hold (i int, code text, detail text, message text);
create temp table if not exists s_party (i int, key_id int, row_key bytea, body bytea, phone4 bytea, phone bytea, email bytea);
create temp table if not exists s_refund (i int, detailed boolean, channel_refund_no text, channel_order_no text, order_external_id text, kind text, state text, currency text, amount_minor bigint, source_time timestamptz, content_hash bytea, doc text, at timestamptz, sandbox boolean);
create temp table if not exists s_failure (i int, subject_kind text, signature text, connection_id text, channel text, operation text, fault_kind text, code text, message text, sample text, subject text);
create temp table if not exists s_applied (i int, order_id bigint, version int, connection_id text, cause text, sandbox boolean, inserted boolean);
create temp table if not exists s_new_refund (i int, refund_id bigint, order_id bigint, version int, detailed boolean, sandbox boolean);
create temp table if not exists s_stock (sku text, location text, q numeric, order_id bigint);
create temp table if not exists s_shipped (sku text, location text, q numeric, order_id bigint);
`

const TABLES = [...DDL.matchAll(/create temp table if not exists (\w+)/g)].map(([, name]) => name)
const CLEAR = `create or replace function pg_temp.clear_staging() returns void language plpgsql as $clear$ begin ${TABLES.map((name) => `delete from ${name};`).join(' ')} end $clear$;`
/** After so many documents the room of deleted rows is given back, so that a session's tables stay as small as its batches. */
const TIDY_AFTER = 500

const staged = new WeakMap<pg.PoolClient, number>()

/** Makes the staging tables of this session, once, and gives back room. Call before BEGIN. */
export async function ensureStaging(client: pg.PoolClient): Promise<void> {
  const documents = staged.get(client)
  if (documents === undefined) {
    await client.query(DDL + CLEAR)
    await createSmallBatch(client)
  } else if (documents < TIDY_AFTER) return
  else {
    await client.query('select pg_temp.clear_staging()')
    await client.query(`vacuum ${TABLES.join(', ')}`)
  }
  staged.set(client, 0)
}

const RAW = [
  'i',
  'archived',
  'connection_id',
  'kind',
  'external_id',
  'parent_id',
  'source',
  'received_at',
  'source_time',
  'authoritative',
  'read_started_at',
  'sha256',
  'meta',
  'size',
  'mapping',
  'overrides_version',
  'result',
  'reason',
]
const ORDER = [
  'i',
  'channel',
  'channel_order_no',
  'display_no',
  'content_hash',
  'source_status',
  'payment',
  'fulfilment',
  'after_sale',
  'cancelled',
  'cancel_requested',
  'closed',
  'reserves',
  'currency',
  'total_minor',
  'paid_minor',
  'refunded_minor',
  'line_count',
  'unit_count',
  'placed_at',
  'paid_at',
  'ship_by',
  'sandbox',
  'bound',
]
const LINE = [
  'i',
  'line_no',
  'channel_line_no',
  'listing_key',
  'channel_sku',
  'barcode',
  'sku',
  'title',
  'quantity',
  'cancelled',
  'shipped',
  'net_minor',
  'needs_goods',
]
const REFUND = [
  'i',
  'detailed',
  'channel_refund_no',
  'channel_order_no',
  'order_external_id',
  'kind',
  'state',
  'currency',
  'amount_minor',
  'source_time',
  'content_hash',
  'doc',
  'at',
  'sandbox',
]
const FAILURE = ['i', 'subject_kind', 'signature', 'connection_id', 'channel', 'operation', 'fault_kind', 'code', 'message', 'sample', 'subject']

/** Sends one prepared batch to the server: a handful of COPYs, no per-row round trip. */
export async function stage(client: pg.PoolClient, batch: readonly PreparedRaw[]): Promise<void> {
  await client.query('select pg_temp.clear_staging()')
  staged.set(client, (staged.get(client) ?? 0) + batch.length)
  const rows = new StagedRows()
  batch.forEach((raw, i) => rows.add(raw, i))
  // Without an id the sequence gives one.
  await copyRows(client, 's_raw', RAW, rows.raw)
  await copyRows(client, 's_raw', [...RAW, 'raw_id'], rows.archived)
  await copyBinary(client, 's_body', ['i', 'key_id', 'row_key', 'body'], rows.body)
  await copyBinary(client, 's_doc', ['i', 'doc'], rows.doc)
  await copyRows(client, 's_order', ORDER, rows.order)
  await copyRows(client, 's_line', LINE, rows.line)
  await copyRows(client, 's_fact', ['i', 'code', 'at', 'ref'], rows.fact)
  await copyRows(client, 's_hold', ['i', 'code', 'detail', 'message'], rows.hold)
  await copyBinary(client, 's_party', ['i', 'key_id', 'row_key', 'body', 'phone4', 'phone', 'email'], rows.party)
  await copyRows(client, 's_refund', REFUND, rows.refund)
  await copyRows(client, 's_failure', FAILURE, rows.failure)
}

class StagedRows {
  readonly raw: Cell[][] = []
  readonly archived: Cell[][] = []
  readonly body: BinaryCell[][] = []
  readonly doc: BinaryCell[][] = []
  readonly order: Cell[][] = []
  readonly line: Cell[][] = []
  readonly fact: Cell[][] = []
  readonly hold: Cell[][] = []
  readonly party: BinaryCell[][] = []
  readonly refund: Cell[][] = []
  readonly failure: Cell[][] = []

  add(raw: PreparedRaw, i: number): void {
    const { result } = raw
    const reason = result.kind === 'held' ? result.reason : result.kind === 'ignored' ? result.rule : undefined
    const row = [
      i,
      raw.archivedRawId !== undefined,
      raw.connectionId,
      raw.kind,
      raw.externalId,
      raw.parentId,
      raw.source,
      raw.receivedAt,
      raw.sourceTime,
      raw.authoritative,
      raw.readStartedAt,
      raw.sha256,
      raw.meta && JSON.stringify(raw.meta),
      raw.size,
      raw.mapping,
      raw.overridesVersion,
      result.kind,
      reason,
    ]
    if (raw.archivedRawId === undefined) this.raw.push(row)
    else this.archived.push([...row, raw.archivedRawId])
    if (raw.sealed) this.body.push([i, raw.sealed.keyId, raw.sealed.rowKey, raw.sealed.body])
    if (result.kind === 'order') this.#addOrder(result.order, i)
    if (result.kind === 'refund') this.#addRefund(result.refund, i, true)
    if (result.kind === 'held') this.#addFailure(result.failure, i, 'raw')
  }

  #addOrder(o: Extract<PreparedRaw['result'], { kind: 'order' }>['order'], i: number): void {
    this.order.push([
      i,
      o.channel,
      o.channelOrderNo,
      o.displayNo,
      o.contentHash,
      o.sourceStatus,
      o.payment,
      o.fulfilment,
      o.afterSale,
      o.cancelled,
      o.cancelRequested,
      o.closed,
      o.reserves,
      o.currency,
      o.totalMinor,
      o.paidMinor,
      o.refundedMinor,
      o.lines.length,
      o.unitCount,
      o.placedAt,
      o.paidAt,
      o.shipBy,
      o.sandbox,
      o.lines.every((line) => !line.needsGoods || line.sku !== undefined),
    ])
    this.doc.push([i, o.doc])
    for (const l of o.lines) {
      this.line.push([
        i,
        l.lineNo,
        l.channelLineNo,
        l.listingKey,
        l.channelSku,
        l.barcode,
        l.sku,
        l.title,
        l.quantity,
        l.cancelled,
        l.shipped,
        l.netMinor,
        l.needsGoods,
      ])
    }
    for (const f of o.facts) this.fact.push([i, f.code, f.at, f.ref])
    for (const h of o.holds) {
      this.hold.push([i, h.code, h.detail, h.message])
      if (h.failure) this.#addFailure(h.failure, i, 'order')
    }
    if (o.party) this.party.push([i, o.party.sealed.keyId, o.party.sealed.rowKey, o.party.sealed.body, o.party.phone4, o.party.phone, o.party.email])
    for (const r of o.refunds) this.#addRefund(r, i, false)
  }

  #addRefund(r: RefundRow, i: number, detailed: boolean): void {
    this.refund.push([
      i,
      detailed,
      r.channelRefundNo,
      r.channelOrderNo,
      r.orderExternalId,
      r.kind,
      r.state,
      r.currency,
      r.amountMinor,
      r.sourceTime,
      r.contentHash,
      r.doc,
      r.at,
      r.sandbox,
    ])
  }

  #addFailure(f: FailureRow, i: number, subjectKind: 'raw' | 'order'): void {
    this.failure.push([i, subjectKind, f.signature, f.connectionId, f.channel, f.operation, f.faultKind, f.code, f.message, f.sample, f.subject])
  }
}
