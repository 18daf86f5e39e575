import type pg from 'pg'

/** Which documents to replay. Every part narrows; an empty filter means everything. */
export interface ReplayFilter {
  readonly group?: number
  /** Several failure groups at once. */
  readonly groups?: readonly number[]
  readonly orderIds?: readonly number[]
  readonly rawIds?: readonly number[]
  readonly connection?: string
  readonly from?: string
  readonly to?: string
  readonly disposition?: 'held' | 'applied' | 'ignored'
  /** Narrows to what a caller may see; undefined = all connections. */
  readonly scope?: readonly string[]
}

/** A document that stands for its entity now, still sealed. `kind` and `externalId` name the entity, `storedKind`/`storedId` the raw row. */
export interface HeadDocument {
  readonly rawId: number
  readonly connectionId: string
  readonly kind: 'order' | 'refund'
  readonly externalId: string
  readonly parentId: string | null
  readonly storedKind: string
  readonly storedId: string
  readonly source: 'poll' | 'hook' | 'fetch' | 'backfill' | 'file' | 'manual'
  readonly receivedAt: string
  readonly sourceTime: string
  readonly authoritative: boolean
  readonly readStartedAt: string
  readonly meta: Readonly<Record<string, string>> | null
  readonly keyId: number | null
  readonly rowKey: Buffer | null
  readonly body: Buffer
}

/**
 * Every condition is a look along an index for one document at a time: as a set of its own the planner would make the whole group, or all
 * orders, anew for each batch. A scalar is what it cannot turn into one.
 */
const WHERE = `
  ($1::bigint[] is null
    or (select true from failures f where f.subject_kind = 'raw' and f.subject_id = h.connection_id || '/' || h.kind || '/' || h.external_id and f.group_id = any($1) and f.resolved_at is null limit 1)
    or h.kind = 'order' and (select true from orders o join failures f on f.order_id = o.id and f.group_id = any($1) and f.resolved_at is null
         where o.connection_id = h.connection_id and o.external_id = h.external_id limit 1))
  and ($2::bigint[] is null or h.kind = 'order' and (select true from orders o where o.id = any($2) and o.connection_id = h.connection_id and o.external_id = h.external_id limit 1))
  and ($3::bigint[] is null or h.raw_id = any($3))
  and ($4::text is null or h.connection_id = $4)
  and ($5::timestamptz is null or h.source_time >= $5) and ($6::timestamptz is null or h.source_time < $6)
  and ($7::text is null or (select true from raw_dispositions d where d.raw_id = h.raw_id and d.disposition = $7 limit 1))
  and ($8::text[] is null or h.connection_id = any($8))`

const values = (filter: ReplayFilter): unknown[] => [
  groupsOf(filter),
  filter.orderIds ?? null,
  filter.rawIds ?? null,
  filter.connection ?? null,
  filter.from ?? null,
  filter.to ?? null,
  filter.disposition ?? null,
  filter.scope ?? null,
]

const groupsOf = ({ group, groups }: ReplayFilter): readonly number[] | null => groups ?? (group === undefined ? null : [group])

/** Documents that are named one by one are looked up; with more than this all documents are walked along their key. */
const FEW = 5000

/** Which documents a filter names, where they are few; undefined where it gives a range or names many. */
async function named(pool: pg.Pool, filter: ReplayFilter): Promise<readonly (readonly string[])[] | undefined> {
  const groups = groupsOf(filter)
  if (groups === null && !filter.orderIds && !filter.rawIds) return undefined
  if (groups === null && (filter.orderIds ?? filter.rawIds ?? []).length > FEW) return undefined
  const { rows } = await pool.query<{ c: string; k: string; e: string }>(
    `select distinct c, k, e from (
       (select f.connection_id as c, split_part(f.subject_id, '/', 2) as k, substr(f.subject_id, length(f.connection_id) + length(split_part(f.subject_id, '/', 2)) + 3) as e
          from failures f where f.group_id = any($1) and f.resolved_at is null and f.subject_kind = 'raw' limit $4)
       union all (select o.connection_id, 'order', o.external_id from failures f join orders o on o.id = f.order_id where f.group_id = any($1) and f.resolved_at is null limit $4)
       union all select o.connection_id, 'order', o.external_id from orders o where $1 is null and o.id = any($2)
       union all select h.connection_id, h.kind, h.external_id from raw_heads h where $1 is null and $2 is null and h.raw_id = any($3)) x`,
    [groups, filter.orderIds ?? null, filter.rawIds ?? null, FEW + 1],
  )
  return rows.length > FEW ? undefined : [rows.map((row) => row.c), rows.map((row) => row.k), rows.map((row) => row.e)]
}

