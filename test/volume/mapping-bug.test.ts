import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { mappingDryRunStep } from '../../src/activities/mapping-dry-run.ts'
import { replayStep, type ReplayDeps } from '../../src/activities/replay.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { createJob, loadJob, type Job } from '../../src/store/jobs.ts'
import { setAt } from '../../src/store/overrides/read-versions.ts'
import { liveVersion, publishMapping } from '../../src/store/overrides/write-version.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'
import { NAMES, RIGHT, SHOP, isHit, shopHub, shopMap, shopOrder } from '../support/mapped-shop.ts'

const ORDERS = 11_000
const NUMBERS = Array.from({ length: ORDERS }, (_, no) => no)
const HIT = NUMBERS.filter(isHit).map(String)
const BATCH = 500

let database: TestDatabase
let hub: Awaited<ReturnType<typeof shopHub>>
let deps: ReplayDeps

beforeAll(async () => {
  database = await freshDatabase()
  hub = await shopHub(database.url)
  deps = { ...hub, contextOf: hub.contextOf, sleep: () => Promise.resolve() }
  for (let at = 0; at < ORDERS; at += BATCH)
    await ingest(
      hub,
      await hub.contextOf(),
      NUMBERS.slice(at, at + BATCH).map((no) => shopOrder(no)),
    )
  // What was told to the channel before the bug was found: none of it may be told again.
  await hub.pool.query(
    `insert into effects (connection_id, kind, idempotency_key, order_id, intent, state, settled_at) select connection_id, 'shipment', 'ship/' || id, id, '{}', 'done', now() from orders where id % 3 = 0`,
  )
  await hub.pool.query('update connections set armed_stock = true, armed_shipments = true')
}, 600_000)
afterAll(async () => {
  await hub.close()
  await database.drop()
})

/** Everything that is a function of the documents, as one hash: no row ids, versions or clocks of the hub. */
async function canonical(): Promise<string> {
  const { rows } = await hub.pool.query<{ line: string }>(
    `select concat_ws('|', o.channel_order_no, encode(o.content_hash, 'hex'), o.doc::text, o.source_status, o.payment, o.fulfilment, o.after_sale, o.total_minor, o.paid_minor, o.line_count, o.placed_at, o.raw_id,
       (select string_agg((to_jsonb(l) - 'order_id')::text, ';' order by l.line_no) from order_lines l where l.order_id = o.id),
       (select string_agg(h.code || h.detail, ';' order by h.code, h.detail) from holds h where h.order_id = o.id and h.released_at is null)) as line from orders o order by o.channel_order_no`,
  )
  const digest = createHash('sha256')
  for (const { line } of rows) digest.update(`${line}\n`)
  return `${rows.length} ${digest.digest('hex')}`
}

const effects = async (): Promise<unknown> =>
  (await hub.pool.query(`select count(*)::int as n, md5(string_agg(e::text, '' order by id)) as rows from effects e`)).rows[0]
const position = async (): Promise<number> => (await hub.pool.query('select coalesce(max(seq), 0)::int as seq from feed')).rows[0].seq
const fedSince = async (seq: number): Promise<readonly string[]> =>
  (
    await hub.pool.query<{ no: string }>('select o.channel_order_no as no from feed f join orders o on o.id = f.order_id where f.seq > $1', [seq])
  ).rows
    .map(({ no }) => no)
    .toSorted()

async function replay(): Promise<Job['result']> {
  const job = await createJob(hub.pool, {
    kind: 'replay',
    params: { filter: { connection: SHOP }, dry_run: false, rate: 100_000 },
    createdBy: 'test',
  })
  while ((await replayStep(deps, job.id, { budgetMs: 45_000, heartbeat: () => undefined })).more);
  return (await loadJob(hub.pool, job.id))?.result ?? {}
}

const publish = async (set: Parameters<typeof publishMapping>[1]['set'], restored?: number): Promise<number> =>
  publishMapping(hub.pool, {
    connectionId: SHOP,
    origin: restored === undefined ? 'draft' : 'rollback',
    ...(restored !== undefined && { restored }),
    base: await liveVersion(hub.pool, SHOP),
    set,
    names: NAMES,
    reason: 'the platform pays a part of the discount',
    author: 'user:ops',
    now: new Date(),
  })

it('dry-runs a mapping bug over 10,000 orders, fixes exactly these, and can take it back', { timeout: 600_000 }, async () => {
  const [wrong, told, before] = [await canonical(), await effects(), await position()]
  const set = { rules: [], settings: shopMap(RIGHT) }

  const job = await createJob(hub.pool, {
    kind: 'mapping',
    connectionId: SHOP,
    params: { ...set, base: 0, names: NAMES, draft: 1, last: 100_000 },
    createdBy: 'test',
  })
  const [started, heap] = [performance.now(), process.memoryUsage().heapUsed]
  let [most, longest, last] = [heap, 0, performance.now()]
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed)
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  const budget = { signal: new AbortController().signal, budgetMs: 45_000, heartbeat: () => undefined }
  while ((await mappingDryRunStep(deps, job.id, budget)).more);
  clearInterval(watch)
  console.log(
    `dry run: ${ORDERS} documents in ${((performance.now() - started) / 1000).toFixed(1)} s, heap +${((most - heap) / 1e6).toFixed(0)} MB, longest wait of others ${longest.toFixed(0)} ms`,
  )
  const dry = (await loadJob(hub.pool, job.id))?.result
  expect(dry).toMatchObject({ counts: { changed: HIT.length, newly_fails: 0, still_fails: 0, unchanged: ORDERS - HIT.length } })
  expect(Object(dry?.['fields'])['totals.discount']).toMatchObject({ orders: HIT.length, sums: { CNY: 25 * HIT.length } })
  expect([await canonical(), await position()]).toEqual([wrong, before])

  await publish(set)
  expect(await replay()).toMatchObject({ change: HIT.length, create: 0, fail: 0, unchanged: ORDERS - HIT.length })
  expect(await fedSince(before)).toEqual(HIT.toSorted())
  expect(
    (await hub.pool.query(`select distinct doc -> 'totals' -> 'discount' ->> 'amount' as d, count(*)::int as n from orders group by 1 order by 1`))
      .rows,
  ).toEqual([
    { d: '1.50', n: ORDERS - HIT.length },
    { d: '1.75', n: HIT.length },
  ])
  const right = await canonical()
  const after = await position()
  expect(await replay()).toMatchObject({ change: 0, create: 0 })
  expect([await position(), await effects()]).toEqual([after, told])

  // The compensation: back as it was, each of them in the feed once more.
  await publish((await setAt(hub.pool, { id: SHOP, config: {} }, 0, NAMES)) ?? set, 0)
  expect(await replay()).toMatchObject({ change: HIT.length })
  expect(await fedSince(after)).toEqual(HIT.toSorted())
  expect([await canonical(), await effects()]).toEqual([wrong, told])
  await publish(set)
  await replay()
  expect([await canonical(), await effects()]).toEqual([right, told])

  await hub.pool.query(
    'truncate orders, refunds, failure_groups, feed, stock_ledger, listing_dirty restart identity cascade; update stock set reserved = 0',
  )
  expect(await canonical()).toMatch(/^0 /)
  expect(await replay()).toMatchObject({ create: ORDERS, fail: 0 })
  expect(await canonical()).toBe(right)
})
