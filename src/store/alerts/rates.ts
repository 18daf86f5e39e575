import type { Db, Visible } from '../read/scope.ts'

/** What went through in the last minute. */
export interface Rates {
  /** Documents that came in, and those that got their disposition. */
  readonly in: number
  readonly normalised: number
  /** Orders of which a consumer said what it made of them. */
  readonly acked: number
  /** Changes written to the feed. */
  readonly fed: number
  /** No document or change before these numbers belongs to the minute: where the next look may begin. */
  readonly raw_floor: number
  readonly feed_floor: number
}

/** More than a hub takes in within a minute: without a floor the look begins so far back. */
const MOST = 150_000

const RATES = `
with newest as (select coalesce(max(id), 0) as id from raw_events),
fresh as (select r.id, r.connection_id from raw_events r, newest n where r.id > greatest(n.id - ${MOST}, $2) and r.received_at > $4::timestamptz - interval '1 minute'),
last as (select coalesce(max(seq), 0) as seq from feed),
fed as (select f.seq, f.connection_id from feed f, last l where f.seq > greatest(l.seq - ${MOST}, $3) and f.at > $4::timestamptz - interval '1 minute')
select (select count(*)::int from fresh where $1::text[] is null or connection_id = any($1)) as in,
  (select count(*)::int from raw_dispositions d where d.at > $4::timestamptz - interval '1 minute' and ($1::text[] is null or d.connection_id = any($1))) as normalised,
  (select count(*)::int from order_acks a where a.at > $4::timestamptz - interval '1 minute'
     and ($1::text[] is null or exists (select 1 from orders o where o.id = a.order_id and o.connection_id = any($1)))) as acked,
  (select count(*)::int from fed where $1::text[] is null or connection_id = any($1)) as fed,
  coalesce((select min(id) - 1 from fresh), (select id from newest))::bigint as raw_floor, coalesce((select min(seq) - 1 from fed), (select seq from last))::bigint as feed_floor`

/** The last minute in figures. `floors` of the look before keep it from going further back than needed. */
export async function readRates(db: Db, visible: Visible, now: Date, floors: { readonly raw: number; readonly feed: number }): Promise<Rates> {
  const { rows } = await db.query<Rates>(RATES, [visible, floors.raw, floors.feed, now])
  const [row] = rows
  if (!row) throw new Error('no row')
  return row
}
