import { type DataKeys, rawAad } from '../envelope.ts'
import type { Db } from './scope.ts'

interface SealedHead {
  readonly connection_id: string
  readonly kind: string
  readonly external_id: string
  readonly key_id: number | null
  readonly row_key: Buffer | null
  readonly body: Buffer
}

/** The document that stands for an entity (`order/4711`), still sealed. */
export async function headOf(db: Db, connectionId: string, entity: string): Promise<SealedHead | undefined> {
  const { rows } = await db.query<SealedHead>(
    `select r.connection_id, r.kind, r.external_id, r.key_id, r.row_key, r.body from raw_heads h join raw_events r on r.id = h.raw_id
     where h.connection_id = $1 and h.kind = split_part($2, '/', 1) and h.external_id = substr($2, strpos($2, '/') + 1)`,
    [connectionId, entity],
  )
  return rows[0]
}

/** Its text. @throws DomainError `document-expired` */
export const openHead = (keys: DataKeys, head: SealedHead): Promise<string> =>
  keys.open({ keyId: head.key_id, rowKey: head.row_key, body: head.body }, rawAad(head.connection_id, head.kind, head.external_id))
