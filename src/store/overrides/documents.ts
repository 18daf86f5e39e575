import type pg from 'pg'
import type { HeadDocument } from '../replay/select-heads.ts'

/** A document by its entity, with the raw event that stands for it: what a run works through in order. */
interface DocumentKey {
  readonly kind: string
  readonly externalId: string
  readonly rawId: number
}

/** The newest documents of a connection, oldest of them first; `since` narrows to what changed at the channel from then on. One walk over its heads. */
export async function newestDocuments(
  pool: pg.Pool,
  connectionId: string,
  which: { readonly last: number; readonly since?: string | undefined; readonly after: number; readonly until: number },
): Promise<readonly DocumentKey[]> {
  const { rows } = await pool.query<DocumentKey>(
    `select * from (select kind, external_id as "externalId", raw_id as "rawId" from raw_heads
       where connection_id = $1 and raw_id <= $2 and ($3::timestamptz is null or source_time >= $3) order by raw_id desc limit $4) h
     where h."rawId" > $5 order by h."rawId"`,
    [connectionId, which.until, which.since ?? null, which.last, which.after],
  )
  return rows
}

/** How many of the connection's newest orders are looked through for one of each status. */
const STATUS_DEPTH = 20_000
const STATUSES = 100

/** Orders to try a version on before it holds: the newest, and the newest under each word the channel used lately. */
export async function ordersToTry(pool: pg.Pool, connectionId: string, newest: number): Promise<readonly DocumentKey[]> {
  const { rows } = await pool.query<DocumentKey>(
    `with recent as materialized (select external_id, source_status, row_number() over (order by placed_at desc, id desc) as n from orders where connection_id = $1 order by placed_at desc, id desc limit $2),
     chosen as (select external_id from recent where n <= $3
       union (select external_id from (select distinct on (source_status) external_id, n from recent order by source_status, n) s order by n limit $4))
     select h.kind, h.external_id as "externalId", h.raw_id as "rawId" from chosen c join raw_heads h on h.connection_id = $1 and h.kind = 'order' and h.external_id = c.external_id order by h.raw_id`,
    [connectionId, STATUS_DEPTH, newest, STATUSES],
  )
  return rows
}

/** The documents of these keys that still stand for their entities, sealed; in the order of their raw events. */
export async function headsOf(pool: pg.Pool, connectionId: string, keys: readonly Omit<DocumentKey, 'rawId'>[]): Promise<readonly HeadDocument[]> {
  const { rows } = await pool.query<HeadDocument>(
    `select h.raw_id as "rawId", h.connection_id as "connectionId", h.kind, h.external_id as "externalId", r.parent_id as "parentId", r.kind as "storedKind", r.external_id as "storedId",
       r.source, r.received_at as "receivedAt", h.source_time as "sourceTime", h.authoritative, h.read_started_at as "readStartedAt", r.meta, r.key_id as "keyId", r.row_key as "rowKey", r.body
     from unnest($2::text[], $3::text[]) k(kind, external_id) join raw_heads h on h.connection_id = $1 and h.kind = k.kind and h.external_id = k.external_id
       join raw_events r on r.id = h.raw_id order by h.raw_id`,
    [connectionId, keys.map((key) => key.kind), keys.map((key) => key.externalId)],
  )
  return rows
}

interface ListedDocument {
  /** `order/4711` */
  readonly entity: string
  readonly order_id: string | null
  readonly channel_order_no: string | null
  readonly source_status: string | null
  readonly placed_at: string | null
  /** Why it waits; null where it became an order. */
  readonly problem: string | null
}

/** Past documents to look at while writing rules: those that fail first, then the newest orders. */
export async function pastDocuments(
  pool: pg.Pool,
  connectionId: string,
  limits: { readonly failing: number; readonly recent: number },
): Promise<readonly ListedDocument[]> {
  const { rows: failing } = await pool.query<ListedDocument>(
    `select entity, order_id, channel_order_no, source_status, placed_at, problem from (
       select distinct on (entity) * from (
         select f.id, coalesce('order/' || o.external_id, case when f.subject_kind = 'raw' then substr(f.subject_id, length($1) + 2) end) as entity, o.id::text as order_id,
           o.channel_order_no, o.source_status, o.placed_at, f.message as problem
         from failure_groups g join failures f on f.group_id = g.id and f.resolved_at is null left join orders o on o.id = f.order_id
         where g.connection_id = $1 and g.operation = 'normalise' and g.status <> 'resolved' order by o.id is null desc, f.id desc limit $2) newest
       where entity is not null order by entity, id desc) x
     order by order_id is null desc, id desc`,
    [connectionId, limits.failing],
  )
  const { rows: recent } = await pool.query<ListedDocument>(
    `select 'order/' || external_id as entity, id::text as order_id, channel_order_no, source_status, placed_at, null as problem
     from orders where connection_id = $1 order by placed_at desc, id desc limit $2`,
    [connectionId, limits.recent],
  )
  const shown = new Set(failing.map(({ entity }) => entity))
  return [...failing, ...recent.filter(({ entity }) => !shown.has(entity))]
}
