import { afterAll, beforeAll, expect, it } from 'vitest'
import { createShipment } from '../../src/deliver/shipments.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { planStockPush } from '../../src/deliver/push-stock.ts'
import { LEASE_SECONDS } from '../../src/deliver/settle-stock.ts'
import { createJob, loadJob } from '../../src/store/jobs.ts'
import { eventually, row, sell, testHub, type TestHub } from './hub.ts'
import { startTestWorker, type TestWorker } from './worker.ts'

let hub: TestHub
let worker: TestWorker
let id: string

beforeAll(async () => {
  hub = await testHub({ fulfilments: true })
  for (const sku of ['KEPT', 'MOVED', 'LOST']) await sell(hub, sku)
  id = await hub.connect()
  worker = await startTestWorker(hub)
  await worker.workflows.ensureAll(1)
  await worker.workflows.ensure(id) // as when it was made
  await eventually('the listings to be bound', async () =>
    (await row<{ n: number }>(hub, 'select count(*)::int as n from listings where sku is not null')).n === 3 ? true : undefined,
  )
  for (const sku of ['KEPT', 'MOVED', 'LOST']) await count(sku, 30)
  await eventually('the first levels', () => (['KEPT', 'MOVED', 'LOST'].every((sku) => hub.shop.control.stockOf(sku) === 30) ? true : undefined), 60)
})
afterAll(async () => {
  await worker.stop()
  await hub.close()
})

const count = (sku: string, onHand: number) =>
  setStock({ pool: hub.pool, actor: 'test', now: hub.now() }, [{ sku, location: 'main', onHand: String(onHand) }])
const place = (sku: string): string => {
  const placed = hub.shop.control.shop([{ sku, quantity: 1 }])
  if (!placed.ok) throw new Error(placed.reason)
  return placed.orderId
}
const orderOf = (channelId: string) =>
  eventually(
    `order ${channelId} in the hub`,
    async () => (await row<{ id: number } | undefined>(hub, 'select id from orders where external_id = $1', [channelId]))?.id,
  )
const writes = (sku: string): readonly unknown[] =>
  hub.shop.ledger
    .stockWrites()
    .filter((write) => write.sku === sku)
    .map((write) => write.to)
const settled = (): Promise<boolean> =>
  row<{ done: boolean }>(
    hub,
    `select not exists (select 1 from effects_now where state in ('pending', 'sending', 'unknown')) and not exists (select 1 from listing_dirty)
       and not exists (select 1 from listings where push_state in ('pending', 'sending', 'unknown')) as done`,
  ).then((found) => found.done)

it('I9 starts on an empty workflow server as if nothing had been: all that waits is done, once', async () => {
  const before = place('KEPT')
  const orderId = await orderOf(before)
  await eventually('the level after the order', () => (hub.shop.control.stockOf('KEPT') === 29 ? true : undefined))
  await eventually('quiet', async () => (await settled()) || undefined)
  await worker.stop()

  // What happens while no workflow server is there: a sale, a count, a package, a job, and a write on the wire whose process died.
  const meanwhile = place('KEPT')
  await count('LOST', 12)
  const lost = await planStockPush({ pool: hub.pool, now: hub.now() }, id, 10, { skewSeconds: 10, tMaxSeconds: 50 })
  expect(lost.writes.map((planned) => planned.write.quantity)).toEqual([12])
  await count('MOVED', 7)
  await createShipment({ pool: hub.pool, orderId, carrier: 'UPS', trackingNo: '1Z999', source: 'api', actor: 'test', now: hub.now() })
  const job = await createJob(hub.pool, {
    kind: 'backfill',
    connectionId: id,
    params: { from: new Date(hub.now().getTime() - 86_400_000).toISOString(), to: new Date(hub.now().getTime() - 3_600_000).toISOString() },
    createdBy: 'test',
  })
  hub.skip(LEASE_SECONDS + 200)
  hub.shop.clock.advance((LEASE_SECONDS + 200) * 1000)
  const told = { KEPT: writes('KEPT').length, MOVED: writes('MOVED').length, LOST: writes('LOST').length }

  worker = await startTestWorker(hub) // a namespace nobody has seen: an empty server
  await worker.workflows.ensureAll(1)
  await orderOf(meanwhile)
  await eventually('the package at the shop', () => (hub.shop.ledger.shipments().some((fact) => fact.orderId === before) ? true : undefined))
  await eventually('the job', async () => ((await loadJob(hub.pool, job.id))?.state === 'done' ? true : undefined), 60)
  await eventually('every effect settled', async () => (await settled()) || undefined, 60)
  expect(hub.shop.ledger.shipments().filter((fact) => fact.orderId === before)).toHaveLength(1)
  expect({ MOVED: writes('MOVED').slice(told.MOVED), LOST: writes('LOST').slice(told.LOST) }).toEqual({ MOVED: [7], LOST: [12] })
  expect(hub.shop.control.stockOf('KEPT')).toBe(28)
}, 180_000)

it('I9 has a poll and a push per connection again, the residents and the daily schedule', async () => {
  const running = new Set<string>()
  await eventually('all of them', async () => {
    for await (const run of worker.client.workflow.list({ query: `ExecutionStatus = 'Running'` })) running.add(run.workflowId)
    return [`poll/${id}`, `push/${id}`, 'receive/0'].every((name) => running.has(name)) ? true : undefined
  })
  expect((await worker.client.schedule.getHandle('daily').describe()).action.workflowType).toBe('daily')
})

it('I9 repeats nothing towards the channel when the server is wiped once more', async () => {
  const [levels, packages] = [hub.shop.ledger.stockWrites().length, hub.shop.ledger.shipments().length]
  await worker.stop()
  worker = await startTestWorker(hub)
  await worker.workflows.ensureAll(1)
  const next = place('MOVED')
  const orderId = await orderOf(next) // it is at work
  await eventually('quiet', async () => (await settled()) || undefined)
  expect(writes('MOVED').at(-1)).toBe(6)
  expect([hub.shop.ledger.stockWrites().length, hub.shop.ledger.shipments().length]).toEqual([levels + 1, packages])
  expect(await row(hub, 'select version from orders where id = $1', [orderId])).toEqual({ version: 1 })
  expect(await row(hub, 'select count(*)::int - count(distinct (order_id, version))::int as repeated from feed')).toEqual({ repeated: 0 })
}, 120_000)

it('I9 rebuilds what the server lost while the worker runs', async () => {
  await worker.wipe()
  const wanted = [`poll/${id}`, `push/${id}`, 'receive/0']
  const found = await eventually(
    'all of them and the schedule',
    async () => {
      const running = new Set<string>()
      for await (const run of worker.client.workflow.list({ query: `ExecutionStatus = 'Running'` })) running.add(run.workflowId)
      const daily = await worker.client.schedule
        .getHandle('daily')
        .describe()
        .catch(() => undefined)
      return daily && wanted.every((name) => running.has(name)) ? wanted.filter((name) => running.has(name)) : undefined
    },
    40,
  )
  expect(found).toEqual(wanted)
}, 60_000)
