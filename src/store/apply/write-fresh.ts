import { setImmediate } from 'node:timers/promises'
import type pg from 'pg'
import { copyAll, CopyRows, LATER, type Columns } from '../copy.ts'
import type { OrderRow, PreparedRaw } from './rows.ts'
import { SMALL_BATCH } from './small-batch.ts'
import { ARRIVAL, STATE } from './staged-columns.ts'
import { approvalOf, arrivalCells, isBound, reasonOf, stateCells, type GivenIds } from './staged-rows.ts'

/*
 * A batch of documents nothing of which stands yet, as a backfill reads them, is written without asking row by row: with ids drawn before, its rows
 * go straight into their tables by COPY. The unique keys are what they are for every writer: when one of them says that something stands after
 * all, nothing of the attempt stays, and the batch is judged like any other.
 */

const HEAD = {
  connection_id: 'raw',
  kind: 'raw',
  external_id: 'raw',
  raw_id: 'int8',
  sha256: 'raw',
  source_time: 'time',
  authoritative: 'bool',
  read_started_at: 'time',
} satisfies Columns

const EVENT = {
  id: 'int8',
  ...ARRIVAL,
  key_id: 'int4',
  row_key: 'raw',
  body: 'raw',
  size: 'int4',
} satisfies Columns

const ORDER = {
  id: 'int8',
  connection_id: 'raw',
  channel: 'raw',
  channel_order_no: 'raw',
  external_id: 'raw',
  display_no: 'raw',
  version: 'int4',
  raw_id: 'int8',
  mapping: 'raw',
  overrides_version: 'int4',
  source_time: 'time',
  authoritative: 'bool',
  read_started_at: 'time',
  content_hash: 'raw',
  doc: 'raw',
  source_status: 'raw',
  payment: 'raw',
  fulfilment: 'raw',
  after_sale: 'raw',
  approval: 'raw',
  ...STATE,
  approved_at: 'time',
  allocated_at: 'time',
  party_mark: 'raw',
} satisfies Columns

const VERSION = {
  order_id: 'int8',
  version: 'int4',
  raw_id: 'int8',
  mapping: 'raw',
  overrides_version: 'int4',
  source_time: 'time',
  content_hash: 'raw',
  cause: 'raw',
} satisfies Columns

const PARTY = { order_id: 'int8', key_id: 'int4', row_key: 'raw', body: 'raw', phone4: 'raw', phone: 'raw', email: 'raw' } satisfies Columns
const DISPOSITION = { raw_id: 'int8', connection_id: 'raw', disposition: 'raw', reason: 'raw', order_id: 'int8' } satisfies Columns

/** Whether a batch may be written this way: large, and each document by its own word the first of its entity. */
export const isFresh = (batch: readonly PreparedRaw[]): boolean => batch.length > SMALL_BATCH && batch.every(isFreshDocument)

const isFreshDocument = ({ isNew, archivedRawId, sealed, result }: PreparedRaw): boolean =>
  isNew === true && archivedRawId === undefined && sealed !== undefined && (result.kind === 'order' || result.kind === 'held')

/** Ids for each document of a batch, drawn at once; those of an attempt that fails are lost. */
export async function drawIds(client: pg.PoolClient, batch: readonly PreparedRaw[]): Promise<readonly GivenIds[]> {
  const orders = batch.reduce((count, { result }) => count + (result.kind === 'order' ? 1 : 0), 0)
  const { rows } = await client.query<{ raws: string[]; orders: string[] }>({
    name: 'draw-ids',
    text: `select array(select nextval('raw_events_id_seq') from generate_series(1, $1::int))::text[] as raws,
                  array(select nextval('orders_id_seq') from generate_series(1, $2::int))::text[] as orders`,
    values: [batch.length, orders],
  })
  let next = 0
  return batch.map(({ result }, i) => ({
    rawId: Number(rows[0]?.raws[i]),
    ...(result.kind === 'order' && { orderId: Number(rows[0]?.orders[next++]) }),
  }))
}

/**
 * Heads, archive, orders, versions, parties and dispositions of a batch as the rows they become, all but the time of the transaction: what waits for the
 * batch before it is encoded meanwhile. Heads and orders come in the order of their keys, as every writer locks them.
 */
