import { afterAll, beforeAll, expect, it } from 'vitest'
import { replayStep, type ReplayDeps } from '../../src/activities/replay.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { createJob, loadJob } from '../../src/store/jobs.ts'
import { incoming, plainMapping, plainOrder, stockOf, testHub, type PlainDocument, type TestHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let hub: TestHub
let deps: ReplayDeps

beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  await stockOf(hub.pool, 'TEA', 1000)
  deps = { ...hub, contextOf: () => Promise.resolve(hub.context), sleep: () => Promise.resolve() }
  await ingest(
    hub,
    hub.context,
    Array.from({ length: 20 }, (_, i) => incoming({ no: `R${i}`, at: '2026-11-01T01:00:00Z', ...(i < 3 && { sku: 'LATE' }) })),
  )
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

/** Everything a dry run must not touch. */
const fingerprint = async (): Promise<unknown> =>
  (
    await hub.pool.query(
      `select (select md5(string_agg(o::text, '' order by id)) from orders o) o, (select count(*) from feed) f, (select count(*) from raw_events) r, (select md5(string_agg(s::text, '' order by sku)) from stock s) s`,
    )
  ).rows

const run = async (params: Readonly<Record<string, unknown>>, on: ReplayDeps = deps) => {
  const job = await createJob(hub.pool, { kind: 'replay', params, createdBy: 'test' })
  while ((await replayStep(on, job.id, { budgetMs: 5000, heartbeat: () => undefined })).more);
  const done = await loadJob(hub.pool, job.id)
  return { state: done?.state, result: done?.result as Record<string, never> }
}

it('leaves everything as it is when nothing changed', async () => {
  const before = await fingerprint()
  const { state, result } = await run({ filter: {}, dry_run: false, rate: 10_000 })
  expect(state).toBe('done')
  expect(result).toMatchObject({ create: 0, change: 0, unchanged: 17, fail: 3 })
  expect(await fingerprint()).toEqual(before)
})

it('says what a bound SKU would heal, writes nothing, then heals exactly that', async () => {
  await stockOf(hub.pool, 'LATE', 10)
  const group = (await hub.pool.query(`select id from failure_groups where subject = 'LATE'`)).rows[0].id
  const before = await fingerprint()
  const dry = await run({ filter: { group }, dry_run: true })
  expect(dry.result).toMatchObject({ change: 3, fail: 0, create: 0, money: { change: { CNY: 3000 } } })
  expect(Object.keys(dry.result.fields ?? {})).toEqual(expect.arrayContaining(['lines[].sku', 'holds']))
  expect(await fingerprint()).toEqual(before)
  expect((await run({ filter: { group }, dry_run: false, rate: 1000 })).result).toMatchObject({ change: 3, unchanged: 0 })
  expect((await run({ filter: { group }, dry_run: false, rate: 1000 })).result).toMatchObject({ change: 0 })
  expect((await hub.pool.query(`select status from failure_groups where id = $1`, [group])).rows).toEqual([{ status: 'resolved' }])
})

it('repairs a wrong mapping by replaying the documents through the right one', async () => {
  const fixed = {
    ...plainMapping,
    version: 2,
    map: (raw: Parameters<typeof plainMapping.map>[0]) => ({
      kind: 'order' as const,
      order: { ...plainOrder(raw.doc as PlainDocument), sellerNote: 'fixed' },
    }),
  }
  const { result } = await run(
    { filter: { connection: 'c_plain' }, dry_run: false, rate: 10_000 },
    { ...deps, mappings: new Map([['plain', fixed]]) },
  )
  expect(result).toMatchObject({ change: 20 })
  const rows = await hub.pool.query(`select distinct mapping, doc->>'seller_note' as note from orders`)
  expect(rows.rows).toEqual([{ mapping: 'plain@2', note: 'fixed' }])
})

it('does not undo a newer document that arrived while the replay had the older one in hand', async () => {
  const stale = incoming(
    { no: 'R19', at: '2026-11-01T01:00:00Z', total: 1 },
    { archivedRawId: (await hub.pool.query(`select raw_id from orders where channel_order_no = 'R19'`)).rows[0].raw_id },
  )
  await ingest(hub, hub.context, [incoming({ no: 'R19', at: '2026-11-02T01:00:00Z', total: 7700 })])
  await ingest(hub, hub.context, [stale], { mode: 'replay' })
  expect((await hub.pool.query(`select total_minor from orders where channel_order_no = 'R19'`)).rows).toEqual([{ total_minor: 7700 }])
})

it('ends at the documents there were when it began, however many arrive meanwhile', async () => {
  let arrived = 0
  const arriving: ReplayDeps = {
    ...deps,
    sleep: async () => {
      arrived += 1
      await ingest(hub, hub.context, [incoming({ no: `NEW${arrived}`, at: '2026-11-03T01:00:00Z' })])
    },
  }
  const { result } = await run({ filter: { connection: 'c_plain' }, dry_run: false, rate: 10 }, arriving)
  const { create, change, unchanged, fail } = result as unknown as Readonly<Record<string, number>>
  expect(arrived).toBe(2)
  expect((create ?? 0) + (change ?? 0) + (unchanged ?? 0) + (fail ?? 0)).toBe(20)
})
