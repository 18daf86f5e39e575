import type { SecretBox } from '../envelope.ts'
import { linesWith } from './orders.ts'
import type { Db, Visible } from './scope.ts'

/** Where typed text was found: ids of orders, best match first. Each look says what its index needs: the connection, or that the shown number is another one. */
const FIND_ORDERS = `
  with typed as (select q, ltrim(q, '#') as bare, n from unnest($1::text[]) with ordinality t(q, n)),
  hits as (
    select t.n, o.id, 1 as rank from typed t cross join connections c join orders o on o.connection_id = c.id and o.channel_order_no in (t.q, t.bare)
    union all select t.n, o.id, 2 from typed t cross join unnest(array[t.bare, '#' || t.bare]) shown(no)
      join orders o on o.display_no = shown.no and o.display_no <> o.channel_order_no
    union all select t.n, o.id, 2 from typed t cross join connections c join orders o on o.connection_id = c.id and o.external_id in (t.q, t.bare)
    union all select t.n, o.id, 3 from typed t join orders o on o.id = case when t.q ~ '^[1-9][0-9]{0,17}$' then t.q::bigint end
    union all select t.n, s.order_id, 2 from typed t join shipments s on s.tracking_no = t.q
    union all select t.n, a.order_id, 3 from typed t join order_acks a on a.reference = t.q)
  select t.q as query, h.id::text, min(h.rank) as rank from typed t join hits h on h.n = t.n join orders o on o.id = h.id
  where ($2::text[] is null or o.connection_id = any($2))
  group by t.n, t.q, h.id, o.placed_at order by t.n, min(h.rank), o.placed_at desc`

/** Orders whose number, display number, channel id, hub id, tracking number or ERP number is one of these texts. */
export async function findByNumbers(db: Db, texts: readonly string[], visible: Visible): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await db.query<{ query: string; id: string }>(FIND_ORDERS, [texts, visible])
  const found = new Map<string, string[]>()
  for (const row of rows) found.set(row.query, [...(found.get(row.query) ?? []), row.id])
  return found
}

/** Newest orders by phone (four digits = its end, more = the whole number) or e-mail, through keyed blind indexes. */
export async function findByContact(db: Db, box: SecretBox, text: string, visible: Visible, limit: number): Promise<readonly string[]> {
  const index = contactIndex(box, text)
  if (index === undefined) return []
  const { rows } = await db.query<{ id: string }>(
    `select o.id::text from order_parties p join orders o on o.id = p.order_id
     where p.${index.column} = $1 and ($4::bytea is null or p.phone = $4)
       and ($2::text[] is null or o.connection_id = any($2)) order by o.placed_at desc, o.id desc limit $3`,
    [index.value, visible, limit, index.phone ?? null],
  )
  return rows.map((row) => row.id)
}

interface ContactIndex {
  readonly column: 'phone4' | 'email'
  readonly value: Buffer
  /** The whole number, among those that end alike: only the last four digits have an index in the database. */
  readonly phone?: Buffer
}

function contactIndex(box: SecretBox, text: string): ContactIndex | undefined {
  if (/^[^\s@]+@[^\s@]+$/.test(text)) return { column: 'email', value: box.index('email', text.toLowerCase()) }
  if (!/^\+?[\d\s()-]+$/.test(text)) return undefined
  const digits = text.replaceAll(/\D/g, '')
  const end = { column: 'phone4', value: box.index('phone4', digits.slice(-4)) } as const
  if (digits.length === 4) return end
  return digits.length >= 7 ? { ...end, phone: box.index('phone', digits.slice(-11)) } : undefined
}

/** Newest orders with this SKU or channel code on a line. */
export async function findBySku(db: Db, sku: string, visible: Visible, limit: number): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select o.id::text from orders o where o.id in (${linesWith('$1')})
     and ($2::text[] is null or o.connection_id = any($2)) order by o.placed_at desc, o.id desc limit $3`,
    [sku, visible, limit],
  )
  return rows.map((row) => row.id)
}

/** A document the hub received under this id, and what became of it. */
export interface FoundRaw {
  readonly raw_id: string
  readonly connection_id: string
  readonly kind: string
  readonly external_id: string
  readonly disposition: string | null
  readonly reason: string | null
  readonly received_at: string
  readonly order_id: string | null
}

/** Newest documents with this channel id that did not become the order shown: held, ignored, superseded or still waiting. */
export async function findRaw(db: Db, text: string, visible: Visible, connection?: string): Promise<readonly FoundRaw[]> {
  const { rows } = await db.query<FoundRaw>(
    `select h.raw_id::text, h.connection_id, h.kind, h.external_id, d.disposition, d.reason, r.received_at, d.order_id::text
     from raw_heads h join raw_events r on r.id = h.raw_id left join raw_dispositions d on d.raw_id = h.raw_id
     where h.connection_id in (select id from connections where ($2::text[] is null or id = any($2)) and ($3::text is null or id = $3))
       and h.kind in ('order', 'refund') and h.external_id in ($1, ltrim($1, '#')) order by r.received_at desc limit 20`,
    [text, visible, connection ?? null],
  )
  return rows
}

export interface FoundShipment {
  readonly id: string
  readonly order_id: string
  readonly connection_id: string
  readonly channel_order_no: string
  readonly carrier: string
  readonly tracking_no: string
  readonly shipped_at: string
}

export async function findShipments(db: Db, trackingNo: string, visible: Visible): Promise<readonly FoundShipment[]> {
  const { rows } = await db.query<FoundShipment>(
    `select s.id::text, s.order_id::text, o.connection_id, o.channel_order_no, s.carrier, s.tracking_no, s.shipped_at
     from shipments s join orders o on o.id = s.order_id where s.tracking_no = $1 and ($2::text[] is null or o.connection_id = any($2)) order by s.id desc limit 20`,
    [trackingNo, visible],
  )
  return rows
}
