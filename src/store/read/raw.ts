import { type DataKeys, partyAad, rawAad } from '../envelope.ts'
import type { Db } from './scope.ts'

export interface RawListRow {
  readonly raw_id: string
  readonly received_at: string
  readonly source: string
  readonly kind: string
  readonly external_id: string
  readonly disposition: string | null
  readonly reason: string | null
  readonly authoritative: boolean
  readonly size: number
}

/** Documents that made this order what it is, newest first (at most 100). */
export async function rawOfOrder(db: Db, orderId: string): Promise<readonly RawListRow[]> {
  const { rows } = await db.query<RawListRow>(
    `select r.id::text as raw_id, r.received_at, r.source, r.kind, r.external_id, d.disposition, d.reason, r.authoritative, r.size
     from raw_dispositions d join raw_events r on r.id = d.raw_id where d.order_id = $1 order by r.id desc limit 100`,
    [orderId],
  )
  return rows
}

export interface OpenedRaw {
  readonly text: string
  readonly kind: string
  readonly external_id: string
  readonly connection_id: string
  readonly meta: Readonly<Record<string, string>> | null
  readonly received_at: string
}

interface SealedRow extends Omit<OpenedRaw, 'text'> {
  readonly key_id: number | null
  readonly row_key: Buffer | null
  readonly body: Buffer
}

/** One document of an order in clear. @throws DomainError `document-expired` */
export async function openRaw(db: Db, keys: DataKeys, orderId: string, rawId: string): Promise<OpenedRaw | undefined> {
  const { rows } = await db.query<SealedRow>(
    `select r.kind, r.external_id, r.connection_id, r.meta, r.received_at, r.key_id, r.row_key, r.body
     from raw_dispositions d join raw_events r on r.id = d.raw_id where d.order_id = $1 and d.raw_id = $2`,
    [orderId, rawId],
  )
  const row = rows[0]
  if (!row) return undefined
  const { key_id: keyId, row_key: rowKey, body, ...rest } = row
  return { ...rest, text: await keys.open({ keyId, rowKey, body }, rawAad(row.connection_id, row.kind, row.external_id)) }
}

/** Personal data of an order in clear: recipient, bill_to, buyer_note. */
export type OpenedParty = Readonly<Record<string, unknown>>

interface PartyRow {
  readonly order_id: string
  readonly connection_id: string
  readonly channel_order_no: string
  readonly key_id: number
  readonly row_key: Buffer | null
  readonly body: Buffer
}

/** Personal data of these orders; an erased one is simply absent. */
export async function openParties(db: Db, keys: DataKeys, orderIds: readonly string[]): Promise<ReadonlyMap<string, OpenedParty>> {
  const { rows } = await db.query<PartyRow>(
    `select p.order_id::text, o.connection_id, o.channel_order_no, p.key_id, p.row_key, p.body
     from order_parties p join orders o on o.id = p.order_id where p.order_id = any($1::bigint[]) and p.row_key is not null`,
    [orderIds],
  )
  const opened = new Map<string, OpenedParty>()
  for (const row of rows) {
    const text = await keys.open({ keyId: row.key_id, rowKey: row.row_key, body: row.body }, partyAad(row.connection_id, row.channel_order_no))
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) opened.set(row.order_id, Object.fromEntries(Object.entries(parsed)))
  }
  return opened
}
