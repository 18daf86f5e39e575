import { afterAll, beforeAll, expect, it } from 'vitest'
import { mappingDryRunStep } from '../../src/activities/mapping-dry-run.ts'
import { replayStep, type ReplayDeps } from '../../src/activities/replay.ts'
import type { MappingSet } from '../../src/core/overrides.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { tryMapping } from '../../src/normalize/try-mapping.ts'
import { createJob, loadJob } from '../../src/store/jobs.ts'
import { readDraft, saveDraft } from '../../src/store/overrides/drafts.ts'
import { listComparisons } from '../../src/store/overrides/dry-run-items.ts'
import { addOverride } from '../../src/store/overrides/edit-overrides.ts'
import { listVersions, setAt } from '../../src/store/overrides/read-versions.ts'
import { liveVersion, publishMapping, standingRules } from '../../src/store/overrides/write-version.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'
import { NAMES, RIGHT, SHOP, WRONG, isHit, shopHub, shopMap, shopOrder } from '../support/mapped-shop.ts'

const ORDERS = 44
const HIT = Array.from({ length: ORDERS }, (_, i) => i).filter(isHit).length

let database: TestDatabase
let hub: Awaited<ReturnType<typeof shopHub>>
let deps: ReplayDeps

beforeAll(async () => {
  database = await freshDatabase()
  hub = await shopHub(database.url)
  deps = { ...hub, contextOf: hub.contextOf, sleep: () => Promise.resolve() }
  await ingest(hub, await hub.contextOf(), [...Array.from({ length: ORDERS }, (_, i) => shopOrder(i)), shopOrder(900, { state: 'odd' })])
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const now = new Date()
const live = async (): Promise<{ readonly id: string; readonly config: Readonly<Record<string, unknown>> }> =>
  (await hub.pool.query('select id, config from connections where id = $1', [SHOP])).rows[0]
const at = async (version: number) => setAt(hub.pool, await live(), version, NAMES)

/** Everything a dry run must not touch. */
const fingerprint = async (): Promise<unknown> =>
  (
    await hub.pool.query(
      `select (select md5(string_agg(o::text, '' order by id)) from orders o) o, (select count(*) from feed) f, (select count(*) from raw_events) r, (select md5(string_agg(x::text, '' order by raw_id)) from raw_dispositions x) d,
       (select count(*) from effects) e, (select md5(string_agg(f::text, '' order by id)) from failures f) x, (select md5(string_agg(v::text, '' order by version)) from mapping_versions v) v`,
    )
  ).rows

async function dryRun(set: MappingSet, base: number, over: Readonly<Record<string, unknown>> = {}) {
  const job = await createJob(hub.pool, {
    kind: 'mapping',
    connectionId: SHOP,
    params: { ...set, base, names: NAMES, draft: 1, last: 100_000, ...over },
    createdBy: 'test',
  })
  const budget = { signal: new AbortController().signal, budgetMs: 5000, heartbeat: () => undefined }
  while ((await mappingDryRunStep(deps, job.id, budget)).more);
  return { ...(await loadJob(hub.pool, job.id)), id: job.id }
}

const publish = async (set: MappingSet, over: Partial<Parameters<typeof publishMapping>[1]> = {}) =>
  publishMapping(hub.pool, {
    connectionId: SHOP,
    origin: 'draft',
    base: await liveVersion(hub.pool, SHOP),
    set,
    names: NAMES,
    reason: 'the platform pays a part',
    author: 'user:ops',
    now,
    ...over,
  })
async function replay() {
  const job = await createJob(hub.pool, { kind: 'replay', params: { filter: { connection: SHOP }, dry_run: false, rate: 10_000 }, createdBy: 'test' })
  while ((await replayStep(deps, job.id, { budgetMs: 5000, heartbeat: () => undefined })).more);
  return (await loadJob(hub.pool, job.id))?.result
}
const word = { kind: 'word', field: 'state', entity: '', from: 'odd', to: 'paid' } as const

it('says what a draft would change, by how much and in which orders, and writes nothing', async () => {
  const before = await fingerprint()
  const { id, state, result } = await dryRun({ rules: [word], settings: shopMap(RIGHT) }, 0)
  expect(state).toBe('done')
  expect(result).toMatchObject({ counts: { changed: HIT, newly_fails: 0, newly_passes: 1, still_fails: 0, unchanged: ORDERS - HIT, expired: 0 } })
  const fields = Object(result?.['fields'])
  expect(fields['totals.discount']).toEqual({ orders: HIT, sums: { CNY: 25 * HIT }, from: '1.50 CNY', to: '1.75 CNY' })
  expect(fields['totals.total']).toMatchObject({ orders: HIT, sums: { CNY: -25 * HIT } })
  const touched = await listComparisons(hub.pool, id, { path: 'totals.discount', limit: 100 })
  expect(touched.map(({ item }) => Number(item.slice(6))).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: ORDERS }, (_, i) => i).filter(isHit),
  )
  expect(await fingerprint()).toEqual(before)
})

