import type pg from 'pg'
import type { StockVerdict } from './settle-stock.ts'
import { textArray } from './text-array.ts'

/** What is decided about a marked listing, and which versions of its row and of its mark that was decided for. */
export interface DecidedListing {
  readonly connectionId: string
  readonly key: string
  readonly version: string
  readonly mark: string
  readonly quantity: number | null
  /** It is told nothing, and why; null = it is told `quantity`. */
  readonly reason: string | null
}

/** The writes of one connection, recorded as intents. */
interface LevelCall {
  readonly id: number
  readonly connectionId: string
  /** Number of each write. */
  readonly effectIds: readonly number[]
  /** Which of the decisions are in it. */
  readonly places: readonly number[]
}

const BEGIN = `
with x as materialized (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[]) with ordinality x(connection_id, key, version, mark, quantity, reason, n)
  order by connection_id, key),
told as materialized (
  update listings l set push_state = case when x.reason is null then 'sending' else 'blocked' end, push_message = x.reason, desired = x.quantity, desired_at = $7,
    push_attempts = l.push_attempts + case when x.reason is null then 1 else 0 end
  from x where l.connection_id = x.connection_id and l.listing_key = x.key and l.xmin = x.version::xid
  returning x.n, x.connection_id, x.key, x.mark, l.sku, x.quantity, x.reason),
taken as (
  delete from listing_dirty m using told t where m.connection_id = t.connection_id and m.listing_key = t.key and m.xmin = t.mark::xid),
numbered as materialized (
  select t.*, nextval('effects_id_seq') as id from (select * from told where reason is null order by n) t),
calls as (
  insert into level_calls (connection_id, sent_at, token, effect_ids, listing_keys, skus, quantities)
  select connection_id, $7, $8, array_agg(id order by n), array_agg(key order by n), array_agg(sku order by n), array_agg(quantity order by n) from numbered group by connection_id
  returning id, connection_id)
select c.id, c.connection_id, string_agg(t.id::text, ',' order by t.n) as ids, string_agg(t.n::text, ',' order by t.n) as places
from calls c join numbered t on t.connection_id = c.connection_id group by c.id, c.connection_id`

/**
 * Takes the marks of these listings and records what they are told, a call for each connection, or why they are told nothing. A listing that was changed since
 * it was read is left as it is, with its mark; one that was marked anew is told, and keeps the mark. The caller holds the stock of the SKUs.
 */
export async function beginCalls(client: pg.ClientBase, rows: readonly DecidedListing[], token: string, now: Date): Promise<readonly LevelCall[]> {
  if (rows.length === 0) return []
  const column = <K extends keyof DecidedListing>(name: K): readonly DecidedListing[K][] => rows.map((row) => row[name])
  const found = await client.query<{ id: number; connection_id: string; ids: string; places: string }>({
    name: 'begin-calls',
    text: BEGIN,
    values: [
      ...[textArray(column('connectionId')), textArray(column('key')), textArray(column('version')), textArray(column('mark'))],
      ...[
        `{${column('quantity')
          .map((quantity) => quantity ?? 'NULL')
          .join()}}`,
        textArray(column('reason')),
        now,
        token,
      ],
    ],
  })
  return found.rows.map(({ id, connection_id: connectionId, ids, places }) => ({
    id,
    connectionId,
    effectIds: numbers(ids),
    places: numbers(places).map((n) => n - 1),
  }))
}

const numbers = (list: string): readonly number[] => list.split(',').map(Number)

/** The key a channel knows one write of a call by. */
export const writeKey = (connectionId: string, listingKey: string, token: string): string => `stock/${connectionId}/${listingKey}/${token}`

const WRITES = `select c.id as call, c.connection_id, c.sent_at, c.created_at, c.token, w.id, w.key, w.sku, w.quantity
    from gone c cross join lateral unnest(c.effect_ids, c.listing_keys, c.skus, c.quantities) w(id, key, sku, quantity)`
const EFFECT = `connection_id, kind, idempotency_key, listing_key, intent, attempts, created_at, sent_at`
const EFFECT_OF = `w.connection_id, 'stock', 'stock/' || w.connection_id || '/' || w.key || '/' || w.token, w.key, json_build_object('sku', w.sku, 'quantity', w.quantity), 1, w.created_at, w.sent_at`

