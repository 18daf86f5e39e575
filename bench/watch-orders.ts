import pg from 'pg'
import type { Hub } from './hub-process.ts'
import { pause, type Connection } from './steps.ts'

export interface Watch {
  /** Channel order number → when it was first seen committed, milliseconds since 1970. */
  readonly seen: ReadonlyMap<string, number>
  until(count: number, patienceMs: number): Promise<void>
  stop(): Promise<void>
}

/** So long the server looks by itself before it answers what it saw. */
const WATCH_MS = 200

/**
 * Looks every millisecond, in a session of its own: what another session's statement sees was committed. The time is taken after the row was
 * seen, never before. A loop inside the server costs a fraction of statements that come from outside, which would take processor time from
 * the hub that is measured.
 */
const LOOK = `create function pg_temp.look(after bigint, connection text, ms int) returns table (seq bigint, number text, at float8) language plpgsql as $$
declare until timestamptz := clock_timestamp() + make_interval(secs => ms / 1000.0); mark bigint := after;
begin
  while clock_timestamp() < until loop
    for seq, number in select f.seq, o.channel_order_no from feed f join orders o on o.id = f.order_id where f.seq > mark and f.connection_id = connection order by f.seq loop
      mark := seq;
      at := extract(epoch from clock_timestamp()) * 1000;
      return next;
    end loop;
    perform pg_sleep(0.0005);
  end loop;
end $$`

/** Looks at the database for committed orders, over a connection of its own and past the hub's API. What it sees is late by one look at most. */
export async function watchOrders(hub: Hub, connection: Connection): Promise<Watch> {
  const client = new pg.Client({
    connectionString: hub.databaseUrl,
    application_name: 'bench watch',
    options: '-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off',
  })
  client.on('error', () => undefined) // the next look says so
  await client.connect()
  await client.query(LOOK)
  const seen = new Map<string, number>()
  const { rows } = await client.query<{ seq: string }>('select coalesce(max(seq), 0) as seq from feed')
  let after = rows[0]?.seq ?? '0'
  let stopped = false
  const look = async (): Promise<void> => {
    while (!stopped) {
      const found = await client.query<{ seq: string; number: string; at: number }>({
        name: 'look',
        text: 'select seq, number, at from pg_temp.look($1, $2, $3)',
        values: [after, connection.id, WATCH_MS],
      })
      for (const { number, at } of found.rows) if (!seen.has(number)) seen.set(number, at)
      after = found.rows.at(-1)?.seq ?? after
    }
  }
  const looking = look()
  looking.catch(() => undefined) // surfaces when the watch is stopped
  return {
    seen,
    until: async (count, patienceMs) => {
      const deadline = performance.now() + patienceMs
      while (seen.size < count && performance.now() < deadline) await pause(20)
    },
    stop: async () => {
      stopped = true
      await looking
      await client.end()
    },
  }
}
