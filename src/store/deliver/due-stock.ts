import type pg from 'pg'
import { ON_WIRE } from './level-calls.ts'

/** A connection whose levels wait to be told. */
export interface DueStock {
  readonly connectionId: string
  /** Its listings have units of their own: the books are kept before anything is told. */
  readonly underQuota: boolean
  /** Listings are marked; otherwise only its books wait. */
  readonly marked: boolean
  /** When the orders of a connection under quota were last read; null for others. */
  readonly readAt: string | null
  /** Telling it levels failed as a whole, and nobody has said yet that it works again. */
  readonly faulty: boolean
}

/** A level told less than this ago is told anew only when this has passed, unless it is small: a burst of changes is two calls. */
const SPACING_SECONDS = 1
/** Levels up to this are told at once: the next sale may be the last. */
const SMALL = 20

const DUE = `
with turn as (select connection_id from push_turns where until > now()),
d as (
  select c.id, c.stock_mode = 'quota' or exists (select 1 from escrows e where e.connection_id = c.id) as under_quota,
    case when c.armed_stock then exists (
        select 1 from listing_dirty m where m.connection_id = c.id and (
          select l.push_state not in ('sending', 'unknown') and (l.connection_id, l.listing_key) not in (${ON_WIRE}) and (l.desired_at is null or l.desired is null or l.desired <= ${SMALL}
            or l.desired_at <= $2::timestamptz - interval '${SPACING_SECONDS} seconds' or l.push_state <> 'idle')
          from listings l where l.connection_id = m.connection_id and l.listing_key = m.listing_key))
      else exists (select 1 from listing_dirty m where m.connection_id = c.id and m.at < date_trunc('minute', $2::timestamptz)) end as marked,
    case when c.armed_stock and c.stock_mode = 'quota' and exists (
        select 1 from escrows e join streams s on s.connection_id = e.connection_id
        where e.connection_id = c.id and (s.last_success_at > e.anchor_to or e.anchor is null and e.checked_at < $2::timestamptz - interval '6 minutes'))
      then (select max(s.last_success_at) from streams s where s.connection_id = c.id) end as read_at
  from connections c
  where c.state = 'active' and c.id <> all($1) and not exists (select 1 from turn t where t.connection_id = c.id)
    and coalesce((select value ->> 'state' from settings where key = 'outbound'), 'running') = 'running')
select id, under_quota, marked, read_at,
  exists (select 1 from failures f where f.connection_id = d.id and f.subject_kind = 'stream' and f.subject_id = d.id || '/push-stock' and f.resolved_at is null) as faulty
from d where marked or read_at is not null order by id`

/**
 * Connections that have something to be told and nobody at it; a handful of index looks each. An unarmed one has its levels computed
 * once a minute: forty shops of the same goods would otherwise all be woken by each order of one.
 * @param busy connections the caller is at already
 */
export async function dueStock(pool: pg.Pool, now: Date, busy: readonly string[]): Promise<readonly DueStock[]> {
  const { rows } = await pool.query<{ id: string; under_quota: boolean; marked: boolean; read_at: string | null; faulty: boolean }>({
    name: 'due-stock',
    text: DUE,
    values: [busy, now],
  })
  return rows.map((row) => ({ connectionId: row.id, underQuota: row.under_quota, marked: row.marked, readAt: row.read_at, faulty: row.faulty }))
}

/** So long a worker that is gone keeps its turns from others. */
const TURN_SECONDS = 20

/**
 * Takes the turn of these connections where nobody has it; answers those that are the owner's now. On the server's clock.
 * @param resting also where nobody is to try for a while after a fault: a person asked
 */
export async function takeTurns(pool: pg.Pool, owner: string, connectionIds: readonly string[], resting = false): Promise<readonly string[]> {
  if (connectionIds.length === 0) return []
  const { rows } = await pool.query<{ connection_id: string }>({
    name: 'take-turns',
    text: `insert into push_turns as t (connection_id, owner, until)
     select id, $2, now() + make_interval(secs => $3) from unnest($1::text[]) id order by id
     on conflict (connection_id) do update set owner = excluded.owner, until = excluded.until where t.until <= now() or $4 and t.owner = '' returning connection_id`,
    values: [connectionIds, owner, TURN_SECONDS, resting],
  })
  return rows.map((row) => row.connection_id)
}

/** Keeps the turns one is at. */
export async function keepTurns(pool: pg.Pool, owner: string, connectionIds: readonly string[]): Promise<void> {
  if (connectionIds.length === 0) return
  await pool.query('update push_turns set until = now() + make_interval(secs => $3) where owner = $2 and connection_id = any($1)', [
    connectionIds,
    owner,
    TURN_SECONDS,
  ])
}

/** Gives turns back; after a fault nobody takes one for `restMs`. */
export async function endTurns(
  pool: pg.Pool,
  owner: string,
  turns: readonly { readonly connectionId: string; readonly restMs: number }[],
): Promise<void> {
  if (turns.length === 0) return
  await pool.query(
    `update push_turns t set owner = '', until = now() + make_interval(secs => x.rest) from unnest($1::text[], $2::float8[]) x(id, rest)
     where t.connection_id = x.id and t.owner = $3`,
    [turns.map(({ connectionId }) => connectionId), turns.map(({ restMs }) => restMs / 1000), owner],
  )
}
