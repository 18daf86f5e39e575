import type { Db, Visible } from './scope.ts'

/** One business day of one connection as the channel, the archive, the canonical store and the consumers have it. */
export interface LedgerDay {
  readonly connection_id: string
  readonly channel: string
  readonly day: string
  readonly window_from: string
  readonly window_to: string
  /** The day is over: no order of it can still be placed. */
  readonly over: boolean
  readonly asked_at: string | null
  readonly ask_state: 'asking' | 'done' | 'failed' | null
  readonly how: string | null
  readonly fault: { readonly code?: string; readonly message?: string } | null
  /** By the channel's own list; null before it was asked. */
  readonly listed: number | null
  readonly listed_hash: string | null
  readonly canonical: number
  readonly canonical_hash: string
  readonly states: Readonly<Record<string, number>>
  readonly sums: readonly { readonly currency: string; readonly listed: number | null; readonly canonical: number }[]
  readonly consumers: readonly ConsumerShare[]
  readonly signature: { readonly id: string; readonly by: string; readonly at: string; readonly state: string; readonly note: string | null } | null
  readonly changed_since: number
}

export interface ConsumerShare {
  readonly name: string
  /** Orders of the day it has read up to their newest change. */
  readonly read: number
  readonly accepted: number
  readonly rejected: number
}

export interface LedgerAsk {
  readonly from: string
  readonly to: string
  readonly connection?: string | undefined
  readonly visible: Visible
}

/** Business days as half-open windows of time: a day begins at the connection's cut-off, by its clock. */
const SPANS = `span as materialized (
  select c.id as connection_id, c.channel, c.sandbox, d.day::date as day,
    (d.day + make_interval(mins => coalesce(s.cut_off, 0))) at time zone c.timezone as window_from,
    (d.day + interval '1 day' + make_interval(mins => coalesce(s.cut_off, 0))) at time zone c.timezone as window_to
  from connections c left join ledger_settings s on s.connection_id = c.id
    cross join generate_series($1::timestamp, $2::timestamp, interval '1 day') d(day)
  where c.state <> 'removed' and ($3::text is null or c.id = $3) and ($4::text[] is null or c.id = any($4)) and c.created_at < now() + interval '1 day')`

/**
 * Every order of these days, once: as the channel listed it, as the hub has it, and how the two agree. The channel's answer is as old as the
 * question: what the hub learned later is no difference. Days and orders are looked up one at a time by their keys (`offset 0`): joined as sets they cost
 * a look at everything the hub ever had.
 */
export const ENTRIES = `${SPANS},
  canon as materialized (
    select s.connection_id, s.day, o.id, o.external_id, o.channel_order_no, o.version, o.currency, o.total_minor, o.source_time, o.placed_at, o.first_seen_at
    from span s cross join lateral (
      select x.* from orders x where x.connection_id = s.connection_id and x.placed_at >= s.window_from and x.placed_at < s.window_to offset 0) o),
  entry as materialized (
    select coalesce(k.connection_id, l.connection_id) as connection_id, coalesce(k.day, l.day) as day, coalesce(k.external_id, l.external_id) as external_id,
      k.id as order_id, k.channel_order_no, k.version, k.currency, k.total_minor, k.source_time, k.placed_at,
      l.currency as listed_currency, l.total_minor as listed_minor, l.source_time as listed_time, l.external_id is not null as is_listed,
      case
        when k.id is not null and l.external_id is null then case when a.state = 'done' and k.first_seen_at < a.asked_at then 'extra' else 'unlisted' end
        when k.id is not null and l.outcome <> 'order' then 'matched'
        when k.id is not null and (l.currency, l.total_minor) is distinct from (k.currency, k.total_minor)
          then case when l.source_time > k.source_time then 'stale' when k.source_time > l.source_time then 'matched' else 'amount' end
        when k.id is not null and l.source_time > k.source_time then 'stale'
        when k.id is not null then 'matched'
        when h.raw_id is null then case when l.outcome = 'ignored' then 'ignored' else 'missing' end
        when d.disposition is null then 'waiting'
        when d.disposition in ('held', 'ignored') then d.disposition
        else 'elsewhere' end as state
    from (select l.* from span s cross join lateral (select x.* from ledger_listed x where x.connection_id = s.connection_id and x.day = s.day offset 0) l) l
      full join canon k on k.connection_id = l.connection_id and k.day = l.day and k.external_id = l.external_id
      left join ledger_asks a on a.connection_id = coalesce(k.connection_id, l.connection_id) and a.day = coalesce(k.day, l.day)
      left join lateral (select x.raw_id from raw_heads x where k.id is null and x.connection_id = l.connection_id and x.kind = 'order' and x.external_id = l.external_id offset 0) h on true
      left join lateral (select x.disposition from raw_dispositions x where x.raw_id = h.raw_id offset 0) d on true)`

