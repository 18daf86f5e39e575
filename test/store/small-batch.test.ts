import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming, stockOf, testHub, type TestHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let hub: TestHub

beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  await stockOf(hub.pool, 'TEA', 10_000)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const batch = (first: number, count: number, at: string) => Array.from({ length: count }, (_, i) => incoming({ no: `S${first + i}`, at, qty: 1 }))
const totals = async () =>
  (
    await hub.pool.query(
      `select (select count(*)::int from orders) as orders, (select count(*)::int from feed) as feed, (select sum(reserved)::int from stock) as reserved,
         (select count(*)::int from raw_dispositions where disposition = 'applied') as applied`,
    )
  ).rows[0]

it('writes batches small and large, in turn over the same sessions, as if each stood alone', async () => {
  let next = 0
  // Beyond the point where a session gives its room back, and across both ways of writing.
  for (const size of [1, 50, 51, 3, 600, 1, 50, 2]) {
    const result = await ingest(hub, hub.context, batch(next, size, '2026-11-01T01:00:00Z'))
    expect(result).toMatchObject({ seen: size, created: size, changed: 0 })
    next += size
    expect(await totals()).toEqual({ orders: next, feed: next, reserved: next, applied: next })
  }
})

it('changes what a session wrote before, without a trace of other batches', async () => {
  const result = await ingest(hub, hub.context, [incoming({ no: 'S0', at: '2026-11-01T02:00:00Z', qty: 4 })])
  expect(result).toMatchObject({ created: 0, changed: 1, held: 0 })
  const { rows } = await hub.pool.query(
    'select version, (select quantity::int from order_lines l where l.order_id = o.id) as quantity from orders o where version > 1',
  )
  expect(rows).toEqual([{ version: 2, quantity: 4 }])
})

it('leaves nothing of a batch that failed to the next one', async () => {
  const before = await totals()
  const refused = ingest(hub, hub.context, [incoming({ no: 'S-lost', at: '2026-11-01T02:00:00Z' })], {
    alongside: () => Promise.reject(new Error('no')),
  })
  await expect(refused).rejects.toThrow('no')
  expect(await totals()).toEqual(before)
  await ingest(hub, hub.context, [incoming({ no: 'S-next', at: '2026-11-01T02:00:00Z' })])
  expect((await hub.pool.query(`select channel_order_no from orders where channel_order_no like 'S-%'`)).rows).toEqual([
    { channel_order_no: 'S-next' },
  ])
})
