import type pg from 'pg'
import type { ReadListings } from './plan-stock.ts'
import type { StockVerdict } from './settle-stock.ts'
import { bareArray, joined, textArray } from '../text-array.ts'

/** What is decided about marked listings, and which versions of their rows and of their marks that was decided for. */
export interface DecidedListings extends ReadListings {
  /** In the order of the arrays. */
  readonly decided: readonly {
    readonly quantity: number | null
    /** It is told nothing, and why; null = it is told `quantity`. */
    readonly reason: string | null
  }[]
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

/** Listings that a call under way speaks of: they are told nothing else until it is over. */
export const ON_WIRE = 'select connection_id, listing_key from on_wire()'

/** Listings before marks, in key order, as everybody takes them; whoever takes the mark of a listing is the one that tells it. */
const BEGIN = `
with x as materialized (
  select x.*, l.connection_id, l.listing_key as key, l.sku
  from unnest($1::tid[], $2::xid[], $3::tid[], $4::xid[], $5::int[], $6::text[]) with ordinality x(place, version, mark_place, mark, quantity, reason, n)
    join listings l on l.ctid = x.place and l.xmin = x.version
  order by l.connection_id, l.listing_key),
blocked as (
  update listings l set push_state = 'blocked', push_message = x.reason, desired = x.quantity, desired_at = $7
  from x where x.reason is not null and l.ctid = x.place and l.xmin = x.version
  returning x.*),
seen as materialized (
  select * from blocked union all select * from x where reason is null order by connection_id, key),
taken as materialized (
  delete from listing_dirty m using seen s where m.ctid = s.mark_place and m.xmin = s.mark and m.connection_id = s.connection_id and m.listing_key = s.key
  returning s.n, s.connection_id, s.key, s.sku, s.quantity, s.reason),
numbered as materialized (
  select t.*, nextval('effects_id_seq') as id from (select * from taken where reason is null order by n) t),
grouped as materialized (
  select connection_id, array_agg(id order by n) as effect_ids, array_agg(key order by n) as keys, array_agg(sku order by n) as skus, array_agg(quantity order by n) as quantities,
    array_agg(n order by n) as places from numbered group by connection_id),
calls as (
  insert into level_calls (connection_id, sent_at, token, effect_ids, listing_keys, skus, quantities)
  select connection_id, $7, $8, effect_ids, keys, skus, quantities from grouped
  returning id, connection_id)
select c.id, c.connection_id, array_to_string(g.effect_ids, ',') as ids, array_to_string(g.places, ',') as places from calls c join grouped g on g.connection_id = c.connection_id`

/**
 * Takes the marks of these listings and records what they are told, a call for each connection, or why they are told nothing. A listing that was changed since
 * it was read, or marked anew, is left as it is, with its mark. The caller holds the stock of the SKUs.
 */
export async function beginCalls(client: pg.ClientBase, all: readonly DecidedListings[], token: string, now: Date): Promise<readonly LevelCall[]> {
  const rows = all.flatMap(({ decided }) => decided)
  if (rows.length === 0) return []
  const column = (name: 'places' | 'versions' | 'markPlaces' | 'marks'): string => joined(all.map((one) => one[name]))
  const found = await client.query<{ id: number; connection_id: string; ids: string; places: string }>({
    name: 'begin-calls',
    text: BEGIN,
    values: [
      ...[column('places'), column('versions'), column('markPlaces'), column('marks')],
      ...[bareArray(rows.map(({ quantity }) => quantity)), textArray(rows.map(({ reason }) => reason)), now, token],
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

const FAULTY = `exists (select 1 from failures f where f.connection_id = g.connection_id and f.subject_kind = 'effect' and f.resolved_at is null) as faulty`
const TOLD = 'connection_id, created_at, sent_at, settled_at, token, levels, first_id, last_id, effect_ids, listing_keys, skus, quantities'

/** Calls of which everything was simply taken. */
const END_TAKEN = `
with gone as materialized (delete from level_calls where id = any($1) returning *),
kept as (
  insert into told_calls (${TOLD})
  select connection_id, created_at, sent_at, $2, token, cardinality(effect_ids), effect_ids[1], effect_ids[cardinality(effect_ids)], effect_ids, listing_keys, skus, quantities from gone order by id),
w as materialized (
  select c.connection_id, c.sent_at, w.key, w.sku, w.quantity from gone c cross join lateral unnest(c.listing_keys, c.skus, c.quantities) w(key, sku, quantity) order by 1, 3),
told as (
  update listings l set push_state = 'idle', push_message = null, push_attempts = 0, confirmed = w.quantity, confirmed_at = $2,
    desired = case when l.sku = w.sku then w.quantity else l.desired end, desired_at = w.sent_at,
    shown = case when l.shown is not null then w.quantity end, shown_at = $2
  from w where l.connection_id = w.connection_id and l.listing_key = w.key)
select g.id, ${FAULTY} from gone g`

const END = `
with gone as materialized (delete from level_calls where id = any($1) returning *),
w as materialized (
  select w.*, coalesce(w.said ->> 'verdict', 'done') as verdict from (select w.*, $2::jsonb -> w.id::text as said from (${WRITES}) w) w order by w.connection_id, w.key),
settled as (
  insert into effects (id, ${EFFECT}, state, not_before, fault_kind, code, message, proof, settled_at) overriding system value
  select w.id, ${EFFECT_OF}, case w.verdict when 'done' then 'done' when 'refused' then 'refused' when 'unknown' then 'unknown' else 'cancelled' end,
    coalesce((w.said ->> 'not_before')::timestamptz, w.sent_at), w.said ->> 'fault_kind',
    coalesce(w.said ->> 'code', case when w.verdict in ('not-sent', 'superseded') then w.verdict end), w.said ->> 'message', (w.said -> 'proof')::json,
    case when w.verdict = 'unknown' then null else $3::timestamptz end
  from w where w.said is not null order by w.id),
kept as (
  insert into told_calls (${TOLD})
  select connection_id, created_at, sent_at, $3, token, count(*), min(id), max(id), array_agg(id order by id), array_agg(key order by id), array_agg(sku order by id), array_agg(quantity order by id)
  from w where said is null group by call, connection_id, created_at, sent_at, token order by min(id)),
told as (
  update listings l set
    push_state = case w.verdict when 'done' then 'idle' when 'refused' then 'refused' when 'unknown' then 'unknown' else 'pending' end,
    push_message = case when w.verdict <> 'done' then w.said ->> 'message' end,
    push_attempts = case when w.verdict = 'done' then 0 else l.push_attempts + 1 end,
    desired = case when l.sku = w.sku then w.quantity else l.desired end, desired_at = w.sent_at,
    confirmed = case when w.verdict = 'done' then w.quantity else l.confirmed end,
    confirmed_at = case when w.verdict = 'done' then $3 else l.confirmed_at end,
    shown = case when l.shown is not null and w.verdict = 'done' then w.quantity else l.shown end,
    shown_at = case when w.verdict = 'done' then $3 else l.shown_at end
  from w where l.connection_id = w.connection_id and l.listing_key = w.key),
again as (
  insert into listing_dirty (connection_id, listing_key) select connection_id, key from w where verdict = 'not-sent' order by 1, 2
  on conflict (connection_id, listing_key) do update set at = now())
select g.id, ${FAULTY} from gone g`

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
  const unusual = verdicts.filter(({ verdict, proof }) => verdict !== 'done' || proof !== undefined)
  if (unusual.length === 0) return (await client.query<EndedCall>({ name: 'end-taken', text: END_TAKEN, values: [calls, now] })).rows
  const said = Object.fromEntries(
    unusual.map((v) => [
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
       update listings l set push_state = 'unknown', push_message = 'no-answer', push_attempts = l.push_attempts + 1,
         desired = case when l.sku = w.sku then w.quantity else l.desired end, desired_at = w.sent_at
       from w where l.connection_id = $1 and l.listing_key = w.key)
     select key from w order by id`,
    [connectionId, sentBefore, fenceSeconds],
  )
  return rows.map(({ key }) => key)
}