/** Connections and days with their figures, newest day first. */
export async function readLedgerDays(db: Db, ask: LedgerAsk): Promise<readonly LedgerDay[]> {
  const { rows } = await db.query<LedgerDay>(`with ${ENTRIES}, ${FIGURES} ${DAYS}`, [ask.from, ask.to, ask.connection ?? null, ask.visible])
  return rows
}

/** One hash over the ids of a set of orders: equal sets have equal hashes. */
const setHash = (which: string): string =>
  `encode(sha256(convert_to(coalesce(string_agg(external_id, E'\\n' order by external_id collate "C") filter (where ${which}), ''), 'UTF8')), 'hex')`

const FIGURES = `figure as (
    select connection_id, day, count(*) filter (where is_listed)::int as listed, count(order_id)::int as canonical,
      ${setHash("is_listed and state <> 'ignored'")} as listed_hash, ${setHash('order_id is not null')} as canonical_hash
    from entry group by 1, 2),
  state as (select connection_id, day, json_object_agg(state, n) as states from (select connection_id, day, state, count(*)::int as n from entry group by 1, 2, 3) x group by 1, 2),
  money as (
    select connection_id, day, json_agg(json_build_object('currency', currency, 'listed', listed, 'canonical', canonical) order by currency) as sums
    from (select connection_id, day, currency, sum(listed)::bigint as listed, coalesce(sum(canonical), 0)::bigint as canonical from (
        select connection_id, day, listed_currency as currency, listed_minor as listed, null::bigint as canonical from entry where listed_currency is not null
        union all select connection_id, day, currency, null, total_minor from entry where currency is not null) m group by 1, 2, 3) x group by 1, 2),
  reader as (
    select c.name, c.acked_seq, s.connection_id, s.day from consumers c join span s on (c.connections is null or s.connection_id = any(c.connections)) and (c.include_sandbox or not s.sandbox) where c.expired_at is null),
  tail as materialized (
    select f.order_id, max(f.seq) as seq from feed f where f.seq > (select min(acked_seq) from reader) and f.order_id is not null group by 1),
  share as (
    select r.connection_id, r.day, json_agg(json_build_object('name', r.name, 'read', r.read, 'accepted', r.accepted, 'rejected', r.rejected) order by r.name) as consumers
    from (select r.connection_id, r.day, r.name, count(k.id) filter (where t.order_id is null or t.seq <= r.acked_seq)::int as read,
        count(k.id) filter (where a.status = 'accepted')::int as accepted, count(k.id) filter (where a.status = 'rejected')::int as rejected
      from reader r left join canon k on k.connection_id = r.connection_id and k.day = r.day
        left join tail t on t.order_id = k.id
        left join lateral (select x.status from order_acks x where x.consumer = r.name and x.order_id = k.id offset 0) a on true
      group by 1, 2, 3) r group by 1, 2),
  signed as materialized (select distinct on (g.connection_id, g.day) g.* from ledger_signatures g join span s using (connection_id, day) order by g.connection_id, g.day, g.id desc),
  since as (
    select g.connection_id, g.day, count(*)::int as changed from signed g
      join lateral (select coalesce(x.external_id, k.external_id) from (select * from ledger_signed where signature_id = g.id) x
        full join (select * from canon where canon.connection_id = g.connection_id and canon.day = g.day) k on k.external_id = x.external_id
        where (x.version, x.total_minor, x.currency) is distinct from (k.version, k.total_minor, k.currency)) c on true
    group by 1, 2)`

const DAYS = `select s.connection_id, s.channel, to_char(s.day, 'YYYY-MM-DD') as day, s.window_from, s.window_to, s.window_to <= now() as over,
    a.asked_at, a.state as ask_state, a.how, a.fault, case when a.state = 'done' then coalesce(f.listed, 0) end as listed, case when a.state = 'done' then f.listed_hash end as listed_hash,
    coalesce(f.canonical, 0) as canonical, coalesce(f.canonical_hash, '') as canonical_hash, coalesce(t.states, '{}') as states, coalesce(m.sums, '[]') as sums, coalesce(h.consumers, '[]') as consumers,
    case when g.id is not null then json_build_object('id', g.id::text, 'by', g.signed_by, 'at', to_char(g.signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'state', g.state, 'note', g.note) end as signature,
    coalesce(n.changed, 0) as changed_since
  from span s left join ledger_asks a using (connection_id, day) left join figure f using (connection_id, day) left join state t using (connection_id, day)
    left join money m using (connection_id, day) left join share h using (connection_id, day) left join signed g using (connection_id, day) left join since n using (connection_id, day)
  order by s.day desc, s.connection_id`
