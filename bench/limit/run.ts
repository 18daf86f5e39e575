import pg from 'pg'
import { launch, outputOf } from '../processes.ts'
import type { Hub } from '../hub-process.ts'
import type { Sitting } from '../sitting.ts'
import { settle } from '../steps.ts'

/** An empty database of its own on the hub's PostgreSQL: the same server, the same settings for everybody. */
export async function ownDatabase(hub: Hub, name: string): Promise<string> {
  await hub.db.query(`drop database if exists ${name} with (force)`)
  await hub.db.query(`create database ${name}`)
  const url = new URL(hub.databaseUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Rows of a table in a database made with {@link ownDatabase}, and distinct ids among them. */
export async function rowsIn(database: string, table: string, id: string): Promise<{ readonly rows: number; readonly distinct: number }> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    const { rows } = await client.query<{ rows: number; distinct: number }>(
      `select count(*)::int as rows, count(distinct ${id})::int as distinct from ${table}`,
    )
    return rows[0] ?? { rows: 0, distinct: 0 }
  } finally {
    await client.end()
  }
}

/** What a bare script reaches that does the same reading and writing, and nothing else. */
export async function limitOrdersPerSecond(sitting: Sitting): Promise<number> {
  const [hub, mock] = [await sitting.hub(), await sitting.mock()]
  const { orders } = sitting.options
  await mock.control(`reset?n=${orders}`)
  const database = await ownDatabase(hub, 'bench_limit')
  await settle(hub)
  const output = await outputOf(launch(['bench/limit/ceiling.ts', `${mock.url}/1`, 'reset'], { LIMIT_DATABASE: database }))
  const said: unknown = JSON.parse(output)
  const seconds = typeof said === 'object' && said !== null && 'seconds' in said ? Number(said.seconds) : Number.NaN
  const { rows, distinct } = await rowsIn(database, 'orders', 'external_id')
  if (rows !== orders || distinct !== orders || !(seconds > 0)) throw new Error(`The limit wrote ${rows} orders instead of ${orders}.`)
  sitting.say(`limit: ${Math.round(orders / seconds)} orders/s`)
  return orders / seconds
}