it('takes the last documents only where it is told so, and none of another version than the draft began at', async () => {
  expect((await dryRun({ rules: [], settings: shopMap(RIGHT) }, 0, { last: 10 })).done).toBe(10)
  expect((await dryRun({ rules: [], settings: shopMap(RIGHT) }, 7)).state).toBe('failed')
})

it('finds what a version would newly fail before it holds', async () => {
  const context = await hub.contextOf()
  expect(await tryMapping(hub, context, { rules: [], settings: shopMap(RIGHT) }, NAMES)).toEqual({ tried: ORDERS, failing: [] })
  const { failing } = await tryMapping(hub, context, { rules: [], settings: shopMap(RIGHT, { sent: 'shipped' }) }, NAMES)
  expect(failing).toHaveLength(ORDERS)
  expect(failing[0]).toMatchObject({ number: expect.stringMatching(/^\d+$/), reason: expect.stringContaining('status-unmapped') })
  const broken = await dryRun({ rules: [], settings: shopMap(RIGHT, { sent: 'shipped' }) }, 0)
  expect(broken.result).toMatchObject({ counts: { newly_fails: ORDERS, still_fails: 1, changed: 0 } })
})

it('publishes once: exactly the wrong orders change, the feed carries exactly those, and again changes nothing', async () => {
  expect(await replay()).toMatchObject({ fail: 1 })
  const seq = (await hub.pool.query('select coalesce(max(seq), 0)::int as seq from feed')).rows[0].seq
  const effects = (await hub.pool.query('select count(*)::int as n from effects')).rows[0].n
  expect(await publish({ rules: [], settings: shopMap(RIGHT) })).toBe(1)
  expect(await replay()).toMatchObject({ change: HIT, create: 0, fail: 1 })
  const { rows } = await hub.pool.query(
    `select o.channel_order_no::int as no, o.overrides_version as v, o.doc -> 'totals' -> 'discount' ->> 'amount' as discount from feed f join orders o on o.id = f.order_id where f.seq > $1 order by 1`,
    [seq],
  )
  expect(rows).toEqual(
    Array.from({ length: ORDERS }, (_, no) => no)
      .filter(isHit)
      .map((no) => ({ no, v: 1, discount: '1.75' })),
  )
  expect(await replay()).toMatchObject({ change: 0, create: 0 })
  expect((await hub.pool.query('select count(*)::int as n from effects')).rows[0].n).toBe(effects)
})

it('keeps who, why and what of each version, whichever way it came to be, and brings an earlier one back', async () => {
  const rule = await addOverride(hub.pool, { ...word, connectionId: SHOP, reason: 'asked', author: 'user:support', now })
  expect(rule.version).toBe(2)
  await publish({ rules: [], settings: shopMap(RIGHT) })
  const restored = await at(2)
  expect(restored).toMatchObject({ rules: [word], settings: shopMap(RIGHT) })
  expect(await at(0)).toEqual({ rules: [], settings: shopMap(WRONG) })
  expect(await at(99)).toBeUndefined()
  await publish(restored ?? { rules: [], settings: {} }, { origin: 'rollback', restored: 2, reason: 'it was right' })
  expect(await listVersions(hub.pool, SHOP, { limit: 10 })).toMatchObject([
    { version: 4, origin: 'rollback', restored: 2, begun: 1, ended: 0, settings_changed: false, reason: 'it was right', author: 'user:ops' },
    { version: 3, origin: 'draft', begun: 0, ended: 1 },
    { version: 2, origin: 'rule', begun: 1, author: 'user:support', reason: 'asked' },
    { version: 1, origin: 'draft', settings_changed: true, begun: 0 },
  ])
  expect(await hub.contextOf()).toMatchObject({ overrides: { version: 4, words: [{ from: 'odd', to: 'paid' }] } })
  expect(await standingRules(hub.pool, SHOP)).toHaveLength(1)
})

it('refuses what is the same, what began at an older version, and a draft somebody saved meanwhile', async () => {
  const set = { rules: [word], settings: shopMap(RIGHT) }
  await expect(publish(set)).rejects.toMatchObject({ code: 'mapping-same' })
  await expect(publish({ rules: [], settings: set.settings }, { base: 1 })).rejects.toMatchObject({ code: 'mapping-changed' })
  const draft = { rules: [], settings: set.settings, author: 'user:a', now }
  expect(await saveDraft(hub.pool, SHOP, { ...draft, expected: 0 })).toMatchObject({ version: 1, base: 4 })
  await expect(saveDraft(hub.pool, SHOP, { ...draft, expected: 0 })).rejects.toMatchObject({ code: 'version-stale' })
  const two = await Promise.allSettled([1, 2].map(() => saveDraft(hub.pool, SHOP, { ...draft, expected: 1 })))
  expect(two.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  await expect(publish(draft, { draft: 1 })).rejects.toMatchObject({ code: 'version-stale' })
  expect(await readDraft(hub.pool, SHOP)).toMatchObject({ version: 2 })
  const both = await Promise.allSettled([1, 2].map(() => publish(draft, { base: 4, draft: 2 })))
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await liveVersion(hub.pool, SHOP)).toBe(5)
  expect(await readDraft(hub.pool, SHOP)).toBeUndefined()
})
