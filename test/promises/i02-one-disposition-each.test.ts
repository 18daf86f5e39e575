import { afterAll, beforeAll, expect, it } from 'vitest'
import { pullRound } from '../../src/activities/pull.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming } from '../support/builders.ts'
import { drainAll, openHub, seeded, shuffled, type PromiseHub } from './open-hub.ts'

let hub: PromiseHub

beforeAll(async () => {
  hub = await openHub()
})
afterAll(() => hub.close())

const poll = () =>
  pullRound(
    { ...hub, open: () => Promise.resolve(hub.channel.open(hub.context)) },
    'c_plain',
    { signal: new AbortController().signal, budgetMs: 5000, heartbeat: () => undefined },
    true,
  )
const stamp = (offsetMs: number): string => new Date(Date.now() + offsetMs).toISOString()

/** Every kind of delivery a door sees, some of them twice. */
const deliveries = (): readonly string[] => {
  const at = '2026-11-01T05:00:00Z'
  return [
    ...Array.from({ length: 6 }, (_, i) => JSON.stringify({ no: `W${i}`, at })), // applied
    ...Array.from({ length: 6 }, (_, i) => JSON.stringify({ no: `W${i}`, at })), // the same bytes again: duplicate
    ...Array.from({ length: 3 }, (_, i) => JSON.stringify({ no: `W${i}`, at, total: 1700 })), // a tie: superseded, or the first to come
    ...Array.from({ length: 3 }, (_, i) => JSON.stringify({ no: `W${i}`, at: '2026-11-01T04:00:00Z', total: 900 })), // stale
    JSON.stringify({ no: 'D1', at, draft: true }), // ignored by rule
    JSON.stringify({ no: 'X1', at, boom: true }), // held: the mapping crashes
    JSON.stringify({ no: 'X2', at, qty: 'many' }), // held: the store refuses it
    JSON.stringify({ changed: 'W1' }),
    JSON.stringify({ topic: 'other' }),
    'not json at all',
  ]
}

it('I2 gives every stored document exactly one disposition, whatever came in which order', async () => {
  const random = seeded(20261122)
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(shuffled(deliveries(), random).map((body) => hub.deliver(body)))
    await drainAll(hub)
  }
  expect(await hub.value('select count(*)::int from inbox')).toBe(0)
  const without = await hub.rows(
    `select r.kind, r.external_id, r.source from raw_events r where not exists (select 1 from raw_dispositions d where d.raw_id = r.id)`,
  )
  expect(without).toEqual([])
  expect(await hub.rows('select d.raw_id from raw_dispositions d where not exists (select 1 from raw_events r where r.id = d.raw_id)')).toEqual([])
  const counts = await hub.rows<{ disposition: string; n: number }>(
    'select disposition, count(*)::int as n from raw_dispositions group by 1 order by 1',
  )
  expect(counts.map((row) => row.disposition)).toEqual(['applied', 'duplicate', 'held', 'ignored', 'superseded'])
  expect(counts.reduce((sum, row) => sum + row.n, 0)).toBe(await hub.value('select count(*)::int from raw_events'))
})

it("I2 puts everything held into somebody's queue", async () => {
  const held = await hub.rows<{ raw_id: number }>(`select raw_id from raw_dispositions where disposition = 'held'`)
  expect(held.length).toBeGreaterThan(0)
  const queued = await hub.rows<{ raw_id: number }>(
    `select d.raw_id from raw_dispositions d join raw_events r on r.id = d.raw_id where d.disposition = 'held' and exists (
       select 1 from failures f where f.resolved_at is null and (
         (f.subject_kind = 'webhook' and f.subject_id = d.raw_id::text)
         or (f.subject_kind = 'raw' and exists (select 1 from raw_heads h where h.raw_id = d.raw_id and f.subject_id = h.connection_id || '/' || h.kind || '/' || h.external_id))))`,
  )
  expect(queued.length).toBe(held.length)
})

it('I2 adds up per connection and page: seen = known already + stored', async () => {
  const at = stamp(-30_000)
  hub.channel.put(...Array.from({ length: 17 }, (_, i) => ({ no: `S${i}`, at })), { no: 'S-held', at, boom: true } as never)
  await poll()
  hub.channel.put({ no: 'S3', at: stamp(-1), total: 4200 })
  await hub.pool.query(`update streams set watermark = watermark - interval '1 hour'`) // an overlap: everything is read again
  const again = await poll()
  expect(again).toMatchObject({ seen: 18, created: 0, changed: 1 })
  await ingest(hub, hub.context, [incoming({ no: 'S3', at, total: 1 }, { source: 'backfill' })]) // stale: not of any page
  const [pages] = await hub.rows(
    `select sum(seen)::int as seen, sum(unchanged)::int as unchanged, sum(appended)::int as appended from pull_pages where connection_id = 'c_plain'`,
  )
  expect(pages).toEqual({ seen: 36, unchanged: 17, appended: 19 })
  expect(await hub.value(`select count(*)::int from raw_events where source = 'poll'`)).toBe(19)
  expect(await hub.value(`select count(*)::int from raw_events r left join raw_dispositions d on d.raw_id = r.id where d.raw_id is null`)).toBe(0)
})

it('I2 counts a document that one read names twice once as stored', async () => {
  const seen = { unchanged: 0 }
  const document = incoming({ no: 'T1', at: '2026-11-01T05:00:00Z' })
  await ingest(hub, hub.context, [document, document, incoming({ no: 'T2', at: '2026-11-01T05:00:00Z' })], {
    alongside: (_client, unchanged) => Promise.resolve(void (seen.unchanged = unchanged)),
  })
  expect(seen.unchanged).toBe(1)
  expect(await hub.value(`select count(*)::int from raw_events where external_id in ('T1', 'T2')`)).toBe(2)
})

it('I2 counts a document that a webhook brought before the poll as known', async () => {
  const document = { no: 'U1', at: '2026-11-01T05:00:00Z' }
  for (const no of ['U1', 'U3']) await hub.deliver(JSON.stringify({ ...document, no }))
  await drainAll(hub)
  const told: number[] = []
  const alongside = (_client: unknown, unchanged: number): Promise<void> => Promise.resolve(void told.push(unchanged))
  await ingest(
    hub,
    hub.context,
    [incoming(document), incoming({ no: 'U2', at: document.at }), incoming({ ...document, at: '2026-11-01T06:00:00Z' })],
    { alongside },
  )
  await ingest(hub, hub.context, [incoming({ no: 'U2', at: document.at })], { alongside })
  await ingest(hub, hub.context, [incoming({ no: 'U3', at: document.at })], { alongside })
  expect(told).toEqual([1, 1, 1])
  expect(await hub.value(`select count(*)::int from raw_events where source = 'poll' and external_id in ('U1', 'U2', 'U3')`)).toBe(2)
})
