import type pg from 'pg'
import type { Fault } from '../../core/fault.ts'
import { withTx } from '../db.ts'

/** One order of a day by the channel's own word. */
export interface ListedOrder {
  readonly externalId: string
  readonly outcome: 'order' | 'held' | 'ignored'
  readonly currency?: string
  readonly totalMinor?: number
  readonly sourceTime?: string
}

interface Ask {
  readonly connectionId: string
  readonly day: string
  readonly window: { readonly from: string; readonly to: string }
}

/** Replaces what the channel said about a day. */
export async function storeListed(
  pool: pg.Pool,
  ask: Ask & { readonly askedAt: Date; readonly how: string },
  listed: readonly ListedOrder[],
): Promise<void> {
  await withTx(pool, async (client) => {
    await noteAsk(client, ask, { state: 'done', at: ask.askedAt, how: ask.how })
    await client.query('delete from ledger_listed where connection_id = $1 and day = $2', [ask.connectionId, ask.day])
    await client.query(
      `insert into ledger_listed (connection_id, day, external_id, outcome, currency, total_minor, source_time)
       select $1, $2, "externalId", outcome, currency, "totalMinor", "sourceTime" from json_to_recordset($3::json) r("externalId" text, outcome text, currency text, "totalMinor" bigint, "sourceTime" timestamptz)
       order by 3 on conflict do nothing`,
      [ask.connectionId, ask.day, JSON.stringify(listed)],
    )
  })
}

/** The channel could not be asked; what it said before stands. */
export const storeAskFault = (pool: pg.Pool, ask: Ask, fault: Fault, at: Date): Promise<void> =>
  noteAsk(pool, ask, { state: 'failed', at, how: '', fault })

async function noteAsk(
  client: pg.Pool | pg.PoolClient,
  { connectionId, day, window }: Ask,
  ask: { readonly state: string; readonly at: Date; readonly how: string; readonly fault?: Fault },
): Promise<void> {
  await client.query(
    `insert into ledger_asks (connection_id, day, window_from, window_to, state, asked_at, how, fault) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (connection_id, day) do update set window_from = excluded.window_from, window_to = excluded.window_to, state = excluded.state,
       asked_at = case when excluded.state = 'done' then excluded.asked_at else ledger_asks.asked_at end, how = case when excluded.state = 'done' then excluded.how else ledger_asks.how end, fault = excluded.fault`,
    [
      connectionId,
      day,
      window.from,
      window.to,
      ask.state,
      ask.at,
      ask.how,
      ask.fault ? JSON.stringify({ code: ask.fault.code ?? ask.fault.kind, message: ask.fault.message }) : null,
    ],
  )
}

/** Ended business days of the last days that are not known to be complete: worth asking the channel again. */
export async function daysToAsk(pool: pg.Pool, connectionId: string, lastDay: string, days: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ day: string }>(
    `select to_char(d.day, 'YYYY-MM-DD') as day from generate_series($2::date - ($3::int - 1), $2::date, interval '1 day') d(day)
     left join ledger_asks a on a.connection_id = $1 and a.day = d.day::date
     where a.state is distinct from 'done' or exists (select 1 from ledger_listed l where l.connection_id = $1 and l.day = d.day::date and l.outcome = 'order'
       and not exists (select 1 from orders o where o.connection_id = $1 and o.external_id = l.external_id)) order by 1`,
    [connectionId, lastDay, days],
  )
  return rows.map((row) => row.day)
}

export async function setCutOff(pool: pg.Pool, connectionId: string, minutes: number, by: string): Promise<void> {
  await pool.query(
    `insert into ledger_settings (connection_id, cut_off, updated_by) values ($1, $2, $3) on conflict (connection_id) do update set cut_off = excluded.cut_off, updated_by = excluded.updated_by, updated_at = now()`,
    [connectionId, minutes, by],
  )
}

/** Signs a day as it stands: the figures, and every order of it with its version and total. */
export async function signDay(
  pool: pg.Pool,
  input: Ask & { readonly state: string; readonly note: string | undefined; readonly by: string; readonly at: Date; readonly statement: unknown },
): Promise<string> {
  return withTx(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into ledger_signatures (connection_id, day, window_from, window_to, state, note, signed_by, signed_at, statement) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id::text`,
      [
        input.connectionId,
        input.day,
        input.window.from,
        input.window.to,
        input.state,
        input.note ?? null,
        input.by,
        input.at,
        JSON.stringify(input.statement),
      ],
    )
    const id = rows[0]?.id ?? ''
    await client.query(
      `insert into ledger_signed (signature_id, external_id, order_id, version, currency, total_minor)
       select $1, external_id, id, version, currency, total_minor from orders where connection_id = $2 and placed_at >= $3 and placed_at < $4 on conflict do nothing`,
      [id, input.connectionId, input.window.from, input.window.to],
    )
    return id
  })
}
