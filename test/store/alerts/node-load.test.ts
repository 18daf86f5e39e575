import { afterAll, beforeAll, expect, it } from 'vitest'
import { detailView } from '../../../src/http/order-view.ts'
import { ingest } from '../../../src/normalize/ingest.ts'
import { readNodeLoad, setDeadlines } from '../../../src/store/alerts/node-load.ts'
import { readOrder } from '../../../src/store/read/order.ts'
import { type TestHub, incoming, testHub } from '../../support/builders.ts'
import { type TestDatabase, freshDatabase } from '../../support/db.ts'

let database: TestDatabase
let hub: TestHub
beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  await hub.pool.query(`insert into skus (sku) values ('TEA')`)
  await hub.pool.query(`insert into stock (sku, location, on_hand) values ('TEA', 'main', 1000)`)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

/** A small generator of its own: the same cases on every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

const CODES = ['paid', 'released', 'picked', 'packed', 'shipped', 'channel_confirmed', 'in_transit', 'out_for_delivery', 'received'] as const
const pick = <T>(roll: (sides: number) => number, of: readonly T[]): T => {
  const found = of[roll(of.length)]
  if (found === undefined) throw new Error('nothing to pick')
  return found
}

/** Puts every order into a state of its own, of all that its columns, facts, packages, holds and answers allow. */
async function scatter(count: number): Promise<readonly string[]> {
  await ingest(
    hub,
    hub.context,
    Array.from({ length: count }, (_, i) => incoming({ no: `N${i}`, at: '2026-11-01T01:00:00Z', sku: i % 3 === 0 ? 'TEA' : `LOOSE-${i}` })),
  )
  const { rows } = await hub.pool.query<{ id: string }>('select id::text from orders order by id')
  const roll = dice(7)
  for (const { id } of rows) {
    const isHeld = roll(4) === 0
    await hub.pool.query(`update holds set released_at = now() where order_id = $1 and released_at is null`, [id])
    if (isHeld) await hub.pool.query(`insert into holds (order_id, code, message) values ($1, 'manual', 'x')`, [id])
    await hub.pool.query(
      `update orders set payment = $2, fulfilment = $3, paid_at = case when $4 then placed_at end, approval = $5, approved_at = case when $6 then now() end,
         allocated_at = case when $7 then now() end, doc = jsonb_set(doc::jsonb, '{is_cod}', to_jsonb($8::boolean)) where id = $1`,
      [
        id,
        pick(roll, ['unpaid', 'paid', 'refunded']),
        pick(roll, ['unallocated', 'allocated', 'partial', 'shipped', 'in_transit', 'delivered', 'failed']),
        roll(2) === 0,
        isHeld ? 'held' : 'approved',
        !isHeld && roll(3) > 0,
        roll(2) === 0,
        roll(4) === 0,
      ],
    )
    for (const code of CODES.filter(() => roll(4) === 0))
      await hub.pool.query(`insert into order_facts (order_id, code, at, source) values ($1, $2, '2026-11-02T00:00:00Z', 'channel')`, [id, code])
    const effect = pick(roll, ['', '', 'done', 'refused', 'unknown', 'pending'])
    if (effect !== '')
      await hub.pool.query(
        `insert into effects (connection_id, kind, idempotency_key, order_id, intent, state) values ('c_plain', 'shipment', $1, $2, '{}', $3)`,
        [`e${id}`, id, effect],
      )
    const ack = pick(roll, ['', '', 'accepted', 'rejected'])
    if (ack !== '') await hub.pool.query(`insert into order_acks (consumer, order_id, version, status) values ('erp', $1, 1, $2)`, [id, ack])
  }
  return rows.map(({ id }) => id)
}

it('counts every open order at the station its own page calls next or stuck', async () => {
  await hub.pool.query(`insert into consumers (name) values ('erp')`)
  const ids = await scatter(240)
  const expected = new Map<string, { orders: number; stuck: number }>()
  for (const id of ids) {
    const row = await readOrder(hub.pool, id, null)
    if (!row) throw new Error('no order')
    const { nodes } = detailView(row, [], undefined)
    const at = (Array.isArray(nodes) ? nodes : []).find(({ state }) => state === 'next' || state === 'failed')
    if (at === undefined) continue
    const before = expected.get(at.code) ?? { orders: 0, stuck: 0 }
    expected.set(at.code, { orders: before.orders + 1, stuck: before.stuck + (at.state === 'failed' ? 1 : 0) })
  }
  const load = await readNodeLoad(hub.pool, null, new Date())
  expect(new Map(load.map(({ node, orders, stuck }) => [node, { orders, stuck }]))).toEqual(expected)
  expect(expected.size).toBeGreaterThan(8)
  expect(await readNodeLoad(hub.pool, ['c_other'], new Date())).toEqual([])
})

it('counts what is past the deadline of its connection, else of all, or past the day the channel wants it shipped', async () => {
  await hub.pool.query('truncate orders, order_facts, holds, effects, order_acks cascade')
  await ingest(hub, hub.context, [incoming({ no: 'LATE', at: '2026-11-01T01:00:00Z' })])
  const hour = (n: number): Date => new Date(Date.now() + n * 3_600_000)
  const overdue = async (now: Date) => (await readNodeLoad(hub.pool, null, now)).map(({ node, overdue: late }) => [node, late])
  const [[node] = []] = await overdue(hour(0))
  expect(await overdue(hour(1))).toEqual([[node, 0]])
  await setDeadlines(hub.pool, null, [{ node: String(node), minutes: 30 }], 'test')
  expect(await overdue(hour(1))).toEqual([[node, 1]])
  await setDeadlines(hub.pool, 'c_plain', [{ node: String(node), minutes: null }], 'test')
  expect(await overdue(hour(1))).toEqual([[node, 0]])
  await hub.pool.query(`update orders set ship_by = now() + interval '2 hours'`)
  expect([await overdue(hour(1)), await overdue(hour(3))]).toEqual([[[node, 0]], [[node, 1]]])
  await hub.pool.query(`update orders set ship_by = null`)
  await setDeadlines(hub.pool, 'c_plain', [{ node: String(node), minutes: 'unset' }], 'test')
  expect(await overdue(hour(1))).toEqual([[node, 1]])
})
