import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { woocommerce } from '../../mappings/woocommerce.ts'
import { replayStep, type ReplayDeps } from '../../src/activities/replay.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import type { ConnectionContext } from '../../src/normalize/prepare.ts'
import { wordChoices } from '../../src/normalize/word-choices.ts'
import { loadConnection } from '../../src/store/deliver/open-connection.ts'
import { createJob, loadJob } from '../../src/store/jobs.ts'
import { addOverride, endOverride } from '../../src/store/overrides/edit-overrides.ts'
import { overridesOf } from '../../src/store/overrides/load-overrides.ts'
import { replayReport } from '../../src/store/replay/replay-items.ts'
import { readFailureGroup } from '../../src/store/read/failures.ts'
import { incoming, testHub, type TestHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let hub: TestHub
let deps: ReplayDeps

/** As the running hub opens a connection: its rules are read with it. */
async function context(): Promise<ConnectionContext> {
  const stored = await loadConnection(hub.pool, 'c_woo')
  const overrides = overridesOf(stored?.overrides)
  return { ...hub.context, connectionId: 'c_woo', channel: 'woocommerce', timezone: 'UTC', currency: 'EUR', ...(overrides && { overrides }) }
}

beforeAll(async () => {
  database = await freshDatabase()
  const opened = await testHub(database.url)
  await opened.pool.query(`insert into connections (id, channel, name) values ('c_woo', 'woocommerce', 'Woo')`)
  hub = { ...opened, mappings: new Map([['woocommerce', woocommerce]]) }
  deps = { ...hub, contextOf: context, sleep: () => Promise.resolve() }
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const template: unknown = JSON.parse(
  readFileSync(new URL('../../connectors/woocommerce/fixtures/order-unknown-status.json', import.meta.url), 'utf8'),
)

/** An order of the shop under a status its plugins made up. */
function order(id: number, status: string, over: Readonly<Record<string, unknown>> = {}) {
  const at = '2026-11-01T01:00:00'
  const payload = JSON.stringify({ ...Object(template), id, number: String(id), status, date_modified_gmt: at, ...over })
  return incoming({ no: String(id), at: `${at}Z` }, { record: { kind: 'order', externalId: String(id), sourceTime: `${at}Z`, payload } })
}

const replay = async (filter: Readonly<Record<string, unknown>>, dry = false) => {
  const job = await createJob(hub.pool, { kind: 'replay', params: { filter, dry_run: dry, rate: 10_000 }, createdBy: 'test' })
  while ((await replayStep(deps, job.id, { budgetMs: 5000, heartbeat: () => undefined })).more);
  return { id: job.id, result: (await loadJob(hub.pool, job.id))?.result }
}
const groupOf = async (subject: string) => {
  const { rows } = await hub.pool.query<{ id: string }>('select id::text from failure_groups where subject = $1', [subject])
  return readFailureGroup(hub.pool, rows[0]?.id ?? '0', null)
}
const stored = async (no: number) =>
  (
    await hub.pool.query(
      `select source_status, payment, overrides_version, doc -> 'overridden' as overridden from orders where channel_order_no = $1`,
      [String(no)],
    )
  ).rows[0]
const rule = (from: string, to: string) =>
  addOverride(hub.pool, {
    connectionId: 'c_woo',
    kind: 'word',
    field: 'status',
    entity: '',
    from,
    to,
    reason: 'asked the shop',
    author: 'user:ops',
    now: new Date(),
  })

it('gives an unknown word a meaning, heals exactly the orders that waited for it, and says so on each', async () => {
  await ingest(hub, await context(), [
    ...Array.from({ length: 5 }, (_, i) => order(100 + i, 'awaiting-shipment')),
    order(200, 'packed'),
    order(300, 'processing'),
  ])
  const group = await groupOf('awaiting-shipment')
  expect(group).toMatchObject({ code: 'status-unmapped', count: 5, status: 'open', regressed: false })
  const offered = await wordChoices(hub, await context(), Number(group?.id))
  expect(offered).toMatchObject({ field: 'status', word: 'awaiting-shipment', pointer: '/status' })
  expect(offered?.choices.find((choice) => choice.to === 'processing')).toMatchObject({
    payment: 'paid',
    fulfilment: 'unallocated',
    seen: 1,
    problem: null,
  })
  const dryBefore = await replay({ group: Number(group?.id) }, true)
  expect(dryBefore.result).toMatchObject({ fail: 5, create: 0 })

  const made = await rule('awaiting-shipment', 'processing')
  expect((await replay({ group: Number(group?.id) }, true)).result).toMatchObject({
    fail: 0,
    create: 5,
    money: { create: { USD: 3000 } },
  })
  expect(await stored(100)).toBeUndefined()
  const { id, result } = await replay({ group: Number(group?.id) })
  expect(result).toMatchObject({ create: 5, change: 0, fail: 0, unchanged: 0 })
  expect(await stored(100)).toEqual({
    source_status: 'awaiting-shipment',
    payment: 'paid',
    overrides_version: made.version,
    overridden: [{ pointer: '/status', rule: made.id }],
  })
  expect(await stored(300)).toMatchObject({ overrides_version: 0, overridden: null })
  expect(await groupOf('awaiting-shipment')).toMatchObject({ count: 0, status: 'resolved' })
  expect(await groupOf('packed')).toMatchObject({ count: 1, status: 'open' })
  const report = await replayReport(hub.pool, id, '', 100)
  expect(report.map((row) => [row.number, row.outcome])).toEqual(Array.from({ length: 5 }, (_, i) => [String(100 + i), 'create']))
})

it('reads new documents with the same word at once, and comes back as regressed when the rule is taken back', async () => {
  await ingest(hub, await context(), [order(105, 'awaiting-shipment')])
  expect(await stored(105)).toMatchObject({ source_status: 'awaiting-shipment' })
  const [standing] = (await hub.pool.query<{ id: string }>('select id::text from overrides where ended_at is null')).rows
  await endOverride(hub.pool, standing?.id ?? '0', { author: 'user:ops', reason: 'was wrong', now: new Date() })
  await expect(endOverride(hub.pool, standing?.id ?? '0', { author: 'user:ops', reason: 'was wrong', now: new Date() })).rejects.toMatchObject({
    code: 'override-ended',
  })
  await ingest(hub, await context(), [order(106, 'awaiting-shipment')])
  expect(await groupOf('awaiting-shipment')).toMatchObject({ count: 1, status: 'open', regressed: true })
  expect((await context()).overrides).toMatchObject({ version: 2, words: [] })
})

it('replaces a rule for the same word under a new version and keeps the earlier one on record', async () => {
  const first = await rule('packed', 'on-hold')
  const second = await rule('packed', 'completed')
  expect(second.version).toBe(first.version + 1)
  expect(await rule('packed', 'completed')).toMatchObject({ id: second.id, version: second.version })
  expect((await context()).overrides).toMatchObject({ version: second.version, words: [{ from: 'packed', to: 'completed' }] })
  const { rows } = await hub.pool.query('select ended_version, ended_by from overrides where id = $1', [first.id])
  expect(rows).toEqual([{ ended_version: second.version, ended_by: 'user:ops' }])
})

it('never loops between two words that are read as each other', async () => {
  await rule('ping', 'pong')
  await rule('pong', 'ping')
  await ingest(hub, await context(), [order(400, 'ping')])
  expect(await stored(400)).toBeUndefined()
  expect(
    (await hub.pool.query(`select disposition from raw_dispositions d join raw_events r on r.id = d.raw_id where r.external_id = '400'`)).rows,
  ).toEqual([{ disposition: 'held' }])
})

it('corrects one value of one document by a person, until the channel sends another', async () => {
  await ingest(hub, await context(), [order(500, 'processing', { total: '12.3456' })])
  expect(await stored(500)).toBeUndefined()
  const { rows: bytes } = await hub.pool.query(`select body from raw_events where external_id = '500'`)
  const made = await addOverride(hub.pool, {
    connectionId: 'c_woo',
    kind: 'field',
    field: '/total',
    entity: 'order/500',
    from: '12.3456',
    to: '12.35',
    reason: 'asked the shop',
    author: 'user:ops',
    now: new Date(),
  })
  expect((await replay({ connection: 'c_woo' })).result).toMatchObject({ create: expect.any(Number) })
  expect(await stored(500)).toMatchObject({ overridden: [{ pointer: '/total', rule: made.id }] })
  expect((await hub.pool.query(`select total_minor from orders where channel_order_no = '500'`)).rows).toEqual([{ total_minor: 1235 }])
  expect((await hub.pool.query(`select body from raw_events where external_id = '500'`)).rows).toEqual(bytes)
  const later = order(500, 'processing', { total: '99.00', date_modified_gmt: '2026-11-02T01:00:00' })
  await ingest(hub, await context(), [{ ...later, record: { ...later.record, sourceTime: '2026-11-02T01:00:00Z' } }])
  expect((await hub.pool.query(`select total_minor, doc -> 'overridden' as overridden from orders where channel_order_no = '500'`)).rows).toEqual([
    { total_minor: 9900, overridden: null },
  ])
})

it('changes nothing when the same documents are replayed again', async () => {
  await replay({ connection: 'c_woo' })
  expect((await replay({ connection: 'c_woo' })).result).toMatchObject({ create: 0, change: 0 })
})
