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

const WHERE = `
  ($1::bigint[] is null
    or exists (select 1 from failures f where f.subject_kind = 'raw' and f.subject_id = h.connection_id || '/' || h.kind || '/' || h.external_id and f.group_id = any($1) and f.resolved_at is null)
    or h.kind = 'order' and exists (select 1 from orders o join failures f on f.order_id = o.id and f.group_id = any($1) and f.resolved_at is null
         where o.connection_id = h.connection_id and o.external_id = h.external_id))
  and ($2::bigint[] is null or (h.kind = 'order' and exists (select 1 from orders o where o.id = any($2) and o.connection_id = h.connection_id and o.external_id = h.external_id)))
  and ($3::bigint[] is null or h.raw_id = any($3))
  and ($4::text is null or h.connection_id = $4)
  and ($5::timestamptz is null or h.source_time >= $5) and ($6::timestamptz is null or h.source_time < $6)
  and ($7::text is null or exists (select 1 from raw_dispositions d where d.raw_id = h.raw_id and d.disposition = $7))
  and ($8::text[] is null or h.connection_id = any($8))`

const values = (filter: ReplayFilter): unknown[] => [
  filter.groups ?? (filter.group === undefined ? null : [filter.group]),
  filter.orderIds ?? null,
  filter.rawIds ?? null,
  filter.connection ?? null,
  filter.from ?? null,
  filter.to ?? null,
  filter.disposition ?? null,
  filter.scope ?? null,
]

/** The newest document there is: a replay ends there, however many arrive while it runs. They were mapped by what is in force. */
export async function newestHead(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>('select coalesce(max(raw_id), 0) as id from raw_heads')
  return rows[0]?.id ?? 0
}

export async function countHeads(pool: pg.Pool, filter: ReplayFilter): Promise<number> {
  const {
    rows: [row],
  } = await pool.query<{ n: number }>(`select count(*)::int as n from raw_heads h where ${WHERE}`, values(filter))
  return row?.n ?? 0
}

/** The next documents in raw id order, above `after`. One that is healed leaves the filter; the position only moves forward. */
export async function selectHeads(
  pool: pg.Pool,
  filter: ReplayFilter,
  after: number,
  limit: number,
  until?: number,
): Promise<readonly HeadDocument[]> {
  const { rows } = await pool.query<HeadDocument>(
    `select h.raw_id as "rawId", h.connection_id as "connectionId", h.kind, h.external_id as "externalId", r.parent_id as "parentId", r.kind as "storedKind", r.external_id as "storedId",
       r.source, r.received_at as "receivedAt", h.source_time as "sourceTime", h.authoritative, h.read_started_at as "readStartedAt", r.meta, r.key_id as "keyId", r.row_key as "rowKey", r.body
     from raw_heads h join raw_events r on r.id = h.raw_id
     where ${WHERE} and h.raw_id > $9 and ($11::bigint is null or h.raw_id <= $11) order by h.raw_id limit $10`,
    [...values(filter), after, limit, until ?? null],
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
