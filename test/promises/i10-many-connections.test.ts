import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { InboxDrain } from '../../src/activities/receive.ts'
import { stockOf } from '../support/builders.ts'
import { drainAll, openHub, type PromiseHub } from './open-hub.ts'

const SHOPS = ['c_one', 'c_two', 'c_three']
const at = '2026-11-01T01:00:00Z'

let hub: PromiseHub
beforeAll(async () => {
  hub = await openHub()
  await stockOf(hub.pool, 'TEA', 10_000)
  for (const id of SHOPS) await hub.pool.query(`insert into connections (id, channel, name) values ($1, 'plain', $1)`, [id])
})
afterAll(() => hub.close())

let delivered = 0
const deliver = (connectionId: string, body: unknown): Promise<void> =>
  hub.sink.accept({
    connectionId,
    deliveryId: `d${(delivered += 1)}`,
    meta: {},
    body: Buffer.from(JSON.stringify(body)),
    receivedAt: new Date().toISOString(),
  })
const ordersOf = (pattern: string) =>
  hub.rows<{ connection_id: string; no: string; quantity: number; transaction: string }>(
    `select o.connection_id, o.channel_order_no as no, l.quantity::int as quantity, o.xmin::text as transaction
       from orders o join order_lines l on l.order_id = o.id where o.channel_order_no ~ $1 order by 1, 2`,
    [pattern],
  )
const waiting = () =>
  hub.rows<{ connection_id: string; attempts: number }>(
    'select r.connection_id, i.attempts from inbox i join raw_events r on r.id = i.raw_id order by r.id',
  )

/** Whatever is written for this connection fails as if the database had gone; not a fault of the data. */
async function breakConnection(id: string): Promise<() => Promise<void>> {
  await hub.pool
    .query(`create or replace function broken_one() returns trigger language plpgsql as $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$;
    create trigger broken_one before insert on orders for each row when (new.connection_id = '${id}') execute function broken_one()`)
  return async () => void (await hub.pool.query('drop trigger broken_one on orders'))
}

it.each([
  { name: 'few', each: 3 },
  { name: 'many', each: 50 },
])(
  'writes $name deliveries of several connections together, in larger steps the more wait, each order under its own connection',
  async ({ name, each }) => {
    for (let i = 0; i < each; i += 1) for (const [n, id] of SHOPS.entries()) await deliver(id, { no: `${name}-${i}`, at, qty: n + 1 })
    if (3 * each > 50) expect([await hub.drain.pass(), await hub.drain.pass()]).toEqual([50, 3 * each - 50])
    else expect(await hub.drain.pass()).toBe(3 * each)
    const written = await ordersOf(`^${name}-`)
    expect(written).toHaveLength(3 * each)
    for (const [n, id] of SHOPS.entries()) expect(written.filter((row) => row.connection_id === id && row.quantity === n + 1)).toHaveLength(each)
    expect(new Set(written.map((row) => row.transaction)).size).toBe(3 * each > 50 ? 2 : 1)
  },
)

it('takes what one connection says of an order in its order, beside what others say of theirs under the same number', async () => {
  for (const [n, id] of SHOPS.entries())
    for (let step = 0; step <= n; step += 1) await deliver(id, { no: 'turns', at: `2026-11-01T01:00:0${step}Z`, qty: 10 * n + step + 1 })
  await drainAll(hub)
  expect((await ordersOf('^turns$')).map((row) => [row.connection_id, row.quantity])).toEqual([
    ['c_one', 1],
    ['c_three', 23],
    ['c_two', 12],
  ])
})

it('holds the one document that the store refuses, under the connection it came from', async () => {
  for (const id of SHOPS) await deliver(id, { no: 'value', at, ...(id === 'c_two' && { total: 1e20 }) })
  await drainAll(hub)
  expect((await ordersOf('^value$')).map((row) => row.connection_id)).toEqual(['c_one', 'c_three'])
  const failures = await hub.rows(
    `select g.connection_id, g.channel, g.code from failures f join failure_groups g on g.id = f.group_id where f.subject_id = 'c_two/order/value'`,
  )
  expect(failures).toEqual([{ connection_id: 'c_two', channel: 'plain', code: 'value-refused' }])
})

it('leaves a connection whose orders cannot be written to itself, and takes its deliveries when they can', async () => {
  const repair = await breakConnection('c_two')
  for (const round of [1, 2]) {
    for (const id of SHOPS) await deliver(id, { no: `broken-${round}`, at })
    expect(await hub.drain.pass()).toBe(2)
  }
  expect((await ordersOf('^broken-')).map((row) => `${row.connection_id} ${row.no}`)).toEqual([
    'c_one broken-1',
    'c_one broken-2',
    'c_three broken-1',
    'c_three broken-2',
  ])
  expect(await waiting()).toEqual([
    { connection_id: 'c_two', attempts: 2 },
    { connection_id: 'c_two', attempts: 1 },
  ])
  await repair()
  await drainAll(hub)
  expect(await ordersOf('^broken-')).toHaveLength(6)
})

it('leaves a connection that cannot even be looked up to itself', async () => {
  let known = false
  const drain = new InboxDrain({
    ...hub,
    registry: new Map([['plain', hub.channel.open(hub.context).connector]]),
    contextOf: (id) => (known || id !== 'c_one' ? hub.contextOf(id) : Promise.reject(new Error('Its settings cannot be read.'))),
    log: { warn: () => undefined },
  })
  const shard = (body: string): number => createHash('sha256').update(body).digest().readUInt16BE(0) % 16
  const body = Array.from({ length: 100 }, (_, i) => ({ no: `lookup-${i}`, at })).find((one) => shard(JSON.stringify(one)) === 5)
  for (const id of SHOPS) await deliver(id, body)
  expect(await drain.pass()).toBe(2)
  expect(await waiting()).toEqual([{ connection_id: 'c_one', attempts: 1 }])
  known = true
  expect(await drain.pass()).toBe(1)
})
