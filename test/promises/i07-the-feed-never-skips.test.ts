import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { createPool, withTx } from '../../src/store/db.ts'
import { finish } from '../../src/store/finish.ts'
import { readFeed } from '../../src/store/read/feed.ts'
import { incoming } from '../support/builders.ts'
import { openHub, seeded, type PromiseHub } from './open-hub.ts'

let hub: PromiseHub

beforeAll(async () => {
  hub = await openHub()
  // A slow disk: the time between a feed row and its COMMIT varies, for everybody.
  await hub.pool
    .query(`create function slow_disk() returns trigger language plpgsql as $$ begin perform pg_sleep(random() * 0.006); return null; end $$;
    create trigger slow_disk after insert on feed for each statement execute function slow_disk();
    create schema unlocked; create function unlocked.pg_advisory_xact_lock(integer) returns void language sql as ''`)
})
afterAll(() => hub.close())

const WRITERS = 8
const RUN_MS = 2500

/** Half of the writers normalise orders, half end transactions of their own; each waits a random time before its last message. */
async function write(pool: pg.Pool, prefix: string, until: number): Promise<void> {
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const random = seeded(writer + 1)
      for (let n = 0; Date.now() < until; n += 1) {
        if (writer % 2 === 0) await ingest({ ...hub, pool }, hub.context, [incoming({ no: `${prefix}${writer}-${n}`, at: '2026-11-01T01:00:00Z' })])
        else {
          await withTx(pool, async (client) => {
            await client.query('select 1')
            await sleep(random() * 5)
            await finish(client, [{ kind: 'order', orderId: 1, version: n, connectionId: 'c_plain', cause: 're-emit', sandbox: false }])
          })
        }
        await sleep(random() * 4)
      }
    }),
  )
}

/** Reads the feed as a consumer does, page by page from where the last one ended. */
async function consume(from: number, stopped: () => boolean): Promise<ReadonlySet<number>> {
  const seen = new Set<number>()
  let after = from
  for (let last = false; ;) {
    const page = await readFeed(hub.pool, { after, limit: 50, visible: null, connections: null, includeSandbox: true })
    for (const item of page.items) seen.add((JSON.parse(item.json) as { readonly seq: number }).seq)
    after = page.nextAfter
    if (last && page.items.length === 0) return seen
    last = stopped() && page.items.length === 0
    await sleep(1)
  }
}

async function race(pool: pg.Pool, prefix: string): Promise<{ readonly written: number; readonly missed: number }> {
  const from = await hub.value<number>('select coalesce(max(seq), 0) from feed')
  let done = false
  const reading = consume(from, () => done)
  await write(pool, prefix, Date.now() + RUN_MS)
  done = true
  const seen = await reading
  const written = (await hub.rows<{ seq: number }>('select seq from feed where seq > $1', [from])).map((row) => row.seq)
  return { written: written.length, missed: written.filter((seq) => !seen.has(seq)).length }
}

it('I7 misses no committed change with eight writers and a reader behind them', async () => {
  const pool = createPool(hub.databaseUrl, { max: WRITERS })
  const { written, missed } = await race(pool, 'L')
  await pool.end()
  expect(written).toBeGreaterThan(50)
  expect(missed).toBe(0)
})

it('I7 would see the fault: the same race without the lock misses changes', async () => {
  const url = new URL(hub.databaseUrl)
  url.searchParams.set('options', '-c search_path=unlocked,pg_catalog,public') // the name of the lock finds a function that does nothing
  const pool = createPool(url.href, { max: WRITERS })
  const { written, missed } = await race(pool, 'C')
  await pool.end()
  expect(written).toBeGreaterThan(50)
  expect(missed).toBeGreaterThan(0)
})

it('I7 passes over what a caller may not see without losing what it may', async () => {
  await hub.pool.query(`insert into connections (id, channel, name) values ('c_other', 'plain', 'other')`)
  const from = await hub.value<number>('select max(seq) from feed')
  for (let i = 0; i < 120; i += 1) {
    const connectionId = i % 40 === 39 ? 'c_plain' : 'c_other'
    await withTx(hub.pool, (client) => finish(client, [{ kind: 'order', orderId: 1, version: i, connectionId, cause: 're-emit', sandbox: false }]))
  }
  const read: number[] = []
  for (let after = from, more = true; more;) {
    const page = await readFeed(hub.pool, { after, limit: 2, visible: ['c_plain'], connections: null, includeSandbox: true })
    for (const item of page.items) read.push((JSON.parse(item.json) as { readonly version: number }).version)
    after = page.nextAfter
    more = page.hasMore || after < (await hub.value<number>('select max(seq) from feed'))
  }
  expect(read).toEqual([39, 79, 119])
})
