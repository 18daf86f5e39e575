import { afterAll, beforeAll, expect, it } from 'vitest'
import { setStock } from '../../src/deliver/stock.ts'
import { createShipment } from '../../src/deliver/shipments.ts'
import { createJob, loadJob } from '../../src/store/jobs.ts'
import { CANARY, eventually, row, sell, testHub, type TestHub } from './hub.ts'
import { recordHistories } from './record.ts'
import { startTestWorker, type TestWorker } from './worker.ts'

let hub: TestHub
let worker: TestWorker
beforeAll(async () => {
  hub = await testHub({ fulfilments: true })
  worker = await startTestWorker(hub)
  await worker.workflows.ensureAll(1)
})
afterAll(async () => {
  if (process.env['HUB_RECORD_HISTORIES'] === '1') await recordHistories(worker.client)
  await worker.stop()
  await hub.close()
})

const count = (sku: string, onHand: string) => setStock({ pool: hub.pool, actor: 'test', now: hub.now() }, [{ sku, location: 'main', onHand }])
const place = (sku: string): string => {
  const placed = hub.shop.control.shop([{ sku, quantity: 1 }])
  if (!placed.ok) throw new Error(placed.reason)
  return placed.orderId
}
const stored = (channelId: string) =>
  eventually(
    `order ${channelId} in the hub`,
    async () => (await row<{ id: number } | undefined>(hub, 'select id from orders where external_id = $1', [channelId]))?.id,
  )

it('reads, binds, tells stock and ships, woken by nothing but committed rows', async () => {
  await sell(hub, 'LOOP-1')
  const id = await hub.connect()
  await worker.workflows.ensure(id)
  await eventually('the listing to be bound', async () => (await row(hub, `select 1 from listings where sku = 'LOOP-1'`)) ?? undefined)
  await count('LOOP-1', '30')
  await eventually('the shop to show 30', () => (hub.shop.control.stockOf('LOOP-1') === 30 ? true : undefined))
  expect(hub.shop.ledger.stockWrites()).toHaveLength(1)
  const channelId = place('LOOP-1')
  const orderId = await stored(channelId)
  await eventually('one unit less', () =>
    hub.shop.ledger.stockWrites().some((write) => write.sku === 'LOOP-1' && write.to === 29) ? true : undefined,
  )
  await createShipment({ pool: hub.pool, orderId, carrier: 'UPS', trackingNo: '1Z1', source: 'api', actor: 'test', now: hub.now() })
  await eventually('the package at the shop', () => (hub.shop.ledger.shipments().some((fact) => fact.orderId === channelId) ? true : undefined))
  await eventually(
    'its confirmation',
    async () => (await row<{ sync: string }>(hub, 'select sync from orders where id = $1', [orderId])).sync === 'current' || undefined,
  )
})

it('is rebuilt from Postgres when the workflow server was wiped; nothing is lost and nothing repeated', async () => {
  const writesBefore = hub.shop.ledger.stockWrites().length
  const packagesBefore = hub.shop.ledger.shipments().length
  await worker.wipe()
  const channelId = place('LOOP-1')
  await worker.workflows.ensureAll(1)
  await stored(channelId)
  await eventually('the level after the order', () => (hub.shop.ledger.stockWrites().length > writesBefore ? true : undefined))
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(
    hub.shop.ledger
      .stockWrites()
      .slice(writesBefore)
      .map((write) => write.to),
  ).toEqual([28])
  expect(hub.shop.ledger.shipments()).toHaveLength(packagesBefore)
})

it('pauses and resumes with the connection, and reads at once when asked', async () => {
  const id = 'woo1'
  await hub.pool.query(`update connections set state = 'paused' where id = $1`, [id])
  await worker.workflows.ensure(id)
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  const channelId = place('LOOP-1')
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  expect(await row(hub, 'select count(*)::int as n from orders where external_id = $1', [channelId])).toEqual({ n: 0 })
  await hub.pool.query(`update connections set state = 'active' where id = $1`, [id])
  await worker.workflows.ensure(id)
  await stored(channelId)
})