export async function encodeFresh(batch: readonly PreparedRaw[], ids: readonly GivenIds[]): Promise<FreshTables> {
  const pairs = batch.map((raw, i) => ({ raw, ids: ids[i] ?? { rawId: 0 } }))
  const byEntity = pairs.toSorted((a, b) => compare(a.raw.kind, b.raw.kind) || compare(a.raw.externalId, b.raw.externalId))
  const orders = pairs
    .flatMap(({ raw, ids: { rawId, orderId } }) =>
      raw.result.kind === 'order' && orderId !== undefined ? [{ raw, order: raw.result.order, rawId, orderId }] : [],
    )
    .toSorted((a, b) => compare(a.order.channelOrderNo, b.order.channelOrderNo))
  const table = new FreshTables()
  for (const { raw, ids } of byEntity) table.addRaw(raw, ids)
  await setImmediate()
  for (const [i, one] of orders.entries()) {
    if (i > 0 && i % PART === 0) await setImmediate()
    table.addOrder(one)
  }
  return table
}

/** Writes them; `last` are statements in the same message. */
export async function writeFresh(client: pg.PoolClient, tables: FreshTables, last: string): Promise<void> {
  const clock = await client.query<{ now: string }>(`select (now() at time zone 'UTC')::text as now`)
  tables.setNow(clock.rows[0]?.now ?? '')
  await copyAll(client, tables.all, { last })
}

/** So many orders are encoded before others get a turn. */
const PART = 250

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

interface FreshOrder {
  readonly raw: PreparedRaw
  readonly order: OrderRow
  readonly rawId: number
  readonly orderId: number
}

/** The rows of a batch, table by table. */
export class FreshTables {
  readonly #heads = new CopyRows('raw_heads', HEAD)
  readonly #events = new CopyRows('raw_events', EVENT)
  readonly #orders = new CopyRows('orders', ORDER)
  readonly #versions = new CopyRows('order_versions', VERSION)
  readonly #parties = new CopyRows('order_parties', PARTY)
  readonly #dispositions = new CopyRows('raw_dispositions', DISPOSITION)

  get all(): readonly CopyRows[] {
    return [this.#heads, this.#events, this.#orders, this.#versions, this.#parties, this.#dispositions]
  }

  /** What the transaction calls now. */
  setNow(now: string): void {
    this.#orders.fill(now)
  }

  addRaw(r: PreparedRaw, { rawId, orderId }: GivenIds): void {
    this.#heads.push([r.connectionId, r.kind, r.externalId, rawId, r.sha256, r.sourceTime, r.authoritative, r.readStartedAt])
    this.#events.push([rawId, ...arrivalCells(r), r.sealed?.keyId, r.sealed?.rowKey, r.sealed?.body, r.size])
    this.#dispositions.push([rawId, r.connectionId, r.result.kind === 'held' ? 'held' : 'applied', reasonOf(r.result), orderId])
  }

  addOrder({ raw, order: o, rawId, orderId }: FreshOrder): void {
    const approval = approvalOf(o)
    this.#orders.push([
      orderId,
      raw.connectionId,
      o.channel,
      o.channelOrderNo,
      raw.externalId,
      o.displayNo,
      1,
      rawId,
      raw.mapping,
      raw.overridesVersion,
      raw.sourceTime,
      raw.authoritative,
      raw.readStartedAt,
      o.contentHash,
      o.doc,
      o.sourceStatus,
      o.payment,
      o.fulfilment,
      o.afterSale,
      approval,
      ...stateCells(o),
      approval === 'approved' ? LATER : undefined,
      o.reserves && isBound(o) ? LATER : undefined,
      o.party?.mark,
    ])
    this.#versions.push([orderId, 1, rawId, raw.mapping, raw.overridesVersion, raw.sourceTime, o.contentHash, 'created'])
    if (o.party)
      this.#parties.push([orderId, o.party.sealed.keyId, o.party.sealed.rowKey, o.party.sealed.body, o.party.phone4, o.party.phone, o.party.email])
  }
}