const END = `
with gone as materialized (delete from level_calls where id = any($1) returning *),
w as materialized (select w.*, $2::jsonb -> w.id::text as said from (${WRITES}) w order by w.connection_id, w.key),
settled as (
  insert into effects (id, ${EFFECT}, state, not_before, fault_kind, code, message, proof, settled_at) overriding system value
  select w.id, ${EFFECT_OF},
    case coalesce(w.said ->> 'verdict', 'done') when 'done' then 'done' when 'refused' then 'refused' when 'unknown' then 'unknown' else 'cancelled' end,
    coalesce((w.said ->> 'not_before')::timestamptz, w.sent_at), w.said ->> 'fault_kind',
    coalesce(w.said ->> 'code', case when w.said ->> 'verdict' in ('not-sent', 'superseded') then w.said ->> 'verdict' end), w.said ->> 'message', (w.said -> 'proof')::json,
    case when w.said ->> 'verdict' = 'unknown' then null else $3::timestamptz end
  from w order by w.id),
told as (
  update listings l set
    push_state = case coalesce(w.said ->> 'verdict', 'done') when 'done' then 'idle' when 'refused' then 'refused' when 'unknown' then 'unknown' else 'pending' end,
    push_message = case when w.said ->> 'verdict' <> 'done' then w.said ->> 'message' end,
    push_attempts = case when coalesce(w.said ->> 'verdict', 'done') = 'done' then 0 else l.push_attempts end,
    confirmed = case when coalesce(w.said ->> 'verdict', 'done') = 'done' then w.quantity else l.confirmed end,
    confirmed_at = case when coalesce(w.said ->> 'verdict', 'done') = 'done' then $3 else l.confirmed_at end,
    shown = case when l.shown is not null and coalesce(w.said ->> 'verdict', 'done') = 'done' then w.quantity else l.shown end,
    shown_at = case when coalesce(w.said ->> 'verdict', 'done') = 'done' then $3 else l.shown_at end
  from w where l.connection_id = w.connection_id and l.listing_key = w.key),
again as (
  insert into listing_dirty (connection_id, listing_key) select connection_id, key from w where said ->> 'verdict' = 'not-sent' order by 1, 2
  on conflict (connection_id, listing_key) do update set at = now())
select g.id, exists (select 1 from failures f where f.connection_id = g.connection_id and f.subject_kind = 'effect' and f.resolved_at is null) as faulty from gone g`

/** A call whose answers were recorded. */
interface EndedCall {
  readonly id: number
  /** Some write of this connection failed and nobody has seen to it: perhaps an earlier one of a listing of this call. */
  readonly faulty: boolean
}

/**
 * Records how the writes of these calls ended: done where `verdicts` says nothing of one. Calls that were given up for dead meanwhile stay as they are, and are
 * absent from the answer. What certainly did not arrive is marked again.
 */
export async function endCalls(
  client: pg.ClientBase | pg.Pool,
  calls: readonly number[],
  verdicts: readonly StockVerdict[],
  now: Date,
): Promise<readonly EndedCall[]> {
  const said = Object.fromEntries(
    verdicts.map((v) => [
      String(v.effectId),
      { verdict: v.verdict, fault_kind: v.faultKind, code: v.code, message: v.message, proof: v.proof, not_before: v.notBefore },
    ]),
  )
  const { rows } = await client.query<EndedCall>({ name: 'end-calls', text: END, values: [calls, JSON.stringify(said), now] })
  return rows
}

/**
 * Calls that were on the wire when their process died: their writes are in doubt. Answers the listings.
 */
export async function expireCalls(
  client: pg.ClientBase | pg.Pool,
  connectionId: string,
  sentBefore: Date,
  fenceSeconds: number,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ key: string }>(
    `with gone as materialized (delete from level_calls where connection_id = $1 and sent_at < $2 returning *),
     w as materialized (${WRITES} order by w.key),
     doubts as (
       insert into effects (id, ${EFFECT}, state, not_before, fault_kind, code, message) overriding system value
       select w.id, ${EFFECT_OF}, 'unknown', w.sent_at + make_interval(secs => $3), 'in-doubt', 'no-answer', 'The process that sent this ended before an answer came.' from w order by w.id),
     told as (
       update listings l set push_state = 'unknown', push_message = 'no-answer' from w where l.connection_id = $1 and l.listing_key = w.key)
     select key from w order by id`,
    [connectionId, sentBefore, fenceSeconds],
  )
  return rows.map(({ key }) => key)
}
