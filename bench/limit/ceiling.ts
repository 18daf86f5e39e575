import { Agent, get } from 'node:http'
import pg from 'pg'
import { openStages, SCHEMA, write } from './write.ts'
import { parsePage, rowOf, type LimitRow } from './row.ts'

/**
 * The limit a product can be held against on this machine: a bare script that reads the mock, parses, maps, hashes and
 * merges. It encrypts nothing, checks nothing, reserves nothing, holds no workflow and keeps no books.
 *
 *   LIMIT_DATABASE=postgres://… node --import tsx bench/limit/ceiling.ts <address of a mock shop> [reset]
 */
const [shop = '', mode] = process.argv.slice(2)
const BATCH = 1000
const agent = new Agent({ keepAlive: true })

const client = new pg.Client({ connectionString: process.env['LIMIT_DATABASE'] })
await client.connect()
if (mode === 'reset') await client.query(SCHEMA)
await openStages(client)
const known = await client.query<{ at: string }>('select at from positions where shop = 1')
// The clock runs from here: how long a process takes to start is no limit of the work.
const started = performance.now()
const pulled = await pull(known.rows[0]?.at)
const elapsed = (performance.now() - started) / 1000
await client.end()
agent.destroy()
process.stdout.write(`${JSON.stringify({ pulled, seconds: elapsed })}\n`)

/** The next page is asked for before this one is worked on, and one batch is written while the next is read. */
async function pull(from: string | undefined): Promise<number> {
  let next: Promise<string> | undefined = read(
    `${shop}/orders.json?limit=250${from === undefined ? '' : `&updated_at_min=${encodeURIComponent(from)}`}`,
  )
  let batch: LimitRow[] = []
  let writing: Promise<void> = Promise.resolve()
  let last = from ?? ''
  let count = 0
  const flush = async (): Promise<void> => {
    await writing
    writing = batch.length === 0 ? Promise.resolve() : write(client, batch)
    batch = []
  }
  while (next) {
    const page = parsePage(await next)
    next = page.next_url === null ? undefined : read(page.next_url)
    for (const order of page.orders) {
      batch.push(rowOf(order))
      if (order.updated_at > last) last = order.updated_at
    }
    count += page.orders.length
    if (batch.length >= BATCH || !next) await flush()
  }
  await writing
  await client.query('insert into positions values (1, $1) on conflict (shop) do update set at = excluded.at', [last])
  return count
}

function read(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        response.statusCode === 200 ? resolve(Buffer.concat(parts).toString()) : reject(new Error(`${url}: ${response.statusCode}`)),
      )
    }).on('error', reject)
  })
}
