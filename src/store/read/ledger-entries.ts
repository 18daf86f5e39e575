import { ENTRIES, type LedgerAsk } from './ledger-days.ts'
import type { Db } from './scope.ts'

/** One order of a business day, as the channel listed it and as the hub has it. */
export interface LedgerEntry {
  readonly external_id: string
  readonly order_id: string | null
  readonly channel_order_no: string | null
  readonly state: string
  readonly placed_at: string | null
  readonly listed_minor: number | null
  readonly listed_currency: string | null
  readonly listed_time: string | null
  readonly total_minor: number | null
  readonly currency: string | null
  readonly source_time: string | null
  readonly version: number | null
  /** What the latest signature has for it; null where nobody signed or it was not there then. */
  readonly signed_version: number | null
  readonly signed_minor: number | null
  readonly changed: boolean
}

export interface EntriesAsk extends LedgerAsk {
  readonly states?: readonly string[] | undefined
  readonly changed?: boolean | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** Orders of one business day by id; `states` and `changed` narrow. */
export async function readLedgerEntries(db: Db, ask: EntriesAsk): Promise<readonly LedgerEntry[]> {
  const { rows } = await db.query<LedgerEntry>(
    `with ${ENTRIES},
       latest as (select id from ledger_signatures where connection_id = $3 and day = $1::date order by id desc limit 1),
       signed as (select x.* from ledger_signed x where x.signature_id = (select id from latest)),
       whole as (
         select coalesce(e.external_id, x.external_id) as external_id, coalesce(e.order_id, x.order_id)::text as order_id, e.channel_order_no, coalesce(e.state, 'gone') as state, e.placed_at,
           e.listed_minor, e.listed_currency, e.listed_time, e.total_minor, e.currency, e.source_time, e.version, x.version as signed_version, x.total_minor as signed_minor,
           exists (select 1 from latest) and (e.order_id is not null or x.order_id is not null)
             and (x.version, x.total_minor, x.currency) is distinct from (e.version, e.total_minor, e.currency) as changed
         from entry e full join signed x on x.external_id = e.external_id)
     select * from whole where ($5::text[] is null or state = any($5)) and ($6::boolean is null or changed = $6) and ($7::text is null or external_id collate "C" > $7)
     order by external_id collate "C" limit $8`,
    [ask.from, ask.to, ask.connection ?? null, ask.visible, ask.states ?? null, ask.changed ?? null, ask.after ?? null, ask.limit],
  )
  return rows
}

/** What came in while the day lasted, by what became of it, and what still waits (I2): received = the sum of the rest. */
export interface LedgerDocuments {
  readonly applied: number
  readonly superseded: number
  readonly duplicate: number
  readonly held: number
  readonly ignored: number
  readonly waiting: number
  /** Seen again without a change, by the count of the pages that were read. */
  readonly unchanged: number
}

export async function readLedgerDocuments(
  db: Db,
  connectionId: string,
  window: { readonly from: string; readonly to: string },
): Promise<LedgerDocuments> {
  const { rows } = await db.query<LedgerDocuments>(
    `select coalesce(sum(n) filter (where disposition = 'applied'), 0)::int as applied, coalesce(sum(n) filter (where disposition = 'superseded'), 0)::int as superseded,
       coalesce(sum(n) filter (where disposition = 'duplicate'), 0)::int as duplicate, coalesce(sum(n) filter (where disposition = 'held'), 0)::int as held,
       coalesce(sum(n) filter (where disposition = 'ignored'), 0)::int as ignored,
       (select count(*)::int from inbox i join raw_events r on r.id = i.raw_id where r.connection_id = $1 and i.at >= $2 and i.at < $3) as waiting,
       (select coalesce(sum(unchanged), 0)::int from pull_pages where connection_id = $1 and at >= $2 and at < $3) as unchanged
     from (select disposition, count(*) as n from raw_dispositions where connection_id = $1 and at >= $2 and at < $3 group by 1) d`,
    [connectionId, window.from, window.to],
  )
  return rows[0] ?? { applied: 0, superseded: 0, duplicate: 0, held: 0, ignored: 0, waiting: 0, unchanged: 0 }
}

/** The window of a business day, and the day that is running now. Undefined when the connection is not there for the caller. */
export async function readBusinessDay(
  db: Db,
  connectionId: string,
  day: string,
): Promise<{ readonly from: string; readonly to: string; readonly cut_off: number; readonly timezone: string } | undefined> {
  const { rows } = await db.query<{ from: string; to: string; cut_off: number; timezone: string }>(
    `select ($2::date + make_interval(mins => coalesce(s.cut_off, 0))) at time zone c.timezone as "from",
       ($2::date + interval '1 day' + make_interval(mins => coalesce(s.cut_off, 0))) at time zone c.timezone as "to", coalesce(s.cut_off, 0) as cut_off, c.timezone
     from connections c left join ledger_settings s on s.connection_id = c.id where c.id = $1 and c.state <> 'removed'`,
    [connectionId, day],
  )
  return rows[0]
}

/** The last business day that is over. */
export async function lastBusinessDay(db: Db, connectionId: string, now: Date): Promise<string | undefined> {
  const { rows } = await db.query<{ day: string }>(
    `select to_char((($2::timestamptz at time zone c.timezone) - make_interval(mins => coalesce(s.cut_off, 0)))::date - 1, 'YYYY-MM-DD') as day
     from connections c left join ledger_settings s on s.connection_id = c.id where c.id = $1 and c.state <> 'removed'`,
    [connectionId, now],
  )
  return rows[0]?.day
}
