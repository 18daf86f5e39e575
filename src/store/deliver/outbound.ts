import type pg from 'pg'
import type { Instant } from '../../core/order.ts'

/** The global switch of all outbound writes. Absent in `settings` = running. */
export interface OutboundState {
  readonly state: 'running' | 'stopped'
  readonly by?: string
  readonly at?: Instant
  readonly reason?: string
}

/** Reads the switch. Inside a transaction with `lock`, a stop waits until this transaction ends. */
export async function readOutbound(client: pg.ClientBase | pg.Pool, lock = false): Promise<OutboundState> {
  const { rows } = await client.query<{ value: OutboundState }>(`select value from settings where key = 'outbound' ${lock ? 'for share' : ''}`)
  return rows[0]?.value ?? { state: 'running' }
}

/** Writes the switch, and calls those who wait for it. */
export async function writeOutbound(client: pg.ClientBase | pg.Pool, state: OutboundState): Promise<void> {
  await client.query(
    `insert into settings (key, value, updated_at, updated_by) values ('outbound', $1, coalesce($2::timestamptz, now()), $3)
     on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
    [JSON.stringify(state), state.at ?? null, state.by ?? null],
  )
  await client.query(`select pg_notify('hub_push', '')`)
}

/** Outbound writes that are on the wire or in doubt right now, and those that wait. */
export async function countOutbound(
  client: pg.ClientBase | pg.Pool,
  now: Date,
): Promise<{ readonly pending: number; readonly sending: number; readonly unknown: number; readonly confirmedLastHour: number }> {
  const { rows } = await client.query<{ pending: number; sending: number; unknown: number; confirmed: number }>(
    `select (select count(*) from effects where state = 'pending') + (select count(*) from listing_dirty d join connections c on c.id = d.connection_id
               where c.armed_stock) as pending,
            (select count(*) from effects_now where state = 'sending') as sending,
            (select count(*) from effects where state = 'unknown') as unknown,
            (select count(*) from effects where state = 'done' and settled_at > $1::timestamptz - interval '1 hour')
              + (select coalesce(sum(levels), 0) from told_calls where settled_at > $1::timestamptz - interval '1 hour') as confirmed`,
    [now],
  )
  const row = rows[0]
  return { pending: row?.pending ?? 0, sending: row?.sending ?? 0, unknown: row?.unknown ?? 0, confirmedLastHour: row?.confirmed ?? 0 }
}
