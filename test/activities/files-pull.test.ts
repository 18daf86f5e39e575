import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { files } from '../../connectors/files/index.ts'
import { files as mapping } from '../../mappings/files.ts'
import { createTill, dropFile } from '../../sandbox/files/till.ts'
import { createChannels } from '../../src/activities/connection-call.ts'
import type { Channels } from '../../src/activities/connection-call.ts'
import { pullRound } from '../../src/activities/pull.ts'
import type { PullDeps, PullReport } from '../../src/activities/pull.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { freshDatabase } from '../support/db.ts'
import type { TestDatabase } from '../support/db.ts'

let database: TestDatabase
let pool: pg.Pool
let channels: Channels
let deps: PullDeps
let home: string
const inbox = (): string => join(home, 'c_till', 'in')

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url)
  home = await mkdtemp(join(tmpdir(), 'files-pull-'))
  const config = { source: 'folder', fieldMap: 'pos-receipts', stableSeconds: 0 }
  await pool.query(
    `insert into connections (id, channel, name, config, timezone, currency) values ('c_till', 'files', 'Till', $1, 'Europe/Berlin', 'EUR')`,
    [JSON.stringify(config)],
  )
  const box = new SecretBox(randomBytes(32))
  const now = (): Date => new Date()
  channels = createChannels({ pool, box, registry: new Map([['files', files]]), now, allowPrivate: [], folderOf: (id) => join(home, id) })
  deps = { pool, box, keys: new DataKeys(pool, box), mappings: new Map([['files', mapping]]), now, open: (id, signal) => channels.open(id, signal) }
})
afterAll(async () => {
  channels.close()
  await pool.end()
  await database.drop()
  await rm(home, { recursive: true, force: true })
})

const round = (): Promise<PullReport> =>
  pullRound(deps, 'c_till', { signal: new AbortController().signal, budgetMs: 30_000, heartbeat: () => undefined }, true)
const one = async (sql: string): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries((await pool.query(sql)).rows[0] ?? {}).map(([name, value]) => [name, String(value)]))

it("keeps a till's file in the inbox until its receipts are stored, then archives it, and repeating it changes nothing", async () => {
  const day = createTill({ seed: 3, receiptsPerDay: 300 }).day('2026-11-20')
  await dropFile(inbox(), day.name, day.text)

  // The store refuses the commit: nothing may be put away.
  await pool.query('alter table raw_heads rename to raw_heads_away')
  await expect(round()).rejects.toThrow()
  await pool.query('alter table raw_heads_away rename to raw_heads')
  expect(await readdir(inbox())).toEqual([day.name])
  expect(await one('select count(*) n from orders')).toEqual({ n: '0' })

  expect(await round()).toMatchObject({ seen: 300, more: false })
  expect(await readdir(inbox())).toEqual([])
  expect(await one(`select count(*) n, sum(total_minor) total, count(*) filter (where reserves) reserving from orders`)).toEqual({
    n: String(day.receipts),
    total: String(day.soldMinor),
    reserving: '0',
  })
  expect(await one('select count(*) n, sum(amount_minor) back from refunds')).toEqual({ n: String(day.returns), back: String(day.returnedMinor) })
  expect(await one(`select count(*) n from raw_dispositions where disposition = 'ignored'`)).toEqual({ n: String(day.voids) })

  const before = await one('select count(*) raws, (select count(*) from feed) feed from raw_events')
  await dropFile(inbox(), `again-${day.name}`, day.text)
  expect(await round()).toMatchObject({ seen: 300, created: 0, changed: 0 })
  expect(await one('select count(*) raws, (select count(*) from feed) feed from raw_events')).toEqual(before)
  expect(await readdir(inbox())).toEqual([])
})

it('holds what cannot be read, in the failure queue, and goes on with the next file', async () => {
  const day = createTill({ seed: 4, store: 'S9', receiptsPerDay: 10 }).day('2026-11-21')
  await dropFile(inbox(), '0-login-page.csv', '<!doctype html><title>Sign in</title>')
  await dropFile(inbox(), day.name, day.text)
  await round()
  expect(await one(`select count(*) n from raw_dispositions where disposition = 'held' and reason like 'file-is-html%'`)).toEqual({ n: '1' })
  expect(await one(`select count(*) n from orders where channel_order_no like 'S9/%'`)).toEqual({ n: String(day.receipts) })
  expect((await readdir(join(home, 'c_till', 'archive', 'refused'))).some((name) => name.endsWith('0-login-page.csv'))).toBe(true)
})
