import { LEDGER_STATES } from '../../core/ledger-state.ts'
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
 * Every order of one day `s` that was asked about as `a`, once: as the channel listed it, as the hub has it, and how the two agree. The channel's answer is as
 * old as the question: what the hub learned later is no difference. Orders are looked up one day at a time by their keys (`offset 0`), and meet their
 * listing within the day: as sets of all days they cost three times as much, and a look at everything the hub ever had.
 */
const ENTRIES_OF_DAY = `select coalesce(k.external_id, l.external_id) as external_id,
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
        when h.disposition is null then 'waiting'
        when h.disposition in ('held', 'ignored') then h.disposition
        else 'elsewhere' end as state
    from (select x.external_id, x.outcome, x.currency, x.total_minor, x.source_time from ledger_listed x where x.connection_id = s.connection_id and x.day = s.day offset 0) l
      full join (select x.id, x.external_id, x.channel_order_no, x.version, x.currency, x.total_minor, x.source_time, x.placed_at, x.first_seen_at from orders x
        where x.connection_id = s.connection_id and x.placed_at >= s.window_from and x.placed_at < s.window_to offset 0) k on k.external_id = l.external_id
      left join lateral (select x.raw_id, (select y.disposition from raw_dispositions y where y.raw_id = x.raw_id) as disposition from raw_heads x
        where k.id is null and x.connection_id = s.connection_id and x.kind = 'order' and x.external_id = l.external_id offset 0) h on true`

/** Every order of these days, once. */
export const ENTRIES = `${SPANS},
  entry as materialized (select s.connection_id, s.day, e.* from span s left join ledger_asks a using (connection_id, day) cross join lateral (${ENTRIES_OF_DAY}) e)`

/** Connections and days with their figures, newest day first. */
export async function readLedgerDays(db: Db, ask: LedgerAsk): Promise<readonly LedgerDay[]> {
  const { rows } = await db.query<LedgerDay>(`with ${SPANS}, ${FIGURES} ${DAYS}`, [ask.from, ask.to, ask.connection ?? null, ask.visible])
  return rows
}

/** One hash over the ids of a set of orders: equal sets have equal hashes. */
const setHash = (which: string): string =>
  `encode(sha256(convert_to(coalesce(string_agg(external_id, E'\\n' order by external_id collate "C") filter (where ${which}), ''), 'UTF8')), 'hex')`

const STATE_COUNTS = LEDGER_STATES.map((state) => `'${state}', nullif(count(*) filter (where state = '${state}'), 0)`).join(', ')

/** A day is figured out as a whole, then the next: nothing of it is written to disk meanwhile. */
const FIGURES = `signed as materialized (select distinct on (g.connection_id, g.day) g.* from ledger_signatures g join span s using (connection_id, day) order by g.connection_id, g.day, g.id desc),
  figure as materialized (
    select s.connection_id, s.day, f.* from span s left join ledger_asks a using (connection_id, day) left join signed g using (connection_id, day)
    cross join lateral (
      with e as materialized (${ENTRIES_OF_DAY})
      select t.*, m.sums, case when g.id is not null then (
          select count(*)::int from (select * from ledger_signed where signature_id = g.id) x full join (select * from e where order_id is not null) k on k.external_id = x.external_id
          where (x.version, x.total_minor, x.currency) is distinct from (k.version, k.total_minor, k.currency)) end as changed
      from (
        select count(*) filter (where is_listed)::int as listed, count(order_id)::int as canonical, array_agg(order_id) filter (where order_id is not null) as ids,
          case when count(*) > 0 then ${setHash("is_listed and state <> 'ignored'")} end as listed_hash, case when count(*) > 0 then ${setHash('order_id is not null')} end as canonical_hash,
          json_strip_nulls(json_build_object(${STATE_COUNTS})) as states
        from e) t,
      lateral (
        select json_agg(json_build_object('currency', currency, 'listed', listed, 'canonical', canonical) order by currency) as sums
        from (select v.currency, sum(v.listed)::bigint as listed, coalesce(sum(v.canonical), 0)::bigint as canonical
          from (select listed_currency, currency, sum(listed_minor) as listed, sum(total_minor) as canonical from e group by 1, 2) b
            cross join lateral (values (b.listed_currency, b.listed, null::numeric), (b.currency, null, b.canonical)) v(currency, listed, canonical)
          where v.currency is not null group by 1) c) m) f),
  reader as (
    select c.name, c.acked_seq, s.connection_id, s.day from consumers c join span s on (c.connections is null or s.connection_id = any(c.connections)) and (c.include_sandbox or not s.sandbox) where c.expired_at is null),
  tail as materialized (
    select f.order_id, max(f.seq) as seq from feed f where f.seq > (select min(acked_seq) from reader) and f.order_id is not null group by 1),
  unread as materialized (select f.connection_id, f.day, t.seq from figure f cross join lateral unnest(f.ids) i(id) join tail t on t.order_id = i.id),
  behind as (select r.name, r.connection_id, r.day, count(*)::int as n from reader r join unread u using (connection_id, day) where u.seq > r.acked_seq group by 1, 2, 3),
  share as (
    select r.connection_id, r.day, json_agg(json_build_object('name', r.name, 'read', coalesce(f.canonical, 0) - coalesce(b.n, 0), 'accepted', n.accepted, 'rejected', n.rejected) order by r.name) as consumers
    from reader r left join figure f using (connection_id, day) left join behind b using (name, connection_id, day)
      cross join lateral (select count(*) filter (where x.status = 'accepted')::int as accepted, count(*) filter (where x.status = 'rejected')::int as rejected
        from order_acks x where x.consumer = r.name and x.order_id = any(f.ids)) n
    group by 1, 2)`

const DAYS = `select s.connection_id, s.channel, to_char(s.day, 'YYYY-MM-DD') as day, s.window_from, s.window_to, s.window_to <= now() as over,
    a.asked_at, a.state as ask_state, a.how, a.fault, case when a.state = 'done' then coalesce(f.listed, 0) end as listed, case when a.state = 'done' then f.listed_hash end as listed_hash,
    coalesce(f.canonical, 0) as canonical, coalesce(f.canonical_hash, '') as canonical_hash, coalesce(f.states, '{}') as states, coalesce(f.sums, '[]') as sums, coalesce(h.consumers, '[]') as consumers,
    case when g.id is not null then json_build_object('id', g.id::text, 'by', g.signed_by, 'at', to_char(g.signed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'state', g.state, 'note', g.note) end as signature,
    coalesce(f.changed, 0) as changed_since
  from span s left join ledger_asks a using (connection_id, day) left join figure f using (connection_id, day)
    left join share h using (connection_id, day) left join signed g using (connection_id, day)
  order by s.day desc, s.connection_id`
