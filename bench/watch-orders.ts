import pg from 'pg'
import type { Hub } from './hub-process.ts'
import { pause, type Connection } from './steps.ts'

export interface Watch {
  /** Channel order number → when it was first seen committed, milliseconds since 1970. */
  readonly seen: ReadonlyMap<string, number>
  until(count: number, patienceMs: number): Promise<void>
  stop(): Promise<void>
}

const LOOK_MS = 2

/**
 * Looks at the database for committed orders, over a connection of its own and past the hub's API. What it sees is late by
 * one look at most, about two milliseconds and the query.
 */
export async function watchOrders(hub: Hub, connection: Connection): Promise<Watch> {
  const client = new pg.Client({ connectionString: hub.databaseUrl, application_name: 'bench watch' })
  client.on('error', () => undefined) // the next look says so
  await client.connect()
  const seen = new Map<string, number>()
  const { rows } = await client.query<{ seq: string }>('select coalesce(max(seq), 0) as seq from feed')
  let after = rows[0]?.seq ?? '0'
  let stopped = false
  const look = async (): Promise<void> => {
    while (!stopped) {
      const found = await client.query<{ seq: string; number: string }>({
        name: 'watch',
        text: `select f.seq, o.channel_order_no as number from feed f join orders o on o.id = f.order_id where f.seq > $1 and f.connection_id = $2 order by f.seq`,
        values: [after, connection.id],
      })
      const at = performance.timeOrigin + performance.now()
      for (const { number } of found.rows) if (!seen.has(number)) seen.set(number, at)
      after = found.rows.at(-1)?.seq ?? after
      await pause(LOOK_MS)
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
