import { DomainError } from '../../core/fault.ts'
import { type DataKeys, rawAad } from '../envelope.ts'
import type { Db } from './scope.ts'

/** A document in clear, for finding out what a mapping makes of it. */
export interface OpenedDocument {
  readonly rawId: string
  readonly kind: string
  readonly externalId: string
  readonly parentId: string | null
  readonly source: string
  readonly receivedAt: string
  readonly sourceTime: string | null
  readonly text: string
}

interface SealedDocumentRow extends Omit<OpenedDocument, 'text'> {
  readonly connectionId: string
  readonly keyId: number | null
  readonly rowKey: Buffer | null
  readonly body: Buffer
}

/** These documents of a connection in clear, by raw id; erased ones are absent. */
export async function openDocuments(
  db: Db,
  keys: DataKeys,
  connectionId: string,
  rawIds: readonly string[],
): Promise<ReadonlyMap<string, OpenedDocument>> {
  const { rows } = await db.query<SealedDocumentRow>(
    `select id::text as "rawId", connection_id as "connectionId", kind, external_id as "externalId", parent_id as "parentId", source, received_at as "receivedAt",
       source_time as "sourceTime", key_id as "keyId", row_key as "rowKey", body from raw_events where id = any($1::bigint[]) and connection_id = $2 order by id`,
    [rawIds, connectionId],
  )
  const opened = new Map<string, OpenedDocument>()
  for (const { keyId, rowKey, body, connectionId: of, ...row } of rows) {
    try {
      const text = await keys.open({ keyId, rowKey, body }, rawAad(of, row.kind, row.externalId))
      opened.set(row.rawId, { ...row, text })
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'document-expired') throw error
    }
  }
  return opened
}

const LOOK_BACK = 2000
const NEIGHBOURS = 24

/** Raw ids of other documents of a connection: one in each status it lately had, and the newest. */
export async function neighboursOf(db: Db, connectionId: string, kind: 'order' | 'refund', rawId: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    kind === 'order'
      ? `with recent as materialized (select raw_id, source_status, placed_at from orders where connection_id = $1 order by placed_at desc, id desc limit ${LOOK_BACK})
         select id::text from (select raw_id as id from (select distinct on (source_status) raw_id from recent order by source_status, placed_at desc) a
           union (select raw_id from recent order by placed_at desc limit ${NEIGHBOURS})) b where id <> $2 limit ${2 * NEIGHBOURS}`
      : `select distinct raw_id::text as id from (select raw_id from refunds where connection_id = $1 and detailed limit ${NEIGHBOURS}) r where raw_id <> $2`,
    [connectionId, rawId],
  )
  return rows.map((row) => row.id)
}

/** The document behind one refund of an order, in the order in which the order's page lists them; its own, or the order's that mentions it. */
export async function refundDocument(
  db: Db,
  orderId: string,
  position: number,
): Promise<{ readonly rawId: string; readonly detailed: boolean; readonly channelRefundNo: string; readonly mapping: string } | undefined> {
  const { rows } = await db.query<{ rawId: string; detailed: boolean; channelRefundNo: string; mapping: string }>(
    `select raw_id::text as "rawId", detailed, channel_refund_no as "channelRefundNo", mapping from refunds where order_id = $1 order by at, id offset $2 limit 1`,
    [orderId, position],
  )
  return rows[0]
}