it('reads orders while the channel hangs on its listings', async () => {
  await hub.pool.query(`update streams set last_success_at = now() - interval '2 days' where connection_id = 'woo1' and stream = 'listings'`)
  hub.shop.control.setFault({ kind: 'timeout', match: { path: '/products' } })
  const before = hub.shop.faults.fired()
  await worker.workflows.wakePull('woo1')
  await eventually('the listings to be asked for', () => (hub.shop.faults.fired() > before ? true : undefined))
  const channelId = place('LOOP-1')
  await worker.workflows.wakePull('woo1')
  expect(await stored(channelId)).toBeDefined()
  hub.shop.control.clearFaults()
})

it('asks for help when its key was revoked, and finds out by itself that it works again', async () => {
  const id = 'woo1'
  const state = async (): Promise<string> => (await row<{ state: string }>(hub, 'select state from connections where id = $1', [id])).state
  hub.shop.control.setFault({ kind: 'unauthorized' })
  await eventually('needs-auth', async () => ((await state()) === 'needs-auth' ? true : undefined))
  expect(
    await row(
      hub,
      `select count(*)::int as n from failures f join failure_groups g on g.id = f.group_id where g.operation = 'pull' and f.resolved_at is null`,
    ),
  ).toEqual({ n: 1 })
  hub.shop.control.clearFaults()
  await worker.workflows.wakePull(id)
  await eventually('active again', async () => ((await state()) === 'active' ? true : undefined))
  expect(
    await row(
      hub,
      `select count(*)::int as n from failures f join failure_groups g on g.id = f.group_id where g.operation = 'pull' and f.resolved_at is null`,
    ),
  ).toEqual({ n: 0 })
})

it('runs a backfill as a job, although its start was never announced', async () => {
  hub.shop.control.seedOrders(120, 20)
  const to = hub.now().toISOString()
  const from = new Date(hub.now().getTime() - 30 * 86_400_000).toISOString()
  const job = await createJob(hub.pool, { kind: 'backfill', connectionId: 'woo1', params: { from, to }, createdBy: 'test' })
  const done = await eventually(
    'the backfill',
    async () => {
      const now = await loadJob(hub.pool, job.id)
      return now?.state === 'done' || now?.state === 'failed' ? now : undefined
    },
    45,
  )
  expect(done).toMatchObject({ state: 'done' })
  expect(done.done).toBeGreaterThanOrEqual(120)
  const known = await row<{ n: number }>(hub, `select count(*)::int as n from raw_heads where connection_id = 'woo1' and kind = 'order'`)
  expect(known.n).toBe(hub.shop.ledger.orders().length)
})

it('fetches in its daily sweep what no poll has ever seen', async () => {
  const placed = place('LOOP-1')
  const orderId = await stored(placed)
  await hub.pool.query(`update connections set state = 'paused'`)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  await hub.pool.query('delete from orders where id = $1', [orderId])
  await hub.pool.query(`delete from raw_heads where external_id = $1`, [placed])
  hub.skip(7_200) // the sweep leaves the last hour to the poll, so two hours go by here and at the shop
  hub.shop.clock.advance(7_200_000)
  await hub.pool.query(`update connections set state = 'active'`)
  const report = await worker.client.workflow.execute('daily', { taskQueue: 'hub', workflowId: 'daily-test' })
  expect(report).toMatchObject({ failed: 0, missing: 1 })
  await stored(placed)
})

it('keeps credentials out of every payload, failure and log line', async () => {
  let events = 0
  for await (const run of worker.client.workflow.list()) {
    const history = await worker.client.workflow.getHandle(run.workflowId, run.runId).fetchHistory()
    const text = JSON.stringify(history.events, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value))
    events += history.events?.length ?? 0
    expect(text.includes(CANARY)).toBe(false)
    expect(/@example|Address|address_1/.test(text)).toBe(false)
  }
  expect(events).toBeGreaterThan(100)
  expect(hub.logged.join('\n').includes(CANARY)).toBe(false)
})