const ALL_HEADS = 'raw_heads h'
const COUNTED_NAMES = `unnest($9::text[], $10::text[], $11::text[]) n(connection_id, kind, external_id)
    join raw_heads h on (h.connection_id, h.kind, h.external_id) = (n.connection_id, n.kind, n.external_id)`
const SELECTED_NAMES = `unnest($14::text[], $15::text[], $16::text[]) n(connection_id, kind, external_id)
    join raw_heads h on (h.connection_id, h.kind, h.external_id) = (n.connection_id, n.kind, n.external_id)`

/** The newest document there is: a replay ends there, however many arrive while it runs. They were mapped by what is in force. */
export async function newestHead(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>('select coalesce(max(raw_id), 0) as id from raw_heads')
  return rows[0]?.id ?? 0
}

export async function countHeads(pool: pg.Pool, filter: ReplayFilter): Promise<number> {
  const few = await named(pool, filter)
  const isNamed = few !== undefined
  const {
    rows: [row],
  } = await pool.query<{ n: number }>(`select count(*)::int as n from ${isNamed ? COUNTED_NAMES : ALL_HEADS} where ${WHERE}`, [
    ...values(filter),
    ...(few ?? []),
  ])
  return row?.n ?? 0
}

/** Where a walk over documents stands: the key of the last one. */
export interface HeadPosition {
  readonly connectionId: string
  readonly kind: string
  readonly externalId: string
}

/** The next documents in the order of their keys, behind `after`. One that is healed leaves the filter; the position only moves forward. */
export async function selectHeads(
  pool: pg.Pool,
  filter: ReplayFilter,
  after: HeadPosition | null,
  limit: number,
  until?: number,
): Promise<readonly HeadDocument[]> {
  const few = await named(pool, filter)
  const isNamed = few !== undefined
  const { rows } = await pool.query<HeadDocument>(
    `select h.raw_id as "rawId", h.connection_id as "connectionId", h.kind, h.external_id as "externalId", r.parent_id as "parentId", r.kind as "storedKind", r.external_id as "storedId",
       r.source, r.received_at as "receivedAt", h.source_time as "sourceTime", h.authoritative, h.read_started_at as "readStartedAt", r.meta, r.key_id as "keyId", r.row_key as "rowKey", r.body
     from (
       select h.* from ${isNamed ? SELECTED_NAMES : ALL_HEADS}
       where ${WHERE} and ($9::text is null or (h.connection_id, h.kind, h.external_id) > ($9, $10, $11)) and ($13::bigint is null or h.raw_id <= $13)
       order by h.connection_id, h.kind, h.external_id limit $12) h
     join raw_events r on r.id = h.raw_id order by h.connection_id, h.kind, h.external_id`,
    [...values(filter), after?.connectionId ?? null, after?.kind ?? null, after?.externalId ?? null, limit, until ?? null, ...(few ?? [])],
  )
  return rows
}

/** The stored canonical documents a dry run compares with. */
export async function storedOrders(
  pool: pg.Pool,
  connectionId: string,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, { readonly id: number; readonly doc: unknown; readonly contentHash: Buffer; readonly holds: readonly string[] }>> {
  const { rows } = await pool.query<{ id: number; no: string; doc: unknown; contentHash: Buffer; holds: string[] | null }>(
    `select o.id, o.channel_order_no as no, o.doc, o.content_hash as "contentHash",
       (select array_agg(k.code || case when k.detail = '' then '' else ':' || k.detail end order by k.code) from holds k where k.order_id = o.id and k.released_at is null) as holds
     from orders o where o.connection_id = $1 and o.channel_order_no = any($2)`,
    [connectionId, numbers],
  )
  return new Map(rows.map((row) => [row.no, { id: row.id, doc: row.doc, contentHash: row.contentHash, holds: row.holds ?? [] }]))
}

/** Hashes of stored refunds, for the same comparison. */
export async function storedRefunds(pool: pg.Pool, connectionId: string, numbers: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  if (numbers.length === 0) return new Map()
  const { rows } = await pool.query<{ no: string; hash: Buffer }>(
    'select channel_refund_no as no, content_hash as hash from refunds where connection_id = $1 and channel_refund_no = any($2)',
    [connectionId, numbers],
  )
  return new Map(rows.map((row) => [row.no, row.hash]))
}
