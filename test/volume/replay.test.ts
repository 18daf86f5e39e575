import { Context } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { replayStep, type ReplayDeps } from '../../src/activities/replay.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { cancelJob, createJob, finishJob, loadJob } from '../../src/store/jobs.ts'
import { type TestHub, incoming, stockOf, testHub } from '../support/builders.ts'
import { type TestDatabase, freshDatabase } from '../support/db.ts'
import { workflowBundle } from '../workflows/worker.ts'

const ORDERS = 100_000
const RATE = 5000
/** As long as the hub gives a slice of a job. */
const SLICE_MS = 45_000
const QUEUE = 'replay-volume'

let database: TestDatabase
let hub: TestHub
let client: Client
let end: () => Promise<void>

beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  const { address, namespace } = inject('temporal')
  const native = await NativeConnection.connect({ address })
  const connection = await Connection.connect({ address })
  client = new Client({ connection, namespace })
  const deps: ReplayDeps = {
    ...hub,
    contextOf: () => Promise.resolve(hub.context),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue: QUEUE,
    workflowBundle: await workflowBundle(),
    activities: {
      jobStep: (id: string) => replayStep(deps, id, { budgetMs: SLICE_MS, heartbeat: (done) => Context.current().heartbeat(done) }),
      failJob: (id: string, message: string) => finishJob(hub.pool, id, 'failed', message),
    },
  })
  const run = worker.run()
  end = async () => {
    worker.shutdown()
    await run
    await connection.close()
    await native.close()
    await hub.close()
    await database.drop()
  }
  for (let i = 0; i < ORDERS; i += 1000)
    await ingest(
      hub,
      hub.context,
      Array.from({ length: 1000 }, (_, n) => incoming({ no: `V${i + n}`, at: '2026-11-01T01:00:00Z', sku: 'LATE' })),
    )
})
afterAll(() => end())

async function started(filter: unknown, dry: boolean): Promise<string> {
  const { id } = await createJob(hub.pool, { kind: 'replay', params: { filter, dry_run: dry, rate: RATE }, createdBy: 'test' })
  await client.workflow.start('job', { workflowId: `job/${id}`, taskQueue: QUEUE, args: [id] })
  return id
}

async function finished(id: string): Promise<{ readonly seconds: number; readonly events: number; readonly bytes: number }> {
  const began = Date.now()
  await client.workflow.getHandle(`job/${id}`).result()
  const description = await client.workflow.getHandle(`job/${id}`).describe()
  return { seconds: (Date.now() - began) / 1000, events: description.historyLength, bytes: Number(description.historySize ?? 0) }
}

const count = async (sql: string): Promise<number> => (await hub.pool.query<{ n: number }>(`select count(*)::int as n from ${sql}`)).rows[0]?.n ?? -1

it('replays a cause of 100,000 orders with a small history, no faster than asked, once', async () => {
  const { rows } = await hub.pool.query<{ id: number }>(`select id from failure_groups where subject = 'LATE'`)
  const group = rows[0]?.id
  expect(await count('failures where resolved_at is null')).toBe(ORDERS)
  await stockOf(hub.pool, 'LATE', 1_000_000)
  const dry = await started({ group }, true)
  const plan = await finished(dry)
  expect((await loadJob(hub.pool, dry))?.result).toMatchObject({ change: ORDERS, create: 0, fail: 0 })
  expect(await count('failures where resolved_at is null')).toBe(ORDERS)
  const feed = await count('feed')
  const id = await started({ group }, false)
  const run = await finished(id)
  console.log(
    `plan: ${plan.seconds.toFixed(1)} s, ${plan.events} events; replay: ${run.seconds.toFixed(1)} s, ${run.events} events, ${run.bytes} bytes of history`,
  )
  expect(await loadJob(hub.pool, id)).toMatchObject({ state: 'done', done: ORDERS, result: { change: ORDERS, fail: 0 } })
  expect([await count('failures where resolved_at is null'), await count(`orders where approval = 'held'`), await count('feed')]).toEqual([
    0,
    0,
    feed + ORDERS,
  ])
  expect(run.seconds).toBeGreaterThan(ORDERS / RATE - 1)
  expect(run.events).toBeLessThan(100)
  const again = await started({ connection: 'c_plain' }, false)
  await finished(again)
  expect((await loadJob(hub.pool, again))?.result).toMatchObject({ change: 0, create: 0, unchanged: ORDERS })
  expect([await count('feed'), await count('effects')]).toEqual([feed + ORDERS, 0])
}, 900_000)

it('stops within a batch when it is cancelled', async () => {
  const id = await started({ connection: 'c_plain' }, false)
  while (((await loadJob(hub.pool, id))?.done ?? 0) < 2000) await new Promise((resolve) => setTimeout(resolve, 20))
  await cancelJob(hub.pool, id)
  const at = (await loadJob(hub.pool, id))?.done ?? 0
  await finished(id)
  const job = await loadJob(hub.pool, id)
  expect(job?.state).toBe('cancelled')
  expect((job?.done ?? 0) - at).toBeLessThanOrEqual(500)
}, 120_000)
